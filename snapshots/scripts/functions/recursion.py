# Deep recursion: limits, mutual recursion, generators, and recovery.
import sys


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


print(depth(500), even(300), sys.getrecursionlimit())


def forever():
    return forever()


try:
    forever()
except RecursionError as error:
    print(type(error).__name__, error)
print(depth(400))
sys.setrecursionlimit(5000)
print(depth(4000))
sys.setrecursionlimit(200)
try:
    depth(300)
except RecursionError as error:
    print("limited", error)
sys.setrecursionlimit(1000)


class Loop:
    def __repr__(self):
        return repr(self)

    def __eq__(self, other):
        return self == other

    def __getattr__(self, name):
        return getattr(self, name)

    def __hash__(self):
        return hash(self)

    def __iter__(self):
        return iter(self)

    def __str__(self):
        return str(self)


for action in (repr, str, hash, iter, lambda v: v == 1, lambda v: v.x, lambda v: f"{v}", lambda v: {v: 1}):
    try:
        action(Loop())
    except RecursionError as error:
        print(str(error).split(" while")[0])


def countdown(n):
    if n:
        yield n
        yield from countdown(n - 1)


print(sum(countdown(200)))
nested = []
for _ in range(100000):
    nested = [nested]
try:
    repr(nested)
except RecursionError:
    print("repr of a deep list")
del nested
for bad in (0, -1, "a"):
    try:
        sys.setrecursionlimit(bad)
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
