"""Raising and catching, and try blocks that raise nothing."""

import pyperf


def deep(n):
    if n == 0:
        raise KeyError("bottom")
    return deep(n - 1)


def exceptions(n):
    caught = 0
    for i in range(n):
        try:
            if i % 10 == 0:
                deep(5)
            caught += 1
        except KeyError:
            caught += 2
    return caught


if __name__ == "__main__":
    pyperf.Runner().bench_func("exceptions", exceptions, 300_000)
