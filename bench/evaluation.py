#!/usr/bin/env python3
"""evaluation.py - everything that docs/evaluation.md says in numbers, by one command.

    bench/evaluation.py [--write] [--quick | --large] [PART...]

PART: simulated, evading, mix, ira, telegram, github, stars, tiktok, innocent, shuffled; all of them by default. Prints the tables;
--write puts them between their marks in docs/evaluation.md and draws docs/images/evasion.svg. --quick takes one
seed, the least scale and few copies: to see that the script runs. --large adds scale 0.1.

Every set goes through `lockstep investigate` with default options (but for --copies, which is said), and beside it
through a naive rule (two accounts with the same text within 60 s, twice) and the networks of two other programs,
whose numbers `lockstep coaction --compat` gives exactly (docs/method/coaction.md): CooRTweet's (text, 60 s, two
shares an account, weight above the median) and coordination-network-toolkit's (text, 60 s, weight of two).
Shares carry Wilson's interval at 95 %. Real data lie under LOCKSTEP_DATA (default ../shared) and are left out
where they are not there; no text and no handle is printed. The command is LOCKSTEP.
"""
import collections
import csv
import datetime
import hashlib
import io
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

import evaluation_stars
import evaluation_telegram
from evaluate_mix import wilson

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("LOCKSTEP_DATA", ROOT.parent / "shared")) / "data"
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))
PAGE, PICTURE = ROOT / "docs" / "evaluation.md", ROOT / "docs" / "images" / "evasion.svg"
MIX_MAP = "account=account,time=t,text=text,post=post_id,platform=platform,language=lang"
SIGNALS = ("lifecycle", "recruitment", "swarm", "promotion")
SAID = {"findings": "findings", "explained": "*apart:* groups that an innocent explanation accounts for", "moderate": "findings of moderate or high confidence",
        "lifecycle": "accounts that slept and woke", "recruitment": "accounts that answer calls",
        "swarm": "accounts that copy under strangers' posts", "promotion": "accounts that tell an undeclared script",
        "any": "anything at all", "naive": "*naive:* same text within 60 s, twice",
        "coortweet": "*CooRTweet*, text", "cnt": "*coordination-network-toolkit*, text"}
QUICK = LARGE = False


def lockstep(*arguments):
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"lockstep {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


# ---- what each method flags ----

def flagged_by_run(case):
    """Accounts by what says it of them, from findings.json."""
    run = json.loads((case / "runs" / "0001" / "findings.json").read_text(encoding="utf-8"))
    found = {name: set() for name in ("findings", "explained", "moderate", *SIGNALS)}
    for finding in run["findings"]:
        members = {member["account"] for member in finding["members"]}
        found["explained" if finding["confidence"] == "explained" else "findings"] |= members
        if finding["confidence"] in ("moderate", "high"):
            found["moderate"] |= members
    found["lifecycle"] = {one["account"] for one in run["lifecycle"]["awakenings"]}
    found["recruitment"] = {one["account"] for one in run["recruitment"]["responders"]}
    found["swarm"] = {one["account"] for one in run["swarm"]["accounts"]}
    for script in run.get("promotion", {}).get("scripts", []):
        found["promotion"] |= {one["account"] for one in script["members"] if one["flagged"]}
    found["any"] = set().union(*(accounts for name, accounts in found.items() if name != "explained"))
    return run, found


