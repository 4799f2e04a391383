"""test_holds.py - retention orders of a case, by the command alone."""
import os

import pytest

from conftest import run


def holds(case, *more):
    return {hold["id"]: hold for hold in run("hold", "list", case, *more, "--json").json["holds"]}


def entries(case):
    """How many entries the case's log has signed."""
    return int((case / "vault" / "checkpoint").read_text(encoding="utf-8").splitlines()[1])


def write(path, rows):
    """A CSV of (account, seconds, text, post)."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("account,time,text,post\n")
        for account, at, text, post in rows:
            out.write(f"{account},{at},{text},{post}\n")
    return path


MAP4 = "account=account,time=time,text=text,post=post"
DAY = 86400
START = 1730000000  # 27 October 2024


@pytest.fixture()
def case(tmp_path):
    write(tmp_path / "posts.csv",
          [(f"a{i % 7}", START + i * 3600, "verticality now" if i % 5 == 0 else "nothing of it", f"p{i}")
           for i in range(200)])
    run("ingest", tmp_path / "case", tmp_path / "posts.csv", "--map", MAP4)
    return tmp_path / "case"


@pytest.fixture()
def approvers(case, tmp_path):
    """Two enrolled approvers' key files."""
    files = [tmp_path / "ana.pem", tmp_path / "radu.pem"]
    for file in files:
        run("key", "new", file, "--no-passphrase")
    run("key", "enrol", case, files[0].with_suffix(".vkey"))
    order = tmp_path / "enrol.json"
    run("key", "enrol", case, files[1].with_suffix(".vkey"), "--order", order)
    run("key", "sign", order, "--key", files[0])
    run("key", "enrol", case, files[1].with_suffix(".vkey"), "--order", order)
    return files


def issue(case, *scope, code=0):
    return run("hold", "issue", case, "--authority", "An Authority", "--basis", "Article 72", *scope, code=code)


def test_what_a_hold_covers_is_counted(case, tmp_path):
    (tmp_path / "order.txt").write_text("keep it", encoding="utf-8")
    issue(case, "--document", tmp_path / "order.txt", "--start", "2024-10-20")
    issue(case, "--account", "other:a0,a1")  # a key, and a handle-like name
    issue(case, "--term", "VERTICALITY", "--kinds", "posts")
    issue(case, "--from", "2024-10-28", "--to", "2024-10-28")
    issue(case, "--platform", "tiktok")
    rows = [(f"a{i % 7}", START + i * 3600, i % 5 == 0) for i in range(200)]
    day = 1730073600  # 28 October
    wanted = {
        "H1": (200, 7, 1),
        "H2": (sum(account in ("a0", "a1") for account, _, _ in rows), 2, 1),
        "H3": (sum(term for _, _, term in rows), 0, 0),
        "H4": (sum(day <= at < day + DAY for _, at, _ in rows), 7, 1),
        "H5": (0, 0, 0),
    }
    there = holds(case)
    for name, (posts, accounts, files) in wanted.items():
        now = there[name]["holds_now"]
        assert (now["posts"], now["accounts"], now["files"]) == (posts, accounts, files), name
    assert there["H1"]["dated"] == "2024-10-20T00:00:00Z" and len(there["H1"]["document_sha256"]) == 64
    assert there["H2"]["scope"]["accounts"] == ["other:a0", "other:a1"]
    text = run("hold", "list", case, "H4").out
    assert "H4  stands since" in text and "H1" not in text
    assert "no hold" in run("hold", "list", case, "H9", code=4).err


def test_the_log_names_nobody(case, tmp_path):
    (tmp_path / "order.txt").write_text("keep it", encoding="utf-8")
    issue(case, "--account", "other:a0", "--term", "verticality", "--document", tmp_path / "order.txt")
    public = b"".join(path.read_bytes() for folder in ("tile", "journal")
                      for path in (case / "vault" / folder).rglob("*") if path.is_file())
    for secret in (b"An Authority", b"Article 72", b"other:a0", b"verticality", b"order.txt"):
        assert secret not in public
    assert b'"action":"issue"' in public and b'"accounts":1' in public
    hidden = b"".join(path.read_bytes() for path in (case / "vault" / "disclosures").iterdir())
    assert hidden and oct((case / "vault").stat().st_mode)[-3:] == "700"


