#!/usr/bin/env python3
"""Labelled calls of Telegram channels: which are found, how soon, who repeats them; and messages that instruct.

    bench/evaluate_calls.py [--looked] [DATA]

DATA (LOCKSTEP_DATA, or ../shared/data beside the checkout) holds telegram_pump_dev.ndjson.zst, the labels beside it,
sapienza_pump_events.csv and telegram_news_ru_dev.ndjson.zst; without them nothing is measured. Everything is counted by
`lockstep evaluate` (docs/method/evaluation.md); no text, no channel and no word of a call is printed. The labelled
messages are split by a hash of the channel's id: one half was looked at while the rule was made (--looked shows it
alone) and chose the keyword of the baseline; the other half is what counts. The command is LOCKSTEP.
"""
import collections
import csv
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from evaluate_mix import COMMAND, ROOT, wilson

KEYWORDS = {"pump": r"\bpump", "buy": r"\bbuy\b", "coin": r"\bcoin\b", "pump or buy": r"\bpump|\bbuy\b",
            "pump, buy or coin": r"\bpump|\bbuy\b|\bcoin\b", "pump, minutes, next post": r"\bpump|\bminutes?\b|\bnext (?:post|message)\b"}
# The topic's words as an analyst would add them; which roles they stand in was chosen on the one half, too.
TOPIC_CUES = '[[cues]]\nlanguage = "en"\nname = ["coin", "pump*"]\nact = ["coin", "pump*"]\nnext = ["coin", "pump"]\n'


def data_folder():
    folders = [word for word in sys.argv[1:] if not word.startswith("--")]
    if folders:
        return pathlib.Path(folders[0])
    base = pathlib.Path(os.environ.get("LOCKSTEP_DATA", ROOT.parent / "shared"))
    return base / "data" if (base / "data").is_dir() else base


def run(*arguments):
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout


def investigate(case, *files):
    """Relays do not depend on the copies of the group test, so a few are enough."""
    run("investigate", *files, "-o", case, "--copies", 19, "--quiet")
    return json.loads((case / "runs" / "0001" / "findings.json").read_text())


def evaluate(case, *labels, of="0001"):
    return json.loads(run("evaluate", case, "--json", "--run", of, *(word for path in labels for word in ("--labels", path))))


def share(name, part, key, of):
    low, high = part[f"{key}_interval"]
    print(f"  {name:46} {part[key]:6.3f} ({low:.3f} to {high:.3f}){of}")


def calls_print(title, events):
    print(f"\n{title}: {events['labelled']} events, {events['labelled_shared']} of them called by two channels or more")
    for name in ("instructions", "relays"):
        way = events["detectors"][name]
        print(f" {name}")
        share("recall of events", way, "recall", f"  {way['events_found']} of {events['labelled']}")
        if events["labelled_shared"]:
            share("recall of those of two channels and more", way, "recall_shared", f"  {way['shared_found']} of {events['labelled_shared']}")
            share("co-callers named in those", way, "callers_named", "")
        share("precision, a lower bound", way, "precision", f"  {way['right']} of {way['found']}")
        for key in ("seconds_to_first", "seconds_to_sure"):
            if way[key][1] is not None:
                print(f"  {key.replace('_', ' '):46} {way[key][1]:.0f} (quartiles {way[key][0]:.0f}, {way[key][2]:.0f})")


def halves(rows):
    """Channels by a hash of their id: the half that was looked at while the rule was made, and the other one."""
    channels = {channel for _, channel, _ in rows}
    looked = {channel for channel in channels if hashlib.sha256(channel.encode()).digest()[0] % 2 == 0}
    return looked, channels - looked


