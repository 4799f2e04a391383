#!/usr/bin/env python3
"""shuffled.py - is the promise of the detector kept? Asked from outside, through the command alone.

    bench/shuffled.py SET [COPIES [OPTION...]]      e.g. bench/shuffled.py mix 100 --copies 99

Writes copies of a data set in which accounts were permuted among the posts of each hour (UTC): a post keeps its
id, time, text and objects, an account keeps its number of posts in every hour and all that is known of it. So
nobody is coordinated, while popularity, bursts and activity are those of the data. Runs `lockstep investigate` on
each (further OPTIONs go to it) and counts the copies with any finding. At level L the promise is at most a share
L of them. Every copy has shuffles of its own within the run too (--seed is the number of the copy).

SET: mix, german, ira (July 2016), simulated. Data lie under LOCKSTEP_DATA (default ../shared), the command is LOCKSTEP (default
build/lockstep). Prints numbers only. Shares carry the interval of Clopper and Pearson at 95 %.
"""
import collections
import csv
import datetime
import io
import json
import math
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("LOCKSTEP_DATA", ROOT.parent / "shared")) / "data"
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))
MIX_MAP = "account=account,time=t,text=text,post=post_id,platform=platform,language=lang"


def binomial_below(hits, trials, share):
    """The chance of at most so many hits."""
    return sum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(hits + 1))


def clopper_pearson(hits, trials, level=0.05):
    """The shares that an exact test at the level would not refuse, by bisection."""
    def solve(keep):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if keep(middle) else (low, middle)
        return low
    least = 0.0 if hits == 0 else solve(lambda s: 1 - binomial_below(hits - 1, trials, s) < level / 2)
    most = 1.0 if hits == trials else solve(lambda s: binomial_below(hits, trials, s) > level / 2)
    return least, most


def hour_of(text):
    """The UTC hour of an ISO time without a zone or with Z."""
    return int(datetime.datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=datetime.timezone.utc).timestamp()) // 3600


