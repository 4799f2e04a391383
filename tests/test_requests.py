"""test_requests.py - the register of requests, its clock, and the answers, by the command alone."""
import json

import pytest

from conftest import run

ASK = ("--authority", "An Authority", "--basis", "dsa-67")


def receive(case, *more, received="2024-12-05 18:00 Europe/Bucharest", due="24h", code=0):
    return run("request", "receive", case, *ASK, "--received", received, "--due", due, *more, code=code)


def status(case, *more, code=0):
    return run("request", "status", case, "--json", *more, code=code).json


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    return folder


def test_received_and_due(case):
    result = receive(case, "--question", "How many?", "--question", "Who paid?")
    assert "Request R1 is received" in result.out
    assert "Due 2024-12-06 18:00 Europe/Bucharest" in result.out
    entry = status(case, "--at", "2024-12-05 20:00 Europe/Bucharest")[0]
    assert entry["received"] == "2024-12-05T16:00:00Z" and entry["due"] == "2024-12-06T16:00:00Z"
    assert entry["state"] == "open" and entry["left_seconds"] == 22 * 3600
    assert [q["text"] for q in entry["questions"]] == ["How many?", "Who paid?"]
    assert entry["open_questions"] == 2


def test_the_clock_warns_and_tells_what_is_overdue(case):
    receive(case, "--question", "How many?")
    at = lambda time, *more, code=0: status(case, "--at", f"2024-12-06 {time} Europe/Bucharest", *more, code=code)[0]
    assert at("11:00")["state"] == "open"
    assert at("14:00")["state"] == "due soon"
    assert at("14:00", "--warn", "3h")["left_seconds"] == 4 * 3600
    at("14:00", "--warn", "6h", code=7)
    assert at("18:00")["state"] == "due soon"
    late = at("18:01", code=7)
    assert late["state"] == "overdue" and late["left_seconds"] == -60
    text = run("request", "status", case, "--at", "2024-12-06 20:05 Europe/Bucharest", code=7).out
    assert "2 h 5 min over" in text


@pytest.mark.parametrize("written,instant,word", [
    ("2024-12-02 18:00 Europe/Bucharest", "2024-12-02T16:00:00Z", None),
    ("2024-06-02 18:00 Europe/Bucharest", "2024-06-02T15:00:00Z", None),
    ("2024-12-02 18:00+02:00", "2024-12-02T16:00:00Z", None),
    ("2024-12-02T16:00:00Z", "2024-12-02T16:00:00Z", None),
    # there twice, and never: both are told, and the earlier is taken
    ("2024-10-27 03:30 Europe/Bucharest", "2024-10-27T00:30:00Z", "set back"),
    ("2025-03-30 03:30 Europe/Bucharest", "2025-03-30T00:30:00Z", "set forward"),
])
def test_due_times_and_changes_of_clocks(case, written, instant, word):
    result = receive(case, "--question", "How many?", received="2024-01-01T00:00:00Z", due=written)
    assert status(case, "--at", "2024-01-01T00:00:00Z")[0]["due"] == instant
    assert (word in result.err) if word else not result.err


def test_24_hours_over_a_change_of_clocks_are_24_hours(case):
    result = receive(case, "--question", "How many?", received="2024-10-26 18:00 Europe/Bucharest")
    assert "Due 2024-10-27 17:00 Europe/Bucharest" in result.out


@pytest.mark.parametrize("due", ["2024-12-06 18:00", "2024-12-06 Europe/Bucharest", "soon",
                                 "2024-12-06 18:00 Europe/Atlantis", "2024-12-04 18:00 Europe/Bucharest"])
def test_due_times_that_are_refused(case, due):
    receive(case, "--question", "How many?", due=due, code=2)
    assert status(case) == []


def test_a_request_is_not_received_in_days_to_come(case):
    assert "still to come" in receive(case, "--question", "How many?", received="2099-01-01T00:00:00Z", code=2).err
    assert status(case) == []


def test_what_a_request_must_say(case):
    receive(case, code=2)
    run("request", "receive", case, "--authority", "A", "--basis", "other", "--question", "Q", "--due", "24h", code=2)
    run("request", "receive", case, "--authority", "A", "--basis", "dsa-99", "--question", "Q", "--due", "24h", code=2)
    receive(case, "--question", "Q", "--id", "../R", code=2)
    receive(case, "--question", "Q", "--from", "2024-12-02", "--to", "2024-12-01", code=2)
    receive(case, "--question", "Q", "--kinds", "posts,files", code=2)
    receive(case, "--question", "Q", "--id", "EC-1")
    receive(case, "--question", "Q", "--id", "EC-1", code=2)
    run("request", "status", case, "R7", code=4)
    run("request", "status", case / "none", code=4)


def test_replies_and_their_reasons(case):
    receive(case, "--question", "How many?", "--question", "Who paid?")
    run("request", "reply", case, "R1", "--question", 1, "--answer", "27", "--records", "posts", "--finding", "F1")
    run("request", "reply", case, "R1", "--question", 2, "--missing", "no ledger")
    run("request", "reply", case, "R1", "--question", 3, "--missing", "x", code=2)
    run("request", "reply", case, "R1", "--question", 1, code=2)
    run("request", "reply", case, "R2", "--question", 1, "--answer", "x", code=4)
    run("request", "reply", case, "R1", "--question", 1, "--answer", "x", "--file", "../../etc/passwd", code=2)
    questions = status(case, code=7)[0]["questions"]
    assert questions[0]["answer"] == "27" and questions[0]["findings"] == ["F1"]
    assert questions[1]["missing"] == "no ledger" and questions[1]["answer"] is None


def test_questions_from_a_file_and_the_document(case, tmp_path):
    (tmp_path / "q.txt").write_text("One?\n\nTwo?\r\n", encoding="utf-8")
    (tmp_path / "order.pdf").write_bytes(b"the order")
    receive(case, "--questions", tmp_path / "q.txt", "--document", tmp_path / "order.pdf")
    entry = status(case, code=7)[0]
    assert [q["text"] for q in entry["questions"]] == ["One?", "Two?"]
    import hashlib
    assert entry["document_sha256"] == hashlib.sha256(b"the order").hexdigest()


def test_the_log_holds_no_personal_word_in_the_clear(case):
    receive(case, "--question", "What of Jane Roe?", "--account", "tiktok:janeroe", "--term", "janeterm")
    run("request", "reply", case, "R1", "--question", 1, "--answer", "nothing of Jane")
    for path in (case / "vault" / "tile").rglob("*"):
        if path.is_file():
            bytes_ = path.read_bytes().lower()
            assert b"jane" not in bytes_ and b"authority" not in bytes_, path
