"""test_relays.py - messages that instruct and what channels repeat, by the command alone, on made messages.

Twelve channels talk for sixty days in words of no language. On most days channel 1 counts down and calls out a
tag, which channels 2 to 5 repeat within half a minute; the others know nothing of it.
"""
import csv
import datetime
import json
import os
import random
import re
import subprocess
import sys

import pytest

from conftest import COMMAND, MAP, SOURCE, run

START = datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc)
CHANNELS, PARTNERS, DAYS = 12, (2, 3, 4, 5), 60


def words(rng, count):
    return " ".join("".join(rng.choice("bdgklmnprtvz") + rng.choice("aeiou") for _ in range(2 + rng.randrange(2)))
                    for _ in range(count))


def make(path, seed=1, moved=False):
    """Writes the messages; returns the calls as (channel, message id, second, tag), first callers first."""
    rng = random.Random(seed)
    rows, calls = [], []
    for channel in range(1, CHANNELS + 1):
        own = [words(rng, 1) for _ in range(60)]
        for _ in range(DAYS * 8):
            second = rng.randrange(DAYS) * 86400 + 8 * 3600 + rng.randrange(12 * 3600)
            rows.append([second, channel, " ".join(rng.choice(own) for _ in range(8)), None])
    for day in range(3, DAYS):
        if rng.random() < 0.2:
            continue
        second, tag = day * 86400 + 12 * 3600 + rng.randrange(6 * 3600), words(rng, 1) + str(day % 7)
        tag = tag[:-1] + "xyzuvwq"[day % 7]
        rows.append([second - 300, 1, "5 minutes left! The next post will be the tag. Get ready, everybody", None])
        for channel in (1, *PARTNERS):
            if channel != 1 and rng.random() < 0.15:
                continue
            later = 0 if channel == 1 else 1 + rng.randrange(25)
            rows.append([second + later, channel, f"The tag is #{tag} {words(rng, 3)} share it now", tag])
    if moved:  # each channel by days of its own: nobody repeats anybody
        rows = [[row[0] + row[1] * 3 * 86400, *row[1:]] for row in rows]
    rows.sort(key=lambda row: (row[0], row[1]))
    with open(path, "w", encoding="utf-8") as file:
        for number, (second, channel, text, tag) in enumerate(rows, 1):
            time = START + datetime.timedelta(seconds=second)
            offset = text.find("#")
            entities = [{"_": "MessageEntityHashtag", "offset": offset, "length": len(text[offset:].split()[0])}] if offset >= 0 else []
            file.write(json.dumps({"_": "Message", "id": number, "peer_id": {"_": "PeerChannel", "channel_id": 9000 + channel},
                                   "date": time.isoformat(), "message": text, "post": True, "views": 5, "forwards": 0,
                                   "entities": entities}) + "\n")
            if tag:
                calls.append((channel, number, time, tag))
    return calls


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("relays")
    calls = make(folder / "messages.ndjson")
    run("investigate", folder / "messages.ndjson", "-o", folder / "case", "--copies", 19)
    return folder, calls


def test_calls_and_who_repeats_them(case):
    folder, calls = case
    labels = write(folder / "events.csv", ("channel", "time", "what"),
                   [(9000 + channel, time.isoformat(), tag.upper()) for channel, _, time, tag in calls])
    result = run("evaluate", folder / "case", "--labels", labels, "--json").json
    assert result["accounts"] is None and result["pairs"] is None and result["messages"] is None
    events = result["events"]
    tags = {tag for *_, tag in calls}
    assert events["labelled"] == len(tags) and events["labelled_calls"] == len(calls)
    assert events["recall"] >= 0.9 and events["recall_interval"][0] < events["recall"] <= events["recall_interval"][1]
    assert events["recall_shared"] >= 0.9 and events["callers_named"] >= 0.95
    assert events["precision"] >= 0.95  # every call is labelled here
    assert events["seconds_to_first"][1] == 0 and 0 < events["seconds_to_sure"][1] <= 25
    other = events["detectors"]["instructions"]
    assert other["calls_named"] >= 0.95 and other["precision"] >= 0.9
    text = run("evaluate", folder / "case", "--labels", labels).out
    assert f"{len(tags)} of which two or more channels called" in text and "callers named" in text


def test_calls_in_whatever_channel(case):
    """Labels without a channel: what was called out when."""
    folder, calls = case
    first = [(time.isoformat(), tag) for channel, _, time, tag in calls if channel == 1]
    labels = write(folder / "anywhere.csv", ("time", "symbol"), first + [("2024-03-20 03:00:00", first[0][1])])
    events = run("evaluate", folder / "case", "--labels", labels, "--json").json["events"]
    assert events["labelled"] == len(first) + 1 and events["labelled_shared"] == 0
    assert 0.9 * len(first) <= events["events_found"] <= len(first)
    assert events["precision"] >= 0.95


