"""test_feeds.py - Mastodon's statuses and 4CAT's exports, made here, through the whole command: the planted
group of one and the same world is found from each, under the keys that the platform gives.

No sample of these formats lies among the real data, so the fields are those of the documented ones."""
import csv
import datetime
import html
import json

import pytest

from conftest import plant, run

SERVERS = ("one.example", "two.example")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feeds")
    members = plant(folder / "posts.csv")
    with open(folder / "posts.csv", encoding="utf-8", newline="") as file:
        return folder, members, list(csv.DictReader(file))


def moment(row):
    return datetime.datetime.fromtimestamp(int(row["time"]), datetime.timezone.utc)


def server_of(account):
    return SERVERS[sum(account.encode()) % 2]


def status(row, number, seen_from):
    """A status as the server `seen_from` sends it: names of its own accounts stand alone, of others with their server."""
    home = server_of(row["account"])
    name = row["account"] if home == seen_from else f"{row['account']}@{home}"
    return {"id": str(number), "uri": f"https://{home}/users/{row['account']}/statuses/{row['post']}",
            "created_at": moment(row).strftime("%Y-%m-%dT%H:%M:%S.000Z"), "language": "en", "visibility": "public",
            "in_reply_to_id": None, "spoiler_text": "", "content": f"<p>{html.escape(row['text'])}</p>",
            "tags": [{"name": row["hashtag"], "url": f"https://{home}/tags/{row['hashtag']}"}], "mentions": [],
            "replies_count": 0, "reblogs_count": 0, "favourites_count": 0, "reblog": None,
            "account": {"id": str(sum(row["account"].encode())), "username": row["account"], "acct": name,
                        "url": f"https://{home}/@{row['account']}", "display_name": "", "note": "",
                        "created_at": "2022-11-05T00:00:00.000Z", "followers_count": 1, "following_count": 1, "statuses_count": 1}}


def found(result):
    return set(result["findings"][0]["members"])


def check(result, rows, keys):
    assert result["posts"] == len(rows) and result["rejects"] == 0
    assert keys <= found(result) and len(found(result)) <= len(keys) * 3 // 2
    assert len(result["findings"]) <= 2


def test_mastodon_from_two_servers(world):
    """Each server sends what it knows, most of it both: one post each, one account each."""
    folder, members, rows = world
    for which, server in enumerate(SERVERS):
        seen = [row for number, row in enumerate(rows) if number % 5 != which]
        statuses = [status(row, 10 * number + which, server) for number, row in enumerate(seen)]
        text = json.dumps(statuses) if which == 0 else "".join(json.dumps(one) + "\n" for one in statuses)
        (folder / f"{server}.json").write_text(text, encoding="utf-8")
    result = run("investigate", *(folder / f"{server}.json" for server in SERVERS), "-o", folder / "mastodon", "--copies", "39", "--json").json
    check(result, rows, {f"mastodon:{name}@{server_of(name)}" for name in members})
    assert result["accounts"] == len({row["account"] for row in rows})
    assert result["duplicates"] == len(rows) - len(rows[::5]) - len(rows[1::5])


def fourcat_rows(rows):
    for row in rows:
        number = row["post"][1:]
        yield {"id": number, "thread_id": number, "timestamp": moment(row).strftime("%Y-%m-%d %H:%M:%S"), "unix_timestamp": row["time"],
               "link": f"https://x.com/{row['account']}/status/{number}", "subject": "", "body": row["text"], "author": row["account"],
               "author_fullname": row["account"].title(), "author_id": str(1000 + sum(row["account"].encode()) * 7919 % 10**9) + row["account"][-3:].encode().hex(),
               "author_followers": "5", "source": "", "language_guess": "en", "possibly_sensitive": "no", "retweet_count": "0",
               "reply_count": "0", "like_count": "0", "quote_count": "0", "is_retweet": "no", "is_quote_tweet": "no", "is_reply": "no",
               "hashtags": row["hashtag"], "urls": "", "images": "", "mentions": ""}


@pytest.mark.parametrize("name", ["4cat.csv", "4cat.ndjson"])
def test_4cat(world, name):
    folder, members, rows = world
    table = list(fourcat_rows(rows))
    ids = {row["author"]: row["author_id"] for row in table}
    assert len(set(ids.values())) == len(ids)
    with open(folder / name, "w", encoding="utf-8", newline="") as file:
        if name.endswith("csv"):
            writer = csv.DictWriter(file, table[0], quoting=csv.QUOTE_MINIMAL)
            writer.writeheader()
            writer.writerows(table)
        else:
            file.writelines(json.dumps(row) + "\n" for row in table)
    result = run("investigate", folder / name, "-o", folder / f"case-{name}", "--copies", "39", "--json").json
    check(result, rows, {f"twitter:{ids[member]}" for member in members})
    assert result["accounts"] == len(ids)
