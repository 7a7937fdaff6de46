"""A stand-in for the `pyperf` package: enough to run pyperformance's programs unmodified and to compare them.

It runs each benchmark function in this process, a fixed number of loops, and prints one JSON object per benchmark:

    {"name": "nbody", "loops": 1, "inner_loops": 1, "seconds": [0.081, 0.080], "result": "9f86d081…"}

`seconds` has one value per repeat, for all loops together. `result` is a digest of what was computed, equal on every
correct interpreter. The environment chooses what to do, so that the programs' own arguments stay theirs:

    COUNTLESS_BENCH_LOOPS    loops per repeat (1)
    COUNTLESS_BENCH_REPEATS  timed repeats (1)
    COUNTLESS_BENCH_WARMUPS  untimed repeats before them (0)

It imports as little as it can, since its imports count as the programs' own.
"""

import os
import sys
from time import perf_counter

__all__ = ["Runner", "perf_counter"]


def _setting(name, default):
    return int(os.environ.get("COUNTLESS_BENCH_" + name, default))


class Runner:
    """Runs benchmark functions and prints a line for each."""

    def __init__(self, values=None, processes=None, loops=0, min_time=0.1, metadata=None, show_name=True,
                 program_args=None, add_cmdline_args=None, _argparser=None, warmups=1):
        self.metadata = dict(metadata or {})
        self.loops = _setting("LOOPS", loops or 1)
        self.repeats = _setting("REPEATS", 1)
        self.warmups = _setting("WARMUPS", 0)
        self.args = None
        self._argparser = _argparser

    @property
    def argparser(self):
        if self._argparser is None:
            import argparse

            self._argparser = argparse.ArgumentParser()
        return self._argparser

    def parse_args(self, args=None):
        if self.args is None:
            self.args = self.argparser.parse_args(args)
        return self.args

    def _finish_args(self):
        if self._argparser is not None:
            self.parse_args()

    def bench_time_func(self, name, time_func, *args, inner_loops=1, **options):
        """Time a function that takes the number of loops and returns the seconds they took."""
        self._finish_args()
        for _ in range(self.warmups):
            time_func(self.loops, *args)
        seconds = [time_func(self.loops, *args) for _ in range(self.repeats)]
        self._report(name, seconds, inner_loops, None)

    def bench_func(self, name, func, *args, inner_loops=1, **options):
        """Time a function that is called once per loop."""
        self._finish_args()
        result = None
        seconds = []
        for number in range(self.warmups + self.repeats):
            result = None
            start = perf_counter()
            for _ in range(self.loops):
                result = func(*args)
            elapsed = perf_counter() - start
            if number >= self.warmups:
                seconds.append(elapsed)
        self._report(name, seconds, inner_loops, result)

    def bench_async_func(self, name, func, *args, inner_loops=1, loop_factory=None, **options):
        """Time a coroutine function that is awaited once per loop."""
        import asyncio

        async def run():
            start = perf_counter()
            result = None
            for _ in range(self.loops):
                result = await func(*args)
            return perf_counter() - start, result

        self._finish_args()
        seconds, result = [], None
        for number in range(self.warmups + self.repeats):
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                elapsed, result = runner.run(run())
            if number >= self.warmups:
                seconds.append(elapsed)
        self._report(name, seconds, inner_loops, result)

    def _report(self, name, seconds, inner_loops, result):
        import pyperf_results

        digest = pyperf_results.digest(name, sys.modules["__main__"], result)
        times = ", ".join(map(repr, seconds))
        print(f'{{"name": "{name}", "loops": {self.loops}, "inner_loops": {inner_loops}, '
              f'"seconds": [{times}], "result": "{digest}"}}', flush=True)
