"""test_simulate.py - the command that makes synthetic data, and that the main job can read it."""
import collections
import csv
import datetime
import decimal
import json
import os
import re
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, run

SWARM = ("swarm", "sleepers", "recidivists")
NO_EVASION = {"jitter": 0, "paraphrase": 0, "groups": 1, "sparse": 0}
FILES = {"tiktok-videos.json", "tiktok-posts.ndjson", "tiktok-comments.ndjson", "telegram-result.json"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulate") / "data"
    result = run("simulate", "romania-2024", "--scale", "0.002", "--seed", "7", "-o", folder, "--json").json
    return folder, result


def labels(folder):
    with open(folder / "labels.csv", encoding="utf-8", newline="") as file:
        return {row["account_key"]: row for row in csv.DictReader(file)}


def test_the_folder_has_what_it_says(data):
    folder, result = data
    assert {path.name for path in folder.iterdir()} == FILES | {"labels.csv", "ledger.csv", "case.toml", "README.txt", "truth"}
    assert not [name for name in os.listdir(folder.parent) if "tmp" in name]
    rows = labels(folder)
    assert len(rows) == result["accounts"]
    assert sum(int(row["posts"]) for row in rows.values()) == result["posts"] + result["messages"]
    assert sum(row["label"] == "1" for row in rows.values()) == result["coordinated_accounts"]
    readme = (folder / "README.txt").read_text()
    assert readme.startswith("SYNTHETIC")
    assert all(name in readme for name in FILES)


def test_populations_are_all_there(data):
    folder, _ = data
    populations = {row["population"] for row in labels(folder).values()}
    assert populations == {"organic", "fans", "football", "giveaway", "news", "volunteers", "paid",
                           "sleepers", "swarm", "recidivists", "channel", "supporters", "returners"}


def test_the_swarm_is_comment_first_and_late(data):
    """The mechanisms leave the marks that they are meant to leave."""
    folder, _ = data
    rows = labels(folder)
    swarm = {key for key, row in rows.items() if row["population"] in SWARM}
    counts, before = {"comments": 0, "posts": 0}, 0
    for name, user, author, stamp in (("comments", "user", "unique_id", "create_time"),
                                      ("posts", "author", "uniqueId", "createTime")):
        with open(folder / f"tiktok-{name}.ndjson", encoding="utf-8") as file:
            for line in file:
                item = json.loads(line)["data"]
                if "tiktok:" + item[user][author] in swarm:
                    counts[name] += 1
                    before += int(item[stamp]) < 1731276000  # 11 November, local
    assert counts["comments"] > 20 * counts["posts"] > 0
    assert 0 < before < 0.05 * sum(counts.values())


def test_the_ledger_sums_to_the_cent(data, tmp_path):
    """381,000 dollars at any scale, to paid accounts alone, and the truth says the same."""
    run("simulate", "romania-2024", "--scale", "0.03", "--seed", "8", "-o", tmp_path / "other")
    for folder in (data[0], tmp_path / "other"):
        population, sums, counts = {key: row["population"] for key, row in labels(folder).items()}, collections.Counter(), collections.Counter()
        with open(folder / "ledger.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert population[row["payee"]] == "paid"
                assert decimal.Decimal(row["amount"]) > 0
                assert "2024-10-23T22:00:00Z" <= row["time"] < "2024-11-25" or row["currency"] != "USD"
                sums[row["currency"]] += decimal.Decimal(row["amount"])
                counts[row["currency"]] += 1
        assert sums["USD"] == 381000
        truth = json.loads((folder / "truth" / "truth.json").read_text())["payments"]
        assert {way["currency"]: (decimal.Decimal(way["amount"]), way["payments"]) for way in truth} == {c: (sums[c], counts[c]) for c in sums}


def swarm_comments(folder):
    """The swarm's comments: (clip, time, account, text)."""
    swarm = {key for key, row in labels(folder).items() if row["population"] in SWARM}
    with open(folder / "tiktok-comments.ndjson", encoding="utf-8") as file:
        items = [json.loads(line)["data"] for line in file]
    return sorted((item["aweme_id"], int(item["create_time"]), item["user"]["uid"], item["text"])
                  for item in items if "tiktok:" + item["user"]["unique_id"] in swarm)


def test_evasion_leaves_its_marks(tmp_path):
    """Each way to hide makes the swarm less alike in its own respect, and the data say which it was."""
    what = "romania-2024", "--scale", "0.02", "--seed", "7"
    run("simulate", *what, "-o", tmp_path / "base")
    base = swarm_comments(tmp_path / "base")

    def copied(comments):
        uses = collections.Counter(text for _, _, _, text in comments)
        return sum(uses[text] > 1 for _, _, _, text in comments) / len(comments)

    def prompt(comments):
        return sum(a[0] == b[0] and b[1] - a[1] <= 60 for a, b in zip(comments, comments[1:])) / len(comments)

    def alike(comments):
        """How many accounts there are on average behind a text that more than one wrote."""
        users = collections.defaultdict(set)
        for _, _, account, text in comments:
            users[text].add(account)
        many = [len(accounts) for accounts in users.values() if len(accounts) > 1]
        return sum(many) / len(many)

    for name, measure, most in (("paraphrase", copied, 0.5), ("jitter", prompt, 0.5), ("split", alike, 0.7)):  # sparse: below
        folder = tmp_path / name
        run("simulate", *what, f"--{name}", "1", "-o", folder)
        hidden = swarm_comments(folder)
        assert len(hidden) > 0.7 * len(base)
        assert measure(hidden) < most * measure(base), (name, measure(hidden), measure(base))
        assert f"--{name} 1" in (folder / "README.txt").read_text()
        assert json.loads((folder / "truth" / "truth.json").read_text())["evasion"] != NO_EVASION


def acts_of(folder):
    return sorted(int(row["acts"]) for row in labels(folder).values() if row["population"] in SWARM)


def test_the_volume_is_the_reported_one(tmp_path):
    """Two million comments of 25,000 accounts and those they come back as: 74 to 100 each; some write ten, some two hundred.
    The sparse swarm writes a quarter of that."""
    what = "romania-2024", "--scale", "0.05", "--seed", "3"
    run("simulate", *what, "-o", tmp_path / "base")
    run("simulate", *what, "--sparse", "1", "-o", tmp_path / "sparse")
    acts, sparse = acts_of(tmp_path / "base"), acts_of(tmp_path / "sparse")
    assert 0.85 * 100000 < sum(acts) < 1.15 * 100000
    assert acts[len(acts) // 10] < 15 and acts[len(acts) * 9 // 10] > 150
    assert sum(count == 0 for count in acts) < 0.03 * len(acts)
    assert 15 < sum(sparse) / len(sparse) < 30
    truth = json.loads((tmp_path / "base" / "truth" / "truth.json").read_text())
    assert truth["evasion"] == NO_EVASION
    # Who was first seen on the last two days writes as many as the others.
    first, comments = {}, collections.Counter()
    for _, time_s, account, _ in swarm_comments(tmp_path / "base"):
        first[account] = min(first.get(account, time_s), time_s)
        comments[account] += 1
    late = [comments[account] for account in first if first[account] >= 1732312800]
    assert len(late) > 20 and 40 < sum(late) / len(late) < 120


def test_who_is_taken_down_comes_back_as_another(data):
    """The truth names both; the one is silent afterwards, the other was not there before and is new."""
    folder, _ = data
    rows, times = labels(folder), collections.defaultdict(list)
    for kind, user, author, stamp in (("comments", "user", "unique_id", "create_time"), ("posts", "author", "uniqueId", "createTime")):
        with open(folder / f"tiktok-{kind}.ndjson", encoding="utf-8") as file:
            for line in file:
                item = json.loads(line)["data"]
                times[item[user][author]].append(int(item[stamp]))
    returns = json.loads((folder / "truth" / "truth.json").read_text())["recidivists"]
    assert len(returns) >= 6
    for one in returns:
        down, back = (datetime.datetime.fromisoformat(one[name].replace("Z", "+00:00")).timestamp() for name in ("taken_down", "returned"))
        assert down < back and rows["tiktok:" + one["before"]]["population"] == "swarm"
        assert all(t <= down for t in times[one["before"]]) and all(t >= int(back) for t in times[one["account"]])
    assert any(times[one["account"]] for one in returns) and any(times[one["before"]] for one in returns)


def test_people_come_back_for_the_vote_and_others_any_day(tmp_path):
    """Old accounts, silent before: most are there again around the vote, some on any day, and some of those stay."""
    run("simulate", "romania-2024", "--scale", "0.02", "--seed", "9", "-o", tmp_path / "data")
    rows, days = labels(tmp_path / "data"), collections.defaultdict(set)
    for kind, user, author, stamp in (("comments", "user", "unique_id", "create_time"), ("posts", "author", "uniqueId", "createTime")):
        with open(tmp_path / "data" / f"tiktok-{kind}.ndjson", encoding="utf-8") as file:
            for line in file:
                item = json.loads(line)["data"]
                key = "tiktok:" + item[user][author]
                if rows[key]["population"] == "returners":
                    days[key].add((int(item[stamp]) - 1730066400) // 86400)
                    assert kind == "comments" or int(item[user]["createTime"]) < 1640995200
    back = [min(those) for those in days.values()]
    assert len(back) > 200 and all(rows[key]["label"] == "0" for key in days)
    assert 0.55 < sum(day >= 25 for day in back) / len(back) < 0.8
    assert len({day for day in back if day < 25}) > 15
    assert sum(len(those) > 3 for those in days.values()) > 15


def test_batches_have_handles_of_one_shape(tmp_path):
    """Of those registered on one of four days after the channel opened most have one shape; of everybody a sixth has it."""
    run("simulate", "romania-2024", "--scale", "0.2", "--seed", "4", "-o", tmp_path / "data")
    rows, batches, everybody = labels(tmp_path / "data"), collections.defaultdict(dict), {}
    with open(tmp_path / "data" / "tiktok-posts.ndjson", encoding="utf-8") as file:
        for line in file:
            author = json.loads(line)["data"]["author"]
            shape = re.sub("[a-z]+", "a", re.sub("[0-9]", "0", author["uniqueId"]))
            if rows["tiktok:" + author["uniqueId"]]["population"] == "swarm" and author["createTime"] > 1718000000:
                batches[author["createTime"] // 86400][author["uniqueId"]] = shape
            elif rows["tiktok:" + author["uniqueId"]]["label"] == "0":
                everybody[author["uniqueId"]] = shape
    usual = collections.Counter(everybody.values())
    large = [list(shapes.values()) for shapes in batches.values() if len(shapes) >= 12]
    assert large
    for shapes in large:
        shape, count = collections.Counter(shapes).most_common(1)[0]
        assert count > 0.4 * len(shapes) and 0.05 < usual[shape] / len(everybody) < 0.3


def test_how_many_registered_after_the_channel_can_be_chosen(data, tmp_path):
    """One report has 1,057, another 157: either can be planted, and the truth says which."""
    for asked, accounts in ((None, 53), (157, 8)):
        folder = tmp_path / str(asked)
        run("simulate", "romania-2024", "--scale", "0.05", "--seed", "3", *(["--registered", asked] if asked else []), "-o", folder)
        truth = json.loads((folder / "truth" / "truth.json").read_text())["registered_after_channel"]
        assert (truth["reported"], truth["accounts"], len(truth["days"])) == (asked or 1057, accounts, 4)
        days, rows, late = {day[:10] for day in truth["days"]}, labels(folder), set()
        with open(folder / "tiktok-comments.ndjson", encoding="utf-8") as file:
            for line in file:
                user = json.loads(line)["data"]["user"]
                made = datetime.datetime.fromtimestamp(int(user["uid"]) >> 32, datetime.timezone.utc).isoformat()
                if rows["tiktok:" + user["unique_id"]]["population"] == "swarm" and made > "2024-06-10":
                    assert made[:10] in days
                    late.add(user["uid"])
        assert 0.8 * accounts <= len(late) <= accounts
        assert (f"--registered {asked}" in (folder / "README.txt").read_text()) == bool(asked)


def test_calls_hand_out_clips_that_come_back_edited(data):
    """Every call for videos carries a file; the videos that answer it are of about its length, others of any."""
    folder, _ = data
    calls = json.loads((folder / "truth" / "truth.json").read_text())["calls"]
    handed = [call for call in calls if call["kind"] == "post"]
    messages = json.loads((folder / "telegram-result.json").read_text())["messages"]
    files = [message for message in messages if message.get("media_type") == "video_file"]
    assert handed and all(("media" in call) == (call["kind"] == "post") for call in calls)
    assert [(one["file_name"], one["duration_seconds"]) for one in files] == [(call["media"]["file_name"], call["media"]["duration_seconds"]) for call in handed]
    rows, near, far, ids = labels(folder), 0, 0, set()
    with open(folder / "tiktok-posts.ndjson", encoding="utf-8") as file:
        for line in file:
            item = json.loads(line)["data"]
            assert item["video"]["id"] == item["id"] and item["id"] not in ids and 7 <= item["video"]["duration"] <= 64
            ids.add(item["id"])
            if rows["tiktok:" + item["author"]["uniqueId"]]["population"] not in SWARM:
                continue
            tags = {one["title"] for one in item["challenges"]}
            for call in handed:
                called = datetime.datetime.fromisoformat(call["time"].replace("Z", "+00:00")).timestamp()
                if call["media"]["sound"] == item["music"]["id"] and tags >= set(call["tags"]) and 0 < int(item["createTime"]) - called < 3600:
                    away = item["video"]["duration"] - call["media"]["duration_seconds"]
                    near, far = near + (-3 <= away <= 4), far + (not -3 <= away <= 4)
    assert near >= 10 and far <= 0.1 * near  # another call may have the same sound and tags within the hour


def test_the_edit_takes_the_older_tags_place(data):
    """From 18 November on the swarm uses a tag that differs from the older one by one syllable."""
    folder, _ = data
    truth = json.loads((folder / "truth" / "truth.json").read_text())
    edit = truth["tag_edit"]
    assert [edit["from"], edit["to"]] == truth["campaign_tags"][:2] and edit["time"].startswith("2024-11-17T22")
    assert sum(a != b for a, b in zip(edit["from"], edit["to"])) <= 3 and edit["from"] != edit["to"]
    change = 1731880800
    uses = collections.Counter((tag, time_s >= change + 43200) for _, time_s, _, text in swarm_comments(folder)
                               if not change <= time_s < change + 43200 for tag in (edit["from"], edit["to"]) if "#" + tag in text)
    assert uses[edit["from"], False] > 20 and uses[edit["to"], True] > 20
    assert uses[edit["to"], False] == 0 and uses[edit["from"], True] < 0.1 * uses[edit["to"], True]


def test_seed_and_threads(data, tmp_path):
    folder, _ = data
    run("simulate", "romania-2024", "--scale", "0.002", "--seed", "7", "--threads", "3", "-o", tmp_path / "again")
    for name in FILES | {"labels.csv", "ledger.csv"}:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("arguments", [
    [], ["romania-2024"], ["-o", "x"], ["nowhere", "-o", "x"], ["romania-2024", "-o", "x", "--scale", "0"],
    ["romania-2024", "-o", "x", "--scale", "much"], ["romania-2024", "-o", "x", "--split", "1.5"],
    ["romania-2024", "-o", "x", "--sparse", "2"],
    ["romania-2024", "-o", "x", "--registered", "0"], ["romania-2024", "-o", "x", "--registered", "30000"],
    ["romania-2024", "-o", "x", "--jitter", "-1"], ["romania-2024", "-o", "x", "--seed", "-1"],
    ["romania-2024", "-o", "x", "--frobnicate", "1"], ["romania-2024", "romania-2024", "-o", "x"],
    ["romania-2024", "-o"],
])
def test_wrong_usage_is_2(arguments, tmp_path):
    assert run("simulate", *arguments, code=2, cwd=tmp_path).err
    assert not list(tmp_path.iterdir())


def test_a_folder_in_use_is_not_touched(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine").write_text("mine")
    assert "not empty" in run("simulate", "romania-2024", "-o", tmp_path / "data", code=2).err
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["mine"]


def test_ctrl_c_leaves_nothing(tmp_path):
    process = subprocess.Popen([COMMAND, "simulate", "romania-2024", "--scale", "1", "-o", tmp_path / "data"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not list(tmp_path.iterdir())


def test_the_main_job_reads_it_whole(data, tmp_path):
    folder, result = data
    counts = run("ingest", tmp_path / "case", *sorted(folder.glob("*.ndjson")), *sorted(folder.glob("*.json")),
                 "--json").json
    assert counts["rejects"] == 0 and counts["duplicates"] == 0
    assert counts["posts"] == result["posts"] + result["messages"]
    assert counts["accounts"] == result["accounts"]


def test_the_settings_beside_the_data_find_whom_the_money_serves(tmp_path):
    """case.toml knows what is public; with it the money goes to whom the comments beneath the paid clips name."""
    result = run("simulate", "romania-2024", "--scale", "0.005", "--seed", "2024", "-o", tmp_path / "data")
    assert all(f"data/{name}" in result.out for name in ("case.toml", "*.ndjson", "*.json", "ledger.csv"))
    settings = (tmp_path / "data" / "case.toml").read_text()
    truth = json.loads((tmp_path / "data" / "truth" / "truth.json").read_text())
    assert truth["tag_edit"]["to"] not in settings and not any(key.split(":")[1] in settings for key in labels(tmp_path / "data"))
    case = tmp_path / "case"
    case.mkdir()
    (case / "case.toml").write_text(settings)
    files = [*(tmp_path / "data").glob("*.ndjson"), *(tmp_path / "data").glob("*.json"), tmp_path / "data" / "ledger.csv"]
    run("investigate", *files, "-o", case)
    found = json.loads((case / "runs" / "0001" / "findings.json").read_text())["promotion"]
    named = {one["beneficiary"]: one for one in found["named_beneath"]}
    candidate = named["Candidate S (synthetic)"]
    assert candidate["posts_naming"] == 0 and candidate["p_value"] < 0.01 and candidate["answered_other"] > 20
    assert 10 * candidate["naming_other"] < candidate["naming_promoted"]
    assert not named["List 7 (synthetic)"]["naming_promoted"]
    serves = [one for one in found["ledger"]["sums"] if one["by"] == "beneficiary" and one["name"]]
    assert {one["name"] for one in serves} == {"Candidate S (synthetic)"}
    assert all(check["agrees"] for check in found["ledger"]["checks"]) and found["ledger"]["converted_to"] == "USD"
