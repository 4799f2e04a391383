"""test_signals.py - sleepers, calls and popularity by the command alone, on synthetic data whose truth is known."""
import csv
import json

import pytest

from conftest import run

SWARM = ("swarm", "sleepers", "recidivists")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sleepers")
    run("simulate", "romania-2024", "--scale", "0.01", "--seed", "11", "-o", folder / "data")
    files = sorted((folder / "data").glob("*.ndjson")) + sorted((folder / "data").glob("*.json"))
    summary = run("investigate", *files, "-o", folder / "case", "--json").json
    with open(folder / "data" / "labels.csv", encoding="utf-8", newline="") as file:
        labels = {row["account_key"]: row for row in csv.DictReader(file)}
    findings = json.loads((folder / "case" / "runs" / "0001" / "findings.json").read_text())
    return folder / "case", summary, findings, labels


@pytest.fixture(scope="module")
def simulated_with_topic(simulated, tmp_path_factory):
    """The same data with its ledger, and a case.toml that names the topic and the day of the vote."""
    data, labels = simulated[0].parent / "data", simulated[3]
    case = tmp_path_factory.mktemp("topic") / "case"
    truth = json.loads((data / "truth" / "truth.json").read_text())
    files = sorted(data.glob("*.ndjson")) + sorted(data.glob("*.json")) + [data / "ledger.csv"]
    accounts = run("ingest", case, *files, "--json").json["accounts"]
    (case / "case.toml").write_text(
        "[topic]\nterms = [\"mipmip\"]\ntags = " + json.dumps(truth["campaign_tags"]) + "\n"
        '[[beneficiary]]\nname = "Somebody"\nnames = ["gimgim"]\n[[date]]\nname = "vote"\nday = 2024-11-24\n')
    run("detect", case)
    run("report", case, "--findings")
    findings = json.loads((case / "runs" / "0001" / "findings.json").read_text())
    return case, findings, labels, truth, accounts


def test_who_woke_is_of_the_swarm(simulated):
    _, summary, findings, labels = simulated
    life = findings["lifecycle"]
    populations = [labels[one["account"]]["population"] for one in life["awakenings"]]
    asleep = sum(name in SWARM for name in populations)
    assert asleep >= 60  # of 258, half of which wake too late or do too little
    assert asleep >= 0.95 * len(populations)  # q 0.05
    for one in life["awakenings"]:  # a session of posts is one act
        assert one["acts_before"] + one["acts_after"] <= int(labels[one["account"]]["posts"])
    assert summary["lifecycle"]["awakenings"] == life["awakenings_total"] == len(populations)
    assert summary["lifecycle"]["cohorts"] == len(life["cohorts"])


def test_the_common_morning_is_a_cohort(simulated):
    """The truth: 45 % of the swarm and all sleepers wake on 11 November."""
    life = simulated[2]["lifecycle"]
    cohort = life["cohorts"][0]
    assert cohort["of"] == "awakening" and cohort["p_value"] <= 0.01
    assert cohort["first"] >= "2024-11-10" and cohort["last"] < "2024-11-14"
    inside = [one for one in life["awakenings"] if one["woke_cohort"] == 0]
    assert len(inside) == cohort["accounts"] > 5 * cohort["expected"]


def test_explain_says_when(simulated):
    case, _, findings, _ = simulated
    one = next(one for one in findings["lifecycle"]["awakenings"] if one["woke_cohort"] is not None)
    text = run("explain", case, one["account"]).out
    assert f"Woke up {one['woke']}" in text and "woke with" in text
    assert run("explain", case, one["account"], "--json").json["woke"] == one["woke"]


def test_popularity_with_and_without(simulated):
    """The truth: six campaign tags, which next to nobody but the swarm and its supporters use."""
    case, _, findings, labels = simulated
    truth = json.loads((case.parent / "data" / "truth" / "truth.json").read_text())
    tags = [one for one in findings["popularity"] if one["kind"] == "hashtag"]
    assert set(truth["campaign_tags"]) & {one["object"] for one in tags}
    members = {member["account"] for finding in findings["findings"] for member in finding["members"]}
    for one in findings["popularity"]:
        assert one["all"]["accounts"] >= one["without_high"]["accounts"] >= one["without_moderate"]["accounts"] >= one["without_members"]["accounts"]
        assert one["all"]["accounts"] - one["without_members"]["accounts"] <= len(members)
        posts, theirs = ([int(n) for n in one[name].split()] for name in ("series_posts", "series_members"))
        assert sum(posts) == one["all"]["posts"] and sum(theirs) == one["all"]["posts"] - one["without_members"]["posts"]
        assert all(t <= n for t, n in zip(theirs, posts))
    pushed = next(one for one in tags if one["object"] in truth["campaign_tags"])
    assert pushed["without_members"]["rank"] > pushed["all"]["rank"]
    assert "2024-11-10" <= pushed["change"] < "2024-11-25" and pushed["rate_ratio"] > 2


