#!/usr/bin/env python3
"""real_data.py - the main job on the real data sets: time, peak memory, counts, findings. Prints numbers
only, no texts and no handles.

    bench/real_data.py [NAME...]        data under LOCKSTEP_DATA, command LOCKSTEP (default build/lockstep)
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("LOCKSTEP_DATA", ROOT.parent / "shared"))
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))
MIX = "account=account,time=t,text=text,post=post_id,platform=platform,language=lang"

SETS = {
    "ira_2016h2": (["data/ira_2016h2_dev.csv.zst"], []),
    "german_election": (["data/coortweet_german_elections.csv.zst"], []),
    "mix_feb2015": (["data/mix_feb2015.ndjson.zst"], ["--map", MIX]),
    "tiktok_us2024": (["data/tiktok_coordinated_us2024_dev.csv"], []),
    "telegram_pump": (["data/telegram_pump_dev.ndjson.zst"], []),
    "telegram_news_ru": (["data/telegram_news_ru_dev.ndjson.zst"], []),
}


def investigate(files, options, threads=2):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstep-real-"))
    try:
        command = [COMMAND, "investigate", *[str(DATA / name) for name in files], *options, "-o",
                   str(folder / "case"), "--json", "--threads", str(threads)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.communicate()
        if process.returncode:
            return {"error": err.strip()}
        return json.loads(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measured(files, options):
    """The same through /usr/bin/time where it is there, for the peak of memory."""
    import resource
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = investigate(files, options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result["cpu_seconds"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return result, after.ru_maxrss


def main():
    names = sys.argv[1:] or list(SETS)
    for name in names:
        files, options = SETS[name]
        if not all((DATA / file).exists() for file in files):
            print(f"{name}: skipped, not under LOCKSTEP_DATA")
            continue
        # One process a set: the peak of children is a maximum over all that ended.
        if len(names) > 1:
            subprocess.run([sys.executable, __file__, name], check=True)
            continue
        result, peak_kib = measured(files, options)
        if "error" in result:
            print(f"{name}: {result['error']}")
            continue
        seconds = result["seconds"]
        print(f"{name}: {result['posts']} posts, {result['accounts']} accounts, {result['actions']} actions, "
              f"{result['duplicates']} duplicates, {result['rejects']} rejects, {result['ignored']} ignored")
        print(f"  {sum(seconds.values()):.1f} s ({', '.join(f'{k} {v:.1f}' for k, v in seconds.items())}), "
              f"{result['cpu_seconds']:.1f} CPU s, peak {peak_kib / 1024:.0f} MiB")
        test = result["test"]
        print(f"  {test['pairs_tested']} pairs could have met, {test['edges_tested']} tested; strongest of "
              f"{test['copies']} copies {test['copies_max_score']:.1f}, threshold {test['group_threshold']:.1f}")
        for finding in result["findings"]:
            kinds = ", ".join(f"{k} {v}" for k, v in finding["kinds"].items())
            print(f"  {finding['id']}: {len(finding['members'])} accounts, score {finding['score']:.1f}, p {finding['p']:.3g}, "
                  f"{finding['confidence']}, {finding['occasions']} occasions ({finding['expected']:.2f} by chance): {kinds}")


if __name__ == "__main__":
    main()
