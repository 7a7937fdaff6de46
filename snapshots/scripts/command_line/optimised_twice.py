# args: -OO {script}
"""Removed."""


def f():
    "removed, too"


class C:
    "also removed"


import sys

print(__doc__, f.__doc__, C.__doc__, sys.flags.optimize)
