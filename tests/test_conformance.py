"""test_conformance.py - the numbers of CooRTweet and coordination-network-toolkit, exactly."""
import csv
import io
import subprocess

import pytest

from conftest import real, run


def zstd_rows(path):
    text = subprocess.run(["zstd", "-dc", path], capture_output=True, text=True, check=True).stdout
    return list(csv.DictReader(io.StringIO(text)))


def coortweet(names, window, *options):
    inputs = [part for name in names for part in ("--input", real(f"conformance/{name}.csv.zst"))]
    return run("coaction", *inputs, "--window", f"{window}s", "--compat", "coortweet",
               "--min-participation", 2, "--edge-weight", 0.5, "--json", *options).json


@pytest.mark.parametrize("name, window, pairs, nodes, edges, weight_max, over", [
    ("de_url", 30, 5658, 506, 1453, 251, (238, 661)),
    ("de_url", 60, 6760, 616, 1772, 254, (284, 792)),
    ("de_img", 30, 2131, 214, 337, 44, (68, 113)),
    ("de_img", 60, 2458, 287, 455, 44, (110, 164)),
    ("de_tag", 30, 3703, 314, 506, 42, None),
    ("de_fburl", 60, 6288, 503, 1645, 254, (None, 754)),
])
def test_coortweet(name, window, pairs, nodes, edges, weight_max, over):
    found = coortweet([name], window)
    assert (found["pairs"], found["nodes"], found["edges"], found["weight_max"]) == (
        pairs, nodes, edges, weight_max)
    assert found["rejects"] == 0
    if over:
        assert found["over_threshold"]["edges"] == over[1]
        assert over[0] in (None, found["over_threshold"]["nodes"])
    if name == "de_url":
        assert found["threshold"] == 2


def test_coortweet_fast_network():
    found = coortweet(["de_fburl"], 60, "--fast-window", "10s")
    assert found["over_threshold"]["edges"] == 754
    assert found["fast"]["pairs"] == 4380
    assert found["fast"]["edges"] == 983
    assert found["fast"]["over_threshold"]["edges"] == 464


def test_coortweet_every_edge(tmp_path):
    """Row by row against what CooRTweet wrote; the order of an edge's ends is free."""
    wanted = zstd_rows(real("conformance/coortweet_de_url_60_edges.csv.zst"))
    coortweet(["de_url"], 60, "--edges", tmp_path / "edges.csv")
    with open(tmp_path / "edges.csv", newline="") as file:
        found = {frozenset((row["from"], row["to"])): row for row in csv.DictReader(file)}
    assert len(found) == len(wanted) == 1772
    for row in wanted:
        edge = found[frozenset((row["from"], row["to"]))]
        for column in ("weight", "n_content_id", "n_content_id_y", "weight_threshold"):
            assert edge[column] == row[column], (column, row, edge)
        for column in ("avg_time_delta", "edge_symmetry_score"):
            assert float(edge[column]) == pytest.approx(float(row[column]), rel=1e-12), column


def test_coortweet_two_kinds_of_objects(tmp_path):
    """Each input is detected by itself; the pairs of both make one network."""
    found = coortweet(["de_url", "de_img"], 30, "--edges", tmp_path / "edges.csv")
    assert (found["pairs"], found["nodes"], found["edges"], found["weight_max"]) == (
        7789, 671, 1732, 251)
    assert found["over_threshold"] == {"nodes": 298, "edges": 771, "weight_sum": 6432}
    with open(tmp_path / "edges.csv", newline="") as file:
        joins = [row for row in csv.DictReader(file) if row["from"][:3] != row["to"][:3]]
    assert len(joins) == 5


def test_coortweet_pieces_of_one_input(tmp_path):
    rows = zstd_rows(real("conformance/de_img.csv.zst"))
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for number, path in enumerate(paths):
        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows[number::2])
    found = run("coaction", "--input", paths[0], "--input", paths[1], "--merge-inputs", "--window",
                "30s", "--compat", "coortweet", "--json").json
    assert (found["pairs"], found["nodes"], found["edges"]) == (2131, 214, 337)


def cnt(name, window, network, *options):
    return run("coaction", "--input", real(f"conformance/{name}"), "--window", f"{window}s",
               "--compat", "cnt", "--network", network, "--min-weight", 1, "--json", *options).json


def test_zipf_both_ways():
    found = cnt("zipf100k.csv.zst", 60, "co_retweet")
    assert (found["directed_edges"], found["weight_sum"], found["weight_max"]) == (1016, 1016, 1)
    same = run("coaction", "--input", real("conformance/zipf100k.csv.zst"), "--window", "60s",
               "--compat", "coortweet", "--min-participation", 1, "--json").json
    assert same["edges"] == found["undirected_pairs"] == 508
    assert same["nodes"] == found["nodes"]
    own = run("coaction", "--input", real("conformance/zipf100k.csv.zst"), "--chance", "any", "--json").json
    assert (own["edges"], own["nodes"]) == (same["edges"], same["nodes"])


