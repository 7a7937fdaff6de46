"""Calls of a function with two arguments, net of the loop around them."""

from time import perf_counter

import pyperf

CALLS = 100_000
ROUNDS = 10


def add(a, b):
    return a


def net():
    """Seconds of the calls: what the shortest rounds with and without them differ by, since noise only ever adds."""
    empty = full = 1e9
    for _ in range(ROUNDS):
        start = perf_counter()
        for i in range(CALLS):
            i
        middle = perf_counter()
        for i in range(CALLS):
            add(i, i)
        end = perf_counter()
        empty, full = min(empty, middle - start), min(full, end - middle)
    return (full - empty) * ROUNDS


def calls(loops):
    return sum(net() for _ in range(loops))


if __name__ == "__main__":
    pyperf.Runner().bench_time_func("call2_net", calls)
