"""Lists: append, index, slice, comprehension, sort."""

import pyperf


def lists(n):
    values = []
    seed = 42
    for _ in range(n):
        seed = (seed * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        values.append(seed)
    squares = [v * 2 for v in values if v & 1]
    ordered = sorted(values)
    values.sort(key=lambda v: -v)
    total = 0
    for i in range(len(ordered)):
        total += ordered[i] ^ values[-1 - i]
    return total, len(squares), sum(squares[::7]), values[:3]


if __name__ == "__main__":
    pyperf.Runner().bench_func("list_churn", lists, 200_000)