def texts_of(path, wanted):
    texts = {}
    with subprocess.Popen(["zstdcat", path], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            message = json.loads(line)
            key = (str((message.get("peer_id") or {}).get("channel_id")), str(message.get("id")))
            if key in wanted:
                texts[key] = message.get("message") or ""
    return texts


def f_measure(hits, found, labelled):
    return 2 * hits / (found + labelled) if found + labelled else 0.0


def baseline(rows, texts, pattern):
    match = re.compile(pattern, re.IGNORECASE).search
    found = [label == "1" for label, *key in rows if match(texts[tuple(key)])]
    return sum(found), len(found), sum(label == "1" for label, *_ in rows)


def line(name, hits, found, labelled):
    precision, recall = wilson(hits, found), wilson(hits, labelled)
    print(f"  {name:40} precision {hits / max(found, 1):.3f} ({precision[0]:.3f} to {precision[1]:.3f}) {hits} of {found}; recall "
          f"{hits / max(labelled, 1):.3f} ({recall[0]:.3f} to {recall[1]:.3f}) of {labelled}; F {f_measure(hits, found, labelled):.3f}")


def messages_print(case, data, folder):
    with open(data / "telegram_message_labels_dev.txt", encoding="utf-8") as file:
        rows = [tuple(row.split()) for row in file if row.strip()]
    rows = [row for row in rows if row[0] != "?"]
    texts = texts_of(data / "telegram_pump_dev.ndjson.zst", {row[1:] for row in rows})
    rows = [row for row in rows if row[1:] in texts]
    looked, held = halves(rows)
    of_looked = [row for row in rows if row[1] in looked]
    best = max(KEYWORDS, key=lambda name: f_measure(*baseline(of_looked, texts, KEYWORDS[name])))
    baselines = {best, "coin"}
    print("\nMessages that instruct, by hand labels")
    (folder / "cues.toml").write_text(TOPIC_CUES, encoding="utf-8")
    run("detect", case, "--only", "url", "--copies", 19, "--cues", folder / "cues.toml", "--quiet")
    parts = [("half that was looked at", looked), ("half that was held out", held)]
    for title, half in parts[:1] if "--looked" in sys.argv else parts:
        own = [row for row in rows if row[1] in half]
        distinct, seen = [], set()
        for row in own:
            plain = re.sub(r"\d+", "0", texts[row[1:]].lower()).strip()
            if plain not in seen:
                seen.add(plain)
                distinct.append(row)
        for kind, part in (("all", own), ("each wording once", distinct)):
            print(f" {title}, {kind}: {len(part)} messages of {len(half)} channels, {sum(row[0] == '1' for row in part)} instruct")
            path = folder / "messages.csv"
            with open(path, "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("label", "channel", "message"), *part])
            for name, number in (("lockstep", "0001"), ("lockstep, two words of the topic added", "0002")):
                result = evaluate(case, path, of=number)["messages"]
                line(name, result["right"], result["found"], result["labelled"])
            for word in sorted(baselines):
                line(f"keyword baseline ({word})", *baseline(part, texts, KEYWORDS[word]))


def anywhere_write(source, path):
    with open(source, encoding="utf-8", newline="") as file, open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("time", "what"))
        for row in csv.DictReader(file):
            writer.writerow((f"{row['date']} {row['hour']}:00", row["symbol"]))


def main():
    data = data_folder()
    needed = [data / name for name in ("telegram_pump_dev.ndjson.zst", "telegram_pump_labels_dev.tsv", "telegram_message_labels_dev.txt")]
    if not all(path.exists() for path in needed):
        print(f"skipped: {data} holds no labelled calls")
        return
    with tempfile.TemporaryDirectory(prefix="lockstep-calls-") as name:
        folder = pathlib.Path(name)
        relays = investigate(folder / "case", needed[0])["relays"]
        print(f"{relays['messages']} messages; {relays['instructions_total']} instruct, {relays['tested']} calls tested, {relays['total']} relays; "
              f"with every channel moved by days of its own {relays['control_relays'] / relays['controls']:.1f} in the mean of {relays['controls']}")
        calls_print("Labelled calls", evaluate(folder / "case", needed[1])["events"])
        if (data / "sapienza_pump_events.csv").exists():
            anywhere_write(data / "sapienza_pump_events.csv", folder / "anywhere.csv")
            calls_print("Labelled events, in whatever channel", evaluate(folder / "case", folder / "anywhere.csv")["events"])
        messages_print(folder / "case", data, folder)
        if (data / "telegram_news_ru_dev.ndjson.zst").exists():
            news = investigate(folder / "news", data / "telegram_news_ru_dev.ndjson.zst")["relays"]
            print(f"\nNews channels: {news['messages']} messages, {news['instructions_total']} instruct, {news['tested']} calls tested, {news['total']} relays, "
                  f"{news['control_relays'] / max(news['controls'], 1):.1f} in controls")


if __name__ == "__main__":
    main()