def test_reach_and_platforms(simulated):
    for one in simulated[2]["popularity"]:
        if one["all"]["views"] is not None:
            views, theirs = ([int(n) for n in one[name].split()] for name in ("series_views", "series_views_members"))
            assert sum(views) == one["all"]["views"] and sum(theirs) == one["all"]["views"] - one["without_members"]["views"]
        first, theirs = ([int(n) for n in one[name].split()] for name in ("series_accounts", "series_accounts_members"))
        assert sum(first) == one["all"]["accounts"] and sum(theirs) == one["all"]["accounts"] - one["without_members"]["accounts"]
        assert sum(on["posts"] for on in one["platforms"]) == one["all"]["posts"]
        assert sum(on["accounts_without_members"] for on in one["platforms"]) == one["without_members"]["accounts"]
        assert one["first_hour_answers"] is None or one["first_hour_answers"] >= one["first_hour_answers_of_members"]


def test_the_first_hour_by_the_files_alone(simulated):
    """Comments carry their time and what they answer: counted anew from the raw lines for every campaign tag."""
    case, _, findings, _ = simulated
    data, posts = case.parent / "data", {}
    for one in json.loads((data / "tiktok-videos.json").read_text())["data"]["videos"]:
        posts[str(one["id"])] = (one["create_time"], one["username"], one["video_description"].split())
    for line in (data / "tiktok-posts.ndjson").read_text().splitlines():
        one = json.loads(line)["data"]
        posts[one["id"]] = (int(one["createTime"]), one["author"]["uniqueId"], one["desc"].split())
    comments = [json.loads(line)["data"] for line in (data / "tiktok-comments.ndjson").read_text().splitlines()]
    members = {member["account"] for finding in findings["findings"] for member in finding["members"]}
    tags = json.loads((data / "truth" / "truth.json").read_text())["campaign_tags"]
    found = {one["object"]: one for one in findings["popularity"] if one["kind"] == "hashtag" and one["object"] in tags}
    assert len(found) >= 5
    for tag, one in found.items():
        fresh = [comment["user"]["unique_id"] for comment in comments if comment["aweme_id"] in posts
                 for time_s, author, words in [posts[comment["aweme_id"]]]
                 if author != comment["user"]["unique_id"] and 0 <= comment["create_time"] - time_s <= 3600
                 and ("#" + tag in words or "#" + tag in comment["text"].split())]
        assert one["first_hour_answers"] == len(fresh) > 0
        assert one["first_hour_answers_of_members"] == sum("tiktok:" + account in members for account in fresh)
    # Under fresh posts the swarm brings its tags nearly alone; under the paid clips, which others name, people comment.
    paid = found.pop(tags[0])
    assert paid["first_hour_answers_of_members"] < 0.5 * paid["first_hour_answers"]
    assert sum(one["first_hour_answers_of_members"] for one in found.values()) > 0.6 * sum(one["first_hour_answers"] for one in found.values())


def test_the_tag_that_was_taken_over(simulated_with_topic):
    """The truth: tag 0 was paid for and used by supporters; the swarm takes it over on 11 November."""
    case, findings, labels, truth, _ = simulated_with_topic
    things = {one["object"]: one for one in findings["lineage"]["things"] if one["kind"] == "hashtag"}
    taken = {name for name, one in things.items() if one["taken_over"]}
    assert truth["campaign_tags"][0] in taken
    assert taken <= set(truth["campaign_tags"])  # no innocent tag
    one = things[truth["campaign_tags"][0]]
    assert one["told_apart_by"] == "company" and one["later"]["known_as"] == findings["findings"][0]["id"]
    assert "2024-11-10" <= one["change"] < "2024-11-14"
    assert one["share_before"] < 0.3 and one["share_after"] > 0.7 and one["q_order"] <= 0.05
    assert one["third"]["known_as"] == "paid" and one["third"]["accounts"] == 6  # never merged
    for name in ("earlier", "later", "third", "unknown"):
        assert sum(int(n) for n in one[name]["series"].split()) == one[name]["posts"]
    assert sum(one[name]["accounts"] for name in ("earlier", "later", "third", "unknown")) == one["accounts"]
    first = one["first_accounts"][0]
    assert labels[first["account"]]["population"] not in SWARM
    why = run("explain", case, "#" + one["object"].upper()).out
    assert "Taken over from 2024-11-1" in why and "(paid)" in why
    assert run("explain", case, "#" + one["object"], "--json").json["taken_over"] is True
    assert f"User number 1 of hashtag {one['object']}" in run("explain", case, first["account"]).out


