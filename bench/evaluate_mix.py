#!/usr/bin/env python3
"""What a run found on the labelled mix: precision, recall, false alarms per 10,000 innocent accounts.

    bench/evaluate_mix.py CASE LABELLED.ndjson[.zst]

LABELLED holds one JSON object a line with `platform`, `account` and `label`; accounts labelled `organic`
are innocent, all others coordinated. The numbers are those of `lockstep evaluate` (docs/method/evaluation.md); neither an account nor
a text is printed. The command is LOCKSTEP.
"""
import csv
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMAND = os.environ.get("LOCKSTEP", str(ROOT / "build" / "lockstep"))


def wilson(hits, trials, z=1.959963984540054):
    if trials == 0:
        return 0.0, 1.0
    share = hits / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def lines(path):
    if path.endswith('.zst'):
        with subprocess.Popen(['zstdcat', path], stdout=subprocess.PIPE) as process:
            yield from process.stdout
    else:
        with open(path, 'rb') as file:
            yield from file


def show(name, hits, trials, scale=1.0, unit=''):
    """A share, for the bench that sums over several runs."""
    low, high = wilson(hits, trials)
    share = hits / trials if trials else float('nan')
    print(f'{name:28} {hits:6d} of {trials:6d}   {share * scale:8.3f}{unit} '
          f'({low * scale:.3f} to {high * scale:.3f})')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    labels = {}
    for line in lines(sys.argv[2]):
        row = json.loads(line)
        labels[f"{row['platform']}:{row['account']}"] = int(row['label'] != 'organic')
    with tempfile.TemporaryDirectory(prefix='lockstep-labels-') as folder:
        path = pathlib.Path(folder) / 'labels.csv'
        with open(path, 'w', newline='', encoding='utf-8') as file:
            writer = csv.writer(file)
            writer.writerow(('account_key', 'label'))
            writer.writerows(labels.items())
        subprocess.run([COMMAND, 'evaluate', sys.argv[1], '--labels', path, '--quiet'], check=True)


if __name__ == '__main__':
    main()
