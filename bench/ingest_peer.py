"""ingest_peer.py - lines of JSON into a case, beside what DuckDB's read_json alone takes to read them

    bench/peers/setup prints the python to run it with:
    ingest_peer.py [--mb 1000] [--threads 2] [--runs 3] [--scratch FOLDER]

lockstep ingest seals the file (SHA-256), reads it, finds accounts and objects and writes the case; sealing and reading
are also measured alone.
DuckDB reads the same columns, named, with their types, and writes nothing: it counts rows and sums the lengths
of the texts. Both answers are compared. The rate to reach is half of DuckDB's. Beside that stands what DuckDB takes to read them and
keep them in a file of its own (one table, no objects, nothing sealed), with its own choice of compression and without any.
Runs alternate, and the best of each counts, by wall and by CPU seconds.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import duckdb

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MAP = "account=user.id,time=created_at,text=text,post=id,language=lang,sound=music_id"
COLUMNS = ("{id: 'VARCHAR', user: 'STRUCT(id VARCHAR)', created_at: 'BIGINT', text: 'VARCHAR', lang: 'VARCHAR', "
           "music_id: 'VARCHAR'}")
# Every column is looked at, else it is not read.
SQL = ("SELECT count(*), sum(length(text)), max(id), max(user.id), max(created_at), max(lang), max(music_id) FROM "
       "read_json('{path}', columns={columns}, format='newline_delimited')")


def cpu_seconds(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def duckdb_read(path, threads):
    db = duckdb.connect()
    db.execute(f"SET threads={threads}")
    cpu, wall = cpu_seconds(resource.RUSAGE_SELF), time.perf_counter()
    row = db.execute(SQL.format(path=path, columns=COLUMNS)).fetchone()
    return time.perf_counter() - wall, cpu_seconds(resource.RUSAGE_SELF) - cpu, row[:2]


def duckdb_keep(path, threads, folder, compression):
    file = os.path.join(folder, "kept.duckdb")
    db = duckdb.connect(file)
    db.execute(f"SET threads={threads}; PRAGMA force_compression='{compression}'")
    cpu, wall = cpu_seconds(resource.RUSAGE_SELF), time.perf_counter()
    db.execute("CREATE TABLE post AS SELECT id, user.id AS account, created_at, text, lang, music_id FROM "
               f"read_json('{path}', columns={COLUMNS}, format='newline_delimited'); CHECKPOINT")
    wall, cpu = time.perf_counter() - wall, cpu_seconds(resource.RUSAGE_SELF) - cpu
    row = db.execute("SELECT count(*), sum(length(text)) FROM post").fetchone()
    db.close()
    os.unlink(file)
    return wall, cpu, row


def lockstep_ingest(path, threads, folder):
    case = os.path.join(folder, "case")
    shutil.rmtree(case, ignore_errors=True)
    cpu, wall = cpu_seconds(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([os.path.join(ROOT, "build", "lockstep"), "ingest", case, path, "--map", MAP, "--quiet",
                    "--threads", str(threads)], check=True, stdout=subprocess.DEVNULL)
    wall, cpu = time.perf_counter() - wall, cpu_seconds(resource.RUSAGE_CHILDREN) - cpu
    with duckdb.connect(os.path.join(case, "store.duckdb"), read_only=True) as db:
        return wall, cpu, db.execute("SELECT count(*), sum(length(text)) FROM post").fetchone()


def stages(path, threads):
    """Sealing and reading without the case, as source_bench says it."""
    return subprocess.run([os.path.join(ROOT, "build", "bench", "source_bench"), "--threads", str(threads), path, MAP],
                          check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scratch", default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        path = os.path.join(folder, "lines.ndjson")
        subprocess.run([os.path.join(ROOT, "build", "bench", "source_bench"), "--mb", str(options.mb), "--write",
                        path], check=True)
        size_mb = os.path.getsize(path) / 1e6
        theirs, mine, packed, plain = [], [], [], []
        for _ in range(options.runs):
            theirs.append(duckdb_read(path, options.threads))
            mine.append(lockstep_ingest(path, options.threads, folder))
            packed.append(duckdb_keep(path, options.threads, folder, "auto"))
            plain.append(duckdb_keep(path, options.threads, folder, "uncompressed"))
        apart = stages(path, options.threads)
    equal = all(run[2] == theirs[0][2] for run in theirs + mine + packed + plain)
    for name, at in (("wall", 0), ("CPU", 1)):
        peer, own = (min(run[at] for run in runs) for runs in (theirs, mine))
        kept = " and ".join(f"{min(run[at] for run in runs):.2f} s" for runs in (packed, plain))
        print(f"DuckDB by {name:4s} reading and keeping the same in a file of its own: {kept} (compressed, plain)")
        print(f"ingest by {name:4s} {size_mb:.0f} MB, {options.threads} threads: read_json alone {peer:.2f} s "
              f"({size_mb / peer:.0f} MB/s), lockstep ingest {own:.2f} s ({size_mb / own:.0f} MB/s): "
              f"{peer / own:.2f} of the peer's rate (load {os.getloadavg()[0]:.1f})")
    print("sealing and reading alone: " + apart)
    print(f"rows and lengths of texts: {theirs[0][2]}, {'the same' if equal else 'DIFFERENT'}")
    return not equal


sys.exit(main())