def test_the_topic_before_and_after(simulated_with_topic):
    """Awakened accounts turn to the campaign's tags; a day of interest is left out."""
    life = simulated_with_topic[1]["lifecycle"]
    topic = life["topic"]
    assert topic["topic_after"] / topic["acts_after"] > 5 * topic["topic_before"] / max(1, topic["acts_before"]) + 0.2
    assert life["date_posts_left_out"] > 1000 and life["only_around_dates"] > 10
    assert len(life["awakenings"]) >= 50
    labels = simulated_with_topic[2]
    right = sum(labels[one["account"]]["population"] in SWARM for one in life["awakenings"])
    assert right >= 0.95 * len(life["awakenings"])
    for one in life["awakenings"]:
        assert one["woke"] < "2024-11-23T12"
        assert one["topic_after"] <= one["acts_after"] and one["topic_log10_p"] <= 0
    ages = life["ages"]
    assert ages["field"] > 0 and sum(ages.values()) == simulated_with_topic[4]


def test_names_of_the_case_are_counted(simulated_with_topic):
    names = {one["object"]: one for one in simulated_with_topic[1]["popularity"] if one["kind"] == "name"}
    assert set(names) == {"Somebody", "mipmip"}
    assert names["mipmip"]["all"]["posts"] > 20 and names["Somebody"]["all"]["posts"] > 20


def test_who_answers_calls_is_of_the_swarm(simulated):
    case, summary, findings, labels = simulated
    answers = findings["recruitment"]
    populations = [labels[one["account"]]["population"] for one in answers["responders"]]
    right = sum(name in SWARM for name in populations)
    assert right >= 60 and right >= 0.95 * len(populations)
    assert summary["recruitment"] == {"calls": answers["calls_total"], "responders": len(populations)}
    assert answers["controls"] == 5 and answers["control_responders"] <= 2
    assert 900 < answers["lag_quartiles_seconds"][1] < 1900  # the truth: 22 minutes
    profile = [int(n) for n in answers["profile_responders"].split()]
    assert sum(profile[24:]) > 5 * sum(profile[:24])
    truth = json.loads((case.parent / "data" / "truth" / "truth.json").read_text())
    assert {call["time"][:19] for call in answers["calls"]} <= {call["time"][:19] for call in truth["calls"]}
    one = answers["responders"][0]
    assert f"Answered {one['answered']} calls" in run("explain", case, one["account"]).out


def test_who_swarms_is_of_the_swarm(simulated):
    """The truth: comment answers that copy, under clips of strangers; three bursts within seconds under paid clips."""
    case, summary, findings, labels = simulated
    swarm = findings["swarm"]
    populations = [labels[one["account"]]["population"] for one in swarm["accounts"]]
    right = sum(name in SWARM for name in populations)
    assert right >= 80 and right >= 0.95 * len(populations)  # of 258; q 0.05
    assert summary["swarm"] == {"accounts": len(populations), "floods": swarm["floods_total"]}
    bursts = [flood for flood in swarm["floods"] if flood["burst"]]
    seconds = [flood for flood in bursts if labels[flood["author"]]["population"] == "paid" and flood["burst"]["copiers"] >= 20]
    assert seconds  # 7 s apart on average
    for flood in seconds:
        assert flood["q_value"] < 1e-6 and flood["burst"]["copiers"] >= 2 * flood["burst"]["others"]
    assert all(flood["repeaters"] >= flood["copiers"] / 2 for flood in bursts)  # others' posts are no floods
    assert swarm["followers_median"] <= 4
    assert swarm["clusters"][0]["accounts"] >= 60 and swarm["clusters"][0]["log10_p"] <= -2
    one = swarm["accounts"][0]
    assert f"posts of {one['copied']} authors, of {one['authors']}" in run("explain", case, one["account"]).out
    assert run("explain", case, one["account"], "--json").json["authors_copied_under"] == one["copied"]


def test_without_texts_copies_cannot_be_seen(simulated):
    case = simulated[0]
    run("detect", case, "--only", "hashtag", "--copies", "19")
    run("report", case, "--findings")
    swarm = json.loads((case / "runs" / "0002" / "findings.json").read_text())["swarm"]
    assert swarm["not_observable"] == "texts were left out of this run" and not swarm["accounts"]


def test_without_a_channel_nothing_is_called(tmp_path):
    run("simulate", "romania-2024", "--scale", "0.001", "--seed", "3", "-o", tmp_path / "data")
    run("investigate", *sorted((tmp_path / "data").glob("*.ndjson")), "-o", tmp_path / "case")
    answers = json.loads((tmp_path / "case" / "runs" / "0001" / "findings.json").read_text())["recruitment"]
    assert answers["not_observable"] and not answers["responders"] and not answers["calls"]