def test_messages(case):
    folder, calls = case
    number = {message for _, message, *_ in calls}
    total = sum(1 for _ in open(folder / "messages.ndjson"))
    rows = []
    for i, line in enumerate(open(folder / "messages.ndjson"), 1):
        message = json.loads(line)
        label = 1 if i in number else 2 if "minutes left" in message["message"] else 0
        rows.append((label, f"telegram:{message['peer_id']['channel_id']}", i))
    rows[0] = ("?", *rows[0][1:])
    result = run("evaluate", folder / "case", "--json", "--labels",
                 write(folder / "messages.csv", ("label", "channel", "message"), rows)).json["messages"]
    assert result["unsure"] == 1 and result["labelled"] == len(calls)
    assert result["labelled"] + result["others"] == total - 1
    assert result["recall"] >= 0.95
    # what is no call and yet an instruction is the countdown, labelled as another kind
    countdowns = sum(row[0] == 2 for row in rows)
    assert result["found"] - result["right"] <= countdowns


def test_moved_channels_repeat_nobody(case, tmp_path):
    make(tmp_path / "messages.ndjson", moved=True)
    run("investigate", tmp_path / "messages.ndjson", "-o", tmp_path / "case", "--copies", 19)
    labels = write(tmp_path / "events.csv", ("channel", "time", "what"), [(9001, "2024-03-10 12:00:00", "none")])
    assert run("evaluate", tmp_path / "case", "--labels", labels, "--json").json["events"]["found"] == 0
    relays = json.loads((tmp_path / "case/runs/0001/findings.json").read_text())["relays"]
    assert relays["total"] <= 1


def test_findings_tell_who_repeats_whom(case):
    folder, calls = case
    relays = json.loads((folder / "case/runs/0001/findings.json").read_text())["relays"]
    tags = {tag for *_, tag in calls}
    assert relays["not_observable"] is None and 0.9 * len(tags) <= relays["total"] <= len(tags) + 60
    assert relays["control_relays"] <= 2 * relays["controls"]
    named = {tag for tag in tags if any(f" {tag} " in f" {one['things']} " for one in relays["relays"])}
    assert len(named) >= 0.9 * len(tags)
    for one in relays["relays"]:
        assert one["members"][0]["lag_seconds"] == 0 and one["channels"] == len({m["channel"] for m in one["members"]})
        assert all(a["lag_seconds"] <= b["lag_seconds"] for a, b in zip(one["members"], one["members"][1:]))
        assert one["q_value"] <= 0.05
    partners = {f"telegram:{9000 + channel}" for channel in PARTNERS}
    assert relays["channels_least_p"] == pytest.approx(1 / 7 / 16)  # eight weeks in two blocks
    followers = {one["channel"]: one for one in relays["channels"] if one["q_value"] <= 0.05}
    assert set(followers) == partners
    assert all(one["followed"] == "telegram:9001" for one in followers.values())


def test_findings_say_why_a_message_instructs(case):
    """The phrases that are told stand in the message; of the call of the tag they are those that a reader would name."""
    folder, calls = case
    texts = [json.loads(line) for line in open(folder / "messages.ndjson")]
    texts = {f"telegram:{one['peer_id']['channel_id']}/{one['id']}": one["message"].lower() for one in texts}
    told = json.loads((folder / "case/runs/0001/findings.json").read_text())["relays"]["instructions"]
    assert len(told) >= len(calls)
    for one in told:
        assert one["cues"]
        for part in one["cues"].split("; "):
            for phrase in re.sub(r" and \d+ more$", "", part.partition(": ")[2]).split(", "):
                words = [word for word in phrase.split() if word not in ("#", "...")]
                assert all(re.search(rf"\b{re.escape(word.rstrip('*'))}{'' if word.endswith('*') else chr(92) + 'b'}", texts[one["post"]]) for word in words)
    why = {one["post"]: one["cues"] for one in told}
    for channel, message, *_ in calls:
        cues = why[f"telegram:{9000 + channel}/{message}"]
        assert "what to do: share" in cues and "when: now" in cues and "a name follows: the tag is" in cues and "has a tag or link" in cues
    countdown = next(key for key, text in texts.items() if "minutes left" in text)
    assert "what comes: the next post will" in why[countdown] and "be ready: get ready" in why[countdown] and "to whom: everybody" in why[countdown]