def read(path):
    return subprocess.run(["zstdcat", path], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")


class Lines:
    """The labelled mix: JSON lines of one post each."""

    options = ["--map", MIX_MAP]

    def __init__(self):
        self.rows = [json.loads(line) for line in read(DATA / "mix_feb2015.ndjson.zst").splitlines()]
        self.posts = [(hour_of(row["t"]), row["account"]) for row in self.rows]

    def write(self, folder, accounts):
        path = folder / "mix.ndjson"
        with open(path, "w", encoding="utf-8") as file:
            for row, account in zip(self.rows, accounts):
                file.write(json.dumps({**row, "account": account}) + "\n")
        return [path]


class Table:
    """CSV whose rows of one post follow each other. All columns that tell of the account move together. Rows that
    repeat another whole are left out beforehand, as reading does; who has the post is not part of its identity."""

    options = []

    def __init__(self, name, columns, hour, post=None, keep=lambda row: True):
        rows = csv.reader(io.StringIO(read(DATA / name), newline=""))
        self.header = next(rows)
        self.columns = [self.header.index(column) for column in columns]
        rows = [row for row in dict.fromkeys(map(tuple, rows)) if keep(dict(zip(self.header, row)))]
        if post is None:  # the row is the post: it gets an id that no permutation changes
            self.header.append("tweet_id")
            rows = [(*row, str(number + 1)) for number, row in enumerate(rows)]
            post = "tweet_id"
        key = self.header.index(post)
        units = collections.defaultdict(list)
        for row in rows:
            units[row[key], row[self.columns[0]]].append(row)
        self.units = list(units.values())
        self.posts = [(hour(dict(zip(self.header, unit[0]))), tuple(unit[0][c] for c in self.columns))
                      for unit in self.units]

    def write(self, folder, accounts):
        path = folder / "table.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(self.header)
            for unit, account in zip(self.units, accounts):
                for row in unit:
                    row = list(row)
                    for column, value in zip(self.columns, account):
                        row[column] = value
                    writer.writerow(row)
        return [path]


class Simulated:
    """TikTok posts, comments and videos of the simulator. The channel, one account on another platform, is left out: no
    export could show its posts under another name."""

    options = []

    def __init__(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder) / "simulated"
            subprocess.run([COMMAND, "simulate", "romania-2024", "--scale", "0.003", "--seed", "1", "-o", folder,
                            "--quiet"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.records = [json.loads(line) for name in ("tiktok-posts.ndjson", "tiktok-comments.ndjson")
                            for line in open(folder / name, encoding="utf-8")]
            self.videos = json.load(open(folder / "tiktok-videos.json", encoding="utf-8"))
        self.author, self.user, self.posts = {}, {}, []
        for record in self.records:
            data = record["data"]
            if "author" in data:
                handle, time = data["author"]["uniqueId"], data["createTime"]
                self.author[handle] = {"author": data["author"], "authorStats": data["authorStats"]}
                self.user.setdefault(handle, {"uid": data["author"]["id"], "unique_id": handle, "nickname": handle})
            else:
                handle, time = data["user"]["unique_id"], data["create_time"]
                self.user[handle] = data["user"]
            self.posts.append((int(time) // 3600, handle))
        for video in self.videos["data"]["videos"]:
            self.posts.append((int(video["create_time"]) // 3600, video["username"]))

    def write(self, folder, accounts):
        paths = [folder / name for name in ("posts.ndjson", "comments.ndjson", "videos.json")]
        with open(paths[0], "w", encoding="utf-8") as posts, open(paths[1], "w", encoding="utf-8") as comments:
            for record, account in zip(self.records, accounts):
                user = self.user.get(account, {"unique_id": account, "nickname": account})
                if "author" in record["data"]:
                    plain = {"author": {"uniqueId": account, **({"id": user["uid"]} if "uid" in user else {})}}
                    data = {**record["data"], **self.author.get(account, plain)}
                    posts.write(json.dumps({**record, "data": data}) + "\n")
                else:
                    comments.write(json.dumps({**record, "data": {**record["data"], "user": user}}) + "\n")
        for video, account in zip(self.videos["data"]["videos"], accounts[len(self.records):]):
            video["username"] = account
        paths[2].write_text(json.dumps(self.videos), encoding="utf-8")
        return paths


SETS = {
    "mix": Lines,
    "german": lambda: Table("coortweet_german_elections.csv.zst", ["account_id"], lambda row: int(row["timestamp"]) // 3600,
                            post="post_id"),
    "ira": lambda: Table("ira_2016h2_dev.csv.zst",
                         ["author_id", "author", "external_author_id", "account_type", "account_category", "new_june_2018",
                          "region", "following", "followers", "updates"], lambda row: hour_of(row["publish_date"]),
                         keep=lambda row: row["publish_date"].startswith("2016-07")),
    "simulated": Simulated,
}


def permuted(posts, rng):
    """Who has each post, accounts being permuted within the hours."""
    hours = collections.defaultdict(list)
    for index, (hour, _) in enumerate(posts):
        hours[hour].append(index)
    accounts = [None] * len(posts)
    for hour in sorted(hours):
        dealt = [posts[index][1] for index in hours[hour]]
        rng.shuffle(dealt)
        for index, account in zip(hours[hour], dealt):
            accounts[index] = account
    return accounts


def investigate(data, accounts, copy, options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstep-shuffled-"))
    try:
        files = data.write(folder, accounts)
        command = [COMMAND, "investigate", *files, *data.options, "-o", folder / "case", "--json", "--quiet",
                   "--threads", "2", "--seed", str(copy), *options]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    finally:
        shutil.rmtree(folder)


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in SETS:
        sys.exit(__doc__)
    name, copies, options = sys.argv[1], int((sys.argv[2:] + ["40"])[0]), sys.argv[3:]
    data = SETS[name]()
    found = []
    for copy in range(1, copies + 1):
        accounts = permuted(data.posts, random.Random(f"{name} {copy}"))
        result = investigate(data, accounts, copy, options)
        if copy == 1:
            print(f"{name}: {result['posts']} posts ({len(data.posts)} written), {result['accounts']} accounts, {result['rejects']} rejects, "
                  f"{result['duplicates']} duplicates, {result['test']['copies']} copies within each run {' '.join(options)}")
        if result["posts"] != len(data.posts):
            sys.exit(f"copy {copy}: {result['posts']} posts were read of {len(data.posts)} written")
        found.append([(f["p"], len(f["members"]), f["confidence"]) for f in result["findings"]])
        print(f"{copy}: {sorted(found[-1])}", file=sys.stderr, flush=True)
    least = [min((p for p, _, _ in one), default=1) for one in found]
    for level in (0.05, 0.1, 0.2, 0.5):
        hits = sum(p <= level for p in least)
        low, high = clopper_pearson(hits, copies)
        print(f"  copies with a finding at p <= {level}: {hits} of {copies}, {hits / copies:.1%} ({low:.1%} to {high:.1%})")
        if "--level" not in options:
            break
    alarms = [one for one in found if one]
    if alarms:
        print(f"  in those with any: findings {', '.join(str(len(one)) for one in alarms)}; accounts in them "
              f"{', '.join(str(sum(m for _, m, _ in one)) for one in alarms)} (median "
              f"{statistics.median(sum(m for _, m, _ in one) for one in alarms):g}); confidence "
              f"{dict(collections.Counter(c for one in alarms for _, _, c in one))}")


if __name__ == "__main__":
    main()
