"""coaction_peers.py - lockstep's co-action and its peers on the same events, one after another

    bench/peers/setup prints the python to run it with:
    coaction_peers.py [--events N] [--peers duckdb,duckdb-objects,...] [--threads 2] [--window 60] [--memory 14GB]

Every peer gets the events in memory (or in its database) before its clock starts, and computes the
edges by its own definition; the same edges are asked of lockstep and compared, all of them:

    duckdb     pairs of accounts with two or more objects within the sliding window, pairs counted;
               duckdb-objects: the distinct objects counted as well;
               duckdb-obvious: the same by the self-join that one writes first
    graphblas  two or more cells (object, bucket of time): lockstep on events cut into the same cells.
               The ratio is to lockstep's sliding window, which sees twice the pairs
    cnt        directed: two or more messages of one with a partner message of the other

The ratio is of CPU seconds, since machines are busy; wall seconds and memory are beside it. duckdb
and graphblas are asked for counts, so there are two: over lockstep with every field, and over lockstep
asked for counts alone. Exits with 1 where answers differ.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "build", "bench")
EDGE_WORDS = 6  # a, b, objects, pairs, posts_a, posts_b


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def ours(options, folder, name, *more, runs=3):
    """Measures lockstep, and writes its edges apart from that; returns numbers and edges."""
    command = [os.path.join(BUILD, "coaction_bench"), "--events", str(options.events), "--threads",
               str(options.threads), "--window", str(options.window), "--no-floor", "--json",
               "--runs", str(runs), "--edges", os.path.join(folder, name), *more]
    numbers = run(command)
    return numbers, np.fromfile(os.path.join(folder, name), dtype="<u4").reshape(-1, EDGE_WORDS)


def counts(options, folder):
    """The same sliding windows, asked for pairs and objects alone; the edges are those of every field."""
    numbers, edges = ours(options, folder, "counts.bin", "--counts")
    every = np.fromfile(os.path.join(folder, "sliding.bin"), dtype="<u4").reshape(-1, EDGE_WORDS)
    if not np.array_equal(edges[:, :4], every[:, :4]):
        sys.exit("lockstep counts other edges than it measures")
    return numbers


def key(a, b):
    return a.astype(np.uint64) << np.uint64(32) | b.astype(np.uint64)


def same(left, right):
    """Whether two lists of (key, value) hold the same, in any order."""
    if len(left[0]) != len(right[0]):
        return False
    orders = [np.argsort(side[0], kind="stable") for side in (left, right)]
    return all(np.array_equal(left[i][orders[0]], right[i].astype(np.uint64)[orders[1]]) for i in (0, 1))


def peer(options, folder, name):
    """Runs a peer; returns its numbers, its edges as (key, value), and lockstep's on its terms."""
    events, out = os.path.join(folder, "events.bin"), os.path.join(folder, name + ".bin")
    tail = [events, out, str(options.window), str(options.threads)]
    if name.startswith("duckdb"):
        numbers = run([sys.executable, os.path.join(HERE, "peers", "duckdb_coaction.py"), *tail, options.memory,
                       *name.split("-")[1:]])
        value = 3 if name == "duckdb" else 2
        found = np.fromfile(out, dtype="<u8").reshape(-1, 2)
        mine, edges = ours(options, folder, "sliding.bin")
        return numbers, mine, (found[:, 0], found[:, 1]), (key(edges[:, 0], edges[:, 1]), edges[:, value])
    if name == "graphblas":
        numbers = run([os.path.join(BUILD, "graphblas_coaction"), *tail])
        found = np.fromfile(out, dtype="<u4").reshape(-1, 2)
        mine, _ = ours(options, folder, "sliding.bin")
        _, edges = ours(options, folder, "cells.bin", "--buckets", str(options.window), runs=1)
        ones = np.ones(len(found), np.uint64)
        return (numbers, mine, (key(found[:, 0], found[:, 1]), ones),
                (key(edges[:, 0], edges[:, 1]), np.ones(len(edges), np.uint64)))
    numbers = run([sys.executable, os.path.join(HERE, "peers", "cnt_coaction.py"), *tail])
    found = np.fromfile(out, dtype="<u8").reshape(-1, 3)
    mine, edges = ours(options, folder, "directed.bin", "--objects", "1", "--pairs", "2")
    a, b = edges[:, 0], edges[:, 1]
    forth, back = edges[:, 4] >= 2, edges[:, 5] >= 2
    keys = np.concatenate([key(a[forth], b[forth]), key(b[back], a[back])])
    return (numbers, mine, (key(found[:, 0], found[:, 1]), found[:, 2]),
            (keys, np.concatenate([edges[forth, 4], edges[back, 5]])))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=1000000)
    parser.add_argument("--peers", default="duckdb,duckdb-objects,graphblas,cnt")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--window", type=int, default=60)
    parser.add_argument("--memory", default="14GB")
    parser.add_argument("--scratch", default=None)
    options = parser.parse_args()
    differ = 0
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        subprocess.run([os.path.join(BUILD, "coaction_bench"), "--events", str(options.events), "--binary",
                        os.path.join(folder, "events.bin")], check=True)
        for name in options.peers.split(","):
            if name == "graphblas" and not os.path.exists(os.path.join(BUILD, "graphblas_coaction")):
                print("graphblas: skipped, libgraphblas-dev is not installed")
                continue
            theirs, mine, left, right = peer(options, folder, name)
            counted = counts(options, folder) if name != "cnt" else None
            equal = same(left, right)
            differ |= not equal
            load = os.getloadavg()[0]
            print(f"{name:14s} {options.events} events, {mine['window_pairs'] / 1e6:.1f} M pairs in a window: "
                  f"CPU {theirs['cpu_s']:.2f} s, wall {theirs['wall_s']:.2f} s, peak {theirs['peak_mb']:.0f} MB; "
                  f"lockstep CPU {mine['cpu_s']:.3f} s, wall {mine['wall_s']:.3f} s, peak {mine['peak_mb']:.0f} MB; "
                  f"CPU x {theirs['cpu_s'] / mine['cpu_s']:.1f}; {len(left[0])} edges, "
                  f"{'the same' if equal else 'DIFFERENT: lockstep has ' + str(len(right[0]))} (load {load:.1f})",
                  flush=True)
            if counted:
                print(f"{'':14s} to lockstep's counts alone, CPU {counted['cpu_s']:.3f} s, wall {counted['wall_s']:.3f} s, "
                      f"peak {counted['peak_mb']:.0f} MB: CPU x {theirs['cpu_s'] / counted['cpu_s']:.1f}", flush=True)
            if name == "cnt":  # its nearest to lockstep's usual question, which it cannot ask
                usual, _ = ours(options, folder, "sliding.bin")
                print(f"{'':14s} to lockstep's edges of two objects, CPU {usual['cpu_s']:.3f} s: "
                      f"CPU x {theirs['cpu_s'] / usual['cpu_s']:.1f}", flush=True)
    return differ


sys.exit(main())