def flagged_by_others(rows, folder):
    """Rows are (account, text, seconds): the naive rule and the two other programs on equal texts."""
    path = folder / "shares.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("object_id", "account_id", "content_id", "timestamp_share"))
        for number, (account, text, seconds) in enumerate(rows):
            text = text.strip()
            if text:
                writer.writerow((hashlib.sha256(text.encode()).hexdigest()[:24], account, f"c{number}", seconds))
    found, edges = {}, folder / "edges.csv"
    common = ("coaction", "--input", path, "--window", "60s", "--edges", edges, "--json", "--quiet")
    lockstep(*common, "--map", "account=account_id,time=timestamp_share,post=content_id,hashtag=object_id", "--as", "csv",
             "--kinds", "hashtag", "--min-occasions", "2")
    found["naive"] = {row[name].removeprefix("other:") for row in read_csv(edges) for name in ("account_a", "account_b")}
    lockstep(*common, "--compat", "coortweet", "--min-participation", "2", "--edge-weight", "0.5")
    found["coortweet"] = {row[name] for row in read_csv(edges) if row["weight_threshold"] == "1" for name in ("from", "to")}
    lockstep(*common, "--compat", "cnt", "--network", "co_post", "--min-weight", "2")
    found["cnt"] = {row[name] for row in read_csv(edges) for name in ("user_1", "user_2")}
    return found


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def investigated(files, options, rows, copies, prefix="", toml=None):
    """What everything flags of some files; prefix is what the case's account keys begin with."""
    with tempfile.TemporaryDirectory(prefix="lockstep-evaluation-") as folder:
        folder = pathlib.Path(folder)
        if toml is not None:
            lockstep("init", folder / "case")
            (folder / "case" / "case.toml").write_text(toml, encoding="utf-8")
        lockstep("investigate", *files, *options, "-o", folder / "case", "--quiet", "--copies", copies)
        run, found = flagged_by_run(folder / "case")
        if rows is not None:
            for name, accounts in flagged_by_others(rows, folder).items():
                found[name] = {account if account.startswith(prefix) else prefix + account for account in accounts}
    return run, found


# ---- counting ----

class Tally:
    """Hits and misses of each method, summed over data sets."""

    def __init__(self):
        self.right, self.wrong = collections.Counter(), collections.Counter()
        self.coordinated = self.innocent = 0

    def add(self, labels, found):
        """labels: account key to 1 or 0."""
        self.coordinated += sum(labels.values())
        self.innocent += len(labels) - sum(labels.values())
        for name, accounts in found.items():
            known = [labels[account] for account in accounts if account in labels]
            self.right[name] += sum(known)
            self.wrong[name] += len(known) - sum(known)

    def row(self, name):
        right, wrong = self.right[name], self.wrong[name]
        return [SAID.get(name, name), share(right, right + wrong), share(right, self.coordinated),
                share(wrong, self.innocent, 10000)]


def share(hits, trials, scale=1):
    if not trials:
        return "–"
    low, high = wilson(hits, trials)
    if scale == 1:
        return f"{hits:,} of {trials:,}: {hits / trials:.2f} ({low:.2f} to {high:.2f})"
    return f"{hits:,}: {hits / trials * scale:.1f} ({low * scale:.1f} to {high * scale:.1f})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


HEAD = ["", "precision over accounts", "recall", "false alarms: accounts, per 10,000 innocent"]


def methods(tally, names=("findings", "moderate", "explained", "any", "naive", "coortweet", "cnt")):
    return table(HEAD, [tally.row(name) for name in names])


# ---- the simulator ----

ANSWERING = ("swarm", "sleepers", "recidivists")
# What is planted, and what names it: mechanism, signal. Tags count the swarm's accounts that use them.
PLANTED = {"old accounts that slept": "slept and woke", "registered after the channel opened": "a day's handles of one form",
           "answer the channel's calls": "answers to calls", "comment under strangers' posts": "copied comments",
           "the channel itself": "its calls are answered", "volunteers, openly": "acts in common; their descriptions", "paid": "ledger or script",
           "a tag taken over": "order of a tag's users", "a tag edited": "letters and users of two tags", "tags pushed": "share of a tag's users"}
# Layers that are right of a finding, by who most of its accounts are.
RIGHT = {"swarm": {"coaction", "synchrony", "sleepers", "answers", "swarm", "promotion", "lineage", "registrations", "edits", "popularity"},
         "volunteers": {"coaction", "synchrony", "popularity"}, "paid": {"coaction", "synchrony", "promotion", "popularity"}}


