"""test_real_data.py - counts of the real files, each compared with a count made here from the raw bytes.

Skipped, and counted as skipped, where LOCKSTEP_DATA is not there. No text and no handle is printed."""
import csv
import io
import json
import subprocess

from conftest import real, run

csv.field_size_limit(1 << 30)


def content(path):
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
    return path.read_bytes()


def rows(path):
    return list(csv.reader(io.StringIO(content(path).decode("utf-8"), newline="")))


def ingest(tmp_path, path, *options, code=0):
    return run("ingest", tmp_path / "case", path, "--json", *options, code=code)


def test_ira_rows_and_exact_duplicates(tmp_path):
    path = real("data/ira_2016h2_dev.csv.zst")
    table = rows(path)[1:]
    result = ingest(tmp_path, path).json
    assert result["posts"] == len(set(map(tuple, table)))
    assert result["duplicates"] == len(table) - result["posts"]
    assert result["accounts"] == len({row[0] for row in table})
    assert result["rejects"] == 0


def test_labelled_mix(tmp_path):
    path = real("data/mix_feb2015.ndjson.zst")
    lines = [json.loads(line) for line in content(path).decode().split("\n") if line]
    result = ingest(tmp_path, path, "--map",
                    "account=account,time=t,text=text,post=post_id,platform=platform,language=lang").json
    assert result["posts"] == len(lines)
    assert result["accounts"] == len({line["account"] for line in lines})


def test_telethon_messages(tmp_path):
    path = real("data/telegram_pump_dev.ndjson.zst")
    lines = [json.loads(line) for line in content(path).decode().split("\n") if line]
    service = sum(line["_"] == "MessageService" for line in lines)
    result = ingest(tmp_path, path).json
    assert result["posts"] + result["duplicates"] + result["ignored"] + result["rejects"] == len(lines)
    assert result["ignored"] >= service and result["rejects"] == 0


def test_telegram_desktop(tmp_path):
    path = real("data/telegram_desktop_style_1310500575.json")
    messages = json.loads(content(path))["messages"]
    result = ingest(tmp_path, path).json
    assert result["posts"] == sum(message["type"] == "message" for message in messages)
    assert result["ignored"] == sum(message["type"] != "message" for message in messages)


def test_tiktok_research_table(tmp_path):
    path = real("data/tiktok_coordinated_us2024_dev.csv")
    result = ingest(tmp_path, path).json
    assert result["posts"] == len(rows(path)) - 1
    assert result["accounts"] == len({row[1] for row in rows(path)[1:]})


def test_german_election(tmp_path):
    path = real("data/coortweet_german_elections.csv.zst")
    result = ingest(tmp_path, path).json
    table = rows(path)
    assert result["posts"] + result["duplicates"] + result["ignored"] + result["rejects"] == len(table) - 1
    # Every object of every row, wherever the row stands: (post, column, value).
    columns = {i for i, name in enumerate(table[0]) if name in ("url_id", "hashtag_id", "domain_id", "phash_id")}
    post = table[0].index("post_id")
    assert result["actions"] == len({(row[post], i, row[i]) for row in table[1:] for i in columns if row[i]})


def test_malformed_unicode(tmp_path):
    path = real("data/malformed/ira_odd_unicode.csv")
    table = rows(path)
    columns = [i for i, name in enumerate(table[0]) if name != "why"]
    result = ingest(tmp_path, path).json
    distinct = len({tuple(row) for row in table[1:]})
    assert result["posts"] + result["duplicates"] == len(table) - 1
    assert result["posts"] == distinct and len(columns) == 16 and result["rejects"] == 0


def test_malformed_telegram(tmp_path):
    path = real("data/malformed/telegram_odd.ndjson")
    lines = [json.loads(line) for line in content(path).decode().split("\n") if line]
    result = ingest(tmp_path, path).json
    assert result["posts"] + result["duplicates"] + result["ignored"] + result["rejects"] == len(lines)
    assert result["ignored"] == sum(line["_"] == "MessageService" for line in lines)


def test_ids_in_scientific_notation_are_lost(tmp_path):
    path = real("data/malformed/tweets_cp1252_embedded_newlines_sci_ids.csv")
    err = ingest(tmp_path, path, code=3).err
    table = list(csv.reader(io.StringIO(content(path).decode("cp1252"), newline="")))
    assert f"{len(table) - 1} of {len(table) - 1}" in err and "scientific notation" in err
    assert not (tmp_path / "case").exists()
    # One may look all the same, and then finds every row among the rejects.
    result = ingest(tmp_path, path, "--max-rejects", "1").json
    assert result["posts"] == 0 and result["rejects"] == len(table) - 1


def test_tables_of_tiktok_by_a_mapping(tmp_path):
    """The two commands of docs/formats.md: what is read is what the tables hold, under the platform's keys."""
    for name, delimiter, account, post, more in (
            ("tiktok_eu2024_search.csv.zst", ",", "creator", "video_id", "time=create_time,text=description"),
            ("tiktok_nepal_sample150_semicolon.csv", ";", "author_username", "id",
             "time=video_time_created,text=video_description,hashtag=video_hashtags,sound=video_music_id")):
        path = real(f"data/{name}")
        table = list(csv.DictReader(io.StringIO(content(path).decode("utf-8"), newline=""), delimiter=delimiter))
        err = ingest(tmp_path, path, code=3).err
        assert all(f" {column}," in err for column in (account, post))
        result = run("ingest", tmp_path / name, path, "--json", "--map", f"platform==tiktok,account={account},post={post},{more}").json
        assert result["rejects"] == 0 and result["posts"] == len({row[post] for row in table})
        assert result["accounts"] == len({row[account] for row in table})
        assert result["duplicates"] == len(table) - result["posts"]
        row = table[0]
        assert f"tiktok:{row[account]}" in run("explain", tmp_path / name, f"post:tiktok:{row[post]}").out


def test_ads_without_accounts_are_refused(tmp_path):
    path = real("data/malformed/fb_ads_bad_amounts.csv")
    assert "--map" in ingest(tmp_path, path, code=3).err
    err = ingest(tmp_path, path, "--map", "account=Ad ID,time=Ad Creation Date,text=Ad Text", code=3).err
    assert "time" in err
    assert not (tmp_path / "case").exists()


def test_pictures_and_folders_are_refused(tmp_path):
    path = real("data/perceptual_hash/aaa-orig.jpg")
    assert "JPEG" in ingest(tmp_path, path, code=3).err
    assert ingest(tmp_path, path.parent, code=3).err
    assert not (tmp_path / "case").exists()