LOOPS = {("uid0", "uid0"): 2}
NEAR = {("uid4", "uid5"): 1, ("uid5", "uid4"): 1}
TEN = {("uid10", "uid10"): 2, ("uid2", "uid3"): 1, ("uid3", "uid2"): 1}
FAR = {("uid0", "uid1"): 2, ("uid1", "uid0"): 1, ("uid4", "uid5"): 2, ("uid5", "uid4"): 2}


@pytest.mark.parametrize("window, edges", [
    (1, {**LOOPS, **NEAR}),
    (10, {**LOOPS, **NEAR, **TEN}),
    (59, {**LOOPS, **TEN, **FAR}),
    (60, {**LOOPS, **TEN, **FAR}),
    (61, {**LOOPS, **TEN, **FAR, ("uid2", "uid3"): 2, ("uid3", "uid2"): 2}),
])
def test_cnt_windows_and_loops(tmp_path, window, edges):
    name = "cnt_coretweet_test_input.csv"
    found = cnt(name, window, "co_retweet", "--loops", "--edges", tmp_path / "edges.csv")
    with open(tmp_path / "edges.csv", newline="") as file:
        rows = {(row["user_1"], row["user_2"]): int(row["weight"]) for row in csv.DictReader(file)}
    loops = sum(a == b for a, b in edges)
    assert rows == edges
    assert found["directed_edges"] == len(edges)
    assert found["weight_sum"] == sum(edges.values())
    assert found["weight_max"] == max(edges.values())
    assert found["self_loops"] == loops
    assert found["undirected_pairs"] == (len(edges) - loops) / 2
    assert found["nodes"] == len({user for edge in edges for user in edge})
    without = cnt(name, window, "co_retweet")
    assert without["directed_edges"] == len(edges) - loops
    assert without["self_loops"] == loops
    # Each direction reaches the least weight by itself.
    heavy = run("coaction", "--input", real(f"conformance/{name}"), "--window", f"{window}s",
                "--compat", "cnt", "--network", "co_retweet", "--min-weight", 2, "--json").json
    assert heavy["directed_edges"] == sum(w >= 2 and a != b for (a, b), w in edges.items())


@pytest.mark.parametrize("network, edges, weight, options", [
    ("co_retweet", 16, 17, []),
    ("co_tweet", 8, 8, []),
    ("co_reply", 10, 10, []),
    ("co_link", 82, 335, ["--cnt-raw-urls"]),
    ("co_similar", 18, 22, []),
    ("co_post", 90, 900, []),
])
def test_cnt_networks(network, edges, weight, options):
    found = cnt("cnt_sample_data.csv", 60, network, *options)
    assert (found["directed_edges"], found["weight_sum"]) == (edges, weight)


def test_cnt_links_read_rightly():
    """The text of an empty list is no link, and a list of two is two links."""
    rows = list(csv.DictReader(open(real("conformance/cnt_sample_data.csv"), encoding="utf-8-sig")))
    originals = [row for row in rows if not row["repost_id"]]
    assert sum(row["urls"] == "[]" for row in originals) == 28
    links = [{part.strip(" '[]") for part in row["urls"].split(",")} - {""} for row in originals]
    met = {}
    for x, x_links in zip(originals, links):
        for y, y_links in zip(originals, links):
            gap = abs(float(x["timestamp"]) - float(y["timestamp"]))
            if x["user_id"] != y["user_id"] and x_links & y_links and gap <= 60:
                met.setdefault((x["user_id"], y["user_id"]), set()).add(x["message_id"])
    found = cnt("cnt_sample_data.csv", 60, "co_link")
    assert found["directed_edges"] == len(met)
    assert found["weight_sum"] == sum(map(len, met.values()))


@pytest.mark.parametrize("window, edges", [(60, 2), (3600, 38)])
def test_cnt_similar_texts(window, edges):
    found = cnt("text20k.csv.zst", window, "co_similar")
    assert (found["directed_edges"], found["weight_sum"]) == (edges, edges)


def test_one_and_many_threads_write_the_same_edges(tmp_path):
    path = real("conformance/de_url.csv.zst")
    for threads in (1, 3):
        run("coaction", "--input", path, "--window", "10m", "--threads", threads, "--edges",
            tmp_path / f"{threads}.csv", "--chance", "any", "--json")
    one = (tmp_path / "1.csv").read_bytes()
    assert one == (tmp_path / "3.csv").read_bytes()
    assert one.count(b"\n") > 1000
