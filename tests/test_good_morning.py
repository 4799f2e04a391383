"""test_good_morning.py - a ready-made text that thousands share is no evidence by itself.

Synthetic worlds in which every morning a crowd posts near variants of a greeting, each its own: a word put in, an
emoji, capitals, accents left out. The words are invented. Through near-text objects, the test of pairs and the
test of groups nothing may come of it; a few accounts that copy texts of their own with the same
edits are found in the same world."""
import json
import random

import pytest
from conftest import MAP, run

SYLLABLES = ["ba", "d\u0103", "ki", "lu", "me", "no", "pa", "ri", "so", "tu", "ve", "\u021bi", "co", "fi"]
EMOJI = ["\U0001f31e", "\u2615", "\U0001f338", "\U0001f64f", "\u2764\ufe0f"]
START, DAY, MORNING = 1730000000 // 86400 * 86400, 86400, 7 * 3600


def vocabulary(rng, count):
    return ["".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))) for _ in range(count)]


def variant(rng, words, text):
    """What each does to a text that is passed on: never the same writing twice, J stays above 0.8."""
    out = list(text)
    if rng.random() < 0.6:
        out.insert(rng.randrange(len(out) + 1), rng.choice(words))
    elif rng.random() < 0.5:
        out.pop(rng.randrange(len(out)))
    line = " ".join(out)
    if rng.random() < 0.3:
        line = line.replace("\u0103", "a").replace("\u021b", "t")
    if rng.random() < 0.7:
        line += " " + "".join(rng.choice(EMOJI) for _ in range(rng.randint(1, 3)))
    return line


def world(path, cards, accounts=1500, days=10, planted=0, acts=6, seed=5, others_from=2 * MORNING, others_span=8 * 3600):
    """Writes the file. cards: of how many greetings each account picks one a morning. Other posts come in
    the afternoon, so that whoever posts in the morning greets, or when they are told to."""
    rng = random.Random(seed)
    words = vocabulary(rng, 3000)
    greetings = [rng.sample(words, 16) for _ in range(cards)]
    rows = []
    keen = [rng.random() for _ in range(accounts)]
    for account in range(accounts):
        for day in range(days):
            if rng.random() < keen[account]:
                at = START + day * DAY + MORNING + int(rng.gauss(2 * 3600, 3600))
                rows.append((f"user{account}", at, variant(rng, words, rng.choice(greetings))))
            for _ in range(rng.randrange(2)):
                text = " ".join(rng.choice(words) for _ in range(rng.randint(6, 20)))
                rows.append((f"user{account}", START + day * DAY + others_from + rng.randrange(others_span), text))
    members = [f"planted{i}" for i in range(planted)]
    for _ in range(acts if planted else 0):
        at = START + rng.randrange(days) * DAY + MORNING + rng.randrange(4 * 3600)
        text = rng.sample(words, 16)
        for member in members:
            if rng.random() < 0.8:
                rows.append((member, at + rng.randrange(300), variant(rng, words, text)))
    for member in members:  # they greet in the morning like everybody
        for day in range(days):
            rows.append((member, START + day * DAY + MORNING + int(rng.gauss(2 * 3600, 3600)),
                         variant(rng, words, rng.choice(greetings))))
    rows.sort(key=lambda row: row[1])
    with open(path, "w", encoding="utf-8") as out:
        out.write("account,time,text,post,hashtag\n")
        for number, (account, at, text) in enumerate(rows):
            out.write(f"{account},{at},{text},p{number},\n")
    return members


def found(folder, data):
    """The members of each finding."""
    run("investigate", data, "-o", folder, "--map", MAP, "--quiet", "--json")
    findings = json.loads((folder / "runs" / "0001" / "findings.json").read_text())
    return [sorted(member["account"] for member in finding["members"]) for finding in findings["findings"]], findings


def test_greetings_are_near_texts(tmp_path):
    """Or the other tests would test nothing: the crowd's greeting is one cluster of many writings."""
    data = tmp_path / "world.csv"
    world(data, cards=1)
    result = run("neartext", "--input", data, "--map", MAP, "--json", "--quiet").json
    largest = result["largest"][0]
    assert largest["texts"] > 4000
    assert largest["variants"] > 2000


def test_one_greeting_of_a_crowd_is_no_finding(tmp_path):
    world(tmp_path / "world.csv", cards=1)
    groups, _ = found(tmp_path / "case", tmp_path / "world.csv")
    assert groups == []


@pytest.mark.parametrize("cards", [10, 40])
def test_many_greetings_of_a_crowd_are_no_finding(tmp_path, cards):
    """Ready-made cards, none of them so common that it would be left out for that alone."""
    world(tmp_path / "world.csv", cards=cards, seed=6)
    groups, _ = found(tmp_path / "case", tmp_path / "world.csv")
    assert groups == []


@pytest.mark.parametrize("cards,seed", [(10, 1), (10, 4), (40, 2)])
def test_greetings_beside_other_posts_are_no_finding(tmp_path, cards, seed):
    """Some greet every morning while others write of other things in the same hours: an interest that no single
    text shows. The accounts must stand out one by one, and against their own other mornings."""
    world(tmp_path / "world.csv", cards=cards, seed=seed, others_from=MORNING, others_span=5 * 3600)
    groups, _ = found(tmp_path / "case", tmp_path / "world.csv")
    assert groups == []


def test_copies_of_rare_texts_are_found_among_greetings(tmp_path):
    members = world(tmp_path / "world.csv", cards=10, planted=8, seed=7)
    groups, findings = found(tmp_path / "case", tmp_path / "world.csv")
    assert len(groups) == 1
    prefixed = {name.split(":", 1)[-1] for name in groups[0]}
    assert len(prefixed & set(members)) >= 7
    assert len(prefixed - set(members)) <= 1
    assert "near_text" in json.dumps(findings)
