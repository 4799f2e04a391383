"""profile.py - where the instructions of the co-action kernel go, by callgrind

    profile.py [EVENTS [MORE OPTIONS OF coaction_bench]]

Instructions by function, data read and written, and what missed the first and the last level of cache, and
branches guessed wrong. The caches are simulated, 48 KiB and 32 MiB, so any machine says the same and
no counters of the processor are needed. A million events take a minute; needs valgrind.
"""

import os
import re
import subprocess
import sys
import tempfile

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build", "bench", "coaction_bench")


def annotated(options):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["valgrind", "--tool=callgrind", "--cache-sim=yes", "--branch-sim=yes", "--D1=49152,12,64",
                        "--LL=33554432,16,64", "--toggle-collect=lks_coaction_scan",
                        "--callgrind-out-file=" + out.name, BENCH, "--no-floor", "--threads", "1", *options],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=96", out.name], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.splitlines()


def rows(lines):
    names = next(line.split()[2:] for line in lines if line.startswith("Events shown:"))
    for line in lines:
        cells = re.sub(r"\(\s*[\d.]+%\)", "", line).split()
        if len(cells) <= len(names) or not all(re.fullmatch(r"[\d,]+|\.", cell) for cell in cells[:len(names)]):
            continue
        values = [int(cell.replace(",", "").replace(".", "0")) for cell in cells[:len(names)]]
        yield " ".join(cells[len(names):]).split(" [")[0].split(":")[-1], dict(zip(names, values))


def main():
    options = ["--events", sys.argv[1] if len(sys.argv) > 1 else "1000000", *sys.argv[2:]]
    found = list(rows(annotated(options)))
    total = found[0][1]["Ir"]
    print("| function | instructions, M | share | reads and writes, M | D1 misses, k | LL misses, k | wrong branches, k |")
    print("|---|---|---|---|---|---|---|")
    for name, row in found:
        print(f"| `{name}` | {row['Ir'] / 1e6:.0f} | {row['Ir'] / total:.1%} | {(row['Dr'] + row['Dw']) / 1e6:.0f} | "
              f"{(row['D1mr'] + row['D1mw']) / 1e3:.0f} | {(row['DLmr'] + row['DLmw']) / 1e3:.0f} | "
              f"{row['Bcm'] / 1e3:.0f} |")


main()
