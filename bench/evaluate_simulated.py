#!/usr/bin/env python3
"""evaluate_simulated.py - who is found in the simulator's data: precision, recall, false alarms.

    bench/evaluate_simulated.py [SCALE... [--seeds N]]      default: 0.005 0.01 0.02, seeds 1 to 3

Makes the data with `lockstep simulate romania-2024`, runs `lockstep investigate` on all of it with
default options and compares the members of findings with labels.csv, in all and by population,
with all findings and with those of moderate or high confidence only. Sums go over the seeds. The
able are the coordinated accounts with two acts or more: the detector asks for two occasions, so
nobody else could be found. Shares carry Wilson's interval at 95 %. The command is LOCKSTEP.
"""
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from evaluate_mix import show

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))


def run(scale, seed):
    """The labels of all accounts with a post; the findings as (confidence, keys of members)."""
    with tempfile.TemporaryDirectory(prefix="lockstep-simulated-") as folder:
        data, case = pathlib.Path(folder) / "data", pathlib.Path(folder) / "case"
        subprocess.run([COMMAND, "simulate", "romania-2024", "--scale", scale, "--seed", str(seed),
                        "-o", data, "--quiet"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        files = sorted(data.glob("*.ndjson")) + sorted(data.glob("*.json"))
        subprocess.run([COMMAND, "investigate", *files, "-o", case, "--quiet", "--threads", "2"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(data / "labels.csv", encoding="utf-8", newline="") as file:
            labels = {row["account_key"]: row for row in csv.DictReader(file)}
        with open(case / "runs" / "0001" / "findings.json", encoding="utf-8") as file:
            findings = json.load(file)["findings"]
    return labels, [(f["confidence"], [m["account"] for m in f["members"]]) for f in findings]


def tally(runs, words):
    """Counts over the runs, with findings of the given confidences: by population and in all."""
    count = collections.Counter()
    for labels, findings in runs:
        found = {account for word, members in findings if word in words for account in members}
        for account, row in labels.items():
            label, population = int(row["label"]), row["population"]
            able = label and int(row["acts"]) >= 2
            for key in (population, "coordinated" if label else "innocent"):
                count[key, "accounts"] += 1
                count[key, "able"] += able
                count[key, "found"] += account in found
                count[key, "able found"] += account in found and able
        for word, members in findings:
            if word not in words:
                continue
            populations = collections.Counter(labels[account]["population"] for account in members)
            right = sum(int(labels[account]["label"]) for account in members)
            most = populations.most_common(1)[0][0]
            count["findings", "all"] += 1
            count["findings", "right" if 2 * right > len(members) else "wrong"] += 1
            count["findings", "mixed"] += 0 < right < len(members)
            if 2 * right > len(members):
                count["right findings", "members"] += len(members)
                count["right findings", "right"] += right
            count["most from", most] += 1
            count["paid and swarm", "merged"] += bool(populations["paid"] and populations["swarm"])
    return count


def report(scale, runs, words, title):
    count = tally(runs, words)
    right, wrong = count["coordinated", "found"], count["innocent", "found"]
    print(f"scale {scale}, {len(runs)} seeds, {title}: {count['findings', 'all']} findings, "
          f"{count['findings', 'right']} mostly coordinated, {count['findings', 'wrong']} mostly "
          f"innocent, {count['findings', 'mixed']} with both, "
          f"{count['paid and swarm', 'merged']} with paid and swarm")
    show("accounts: precision", right, right + wrong)
    show("accounts: recall", right, count["coordinated", "accounts"])
    show("recall of the able", count["coordinated", "able found"], count["coordinated", "able"])
    show("false alarms per 10,000", wrong, count["innocent", "accounts"], 10000)
    show("members of right findings", count["right findings", "right"],
         count["right findings", "members"])
    for key in sorted({k for k, what in count if what == "accounts"} - {"coordinated", "innocent"}):
        able = f" (able: {count[key, 'able found']} of {count[key, 'able']})"
        print(f"    {key:12} {count[key, 'found']:6d} of {count[key, 'accounts']:6d} accounts found"
              f"{able if count[key, 'able'] else ''}; most of {count['most from', key]} findings")
    print(flush=True)


def main():
    arguments, seeds = sys.argv[1:], 3
    if any(a in ("-h", "--help") for a in arguments):
        sys.exit(__doc__)
    if "--seeds" in arguments:
        at = arguments.index("--seeds")
        seeds = int(arguments[at + 1])
        del arguments[at:at + 2]
    for scale in arguments or ["0.005", "0.01", "0.02"]:
        runs = [run(scale, seed) for seed in range(1, seeds + 1)]
        report(scale, runs, ("low", "moderate", "high"), "all findings")
        report(scale, runs, ("moderate", "high"), "moderate or high")


if __name__ == "__main__":
    main()