class Mechanisms:
    """Of each planted mechanism: its accounts, those that the right signal names, those whose finding says so."""

    def __init__(self):
        self.planted, self.named, self.said = collections.Counter(), collections.Counter(), collections.Counter()
        self.listed = self.wrong = 0

    def add(self, run, found, labels, truth, uses, late):
        people = {kind: {key for key, row in labels.items() if row["population"] in kinds and int(row["acts"])}
                  for kind, kinds in (("swarm", ANSWERING), ("sleepers", ("sleepers",)), ("paid", ("paid",)), ("volunteers", ("volunteers",)), ("channel", ("channel",)))}
        says, roles, open_ones, kinds = collections.defaultdict(set), {}, set(), {}
        for finding in run["findings"]:
            members = {member["account"] for member in finding["members"]}
            for member in finding["members"]:
                for layer in member["layers"]:
                    says[layer].add(member["account"])
                roles[member["account"]] = member["role"]
                kinds[member["account"]] = finding["kind"]
            if any(one["name"] == "party_office" and one["verdict"] == "speaks for" for one in finding["alternatives"]):
                open_ones |= members
            if finding["confidence"] in ("moderate", "high"):
                crowd = collections.Counter("swarm" if labels[key]["population"] in (*ANSWERING, "channel") else labels[key]["population"] for key in members)
                right = RIGHT.get(crowd.most_common(1)[0][0], set())
                self.listed += len(finding["mechanisms"])
                self.wrong += sum(one["layer"] not in right for one in finding["mechanisms"])
        paid = {one["account"] for one in run["promotion"]["ledger"]["payees"]}
        first, edit = truth["tag_edit"]["from"], truth["tag_edit"]["to"]
        taken = {one["object"] for one in run["lineage"]["things"] if one["taken_over"]}
        edited = any({one["from"], one["to"]} == {first, edit} for one in run["lineage"]["edits"])
        listed = {one["object"] for one in run["popularity"] if one["kind"] == "hashtag"}
        swarm = people["swarm"]
        pushers = {key for tag in truth["campaign_tags"] for key in uses[tag]} & swarm
        rows = {"old accounts that slept": (people["sleepers"], found["lifecycle"], says["sleepers"]),
                "registered after the channel opened": ({key for key in late & swarm if labels[key]["population"] == "swarm"}, says["registrations"], says["registrations"]),
                "answer the channel's calls": (swarm, found["recruitment"], says["answers"]),
                "comment under strangers' posts": (swarm, found["swarm"], says["swarm"]),
                "the channel itself": (people["channel"], {one["channel"] for one in run["recruitment"]["calls"]}, {key for key, role in roles.items() if role == "caller"}),
                "volunteers, openly": (people["volunteers"], says["coaction"], open_ones),
                "paid": (people["paid"], paid | found["promotion"], {key for key, kind in kinds.items() if kind == "paid promotion"}),
                "a tag taken over": (uses[first] & swarm, uses[first] if first in taken else set(), says["lineage"]),
                "a tag edited": (uses[first] & uses[edit] & swarm, uses[first] & uses[edit] if edited else set(), says["edits"]),
                "tags pushed": (pushers, {key for tag in truth["campaign_tags"] if tag in listed for key in uses[tag]}, says["popularity"])}
        for name, (planted, named, said) in rows.items():
            self.planted[name] += len(planted)
            self.named[name] += len(planted & named)
            self.said[name] += len(planted & said)


def planted_table(by_scale):
    rows = [[name, signal, *(f"{one.named[name]:,}, {one.said[name]:,} of {one.planted[name]:,}" for one in by_scale.values())] for name, signal in PLANTED.items()]
    wrong = "; ".join(f"{one.wrong} of {one.listed} at {scale}" for scale, one in by_scale.items())
    return (table(["planted", "named by", *(f"scale {scale}: named, said, of" for scale in by_scale)], rows)
            + f"\n\nMechanisms that findings of moderate or high confidence list though most of their accounts were not made to show them: {wrong}.")


