"""Dictionaries: insertion, lookup, deletion, iteration, keys of several kinds."""

import pyperf


def counts(n):
    table = {}
    for i in range(n):
        key = i * 7919 % 10_007
        table[key] = table.get(key, 0) + 1
    return len(table), sum(table.values())


def churn(n):
    table = {}
    for i in range(n):
        table["key%d" % (i % 5_000)] = i
        if i % 3 == 0:
            table.pop("key%d" % ((i * 31) % 5_000), None)
    total = 0
    for key, value in table.items():
        total += len(key) + value
    return total


if __name__ == "__main__":
    runner = pyperf.Runner()
    runner.bench_func("dict_counts", counts, 500_000)
    runner.bench_func("dict_churn", churn, 200_000)
