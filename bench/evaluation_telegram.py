"""evaluation_telegram.py - the part of docs/evaluation.md on calls in Telegram: labelled calls, and channels moved to other days."""
import collections
import csv
import datetime
import json
import pathlib
import random
import re
import subprocess
import tempfile

from evaluate_mix import wilson

DAY = 86400
EVENT_SECONDS, FOUND_SECONDS, NAIVE_SECONDS = 600, 300, 60


def messages_of(path):
    """(channel, seconds, text) of every message."""
    with subprocess.Popen(["zstdcat", path], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            message = json.loads(line)
            channel, text = (message.get("peer_id") or {}).get("channel_id"), (message.get("message") or "").strip()
            if channel and message.get("date"):
                yield str(channel), int(datetime.datetime.fromisoformat(message["date"]).timestamp()), text


def same_texts(messages):
    """The naive rule: messages whose very text another channel has within 60 s."""
    by_text, found = collections.defaultdict(list), set()
    for number, (channel, seconds, text) in enumerate(messages):
        if text:
            by_text[text].append((seconds, channel, number))
    for uses in by_text.values():
        uses.sort()
        for i, (seconds, channel, number) in enumerate(uses):
            for later, other, its in uses[i + 1:]:
                if later - seconds > NAIVE_SECONDS:
                    break
                if other != channel:
                    found |= {number, its}
    return found


def twice(messages, found):
    """Channels with two such messages and more."""
    count = collections.Counter(messages[number][0] for number in found)
    return {channel for channel, times in count.items() if times >= 2}


def moved(messages, seed):
    """Every channel's messages on other days, around the end of the data, no two channels by the same number."""
    channels = sorted({channel for channel, *_ in messages})
    first = min(seconds for _, seconds, _ in messages) // DAY * DAY
    days = (max(seconds for _, seconds, _ in messages) - first) // DAY + 1
    order = random.Random(seed).sample(range(len(channels)), len(channels))
    by = {channel: order[i] * max(1, days // len(channels)) for i, channel in enumerate(channels)}
    return [(channel, first + ((seconds - first) // DAY + by[channel]) % days * DAY + (seconds - first) % DAY, text) for channel, seconds, text in messages]


def events_of(path, channels):
    """Labelled calls as lists of (channel, seconds, what), rows of one thing within ten minutes together."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [(row["channel_id"], int(datetime.datetime.fromisoformat(row["timestamp"]).timestamp()), row["coin"].lower())
                for row in csv.DictReader(file, delimiter="\t")]
    events = []
    for row in sorted((row for row in rows if row[0] in channels), key=lambda row: (row[2], row[1])):
        if events and events[-1][-1][2] == row[2] and row[1] - events[-1][-1][1] <= EVENT_SECONDS:
            events[-1].append(row)
        else:
            events.append([row])
    return events


def naive_counts(messages, found, events):
    """Events of which a row is named, and of those of two channels; rows of the latter that are named."""
    at = collections.defaultdict(list)
    for number in found:
        channel, seconds, text = messages[number]
        at[channel].append((seconds, set(re.findall(r"\w+", text.lower()))))
    count = collections.Counter()
    for event in events:
        named = [any(abs(seconds - row[1]) <= FOUND_SECONDS and row[2] in words for seconds, words in at[row[0]]) for row in event]
        count["events"] += any(named)
        if len({row[0] for row in event}) > 1 and any(named):
            count["shared"] += 1
            count["callers"] += sum(named)
            count["callers of"] += len(named)
    return count


def share(hits, of):
    low, high = wilson(hits, of)
    return f"{hits} of {of}: {hits / of:.2f} ({low:.2f} to {high:.2f})" if of else "–"


def interval(part, key):
    low, high = part[f"{key}_interval"]
    return f"{part[key]:.2f} ({low:.2f} to {high:.2f})"


def seconds_text(way):
    return "–" if way["seconds_to_sure"][1] is None else "{1:.0f} ({0:.0f}, {2:.0f})".format(*way["seconds_to_sure"])


def part(lockstep, table, data, quick):
    posts = data / "telegram_pump_dev.ndjson.zst"
    messages = list(messages_of(posts))
    sets = 2 if quick else 40
    with tempfile.TemporaryDirectory(prefix="lockstep-evaluation-") as name:
        case = pathlib.Path(name) / "case"
        lockstep("investigate", posts, "-o", case, "--copies", 19, "--quiet")
        run = json.loads((case / "runs" / "0001" / "findings.json").read_text(encoding="utf-8"))["relays"]
        labelled = json.loads(lockstep("evaluate", case, "--json", "--labels", data / "telegram_pump_labels_dev.tsv"))["events"]
        tests = {test["name"]: test for test in json.loads(
            lockstep("calibrate", case, "--only", "url", "--copies", sets, "--group-copies", 19, "--json", "--quiet"))["tests"]}
    events, found = events_of(data / "telegram_pump_labels_dev.tsv", {channel for channel, *_ in messages}), same_texts(messages)
    naive, shared = naive_counts(messages, found, events), sum(len({row[0] for row in event}) > 1 for event in events)
    rows = [[title, f"{way['events_found']} of {labelled['labelled']}: {interval(way, 'recall')}",
             f"{way['shared_found']} of {labelled['labelled_shared']}: {interval(way, 'recall_shared')}", interval(way, "callers_named"),
             seconds_text(way), f"{way['right']:,} of {way['found']:,}: {interval(way, 'precision')}"]
            for title, way in (("messages that instruct", labelled["detectors"]["instructions"]), ("relays", labelled["detectors"]["relays"]))]
    rows.append(["*naive:* same text in two channels within 60 s", share(naive["events"], len(events)), share(naive["shared"], shared),
                 share(naive["callers"], naive["callers of"]), "–", "–"])
    named = sum(one["q_value"] <= 0.05 for one in run["channels"])
    naive_sets = []
    for number in range(2 if quick else 10):
        other = moved(messages, number)
        naive_sets.append(len(twice(other, same_texts(other))))
    alarms = [["channels that repeat others, q <= 0.05", f"{named:,}", f"{tests['relayers']['found'] / sets:.1f}", share(tests["relayers"]["alarms"], sets)],
              ["relays", f"{run['total']:,}", f"{tests['relays']['found'] / sets:.1f}", share(tests["relays"]["alarms"], sets)],
              ["*naive:* channels with the text of another within 60 s, twice", f"{len(twice(messages, found)):,}",
               f"{sum(naive_sets) / len(naive_sets):.1f}", share(sum(count > 0 for count in naive_sets), len(naive_sets))]]
    return {"telegram": f"{run['messages']:,} messages; {run['tested']:,} calls tested. Labels of {labelled['labelled_calls']} calls in channels of the data, "
                        f"{labelled['labelled']} events, {labelled['labelled_shared']} of them called by two channels or more.\n\n"
                        + table(["", "recall of events", "of those of two channels and more", "co-callers named in those", "seconds until sure (quartiles)",
                                 "precision, a lower bound"], rows)
                        + "\n\nEvery channel moved to other days, so that nobody repeats anybody:\n\n"
                        + table(["", "in the data", "in a moved set", "sets with any"], alarms)}