def simulated(scale, seed, options, tally, copies, populations=None, mechanisms=None):
    with tempfile.TemporaryDirectory(prefix="lockstep-evaluation-") as folder:
        data = pathlib.Path(folder) / "data"
        lockstep("simulate", "romania-2024", "--scale", scale, "--seed", seed, *options, "-o", data, "--quiet")
        rows, uses, late = [], collections.defaultdict(set), set()
        truth = json.loads((data / "truth" / "truth.json").read_text(encoding="utf-8"))
        days = [seconds_of(day) // 86400 for day in truth["registered_after_channel"]["days"]]
        for name in ("tiktok-posts.ndjson", "tiktok-comments.ndjson"):
            with open(data / name, encoding="utf-8") as file:
                for line in file:
                    item = json.loads(line)["data"]
                    if "cid" in item:
                        rows.append(("tiktok:" + item["user"]["unique_id"], item["text"], item["create_time"]))
                    else:
                        rows.append(("tiktok:" + item["author"]["uniqueId"], item["desc"], item["createTime"]))
                    person = item.get("user") or item["author"]  # ids of the time carry it in their upper half
                    if (int(person.get("uid") or person["id"]) >> 32) // 86400 in days:
                        late.add(rows[-1][0])
                    for tag in re.findall(r"#(\w+)", rows[-1][1]):
                        uses[tag.lower()].add(rows[-1][0])
        files = sorted(data.glob("*.ndjson")) + sorted(data.glob("*.json")) + [data / "ledger.csv"]
        run, found = investigated(files, [], rows, copies)
        labels = {row["account_key"]: row for row in read_csv(data / "labels.csv")}
        tally.add({key: int(row["label"]) for key, row in labels.items()}, found)
        if mechanisms is not None:
            mechanisms.add(run, found, labels, truth, uses, late)
        if populations is not None:
            for key, row in labels.items():
                populations[row["population"], "all"] += 1
                for name in ("moderate", "any", "naive", *SIGNALS):
                    populations[row["population"], name] += key in found[name]


STRENGTHS = [("", []), (", sparse swarm", ["--sparse", 1])]


def by_population(populations):
    names = ("moderate", "lifecycle", "recruitment", "swarm", "promotion", "any", "naive")
    rows = [[population, populations[population, "all"], *(populations[population, name] for name in names)]
            for population in sorted({key for key, _ in populations}, key=lambda key: -populations[key, "any"] / populations[key, "all"])]
    return table(["population", "accounts", "moderate or high", "slept and woke", "answer calls", "copy", "tell a script", "anything", "naive"], rows)


def part_simulated():
    """The swarm of the reported volume and the sparse one beside it, scale by scale."""
    text, planted = [], {}
    plan = [("0.005", (1, 2, 3)), ("0.02", (1, 2)), *([("0.1", (1,))] if LARGE else [])]
    if QUICK:
        plan = [("0.005", (1,))]
    for scale, seeds in plan:
        for said, options in STRENGTHS:
            tally, populations = Tally(), collections.Counter()
            kept = None if options else planted.setdefault(scale, Mechanisms())
            for seed in seeds:
                simulated(scale, seed, options, tally, 19 if QUICK else 39, populations, kept)
            text.append(f"Scale {scale}{said}, {'one seed' if len(seeds) == 1 else f'{len(seeds)} seeds'}: {tally.coordinated:,} coordinated and {tally.innocent:,} innocent accounts.\n\n"
                        + methods(tally, ("findings", "moderate", "lifecycle", "recruitment", "swarm", "promotion", "any", "explained", "naive", "coortweet", "cnt")))
            if scale == plan[-1][0]:
                text.append(f"Accounts by population (scale {scale}{said}):\n\n" + by_population(populations))
    return {"simulated": "\n\n".join(text), "mechanisms": planted_table(planted)}


WAYS = [("sparse", ["--sparse"]), ("jitter", ["--jitter"]), ("paraphrase", ["--paraphrase"]), ("split", ["--split"]),
        ("all four", ["--sparse", "--jitter", "--paraphrase", "--split"])]


# What the picture shows: method, its words, colour and dashes.
CURVES = {"moderate": ("findings, moderate or high", "#b42318", ""), "lifecycle": ("slept and woke", "#1f6feb", ' stroke-dasharray="6 3"'),
          "recruitment": ("answer calls", "#1a7f37", ' stroke-dasharray="6 3"'), "swarm": ("copy", "#8250df", ' stroke-dasharray="6 3"'),
          "naive": ("naive rule", "#6e7781", ' stroke-dasharray="2 3"')}


def part_evading():
    strengths = [0.25, 0.5, 1] if not QUICK else [1]
    seeds, scale = ((1,), "0.002") if QUICK else ((1, 2), "0.005")
    base = Tally()
    for seed in seeds:
        simulated(scale, seed, [], base, 19)
    rows, curves = [], {}
    names = tuple(CURVES)
    for way, options in WAYS:
        curves[way] = {name: [(0, base.right[name] / base.coordinated)] for name in names}
        for strength in strengths:
            tally = Tally()
            for seed in seeds:
                simulated(scale, seed, [part for option in options for part in (option, strength)], tally, 19)
            for name in names:
                curves[way][name].append((strength, tally.right[name] / tally.coordinated))
            rows.append([way, strength, *(short(tally, name) for name in ("moderate", "lifecycle", "recruitment", "swarm", "any", "naive", "coortweet"))])
    rows.insert(0, ["none", 0, *(short(base, name) for name in ("moderate", "lifecycle", "recruitment", "swarm", "any", "naive", "coortweet"))])
    text = (f"Scale {scale}, {len(seeds)} seeds together, {base.coordinated} coordinated and {base.innocent:,} innocent accounts each time. Recall; in brackets false alarms per 10,000 innocent accounts.\n\n"
            + table(["evasion", "strength", "moderate or high", "slept and woke", "answer calls", "copy", "anything", "naive", "CooRTweet"], rows))
    return {"evading": text, "picture": picture(curves)}


def short(tally, name):
    return f"{tally.right[name] / max(1, tally.coordinated):.2f} ({tally.wrong[name] / max(1, tally.innocent) * 10000:.1f})"


def picture(curves):
    """Recall by strength, a small plot for each way to evade."""
    width, height, side, left, top = 1083, 330, 165, 58, 92
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="#1b1f24">',
           "<title>Recall of coordinated accounts as the swarm tries harder not to be seen</title>",
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
           f'<text x="{left}" y="28" font-size="17" font-weight="600">Recall as the swarm tries harder not to be seen</text>',
           f'<text x="{left}" y="48" fill="#a02c00" font-weight="600">Synthetic data, about nobody</text>']
    at = left
    for word, colour, dashes in CURVES.values():
        out.append(f'<path d="M{at} {height - 16}h22" stroke="{colour}" stroke-width="2.5"{dashes}/><text x="{at + 28}" y="{height - 12}">{word}</text>')
        at += 48 + 7 * len(word)
    for i, (way, lines) in enumerate(curves.items()):
        x0 = left + i * (side + 38)
        out.append(f'<text x="{x0}" y="{top - 12}" font-weight="600">{way}</text>')
        for step in range(5):
            y = top + side * (1 - step / 4)
            out.append(f'<path d="M{x0} {y:.1f}h{side}" stroke="#d8dee4"/>')
            if i == 0:
                out.append(f'<text x="{x0 - 8}" y="{y + 4:.1f}" text-anchor="end">{step / 4:g}</text>')
        for at in (0, 0.5, 1):
            out.append(f'<text x="{x0 + side * at:.1f}" y="{top + side + 18}" text-anchor="middle">{at:g}</text>')
        for name, points in lines.items():
            path = "L".join(f"{x0 + side * at:.1f} {top + side * (1 - recall):.1f}" for at, recall in points)
            _, colour, dashes = CURVES[name]
            out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dashes}/>')
            out.extend(f'<circle cx="{x0 + side * at:.1f}" cy="{top + side * (1 - recall):.1f}" r="3" fill="{colour}"/>' for at, recall in points)
    out.append(f'<text x="{width / 2}" y="{top + side + 38}" text-anchor="middle">strength of the evasion</text></svg>')
    return "\n".join(out) + "\n"


