"""Builtins that go through a generator expression: in place, unless the name stands for something else."""
import builtins
import traceback


def each(items):
    return (
        any(x for x in items),
        all(x for x in items),
        tuple(x * 2 for x in items),
        list(x for x in items if x),
        sorted(set(x % 2 for x in items)),
    )


for items in [[1, 2, 0, 3], [], [0], [1]]:
    print(each(items))


# Any object may be an item; the search ends where it is decided.
seen = []


class Truth:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        seen.append(self.value)
        return self.value > 1


print(any(Truth(x) for x in range(5)), seen)
seen.clear()
print(all(Truth(x) for x in (3, 2, 1, 0)), seen)


# What is not finished is closed when nobody needs it: it goes on no further.
def numbers():
    for x in range(3):
        print("number", x)
        yield x


print(any(x == 1 for x in numbers()))


def shadowed(any, tuple):
    return any(x for x in (1, 2)), tuple(x for x in (3, 4))


print(shadowed(sum, max))
old = builtins.any
try:
    builtins.any = lambda items: ("mine", list(items))
    print(any(x for x in (0, 1)))
finally:
    builtins.any = old
print(any(x for x in (0, 1)))

for consume in (
    lambda: any(1 // x for x in (0, 1)),
    lambda: all(1 // x for x in (1, 0)),
    lambda: tuple(1 // x for x in (1, 0)),
    lambda: list(1 // x for x in (1, 0)),
    lambda: set([x] for x in (1, 0)),
    lambda: tuple(next(x) for x in (iter(()),)),
):
    try:
        consume()
    except Exception:
        traceback.print_exc(file=__import__("sys").stdout)

condition = 1 if any(x > 3 for x in range(5)) and not all(x for x in range(3)) else 2
print(condition, [tuple(y for y in range(x)) for x in range(3)], any(any(y for y in x) for x in ((0,), (0, 5))))


async def asynchronous():
    try:
        print(any(x async for x in ()))
    except TypeError as error:
        print(error)


try:
    asynchronous().send(None)
except StopIteration:
    pass
