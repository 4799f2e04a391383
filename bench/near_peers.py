#!/usr/bin/env python3
"""near_peers.py - near-duplicate text beside datasketch, rensa, DuckDB and brute force, on the same texts.

    bench/near_peers.py [--quick]     all sets (quick: 20,000 texts each)

Every program is a process of its own: CPU seconds (user and system), the peak of its memory, and the pairs
that it names are compared with brute force on 20,000 texts. Peers get the texts in two ways: `sets`, the
shingles ready as numbers and each distinct text once, so that only their own work is counted; and `text`,
the file, from which their user cuts shingles in Python. lockstep always starts from the file or from
bytes in memory. Real texts lie under LOCKSTEP_DATA (default ../shared); without them those sets are
skipped. Prints numbers only."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("LOCKSTEP_DATA", ROOT.parent / "shared"))
BENCH = ROOT / "build" / "bench" / "near_bench"
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))
THRESHOLD, PERMUTATIONS = 0.8, 128


# ---- contenders: run in the peers' own python ----

def load(base):
    import numpy
    hashes = numpy.fromfile(base + ".hashes", dtype=numpy.uint64)
    offsets = numpy.fromfile(base + ".offsets", dtype=numpy.uint64)
    return hashes, offsets


def sets_of_text(path):
    """What a user writes: NFKC, case folded, words and pairs of neighbours, each distinct text once."""
    import csv
    import re
    import unicodedata
    csv.field_size_limit(1 << 30)
    word = re.compile(r"\w+")
    link = re.compile(r"https?://\S+")
    seen, sets = set(), []
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(line.replace("\0", "") for line in file):
            text = row.get("message", row.get("content")) or ""
            words = word.findall(link.sub("", unicodedata.normalize("NFKC", text).casefold()))
            tokens = set(words)
            tokens.update(f"{one} {two}" for one, two in zip(words, words[1:]))
            key = frozenset(tokens)
            if tokens and key not in seen:
                seen.add(key)
                sets.append(list(tokens))
    return sets


def sets_of_numbers(hashes, offsets):
    hashes, offsets = hashes.tolist(), offsets.tolist()
    return [hashes[a:b] for a, b in zip(offsets, offsets[1:])]


def verified(pairs, sets):
    """Exact Jaccard of the candidates."""
    cache, kept = {}, []

    def as_set(i):
        if i not in cache:
            cache[i] = frozenset(sets[i])
        return cache[i]

    for a, b in pairs:
        x, y = as_set(a), as_set(b)
        shared = len(x & y)
        if shared >= THRESHOLD * (len(x) + len(y) - shared):
            kept.append((a, b))
    return kept


def datasketch_pairs(sets, ready, bands):
    """Bands 0: its own choice for the threshold, which aims at as many false pairs as missed ones."""
    from datasketch import MinHash, MinHashLSH
    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS,
                     params=(bands, PERMUTATIONS // bands) if bands else None)
    if ready:  # numbers already: their low 32 bits serve as the hash
        hashes = MinHash.bulk(sets, num_perm=PERMUTATIONS, hashfunc=lambda number: number & 0xffffffff)
    else:
        hashes = MinHash.bulk(([token.encode() for token in tokens] for tokens in sets), num_perm=PERMUTATIONS)
    pairs = []
    for i, one in enumerate(hashes):
        pairs.extend((other, i) for other in lsh.query(one))
        lsh.insert(i, one)
    return pairs


def rensa_pairs(sets, ready, bands):
    import rensa
    if ready:
        sets = [[number.to_bytes(8, "little") for number in numbers] for numbers in sets]
    hashes = rensa.RMinHash.from_token_sets(sets, PERMUTATIONS, 42)
    lsh = rensa.RMinHashLSH(THRESHOLD, PERMUTATIONS, bands)
    lsh.insert_many(hashes)
    return [(a, b) for a, found in enumerate(lsh.query_all(hashes)) for b in found if a < b]


def rensa_flags(hashes, offsets, bands, rho):
    """Its fastest way: which texts have a near one, not which pairs."""
    import rensa
    cut = rensa.RMinHash.digest_matrix_from_flat_token_hashes_rho if rho else \
        rensa.RMinHash.digest_matrix_from_flat_token_hashes
    matrix = cut(hashes, offsets, PERMUTATIONS, 42)
    return rensa.RMinHashLSH(THRESHOLD, PERMUTATIONS, bands).query_duplicate_flags_matrix_one_shot(matrix)


def rensa_flags_of_tokens(sets, bands):
    import rensa
    matrix = rensa.RMinHash.digest_matrix_from_token_sets(sets, PERMUTATIONS, 42)
    return rensa.RMinHashLSH(THRESHOLD, PERMUTATIONS, bands).query_duplicate_flags_matrix_one_shot(matrix)


def duckdb_pairs(hashes, offsets):
    import duckdb
    import numpy
    sizes = (offsets[1:] - offsets[:-1]).astype(numpy.int64)
    text = numpy.repeat(numpy.arange(len(sizes), dtype=numpy.uint32), sizes)
    con = duckdb.connect()
    con.execute("set threads = 2; set memory_limit = '8GB'")
    columns = {"text": text, "hash": hashes, "size": numpy.repeat(sizes, sizes)}
    con.register("columns_in", columns)
    con.execute("create table shingle as select * from columns_in")
    return con.execute(
        "select a.text, b.text from shingle a join shingle b on a.hash = b.hash and a.text < b.text "
        "and b.size * ? <= a.size and a.size * ? <= b.size group by a.text, b.text, a.size, b.size "
        "having count(*) >= ? * (a.size + b.size - count(*))", [THRESHOLD] * 3).fetchall()


def contend(name, base, path):
    way, _, source = name.partition(" from ")
    if source == "text":
        started = time.process_time()
        sets = sets_of_text(path)
    else:
        hashes, offsets = load(base)
        sets = None if "flags" in way or "DuckDB" in way else sets_of_numbers(hashes, offsets)
        started = time.process_time()
    pairs, flags = None, None
    if way.startswith("datasketch"):
        pairs = datasketch_pairs(sets, source == "sets", 32 if "32 bands" in way else 0)
    elif way.startswith("rensa pairs"):
        pairs = rensa_pairs(sets, source == "sets", int(way.split()[2]))
    elif way.startswith("rensa flags"):
        flags = rensa_flags(hashes, offsets, int(way.split()[2]), "rho" in way) if source == "sets" else \
            rensa_flags_of_tokens(sets, int(way.split()[2]))
    else:
        pairs = duckdb_pairs(hashes, offsets)
    candidates = len(pairs) if pairs is not None else 0
    if "verified" in way:
        pairs = verified(pairs, sets)
    cpu = time.process_time() - started
    result = {"cpu": cpu, "candidates": candidates}
    if flags is not None:
        result["flagged"] = sum(map(bool, flags))
        with open(base + ".flags", "wb") as file:
            file.write(bytes(map(bool, flags)))
    else:
        result["pairs"] = len(pairs)
        if source == "sets":
            import numpy
            numpy.array(sorted((min(p), max(p)) for p in pairs), dtype=numpy.uint32).tofile(base + ".peer")
    print(json.dumps(result))


# ---- the driver ----

def measured(command):
    """Runs a command; its output, CPU seconds of the process and its peak of memory in MB."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        errors.seek(0)
        error = errors.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"code": process.returncode, "out": out, "error": error.decode(errors="replace")[-300:],
            "cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - started,
            "mb": usage.ru_maxrss * 1024 / 1e6}


