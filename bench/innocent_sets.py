#!/usr/bin/env python3
"""innocent_sets.py - what is said of data in which nobody misleads: findings, words, alternatives.

    bench/innocent_sets.py [SEEDS]

airline: the customers of US airlines in the labelled mix, without the coordinated accounts: every
finding is a false alarm. news: 15 news channels that syndicate each other: findings are right, and
news_syndication should be said. The seed is that of the shuffled copies; 3 of them, from 0. Data
lie under LOCKSTEP_DATA (default ../shared), the command is LOCKSTEP. Prints numbers only.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("LOCKSTEP_DATA", ROOT.parent / "shared")) / "data"
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))
MIX_MAP = "account=account,time=t,text=text,post=post_id,platform=platform,language=lang"


def report(name, seed, file, options):
    with tempfile.TemporaryDirectory(prefix="lockstep-innocent-") as folder:
        case = pathlib.Path(folder) / "case"
        subprocess.run([COMMAND, "investigate", file, *options, "-o", case, "--quiet", "--threads",
                        "2", "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)
        run = json.loads((case / "runs" / "0001" / "findings.json").read_text(encoding="utf-8"))
    findings, accounts = run["findings"], run["totals"]["accounts"]
    found = sum(len(f["members"]) for f in findings)
    print(f"{name}, seed {seed}: {len(findings)} findings with {found} of {accounts} accounts "
          f"({found / accounts * 10000:.1f} per 10,000); largest score of the copies "
          f"{run['test']['copies_max_score']:.2f}")
    for f in findings:
        verdicts = ", ".join(f"{a['name']} {a['verdict']}" for a in f["alternatives"])
        print(f"    {f['confidence']:9} p {f['p_value']:.3g} score {f['score']:.2f} members "
              f"{len(f['members'])}: {verdicts}")


def main():
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    with tempfile.TemporaryDirectory(prefix="lockstep-innocent-") as folder:
        airline = pathlib.Path(folder) / "airline.ndjson"
        mix = subprocess.run(["zstdcat", DATA / "mix_feb2015.ndjson.zst"], stdout=subprocess.PIPE,
                             check=True).stdout
        airline.write_bytes(b"".join(line for line in mix.splitlines(True)
                                     if json.loads(line)["label"] == "organic"))
        for seed in seeds:
            report("airline", seed, airline, ["--map", MIX_MAP])
    for seed in seeds:
        report("news", seed, DATA / "telegram_news_ru_dev.ndjson.zst", [])


if __name__ == "__main__":
    main()
