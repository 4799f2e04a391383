"""conftest.py - what the whole-program tests share: the command, the real data, synthetic files."""
import json
import os
import pathlib
import random
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ.get("LOCKSTEP_SOURCE", pathlib.Path(__file__).parent.parent))
COMMAND = os.environ.get("LOCKSTEP", str(SOURCE / "build" / "lockstep"))
DATA = pathlib.Path(os.environ.get("LOCKSTEP_DATA", SOURCE.parent / "shared"))


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


def run(*arguments, code=0, timeout=600, cwd=None):
    """Runs the command; the exit code must be `code`, or None: any."""
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout, cwd=cwd)
    assert code is None or done.returncode == code, f"exit {done.returncode}, not {code}: {done.stderr}\n{done.stdout[:2000]}"
    return Result(done)


def real(name):
    """A file of the real data, or the test is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {name}: LOCKSTEP_DATA is not there")
    return path


def plant(path, seed=1, accounts=300, posts=3000, group=8, acts=12, days=7):
    """Writes a synthetic CSV (account,time,text,post,hashtag) of accounts that post invented
    words at random times, and a group that posts the same words within seconds. Returns the
    group's account names."""
    rng = random.Random(seed)
    syllables = ["ba", "do", "ki", "lu", "me", "no", "pa", "ri", "so", "tu"]
    words = ["".join(rng.choice(syllables) for _ in range(3)) for _ in range(400)]
    start, rows = 1730000000, []
    for _ in range(posts):
        text = " ".join(rng.choice(words) for _ in range(8))
        tag = rng.choice(words[:30])
        rows.append((f"user{rng.randrange(accounts)}", start + rng.randrange(days * 86400), text, tag))
    members = [f"planted{i}" for i in range(group)]
    for act in range(acts):
        at = start + rng.randrange(days * 86400)
        text = " ".join(rng.choice(words) for _ in range(8))
        for member in members:
            if rng.random() < 0.8:
                rows.append((member, at + rng.randrange(40), text, rng.choice(words[:30])))
    for member in members:
        for _ in range(10):
            rows.append((member, start + rng.randrange(days * 86400),
                         " ".join(rng.choice(words) for _ in range(8)), rng.choice(words[:30])))
    rows.sort(key=lambda row: row[1])
    with open(path, "w", encoding="utf-8") as out:
        out.write("account,time,text,post,hashtag\n")
        for number, (account, at, text, tag) in enumerate(rows):
            out.write(f"{account},{at},{text},p{number},{tag}\n")
    return members


MAP = "account=account,time=time,text=text,post=post,hashtag=hashtag"