# ---- real data ----

def plain(path):
    with subprocess.Popen(["zstdcat", path], stdout=subprocess.PIPE) as process:
        yield from (line.decode("utf-8", "replace") for line in process.stdout)


def mix_rows():
    for line in plain(DATA / "mix_feb2015.ndjson.zst"):
        yield json.loads(line)


def seconds_of(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def ndjson_tally(rows, copies, tally):
    """Rows in the form of the mix, through everything."""
    with tempfile.TemporaryDirectory(prefix="lockstep-evaluation-") as folder:
        path = pathlib.Path(folder) / "rows.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        shares = [("twitter:" + row["account"], row["text"], seconds_of(row["t"])) for row in rows]
        run, found = investigated([path], ["--map", MIX_MAP], shares, copies, "twitter:")
    tally.add({"twitter:" + row["account"]: int(row["label"] != "organic") for row in rows}, found)
    return run


def part_mix():
    tally = Tally()
    ndjson_tally(list(mix_rows()), 19 if QUICK else 99, tally)
    naive = tally.right["naive"] / tally.coordinated
    text = f"{tally.coordinated} coordinated and {tally.innocent:,} innocent accounts; default options.\n\n" + methods(tally)
    best = max(("findings", "moderate", "any"), key=lambda name: tally.right[name] if tally.right[name] >= 0.95 * (tally.right[name] + tally.wrong[name]) else -1)
    text += (f"\n\nBest recall at a precision of 0.95 or more: {tally.right[best] / tally.coordinated:.2f} ({SAID[best]}), "
             f"{tally.right[best] / tally.coordinated / naive:.1f} times the naive rule's." if naive else "")
    return {"mix": text}


def part_ira():
    """A week of the agency's second half of 2016 among the airlines' customers of February 2015, moved by whole weeks."""
    organic = [row for row in mix_rows() if row["label"] == "organic"]
    first = datetime.datetime(2015, 2, 17, tzinfo=datetime.timezone.utc)
    weeks = ["2016-07-12", "2016-08-16", "2016-09-13", "2016-10-04", "2016-11-01", "2016-12-06"][:1 if QUICK else 6]
    agency = collections.defaultdict(list)
    spans = {week: datetime.datetime.fromisoformat(week).replace(tzinfo=datetime.timezone.utc) for week in weeks}
    with subprocess.Popen(["zstdcat", DATA / "ira_2016h2_dev.csv.zst"], stdout=subprocess.PIPE) as process:
        seen = set()
        for number, row in enumerate(csv.DictReader(io.TextIOWrapper(process.stdout, encoding="utf-8", errors="replace", newline=""))):
            at = datetime.datetime.fromisoformat(row["publish_date"]).replace(tzinfo=datetime.timezone.utc)
            for week, start in spans.items():
                key = (row["author_id"], row["publish_date"], row["content"])
                if start <= at < start + datetime.timedelta(days=7) and key not in seen:
                    seen.add(key)
                    agency[week].append({"platform": "twitter", "post_id": f"ira{number}", "account": "ira_" + row["author_id"],
                                         "t": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "text": row["content"], "lang": row["language"], "label": "ira"})
    total, rows = Tally(), []
    for week in weeks:
        tally, moved = Tally(), []
        for row in organic:
            at = datetime.datetime.fromisoformat(row["t"].replace("Z", "+00:00")) - first + spans[week]
            moved.append({**row, "t": at.strftime("%Y-%m-%dT%H:%M:%SZ")})
        ndjson_tally(agency[week] + moved, 19 if QUICK else 39, tally)
        total.coordinated += tally.coordinated
        total.innocent += tally.innocent
        total.right.update(tally.right)
        total.wrong.update(tally.wrong)
        rows.append([week, tally.coordinated, short(tally, "findings"), short(tally, "moderate"), short(tally, "naive"), short(tally, "coortweet")])
    text = ("All weeks together:\n\n" + methods(total) + "\n\nWeek by week: recall; in brackets false alarms per 10,000 innocent accounts.\n\n"
            + table(["week from", "agency's accounts", "findings", "moderate or high", "naive", "CooRTweet"], rows))
    return {"ira": text}


def part_telegram():
    return evaluation_telegram.part(lockstep, table, DATA, QUICK)


def part_github():
    path = DATA / "github_fake_star_events_dev.csv"
    rows = [(row["user"], row["repo"], seconds_of(row["starred_at"])) for row in read_csv(path)]
    uses = collections.defaultdict(set)
    for user, repo, _ in rows:
        uses[user].add(repo)
    options = ["--as", "csv", "--map", "account=user,time=starred_at,hashtag=repo"]
    run, found = investigated([path], options, rows, 19 if QUICK else 99, "other:")
    able = {"other:" + user for user, repos in uses.items() if len(repos) > 1}
    everybody = {"other:" + user for user in uses}
    lines = [[SAID[name], share(len(found[name] & everybody), len(everybody)), share(len(found[name] & able), len(able))]
             for name in ("findings", "moderate", "explained", "any", "naive", "coortweet", "cnt")]
    return {"github": f"{len(rows):,} stars by {len(uses):,} accounts on {len({r for _, r, _ in rows}):,} repositories; {len(able):,} accounts gave more than one. Groups that stand their test: {len(run['findings'])}.\n\n"
                      + table(["", "of all accounts", "of those with two stars or more"], lines)}


def part_stars():
    return evaluation_stars.part(table, DATA / "github_stars_by_month_dev.csv.zst")


def part_tiktok():
    path = DATA / "tiktok_coordinated_us2024_dev.csv"
    rows = [("tiktok:" + row["author"], row["video_description"], seconds_of(row["create_time"])) for row in read_csv(path)]
    run, found = investigated([path], [], rows, 19 if QUICK else 99)
    total = run["totals"]["accounts"]
    lines = [[SAID[name], f"{len(found[name])} of {total}"] for name in ("findings", "moderate", "explained", "any", "naive", "coortweet", "cnt")]
    return {"tiktok": f"{run['totals']['posts']} videos by {total} accounts over three days; groups that stand their test: {len(run['findings'])}. Nobody has labelled the accounts.\n\n" + table(["", "accounts flagged"], lines)}


NEWS = DATA / "telegram_news_ru_dev.ndjson.zst"


def news_keys():
    """The keys of all channels of the news."""
    with subprocess.Popen(["zstdcat", NEWS], stdout=subprocess.PIPE) as process:
        return {"telegram:" + str(json.loads(line)["sender_id"]).removeprefix("-100") for line in process.stdout}


def part_innocent():
    airline = [row for row in mix_rows() if row["label"] == "organic"]
    tally = Tally()
    run = ndjson_tally(airline, 19 if QUICK else 99, tally)
    words = collections.Counter(finding["confidence"] for finding in run["findings"])
    text = (f"**Customers of US airlines**, alone: {tally.innocent:,} accounts. Groups that stand their test: {len(run['findings'])} ({', '.join(f'{n} {w}' for w, n in words.items()) or 'none'}).\n\n"
            + table(["", "false alarms: accounts, per 10,000"], [[SAID[name], share(tally.wrong[name], tally.innocent, 10000)] for name in
                    ("findings", "moderate", "lifecycle", "recruitment", "swarm", "promotion", "any", "explained", "naive", "coortweet", "cnt")]))
    news, found = investigated([NEWS], [], None, 19 if QUICK else 99)
    lines = []
    for finding in news["findings"]:
        said = next((a["verdict"] for a in finding["alternatives"] if a["name"] == "news_syndication"), "not considered")
        lines.append([finding["id"], len(finding["members"]), finding["confidence"], f"{finding['p_value']:.3g}", said])
    text += (f"\n\n**Russian news channels** that syndicate each other: {news['totals']['accounts']} channels, coordinated and not inauthentic. {len(found['findings'])} are in findings, {len(found['any'] - found['findings'])} more are named by a signal alone.\n\n"
             + table(["finding", "members", "confidence", "p", "news_syndication"], lines))
    told, _ = investigated([NEWS], [], None, 19 if QUICK else 99, toml=f"[case]\nnewsrooms = {json.dumps(sorted(news_keys()))}\n")
    words = collections.Counter(finding["confidence"] for finding in told["findings"])
    text += f"\n\nThe same with a `case.toml` that names all channels as newsrooms: {', '.join(f'{n} {w}' for w, n in words.items()) or 'no group'}."
    return {"innocent": text}


def shuffled_cases(folder):
    """Name, case and number of sets; real ones where the data are."""
    for scale, seed, copies in (("0.005", 3, 30), ("0.02", 5, 6)):
        data, case = folder / f"data-{scale}", folder / scale
        lockstep("simulate", "romania-2024", "--scale", scale, "--seed", seed, "-o", data, "--quiet")
        lockstep("ingest", case, *sorted(data.glob("*.ndjson")), *sorted(data.glob("*.json")), data / "ledger.csv", "--quiet")
        yield f"simulated, {scale}", case, copies
        if QUICK:
            return
    if not (DATA / "mix_feb2015.ndjson.zst").exists():
        return
    for name, label, copies in (("mix of February 2015", None, 20), ("airline customers alone", "organic", 20)):
        path, case = folder / f"{label}.ndjson", folder / str(label)
        path.write_text("".join(json.dumps(row) + "\n" for row in mix_rows() if label in (None, row["label"])), encoding="utf-8")
        lockstep("ingest", case, path, "--map", MIX_MAP, "--quiet")
        yield name, case, copies
    if (DATA / "telegram_pump_dev.ndjson.zst").exists():
        lockstep("ingest", folder / "channels", DATA / "telegram_pump_dev.ndjson.zst", "--quiet")
        yield "250 Telegram channels", folder / "channels", 6


def shuffled_table(results, tests_of):
    """An alarm a row, a data set a column."""
    rows = []
    for tests in zip(*(tests_of(result) for result in results.values())):
        promises = [test["promised"] for test in tests if test["sets"] and test["promised"] is not None]
        row = [tests[0]["alarm"], " or ".join(f"{promise:g}" for promise in sorted(set(round(promise, 6) for promise in promises))) or "–"]
        for test in tests:
            cell = f"{test['alarms']} of {test['sets']} (to {test['rate_high']:.2f})" if test["sets"] else "–"
            if test.get("accounts_per_10000"):
                cell += f", {test['accounts_per_10000']:.2f}"
            row.append(f"**{cell}**" if test["kept"] is False else cell)
        rows.append(row)
    return table(["an alarm is", "promised", *results], rows)


def part_shuffled():
    """lockstep calibrate on simulated and real data: the whole run, and each test by itself."""
    results, said = {}, []
    with tempfile.TemporaryDirectory(prefix="lockstep-evaluation-") as folder:
        for name, case, copies in shuffled_cases(pathlib.Path(folder)):
            print(f"({name})", file=sys.stderr, flush=True)
            results[name] = json.loads(lockstep("calibrate", case, "--copies", 2 if QUICK else copies, "--group-copies", 19 if QUICK else 39, "--json", "--quiet"))
            words = results[name]["whole"]["findings"]
            said.append(f"{name}: {results[name]['accounts']:,} accounts, " + (", ".join(f"{count} explained" if word == "explained" else f"{count} of {word} confidence" for word, count in words.items() if count) or "no finding"))
    text = ("**The whole run**, everything dealt out at once. Sets with any alarm, in brackets how far the exact interval reaches up, then accounts per 10,000 where there are any; bold where a promise is broken.\n\n"
            + shuffled_table(results, lambda result: result["whole"]["tests"]) + "\n\nFindings in all sets together. " + "; ".join(said) + ".\n\n"
            "**Each test by itself**, on what its own null model calls exchangeable.\n\n" + shuffled_table(results, lambda result: result["tests"]))
    return {"shuffled": text}


PARTS = {"simulated": (part_simulated, None), "evading": (part_evading, None), "mix": (part_mix, "mix_feb2015.ndjson.zst"),
         "ira": (part_ira, "ira_2016h2_dev.csv.zst"), "telegram": (part_telegram, "telegram_pump_labels_dev.tsv"), "github": (part_github, "github_fake_star_events_dev.csv"),
         "stars": (part_stars, "github_stars_by_month_dev.csv.zst"), "tiktok": (part_tiktok, "tiktok_coordinated_us2024_dev.csv"), "innocent": (part_innocent, "mix_feb2015.ndjson.zst"),
         "shuffled": (part_shuffled, None)}


def write(name, text):
    page = PAGE.read_text(encoding="utf-8")
    marks = re.compile(rf"(<!-- {name}: by bench/evaluation.py -->\n)(?:(?!<!-- ).)*?(<!-- end -->)", re.S)
    if not marks.search(page):
        sys.exit(f"{PAGE} has no place for {name}")
    PAGE.write_text(marks.sub(lambda match: match.group(1) + text + "\n" + match.group(2), page), encoding="utf-8")


def main():
    global QUICK, LARGE
    arguments = sys.argv[1:]
    if any(argument in ("-h", "--help") for argument in arguments):
        sys.exit(__doc__)
    QUICK, LARGE = "--quick" in arguments, "--large" in arguments
    names = [argument for argument in arguments if not argument.startswith("--")] or list(PARTS)
    for name in names:
        part, needs = PARTS[name]
        if needs and not (DATA / needs).exists():
            print(f"{name}: left out, {needs} is not under LOCKSTEP_DATA\n")
            continue
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for key, text in part().items():
            if "--write" in arguments:
                if key == "picture":
                    PICTURE.write_text(text, encoding="utf-8")
                else:
                    write(key, text)
            if key != "picture":
                print(f"## {key}\n\n{text}\n", flush=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"({name}: {after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.0f} s of CPU)\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
