"""cnt_coaction.py - coordination-network-toolkit's co-retweet network of made events

    cnt_coaction.py EVENTS.bin EDGES.bin WINDOW_SECONDS THREADS

An event is a repost of its object. Filling the database is not counted: preprocess_data is called by its
own program. A directed edge has the weight "messages of the first with a message of the second in
their window"; weights of at least two are asked for. Prints one line of JSON.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

import numpy as np
from coordination_network_toolkit.preprocess import preprocess_data


def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def messages(path):
    for obj, account, post, seconds in np.fromfile(path, dtype="<u4").reshape(-1, 4).tolist():
        yield f"m{post}", f"{account}", "", f"o{obj}", None, "", seconds, []


def main():
    events_path, edges_path, window, threads = sys.argv[1:5]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(events_path)) as folder:
        database = os.path.join(folder, "cnt.db")
        filling = cpu_seconds()
        preprocess_data(database, messages(events_path))
        filling = cpu_seconds() - filling
        wall, cpu = time.perf_counter(), cpu_seconds()
        # The program itself, so that all of its processes have ended and are in the CPU seconds.
        done = subprocess.run([sys.executable, "-W", "ignore", "-m", "coordination_network_toolkit", database, "compute", "co_retweet",
                               "--time_window", window, "--min_edge_weight", "2", "--n_cpus", threads],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
        rows = sqlite3.connect(database).execute(
            "SELECT user_1, user_2, weight FROM co_retweet_network WHERE user_1 <> user_2").fetchall()
    found = np.array([[int(a), int(b), weight] for a, b, weight in rows], dtype="<u8").reshape(-1, 3)
    found.tofile(edges_path)
    peak_mb = max(resource.getrusage(who).ru_maxrss
                  for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024 / 1e6
    print(json.dumps({"wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mb": round(peak_mb, 1),
                      "edges": len(found), "filling_cpu_s": round(filling, 3)}))


if __name__ == "__main__":
    main()