def test_explain_says_whom_a_channel_repeats(case):
    folder, _ = case
    relays = json.loads((folder / "case/runs/0001/findings.json").read_text())["relays"]
    one = next(one for one in relays["channels"] if one["channel"] == "telegram:9003")
    text = run("explain", folder / "case", "telegram:9003", "--run", "0001").out
    assert f"in {one['relayed']} of {one['could']} of their windows" in text and "mostly after telegram:9001" in text
    assert run("explain", folder / "case", "telegram:9003", "--run", "0001", "--json").json["relayed_calls"] == one["relayed"]
    assert "first in" in run("explain", folder / "case", "telegram:9001", "--run", "0001").out


def test_explain_says_why_messages_instruct(case):
    folder, _ = case
    told = [one for one in json.loads((folder / "case/runs/0001/findings.json").read_text())["relays"]["instructions"] if one["channel"] == "telegram:9001"]
    text = run("explain", folder / "case", "telegram:9001", "--run", "0001").out
    assert f"Messages that tell readers what to do: {len(told)}," in text
    best = sorted(told, key=lambda one: (-one["score"], one["time"]))
    assert all(f"{one['post']}, {one['score']:g} points: {one['cues']}" in text for one in best[:5])
    found = run("explain", folder / "case", "telegram:9001", "--run", "0001", "--json").json["instructions"]
    assert found["sure"] == len(told) and [one["post"] for one in found["messages"]] == [one["post"] for one in best[:50]]
    assert run("explain", folder / "case", "telegram:9010", "--run", "0001", "--json").json["instructions"]["messages"] == []


def test_cue_words_of_the_user(case, tmp_path):
    folder, calls = case
    bad = tmp_path / "bad.toml"
    bad.write_text('[[cues]]\nlanguage = "en"\nsay = ["x"]\n')
    err = run("detect", folder / "case", "--cues", bad, code=2).err
    assert "line 3" in err and "no list of cues" in err
    silent = tmp_path / "silent.toml"
    silent.write_text('[[cues]]\nlanguage = "en"\nreplace = true\n')
    run("detect", folder / "case", "--cues", silent, "--copies", 19)
    run("report", folder / "case", "--findings")
    found = json.loads((folder / "case/runs/0002/findings.json").read_text())
    assert found["relays"]["total"] == 0 and found["relays"]["instructions_total"] == 0
    assert any(option["name"] == "cues" and "silent.toml" in option["value"] for option in found["options"])


def test_pairs_and_groups(case):
    """Labels of pairs and of groups alone, on whoever stands in findings."""
    folder, _ = case
    found = json.loads((folder / "case/runs/0001/findings.json").read_text())["findings"]
    together = next((sorted(m["account"] for m in f["members"])[:2] for f in found), None)
    rows = [("telegram:9007", "telegram:9008", 0), ("telegram:9001", "telegram:1", 1)]
    rows += [(*together, 1)] if together else []
    pairs = run("evaluate", folder / "case", "--json", "--labels",
                write(folder / "pairs.csv", ("account_a", "account_b", "label"), rows)).json["pairs"]
    assert pairs["without_posts"] == 1 and pairs["labelled"] == bool(together)
    assert pairs["found"] == pairs["right"] == bool(together)
    groups = write(folder / "groups.csv", ("account_key", "group"), [(f"telegram:{9000 + i}", "g") for i in (1, *PARTNERS)])
    result = run("evaluate", folder / "case", "--json", "--labels", groups, "--labels", folder / "pairs.csv").json
    assert result["labels"]["coordinated"] == 5 and result["groups"]["labelled"] == 1
    assert result["labelled_pairs"]["without_posts"] == 1


def test_labels_that_cannot_be_taken(case):
    folder, _ = case
    bad = [(("channel", "time", "what"), ("9001", "yesterday", "x"), "no time"),
           (("channel", "time", "what"), ("77", "2024-01-01 10:00:00", "x"), "none of the labelled channels"),
           (("channel", "message", "label"), ("9001", "1", "yes"), "neither 0 nor 1"),
           (("account_a", "account_b", "label"), ("telegram:1", "telegram:1", "1"), "with itself"),
           (("one", "two"), ("1", "2"), "a file of labels holds")]
    for header, row, words_ in bad:
        assert words_ in run("evaluate", folder / "case", "--labels", write(folder / "bad.csv", header, [row]), code=3).err


