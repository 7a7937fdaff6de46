"""Resident bytes per object, with its slot in a list, over a million objects of each kind.

Each kind runs in a child process forked before anything is allocated, so that no kind pays for another's garbage.
"""

import gc
import os
import sys

COUNT = 1_000_000


class Two:
    def __init__(self, a, b):
        self.a, self.b = a, b


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b


KINDS = {
    "int": lambda i: i + 10**9,
    "float": lambda i: i + 0.5,
    "tuple2": lambda i: (i & 127, i & 63),
    "instance2": lambda i: Two(None, True),
    "slots2": lambda i: Slots(None, True),
    "str10": lambda i: "%010d" % i,
    "dict2": lambda i: {"a": None, "b": True},
}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(make):
    keep = [make(i) for i in range(1000)]
    gc.collect()
    before = resident()
    items = []
    for i in range(COUNT):
        items.append(make(i))
    gc.collect()
    used = resident() - before
    return used / len(items) if keep else 0.0


for name, make in KINDS.items():
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        print('{"name": "memory_%s", "bytes": %.1f}' % (name, measure(make)), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
