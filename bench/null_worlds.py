#!/usr/bin/env python3
"""null_worlds.py - small made worlds without coordination, hard for the detector: how often does it find some?

    bench/null_worlds.py [WORLD...]      default: all; the command is LOCKSTEP (default build/lockstep)

Authors are drawn independently of what is posted, by a power law; every tag lives for a span of
time that begins anywhere. Few accounts and tags of few uses make what is rare depend on the draw.
Runs `lockstep investigate` on each data set and counts those with any finding: at most 5 in 100.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from shuffled import COMMAND, share

# accounts, posts, hours, uses of a tag, exponent of activity, data sets, life of a tag in seconds
WORLDS = [
    (30, 1500, 100, 6, 1.0, 60, 7200),
    (12, 1500, 100, 8, 0.5, 60, 3600),
    (40, 3000, 200, 5, 1.5, 120, 7200),
    (20, 2000, 200, 5, 1.2, 120, 3600),
    (60, 2000, 60, 4, 1.0, 120, 3600),
    (15, 1200, 400, 4, 1.0, 120, 600),
]


def write(path, world, rng):
    accounts, posts, hours, uses, exponent, _, life_s = world
    weights = [1 / (rank + 1) ** exponent for rank in range(accounts)]
    tags = posts // uses
    begins = [rng.random() * hours * 3600 for _ in range(tags)]
    rows = []
    for _ in range(posts):
        tag = rng.randrange(tags)
        rows.append((int(begins[tag] + rng.random() * life_s), tag))
    rows.sort()
    authors = rng.choices(range(accounts), weights, k=posts)
    with open(path, "w", encoding="utf-8") as file:
        file.write("object_id,account_id,content_id,timestamp_share\n")
        for post, ((time_s, tag), author) in enumerate(zip(rows, authors)):
            file.write(f"hashtag_{tag},a{author},{post},{1599998400 + time_s}\n")


def main():
    if any(not name.isdigit() for name in sys.argv[1:]):
        sys.exit(__doc__)
    for number in [int(name) for name in sys.argv[1:]] or range(len(WORLDS)):
        world, alarms = WORLDS[number], 0
        for seed in range(world[5]):
            with tempfile.TemporaryDirectory(prefix="lockstep-null-") as folder:
                path = pathlib.Path(folder) / "posts.csv"
                write(path, world, random.Random(seed))
                command = [COMMAND, "investigate", path, "-o", pathlib.Path(folder) / "case", "--json",
                           "--quiet", "--threads", "1", "--seed", str(seed)]
                out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
                alarms += bool(json.loads(out)["findings"])
        print(f"world {number} {world}: data sets with a finding: {share(alarms, world[5])}", flush=True)


if __name__ == "__main__":
    main()