def read_pairs(path):
    import array
    pairs = array.array("I")
    data = pathlib.Path(path).read_bytes()
    pairs.frombytes(data)
    return set(zip(pairs[::2], pairs[1::2]))


def score(base, result):
    """Recall and precision against brute force, where there is one."""
    truth_path = pathlib.Path(base + ".truth")
    if not truth_path.exists():
        return ""
    truth = read_pairs(truth_path)
    if "flagged" in result:
        near = {text for pair in truth for text in pair}
        flags = pathlib.Path(base + ".flags").read_bytes()
        flagged = {i for i, flag in enumerate(flags) if flag}
        return (f"texts with a near one: recall {len(near & flagged) / max(1, len(near)):.3f}, "
                f"precision {len(near & flagged) / max(1, len(flagged)):.3f}")
    found = read_pairs(base + (".peer" if result.get("peer") else ".found"))
    return f"recall {len(truth & found) / max(1, len(truth)):.3f}, precision {len(truth & found) / max(1, len(found)):.3f}"


def line(name, cpu, whole_cpu, mb, reference, rest):
    ratio = f"{cpu / reference:8.1f}x" if reference else " " * 9
    print(f"  {name:42} {cpu:9.3f} s CPU {ratio}   whole process {whole_cpu:8.2f} s, {mb:6.0f} MB   {rest}", flush=True)


def own_lines(path, base):
    """The kernel alone, and the command from the file to its answer; CPU seconds of both."""
    run = measured([BENCH, "--found", path, base])
    own = json.loads(run["out"])
    line("lockstep, kernel from texts in memory", own["cpu"], run["cpu"], run["mb"], own["cpu"],
         f"{own['texts']} texts, {own['forms']} distinct, {own['pairs']} pairs, kernel {own['mb']:.0f} MB; {score(base, {})}")
    command = [COMMAND, "neartext", "--input", path, "--threshold", str(THRESHOLD), "--json"]
    run = measured(command + (["--as-is"] if "text20k" in str(path) else []))
    if run["code"] != 0:
        print(f"  lockstep neartext failed: {run['error']}")
        return own, 0
    line("lockstep neartext, the whole command", run["cpu"], run["cpu"], run["mb"], own["cpu"], f"{run['wall']:.2f} s on the clock")
    return own, run["cpu"]


