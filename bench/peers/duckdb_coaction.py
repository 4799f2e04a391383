"""duckdb_coaction.py - co-action in SQL, the best that was found for DuckDB

    duckdb_coaction.py EVENTS.bin EDGES.bin WINDOW_SECONDS THREADS MEMORY [objects | obvious]

Pairs of accounts that met within the window on at least two objects, with their pairs counted, and with
their distinct objects counted where that is asked for; "obvious" is the self-join that one writes first.
Events are in a table before the clock starts. What makes it ten times as fast as the obvious: time cut into buckets as long
as the window and each row looked up in its own bucket and both neighbours, so that the join is on equal
keys; min(object) < max(object) in place of a distinct count; rows with nobody in their window dropped
ahead by lag and lead, and accounts with one object.

The same or slower where tried: the own bucket and the next one joined apart, both accounts in one 64-bit key,
accounts in sixteen turns, lists of accounts by bucket, list() over a range window, pairs written down
before they are grouped. For distinct objects: count(DISTINCT object) in the one grouping, grouping by
object first; what is used joins a second time, for the edges found alone. Prints one line of JSON.
"""

import json
import os
import resource
import sys
import tempfile
import time

import duckdb
import numpy as np

STEPS = [
    """CREATE TEMP TABLE met AS SELECT object, account, t FROM (
         SELECT object, account, t, t - lag(t) OVER near AS before, lead(t) OVER near - t AS after
         FROM events WINDOW near AS (PARTITION BY object ORDER BY t))
       WHERE before <= {w} OR after <= {w}""",
    """CREATE TEMP TABLE e AS SELECT object, account, t, t // {w} AS bucket FROM met
       WHERE account IN (SELECT account FROM met GROUP BY account HAVING min(object) < max(object))""",
]
PAIRS = """(WITH near AS (SELECT object, account, t, unnest([bucket - 1, bucket, bucket + 1]) AS bucket FROM e)
  SELECT x.account AS a, y.account AS b, x.object AS object FROM near y JOIN e x
  ON x.object = y.object AND x.bucket = y.bucket AND y.t BETWEEN x.t - {w} AND x.t + {w}
  AND x.account < y.account)"""
EDGES = [f"""CREATE TEMP TABLE edges AS SELECT a, b, count(*) AS pairs FROM {PAIRS} GROUP BY a, b
             HAVING min(object) < max(object)"""]
EDGES_WITH_OBJECTS = [
    f"CREATE TEMP TABLE two AS SELECT a, b FROM {PAIRS} GROUP BY a, b HAVING min(object) < max(object)",
    f"""CREATE TEMP TABLE edges AS SELECT a, b, count(*) AS pairs, count(DISTINCT object) AS objects
        FROM {PAIRS} SEMI JOIN two USING (a, b) GROUP BY a, b""",
]
OBVIOUS = ["""CREATE TEMP TABLE edges AS SELECT x.account AS a, y.account AS b, count(*) AS pairs,
  count(DISTINCT x.object) AS objects FROM events x JOIN events y ON x.object = y.object
  AND x.account < y.account AND y.t BETWEEN x.t - {w} AND x.t + {w} GROUP BY a, b HAVING objects >= 2"""]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    events_path, edges_path, window, threads, memory = sys.argv[1:6]
    form = sys.argv[6] if len(sys.argv) > 6 else "pairs"
    steps_asked = OBVIOUS if form == "obvious" else STEPS + (EDGES_WITH_OBJECTS if form == "objects" else EDGES)
    rows = np.fromfile(events_path, dtype="<u4").reshape(-1, 4)
    columns = {"object": rows[:, 0].copy(), "account": rows[:, 1].copy(), "t": rows[:, 3].copy()}
    with tempfile.TemporaryDirectory(dir=os.path.dirname(events_path)) as spill:
        db = duckdb.connect()
        db.execute(f"SET threads={int(threads)}; SET memory_limit='{memory}'; SET temp_directory='{spill}'")
        db.execute("SET preserve_insertion_order=false")
        db.execute("CREATE TABLE events AS SELECT object, account, t FROM columns")
        del rows, columns
        wall, cpu, steps = time.perf_counter(), cpu_seconds(), []
        for sql in steps_asked:
            before = cpu_seconds()
            db.execute(sql.format(w=int(window)))
            steps.append(round(cpu_seconds() - before, 3))
        wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        value = "pairs" if form == "pairs" else "objects"
        found = db.execute(f"SELECT a::UBIGINT << 32 | b AS ab, {value} AS value FROM edges").fetchnumpy()
        np.stack([found["ab"].astype("<u8"), found["value"].astype("<u8")], axis=1).tofile(edges_path)
    print(json.dumps({"wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mb": round(peak_mb, 1),
                      "edges": len(found["ab"]), "steps_cpu_s": steps}))


main()
