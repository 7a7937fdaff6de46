# oracle: skip CPython overflows the native stack
# Iterators over iterators, proxies of proxies and methods of methods run out of stack with an exception.
import itertools
import operator
import threading
import types

# On a small stack: so that little nesting is enough, and collections at every turn can follow it.
DEPTH = 15_000


def nest(make, value):
    for _ in range(DEPTH):
        value = make(value)
    return value



cases = {
    "filter": lambda: next(nest(lambda inner: filter(None, inner), iter([1]))),
    "map": lambda: next(nest(lambda inner: map(int, inner), iter([1]))),
    "zip": lambda: next(nest(zip, iter([1]))),
    "enumerate": lambda: next(nest(enumerate, iter([1]))),
    "chain": lambda: next(nest(itertools.chain, iter([1]))),
    "islice": lambda: next(nest(lambda inner: itertools.islice(inner, None), iter([1]))),
    "starmap": lambda: next(nest(lambda inner: itertools.starmap(lambda *a: a, inner), iter([()]))),
    "groupby": lambda: next(nest(itertools.groupby, iter([1]))),
    "tuple": lambda: hash(nest(lambda inner: (inner,), 1)),
    "slice": lambda: hash(nest(lambda inner: slice(inner, 1), 1)),
    "method": lambda: nest(lambda inner: types.MethodType(inner, 1), int)(),
    "proxy": lambda: len(nest(types.MappingProxyType, {})),
    "proxy or": lambda: nest(types.MappingProxyType, {}) | {},
    "alias": lambda: nest(lambda inner: list[inner], int).__parameters__,
    "alias repr": lambda: repr(nest(lambda inner: list[inner], int)),
    "attributes": lambda: operator.attrgetter(".".join(["real"] * DEPTH))(1),
}


def run():
    for name, case in cases.items():
        try:
            print(name, case())
        except RecursionError:
            print(name, "has no more stack")


threading.stack_size(1 << 20)
thread = threading.Thread(target=run)
thread.start()
thread.join()
