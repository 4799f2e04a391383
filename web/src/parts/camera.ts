// camera.ts - how the network's camera moves
//
// Every move goes through here, so that a key pressed while the camera is on its way counts
// from where it is bound for, instead of being lost in the movement.
import type { CameraState } from 'sigma/types';
import type Sigma from 'sigma';
import { still } from '../theme';

type Camera = ReturnType<Sigma['getCamera']>;

export const WHOLE: CameraState = { x: 0.5, y: 0.5, ratio: 1, angle: 0 };

const goals = new WeakMap<Camera, CameraState>();

/** Where the camera is, or is bound for. */
export function bound(camera: Camera): CameraState {
  return (camera.isAnimated() && goals.get(camera)) || camera.getState();
}

/** Moves the camera there in so many milliseconds; at once for who asked for less motion. */
export function glide(camera: Camera, to: Partial<CameraState>, duration: number): void {
  const goal = { ...bound(camera), ...to };
  goals.set(camera, goal);
  void camera.animate(goal, { duration: still() ? 1 : duration });
}
