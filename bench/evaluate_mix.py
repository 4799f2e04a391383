#!/usr/bin/env python3
"""What a run found on the labelled mix: precision, recall, false alarms per 10,000 innocent accounts.

    bench/evaluate_mix.py CASE/runs/0001/findings.json LABELLED.ndjson[.zst]

LABELLED holds one JSON object a line with `account` and `label`; accounts labelled `organic` are
innocent, all others coordinated. Prints numbers only, never an account or a text. Shares carry
Wilson's interval at 95 %.
"""
import json
import math
import subprocess
import sys


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
    low, high = wilson(hits, trials)
    share = hits / trials if trials else float('nan')
    print(f'{name:28} {hits:6d} of {trials:6d}   {share * scale:8.3f}{unit} '
          f'({low * scale:.3f} to {high * scale:.3f})')


def pairs_of(members):
    return len(members) * (len(members) - 1) // 2


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding='utf-8') as file:
        findings = json.load(file)['findings']
    coordinated = {}
    for line in lines(sys.argv[2]):
        row = json.loads(line)
        coordinated[row['account']] = row['label'] != 'organic'
    labelled = sum(coordinated.values())
    innocent = len(coordinated) - labelled

    found = set()
    pairs = pairs_right = pure = 0
    for finding in findings:
        members = [member['account'].split(':', 1)[1] for member in finding['members']]
        right = [account for account in members if coordinated[account]]
        found.update(members)
        pairs += pairs_of(members)
        pairs_right += pairs_of(right)
        pure += len(right) == len(members)
        print(f"{finding['id']:4} {finding['confidence']:9} p {finding['p_value']:<6.3g} "
              f"score {finding['score']:8.2f}  members {len(members):4d}  labelled {len(right):4d}")
    right = sum(coordinated[account] for account in found)
    print()
    show('accounts: precision', right, len(found))
    show('accounts: recall', right, labelled)
    show('false alarms per 10,000', len(found) - right, innocent, 10000)
    show('pairs in groups: precision', pairs_right, pairs)
    show('groups without innocents', pure, len(findings))


if __name__ == '__main__':
    main()
