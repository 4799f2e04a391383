"""evaluation_stars.py - the part of docs/evaluation.md on stars by month: a repository's burst against its own history.

A month is held against up to twelve before it, three at least. Logarithms of counts; the scatter of a repository lies
between its own and that of all (Smyth, Stat. Appl. Genet. Mol. Biol. 3, 2004: the moderated t), since three months say
little of it. q by Benjamini and Hochberg over all months. No label is used but to count.
"""
import collections
import csv
import io
import math
import statistics
import subprocess

from evaluate_mix import wilson

LEAST, MOST, LEVEL = 3, 12, 0.05


def continued_fraction(a, b, x):
    """Of the incomplete beta function, by Lentz."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for i in range(1, 500):
        for part in (i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i)), -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1))):
            d, c = 1 / (1 + part * d), 1 + part / c
            value *= d * c
        if abs(d * c - 1) < 1e-13:
            break
    return value


def t_tail(t, freedom):
    """P(T >= t), Student's."""
    a, b, x = freedom / 2, 0.5, freedom / (freedom + t * t)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)) * x ** a * (1 - x) ** b
    whole = front * continued_fraction(a, b, x) / a if x < (a + 1) / (a + b + 2) else 1 - front * continued_fraction(b, a, 1 - x) / b
    return whole / 2 if t > 0 else 1 - whole / 2


def digamma(x):
    shift = 0.0
    while x < 8:
        shift, x = shift - 1 / x, x + 1
    f = 1 / (x * x)
    return shift + math.log(x) - 0.5 / x - f * (1 / 12 - f * (1 / 120 - f / 252))


def trigamma(x):
    shift = 0.0
    while x < 8:
        shift, x = shift + 1 / (x * x), x + 1
    f = 1 / (x * x)
    return shift + 1 / x + f / 2 + f / x * (1 / 6 - f * (1 / 30 - f / 42))


def logarithm(count):
    return math.log(count + 0.5)


def scatter_of_all(repositories):
    """Degrees of freedom and variance of the scatter that all have in common."""
    known, noise = [], []
    for months in repositories:
        logs = [logarithm(count) for _, count, _ in months[:MOST]]
        variance = statistics.variance(logs) if len(logs) > LEAST else 0
        if variance > 0:
            half = (len(logs) - 1) / 2
            known.append(math.log(variance) - digamma(half) + math.log(half))
            noise.append(trigamma(half))
    excess, low, high = max(1e-6, statistics.variance(known) - statistics.mean(noise)), 1e-3, 1e6
    for _ in range(100):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if trigamma(middle) > excess else (low, middle)
    return 2 * low, math.exp(statistics.mean(known) + digamma(low) - math.log(low))


def burst_p(count, before, freedom, variance):
    logs = [logarithm(one) for one in before]
    own = len(logs) - 1
    mixed = (freedom * variance + own * statistics.variance(logs)) / (freedom + own)
    return t_tail((logarithm(count) - statistics.mean(logs)) / math.sqrt(mixed * (1 + 1 / len(logs))), freedom + own)


def cut_of(p_values):
    """The largest p whose q is at the level."""
    ordered = sorted(p_values)
    return max((p for i, p in enumerate(ordered, 1) if p <= LEVEL * i / len(ordered)), default=-1)


def kind_of(count, flagged):
    return "bought" if 2 * flagged >= count else "between" if flagged else "untouched"


def share(hits, of):
    low, high = wilson(hits, of)
    return f"{hits:,} of {of:,}: {hits / max(of, 1):.3f} ({low:.3f} to {high:.3f})"


def part(table, path):
    text = subprocess.run(["zstdcat", path], capture_output=True, text=True, check=True).stdout
    by = collections.defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        by[row["repo"]].append((row["month"], int(row["n_stars"]), int(row["n_stars_flagged"])))
    repositories = [sorted(by[name]) for name in sorted(by) if len(by[name]) > 1]
    freedom, variance = scatter_of_all(repositories)
    months, young = [], 0
    for one in repositories:
        for i, (_, count, flagged) in enumerate(one):
            before, kind = [other for _, other, _ in one[max(0, i - MOST):i]], kind_of(count, flagged)
            if len(before) < LEAST:
                young += kind == "bought"
                continue
            months.append((kind, burst_p(count, before, freedom, variance), count / max(statistics.median(before), 0.5)))
    of = collections.Counter(kind for kind, *_ in months)
    cut, rows = cut_of([p for _, p, _ in months]), []
    for name, is_called in (("burst against the own history, q <= 0.05", lambda p, times: p <= cut), ("the same, p <= 0.01", lambda p, times: p <= 0.01),
                            ("*naive:* more than ten times the median before", lambda p, times: times > 10),
                            ("*naive:* more than three times", lambda p, times: times > 3)):
        called = collections.Counter(kind for kind, p, times in months if is_called(p, times))
        rows.append([name, share(called["bought"], of["bought"]), share(called["untouched"], of["untouched"]),
                     f"{called['between']:,} of {of['between']:,}", f"{called['bought'] / max(1, called['bought'] + called['untouched']):.2f}"])
    ranked = []
    for key in (lambda one: one[1], lambda one: -one[2]):  # who finds more where 1 % of the untouched are called
        untouched = sorted(key(one) for one in months if one[0] == "untouched")
        line = untouched[len(untouched) // 100]
        ranked.append(sum(key(one) < line for one in months if one[0] == "bought") / of["bought"])
    return {"stars": f"{len(by):,} repositories, {len(repositories):,} with more months than one: {sum(map(len, repositories)):,} months. Bought: half of a month's stars and more by the label, "
                     f"{of['bought'] + young:,} months, {young:,} of which have less than three months before them and so no history; untouched: none.\n\n"
                     + table(["", "bought months found", "untouched months called", "of those between", "precision, the first two"], rows)
                     + f"\n\nWhere one untouched month in a hundred is called, the burst finds {ranked[0]:.2f} of the bought months, the naive ratio {ranked[1]:.2f}."}