def test_widening_takes_one_key_and_narrowing_two(case, approvers, tmp_path):
    issue(case, "--account", "other:a0", "--from", "2024-10-28")
    run("hold", "amend", case, "H1", "--account", "other:a0,other:a1", "--from", "all")
    assert holds(case)["H1"]["version"] == 2
    before = entries(case)
    for keys in ([], approvers[:1], [approvers[0], approvers[0]]):
        said = run("hold", "amend", case, "H1", "--account", "other:a0",
                   *[word for key in keys for word in ("--approve", key)], code=2).err
        assert "two keys" in said and "--propose" in said
        assert "two keys" in run("hold", "release", case, "H1",
                                 *[word for key in keys for word in ("--approve", key)], code=2).err
    assert entries(case) == before
    run("key", "new", tmp_path / "stranger.pem", "--no-passphrase")
    assert "enrolled" in run("hold", "release", case, "H1", "--approve", approvers[0], "--approve",
                             tmp_path / "stranger.pem", code=2).err
    run("hold", "amend", case, "H1", "--account", "other:a0", "--approve", approvers[0], "--approve", approvers[1])
    assert holds(case)["H1"]["scope"]["accounts"] == ["other:a0"]
    run("hold", "release", case, "H1", "--approve", approvers[0], "--approve", approvers[1])
    assert not holds(case)["H1"]["stands"]
    assert "released already" in run("hold", "amend", case, "H1", "--account", "all", code=2).err


def test_two_people_on_two_machines(case, approvers, tmp_path):
    issue(case)
    order = tmp_path / "release.json"
    before = entries(case)
    run("hold", "release", case, "H1", "--reason", "withdrawn", "--propose", order)
    assert entries(case) == before and holds(case)["H1"]["stands"]
    run("hold", "release", case, "H1", "--approved", order, code=4)  # nobody signed
    run("key", "sign", order, "--key", approvers[0])
    assert "two keys" in run("hold", "release", case, "H1", "--approved", order, code=2).err
    run("key", "sign", order, "--key", approvers[1])
    # Signed for one hold and one version, it is good for no other.
    issue(case)
    assert "something else" in run("hold", "release", case, "H2", "--approved", order, code=2).err
    assert "something else" in run("hold", "amend", case, "H1", "--approved", order, code=2).err
    changed = order.read_text(encoding="utf-8").replace("withdrawn", "whatever!")
    (tmp_path / "changed.json").write_text(changed, encoding="utf-8")
    os.rename(str(order) + ".approval", tmp_path / "changed.json.approval")
    assert run("hold", "release", case, "H1", "--approved", tmp_path / "changed.json", code=3).err
    os.rename(tmp_path / "changed.json.approval", str(order) + ".approval")
    run("hold", "release", case, "H1", "--approved", order)
    assert not holds(case)["H1"]["stands"] and holds(case)["H2"]["stands"]
    run("hold", "release", case, "H1", "--approved", order, code=2)


def test_a_hold_whose_values_are_lost_covers_everything(case, approvers):
    issue(case, "--account", "other:a0", "--kinds", "posts")
    run("hold", "release", case, "H1", "--approve", approvers[0], "--approve", approvers[1])
    issue(case, "--account", "other:a1")
    for path in (case / "vault" / "disclosures").iterdir():
        path.unlink()
    answer = run("hold", "list", case, "--json").json
    first, second = answer["holds"]
    # Nobody can show who approved the release, so it stands; and it covers every account.
    assert first["stands"] and first["holds_now"]["posts"] == 200
    assert second["holds_now"]["posts"] == 200 and "accounts" in second["not_disclosed"]
    assert "two keys" in answer["remarks"][0]
    text = run("hold", "list", case).out
    assert "covers every one" in text and "note:" in text


