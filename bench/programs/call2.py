"""Calls of a function with two arguments, net of the loop around them."""

from time import perf_counter

import pyperf

CALLS = 1_000_000


def add(a, b):
    return a


def calls(loops):
    total = 0.0
    for _ in range(loops):
        start = perf_counter()
        for i in range(CALLS):
            i
        empty = perf_counter() - start
        start = perf_counter()
        for i in range(CALLS):
            add(i, i)
        total += perf_counter() - start - empty
    return total


if __name__ == "__main__":
    pyperf.Runner().bench_time_func("call2_net", calls)