def test_the_measuring_script(case, tmp_path):
    """bench/evaluate_calls.py on made data, and on none."""
    folder, calls = case
    script = SOURCE / "bench" / "evaluate_calls.py"
    out = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True, check=True).stdout
    assert out.startswith("skipped")
    subprocess.run(["zstd", "-q", folder / "messages.ndjson", "-o", tmp_path / "telegram_pump_dev.ndjson.zst"], check=True)
    with open(tmp_path / "telegram_pump_labels_dev.tsv", "w", encoding="utf-8") as file:
        file.write("channel_id\tsession_id\tcoin\texchange\tpair\ttimestamp\r\n")
        for channel, _, time, tag in calls:
            file.write(f"{9000 + channel}\t1\t{tag.upper()}\tx\ty\t{time:%Y-%m-%d %H:%M:%S}+00:00\r\n")
    with open(tmp_path / "telegram_message_labels_dev.txt", "w", encoding="utf-8") as file:
        for channel, number, *_ in calls:
            file.write(f"1 {9000 + channel} {number}\n")
        for i, line in enumerate(open(folder / "messages.ndjson"), 1):
            message = json.loads(line)
            if i % 20 == 0 and "#" not in message["message"]:
                file.write(f"0 {message['peer_id']['channel_id']} {i}\n")
    done = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True, env={**os.environ, "LOCKSTEP": COMMAND})
    assert done.returncode == 0, done.stderr
    assert "Labelled calls" in done.stdout and "half that was held out, all" in done.stdout and "keyword baseline" in done.stdout
    recall = re.search(r"relays\n  recall of events +([0-9.]+)", done.stdout)
    assert recall and float(recall[1]) >= 0.9
    for *_, tag in calls:  # numbers alone
        assert tag not in done.stdout
    (tmp_path / "data").mkdir()
    for path in list(tmp_path.glob("telegram_*")):
        path.rename(tmp_path / "data" / path.name)
    page = subprocess.run([sys.executable, SOURCE / "bench" / "evaluation.py", "--quick", "telegram"], capture_output=True, text=True,
                          env={**os.environ, "LOCKSTEP": str(COMMAND), "LOCKSTEP_DATA": str(tmp_path)}, check=True).stdout
    rows = {cells[0]: cells for line in page.splitlines() if line.startswith("| ") for cells in [[one.strip() for one in line.strip("|").split("|")]]}
    assert float(re.search(r"\n\| relays \| \d+ of \d+: ([0-9.]+) ", page)[1]) >= 0.9
    assert int(rows["channels that repeat others, q <= 0.05"][1]) == len(PARTNERS)


def test_calls_without_a_mark(tmp_path):
    """A channel names tags as plain words after cue words, and gives texts to copy; accounts elsewhere do it."""
    rng = random.Random(4)
    rows, messages, tags = [], [], []
    cover = [words(rng, 1) for _ in range(40)]
    for account in range(120):
        for _ in range(25):
            rows.append((f"user{account}", rng.randrange(20 * 86400), words(rng, 9), rng.choice(cover)))
    for call in range(30):
        second, tag, copy = (call % 19) * 86400 + 10 * 3600 + call // 19 * 7200, words(rng, 2).replace(" ", ""), words(rng, 9)
        tags.append(tag)
        text = f"Everybody, use the hashtag {tag} now" if call % 2 else f"Everybody, comment this now:\n{copy}"
        messages.append({"_": "Message", "id": call + 1, "peer_id": {"_": "PeerChannel", "channel_id": 77}, "message": text, "post": True,
                         "date": (START + datetime.timedelta(seconds=second)).isoformat(), "entities": []})
        for account in range(20):  # of the 120
            if rng.random() < 0.5:
                rows.append((f"user{account}", second + 60 + rng.randrange(3000), words(rng, 9) if call % 2 else copy, tag if call % 2 else rng.choice(cover)))
    start = int(START.timestamp())
    write(tmp_path / "posts.csv", ("account", "time", "text", "post", "hashtag"),
          [(account, start + second, text, f"p{i}", tag) for i, (account, second, text, tag) in enumerate(sorted(rows, key=lambda row: row[1]))])
    (tmp_path / "channel.ndjson").write_text("".join(json.dumps(one) + "\n" for one in messages), encoding="utf-8")
    run("ingest", tmp_path / "case", tmp_path / "channel.ndjson")
    run("ingest", tmp_path / "case", tmp_path / "posts.csv", "--map", MAP)
    run("detect", tmp_path / "case", "--copies", 19)
    run("report", tmp_path / "case", "--findings")
    found = json.loads((tmp_path / "case/runs/0001/findings.json").read_text())["recruitment"]
    things = [one["things"] for one in found["calls"]]
    assert sum(f"hashtag {tag}" in " ".join(things) for tag in tags[1::2]) >= 14
    assert sum("a text to copy" in one for one in things) >= 14
    assert all(one["instruction"] >= 2 for one in found["calls"])
    right = {one["account"] for one in found["responders"]} & {f"other:user{i}" for i in range(20)}
    assert len(right) >= 17 and len(found["responders"]) <= len(right) + 2
    assert found["control_responders"] <= 2 and found["dose"]["posts_per_call"] > 3