def test_bad_orders_are_refused(case, tmp_path):
    for arguments, code, said in (
            (["--authority", "X"], 2, "legal basis"),
            (["--authority", "X", "--basis", "Y", "--kinds", "posts,tweets"], 2, "tweets"),
            (["--authority", "X", "--basis", "Y", "--from", "yesterday"], 2, "yesterday"),
            (["--authority", "X", "--basis", "Y", "--from", "2024-11-25", "--to", "2024-11-24"], 2, "ends before"),
            (["--authority", "X", "--basis", "Y", "--account", "nobody"], 4, "nobody"),
            (["--authority", "X", "--basis", "Y", "--accounts", tmp_path / "none.txt"], 1, "cannot be read"),
            (["--authority", "X", "--basis", "Y", "--document", tmp_path / "none.pdf"], 1, "none.pdf"),
            (["--authority", "X", "--basis", "Y", "--color", "red"], 2, "--color")):
        assert said in run("hold", "issue", case, *arguments, code=code).err
    assert holds(case) == {}
    assert "no case" in run("hold", "list", tmp_path / "nowhere", code=4).err
    assert not (tmp_path / "nowhere").exists()
    issue(case, "--id", "EC-1")
    assert "already" in issue(case, "--id", "EC-1", code=2).err


def test_many_accounts_from_a_file(case, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("other:a0\r\n\n" + "".join(f"tiktok:{i}\n" for i in range(20000)), encoding="utf-8")
    issue(case, "--accounts", names)
    hold = holds(case)["H1"]
    assert len(hold["scope"]["accounts"]) == 20001 and hold["holds_now"]["accounts"] == 1


def test_an_attestation_is_signed_and_checked(case, tmp_path):
    issue(case, "--account", "other:a0,other:a1")
    note = tmp_path / "note.txt"
    said = run("hold", "attest", case, "H1", "--output", note, "--json").json
    assert (said["posts"], said["accounts"], said["files"]) == (58, 2, 1)
    assert said["bytes"] == (tmp_path / "posts.csv").stat().st_size
    assert said["note"] == note.read_text(encoding="utf-8")
    checked = run("hold", "attest", case, "--check", note, "--json").json
    assert checked["holds"] and checked["now"]["posts"] == 58
    # What comes in later, and a wider scope, do not touch what was attested.
    write(tmp_path / "more.csv", [("a0", START + 77, "more", "q1"), ("a1", START, "again", "p0")])
    run("ingest", case, tmp_path / "more.csv", "--map", MAP4)
    run("hold", "amend", case, "H1", "--account", "all")
    assert "All that was attested is here" in run("hold", "attest", case, "--check", note).out
    again = run("hold", "attest", case, "H1", "--json").json
    assert again["posts"] == 201 and again["root"] != said["root"]
    # Two attestations of the same things have roots that cannot be joined.
    assert run("hold", "attest", case, "H1", "--json").json["root"] != again["root"]
    for changed in (note.read_text(encoding="utf-8").replace("posts 58", "posts 57"),
                    note.read_text(encoding="utf-8").replace("hold H1", "hold H2"), "nothing\n"):
        (tmp_path / "changed.txt").write_text(changed, encoding="utf-8")
        run("hold", "attest", case, "--check", tmp_path / "changed.txt", code=3)


def test_an_attestation_notices_what_is_gone(case, tmp_path):
    issue(case)
    note = tmp_path / "note.txt"
    run("hold", "attest", case, "H1", "--output", note)
    store = tmp_path / "kept.duckdb"
    store.write_bytes((case / "store.duckdb").read_bytes())
    other = tmp_path / "other"
    run("ingest", other, write(tmp_path / "o.csv", [("a0", START, "x", "p0")]), "--map", MAP4)
    (case / "store.duckdb").write_bytes((other / "store.duckdb").read_bytes())
    said = run("hold", "attest", case, "--check", note, "--json", code=6).json
    assert not said["holds"] and said["now"]["posts"] < said["attested"]["posts"]
    assert said["missing"] == 200 + 6 + 1  # all but an account: no post lies where it lay
    assert "207 of what was attested are not here" in run("hold", "attest", case, "--check", note, code=6).out
    (case / "store.duckdb").write_bytes(store.read_bytes())
    run("hold", "attest", case, "--check", note)
    run("hold", "attest", other, "--check", note, code=3)  # not this case's