def versus(title, path, folder, python, contenders, truth):
    base = str(folder / "set")
    for old in folder.glob("set.*"):
        old.unlink()
    print(f"{title}", flush=True)
    subprocess.run([BENCH, "--sets", path, base], check=True)
    if truth:
        run = measured([BENCH, "--truth", path, base])
        line("brute force over all pairs", run["cpu"], run["cpu"], run["mb"], 0, f"{len(read_pairs(base + '.truth'))} pairs")
    own, whole = own_lines(path, base)
    for name in contenders:
        run = measured([python, __file__, "--run", name, base, path])
        if run["code"] != 0:
            print(f"  {name:42} failed: {run['error'].strip().splitlines()[-1:]}", flush=True)
            continue
        result = json.loads(run["out"])
        result["peer"] = True
        rest = f"{result.get('pairs', result.get('flagged'))} {'pairs' if 'pairs' in result else 'flagged'}"
        against_whole = name.endswith("from text") and whole
        if name.endswith("from sets"):
            rest += "; " + score(base, result)
        line(name, result["cpu"], run["cpu"], run["mb"], own["cpu"],
             rest + (f"; {run['cpu'] / whole:.0f}x the whole command, {run['wall']:.2f} s on the clock" if against_whole else ""))


def plain(path, out, every):
    """The file without compression, of its rows every so-many-th; read by everyone alike."""
    import csv
    import io
    data = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(data.decode("utf-8", errors="replace"), newline=""))
    with open(out, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for i, row in enumerate(reader):
            if i % every == 0:
                writer.writerow(row)


def unpacked(path, out, every=1):
    """In a process of its own: what a child's peak of memory counts begins with its parent's."""
    subprocess.run([sys.executable, __file__, "--plain", path, out, str(every)], check=True)
    return out


DATASKETCH = ["datasketch from sets", "datasketch verified from sets", "datasketch 32 bands verified from sets"]
DATASKETCH_TEXT = ["datasketch verified from text", "datasketch 32 bands verified from text"]
RENSA = ["rensa pairs 8 bands from sets", "rensa pairs 32 bands verified from sets",
         "rensa flags 8 bands rho from sets", "rensa flags 8 bands from sets", "rensa flags 32 bands from sets"]
RENSA_TEXT = ["rensa pairs 32 bands verified from text", "rensa flags 8 bands from text"]
SMALL = DATASKETCH + DATASKETCH_TEXT + RENSA + RENSA_TEXT + ["DuckDB join from sets"]


def main():
    quick = "--quick" in sys.argv
    python = subprocess.run([ROOT / "bench" / "peers" / "setup"], stdout=subprocess.PIPE, check=True,
                            text=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="lockstep-near-") as name:
        folder = pathlib.Path(name)
        made, real = folder / "made.csv", folder / "real.csv"
        subprocess.run([BENCH, "--make", "20000", made], check=True)
        versus("20,000 made texts", made, folder, python, SMALL, True)
        text20k = DATA / "conformance" / "text20k.csv.zst"
        ira = DATA / "data" / "ira_2016h2_dev.csv.zst"
        if text20k.exists():
            versus("20,000 random messages of numbered words (text20k)", unpacked(text20k, folder / "text20k.csv"),
                   folder, python, SMALL, True)
        if ira.exists():
            versus("20,007 real texts", unpacked(ira, real, 14), folder, python, SMALL, True)
            if not quick:
                versus("280,109 real texts", unpacked(ira, real), folder, python,
                       DATASKETCH[2:] + DATASKETCH_TEXT + RENSA + RENSA_TEXT, False)
        else:
            print("skipped: no real texts under LOCKSTEP_DATA")
        if quick:
            return
        subprocess.run([BENCH, "--make", "1000000", made], check=True)
        versus("1,000,000 made texts", made, folder, python,
               DATASKETCH_TEXT[1:] + RENSA[1:] + RENSA_TEXT, False)
        subprocess.run([BENCH, "--make", "10000000", made], check=True)
        print("10,000,000 made texts")
        own_lines(made, str(folder / "set"))


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "--run":
        contend(sys.argv[2], sys.argv[3], sys.argv[4])
    elif len(sys.argv) == 5 and sys.argv[1] == "--plain":
        plain(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
