"""fib in one thread and in two at once: the same work per thread, so equal times mean perfect scaling."""

import threading
from time import perf_counter

import pyperf


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def in_threads(loops, count):
    start = perf_counter()
    for _ in range(loops):
        threads = [threading.Thread(target=fib, args=(27,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return perf_counter() - start


if __name__ == "__main__":
    runner = pyperf.Runner()
    runner.bench_time_func("fib_one_thread", in_threads, 1)
    runner.bench_time_func("fib_two_threads", in_threads, 2)
