#!/usr/bin/env python3
"""shuffled.py - is the promise of the detector kept? Asked from outside, through the command alone.

    bench/shuffled.py SET [COPIES [OPTION...]]      e.g. bench/shuffled.py mix 100 --copies 99

Writes copies of a data set in which accounts were permuted among the posts of each hour (UTC): a
post keeps its id, time, text and objects, an account keeps its number of posts in every hour and
all that is known of it. So nobody is coordinated, while popularity, bursts and activity are those
of the data. Runs `lockstep investigate` on each (further OPTIONs go to it) and counts the copies
with any finding. At level L the promise is at most a share L of them. Every copy has shuffles of
its own within the run too: --seed is the number of the copy.

SET: mix, german, ira (July 2016), simulated; simulated-files, in which accounts are permuted among the
posts of an hour and file, so that who posts and who comments stay apart; and mix-partial, simulated-partial, in which the
coordinated accounts keep their posts and only the innocent are permuted among themselves: a false
finding is then one without any coordinated account. Data lie under LOCKSTEP_DATA (default
../shared), the command is LOCKSTEP (default build/lockstep). Prints numbers only. Shares carry
the interval of Clopper and Pearson at 95 %.
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
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("LOCKSTEP_DATA", ROOT.parent / "shared")) / "data"
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))
MIX_MAP = "account=account,time=t,text=text,post=post_id,platform=platform,language=lang"


def binomial_below(hits, trials, share):
    """The chance of at most so many hits."""
    return sum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k)
               for k in range(hits + 1))


def clopper_pearson(hits, trials, level=0.05):
    """The shares that an exact test at the level would not refuse, by bisection."""

    def solve(keep):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if keep(middle) else (low, middle)
        return low

    low = solve(lambda share: 1 - binomial_below(hits - 1, trials, share) < level / 2)
    high = solve(lambda share: binomial_below(hits, trials, share) > level / 2)
    return (low if hits else 0.0), (high if hits < trials else 1.0)


def hour_of(text):
    """The UTC hour of an ISO time without a zone or with Z."""
    time = datetime.datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=datetime.timezone.utc)
    return int(time.timestamp()) // 3600


def read(path):
    process = subprocess.run(["zstdcat", path], stdout=subprocess.PIPE, check=True)
    return process.stdout.decode("utf-8")


class Data:
    """posts: (stratum, account) of each; write(folder, accounts): the files, with these authors."""

    options = []
    fixed = frozenset()  # accounts that keep their posts

    def fix(self, accounts):
        """Gives each post of these accounts a stratum of its own."""
        self.fixed = frozenset(accounts)
        self.posts = [(("fixed", index) if account in self.fixed else stratum, account)
                      for index, (stratum, account) in enumerate(self.posts)]


class Lines(Data):
    """The labelled mix: JSON lines of one post each."""

    options = ["--map", MIX_MAP]

    def __init__(self, partial=False):
        lines = read(DATA / "mix_feb2015.ndjson.zst").splitlines()
        self.rows = [json.loads(line) for line in lines]
        self.posts = [(hour_of(row["t"]), row["account"]) for row in self.rows]
        if partial:
            self.fix(row["account"] for row in self.rows if row["label"] != "organic")

    def write(self, folder, accounts):
        path = folder / "mix.ndjson"
        with open(path, "w", encoding="utf-8") as file:
            for row, account in zip(self.rows, accounts):
                file.write(json.dumps({**row, "account": account}) + "\n")
        return [path]


class Table(Data):
    """CSV. All columns that tell of the account move together. Rows that repeat another whole are
    left out beforehand, as reading does; who has the post is not part of its identity."""

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
        self.posts = [(hour(dict(zip(self.header, unit[0]))),
                       tuple(unit[0][column] for column in self.columns)) for unit in self.units]

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


class Simulated(Data):
    """TikTok posts, comments and videos of the simulator. The channel, one account on another
    platform, is left out: no export could show its posts under another name."""

    def __init__(self, partial=False, by_file=False):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder) / "simulated"
            subprocess.run([COMMAND, "simulate", "romania-2024", "--scale", "0.003", "--seed", "1",
                            "-o", folder, "--quiet"], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            names = ("tiktok-posts.ndjson", "tiktok-comments.ndjson")
            self.records = [json.loads(line) for name in names
                            for line in open(folder / name, encoding="utf-8")]
            self.videos = json.load(open(folder / "tiktok-videos.json", encoding="utf-8"))
            with open(folder / "labels.csv", encoding="utf-8", newline="") as file:
                coordinated = [row["account_key"].split(":", 1)[1] for row in csv.DictReader(file)
                               if row["label"] == "1"]
        self.author, self.user, self.posts = {}, {}, []
        for record in self.records:
            data = record["data"]
            if "author" in data:
                handle, time = data["author"]["uniqueId"], data["createTime"]
                self.author[handle] = {"author": data["author"], "authorStats": data["authorStats"]}
                self.user.setdefault(handle, {"uid": data["author"]["id"], "unique_id": handle,
                                              "nickname": handle})
            else:
                handle, time = data["user"]["unique_id"], data["create_time"]
                self.user[handle] = data["user"]
            self.posts.append((int(time) // 3600, handle))
        for video in self.videos["data"]["videos"]:
            self.posts.append((int(video["create_time"]) // 3600, video["username"]))
        if by_file:
            files = ["author" in record["data"] for record in self.records]
            files += [None] * len(self.videos["data"]["videos"])
            self.posts = [((hour, file), account)
                          for (hour, account), file in zip(self.posts, files)]
        if partial:
            self.fix(coordinated)

    def write(self, folder, accounts):
        paths = [folder / name for name in ("posts.ndjson", "comments.ndjson", "videos.json")]
        with (open(paths[0], "w", encoding="utf-8") as posts,
              open(paths[1], "w", encoding="utf-8") as comments):
            for record, account in zip(self.records, accounts):
                user = self.user.get(account, {"unique_id": account, "nickname": account})
                if "author" in record["data"]:
                    author = {"uniqueId": account, **({"id": user["uid"]} if "uid" in user else {})}
                    change = self.author.get(account, {"author": author})
                else:
                    change = {"user": user}
                data = {**record["data"], **change}
                file = comments if "user" in data else posts
                file.write(json.dumps({**record, "data": data}) + "\n")
        for video, account in zip(self.videos["data"]["videos"], accounts[len(self.records):]):
            video["username"] = account
        paths[2].write_text(json.dumps(self.videos), encoding="utf-8")
        return paths


def german():
    return Table("coortweet_german_elections.csv.zst", ["account_id"],
                 lambda row: int(row["timestamp"]) // 3600, post="post_id")


def ira():
    return Table("ira_2016h2_dev.csv.zst",
                 ["author_id", "author", "external_author_id", "account_type", "account_category",
                  "new_june_2018", "region", "following", "followers", "updates"],
                 lambda row: hour_of(row["publish_date"]),
                 keep=lambda row: row["publish_date"].startswith("2016-07"))


SETS = {
    "mix": Lines,
    "mix-partial": lambda: Lines(partial=True),
    "german": german,
    "ira": ira,
    "simulated": Simulated,
    "simulated-files": lambda: Simulated(by_file=True),
    "simulated-partial": lambda: Simulated(partial=True),
}


def permuted(posts, rng):
    """Who has each post, accounts being permuted within the strata."""
    strata = collections.defaultdict(list)
    for index, (stratum, _) in enumerate(posts):
        strata[stratum].append(index)
    accounts = [None] * len(posts)
    for indexes in strata.values():
        dealt = [posts[index][1] for index in indexes]
        rng.shuffle(dealt)
        for index, account in zip(indexes, dealt):
            accounts[index] = account
    return accounts


def investigate(data, accounts, copy, options):
    """The command's answer, and the p and q of the edges it kept (p <= 0.05)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstep-shuffled-"))
    try:
        files = data.write(folder, accounts)
        command = [COMMAND, "investigate", *files, *data.options, "-o", folder / "case", "--csv",
                   "--json", "--quiet", "--threads", "2", "--seed", str(copy), *options]
        result = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        path = pathlib.Path(result["folder"]) / "edges.csv"
        with open(path, encoding="utf-8", newline="") as file:
            edges = [(float(row["p_value"]), float(row["q_value"])) for row in csv.DictReader(file)]
        return result, edges
    finally:
        shutil.rmtree(folder)


