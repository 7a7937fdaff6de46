"""Small-int arithmetic and comparisons in one function."""

import pyperf


def collatz(limit):
    longest = best = 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = n * 3 + 1 if n & 1 else n >> 1
            steps += 1
        if steps > longest:
            longest, best = steps, start
    return best, longest


def sieve(size):
    flags = [True] * size
    for i in range(2, size):
        if flags[i]:
            for j in range(i * i, size, i):
                flags[j] = False
    return sum(flags) - 2


if __name__ == "__main__":
    runner = pyperf.Runner()
    runner.bench_func("int_loop", collatz, 15_000)
    runner.bench_func("sieve", sieve, 600_000)