def share(hits, trials):
    low, high = clopper_pearson(hits, trials)
    return f"{hits} of {trials}, {hits / trials:.1%} ({low:.1%} to {high:.1%})"


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in SETS:
        sys.exit(__doc__)
    name, copies, options = sys.argv[1], int((sys.argv[2:] + ["40"])[0]), sys.argv[3:]
    data = SETS[name]()
    least, alarms, right = [], [], []
    pairs = tested = kept = strict = discoveries = 0
    for copy in range(1, copies + 1):
        accounts = permuted(data.posts, random.Random(f"{name} {copy}"))
        result, edges = investigate(data, accounts, copy, options)
        if result["posts"] != len(data.posts):
            sys.exit(f"copy {copy}: {result['posts']} of {len(data.posts)} posts were read")
        if copy == 1:
            print(f"{name}: {result['posts']} posts, {result['accounts']} accounts, "
                  f"{result['test']['copies']} copies within each run {' '.join(options)}")
        pairs += result["test"]["pairs_tested"]
        tested += result["test"]["edges_tested"]
        kept += len(edges)
        strict += sum(p <= 0.01 for p, _ in edges)
        discoveries += any(q <= 0.05 for _, q in edges)
        found = []
        for finding in result["findings"]:
            members = finding["members"]
            fixed = sum(member.split(":", 1)[-1] in data.fixed for member in members)
            one = (finding["p"], len(members), fixed, finding["confidence"])
            (right if fixed else found).append(one)
        least.append(min((p for p, *_ in found), default=1))
        if found:
            alarms.append(found)
        print(f"{copy}: {sorted(found)}", file=sys.stderr, flush=True)
    for level in (0.05, 0.1, 0.2, 0.5) if "--level" in options else (0.05,):
        print(f"  copies with a false finding at p <= {level}: "
              f"{share(sum(p <= level for p in least), copies)}")
    if alarms:
        words = collections.Counter(word for found in alarms for *_, word in found)
        print(f"  false findings in those: {', '.join(str(len(found)) for found in alarms)}; accounts "
              f"in them: {', '.join(str(sum(one[1] for one in found)) for found in alarms)}; "
              f"confidence: {', '.join(f'{word} {count}' for word, count in words.items())}")
    if data.fixed:
        print(f"  other findings: {len(right)}, with {sum(one[2] for one in right)} coordinated and "
              f"{sum(one[1] - one[2] for one in right)} innocent members in all")
    print(f"  of {pairs} pairs that could have met, {tested} met twice, {kept} have p <= 0.05, "
          f"{strict} p <= 0.01; copies with an edge of q <= 0.05: {discoveries} of {copies}")


if __name__ == "__main__":
    main()
