# yield from: values, delegation of send and throw, return values, non-generators.


def inner():
    try:
        got = yield "inner 1"
        print("inner got", got)
        yield "inner 2"
    except ValueError as error:
        print("inner caught", error)
        yield "recovered"
    return "inner result"


def outer():
    result = yield from inner()
    print("outer got", result)
    result = yield from [10, 20]
    print("from list", result)
    return (yield from iter("")) or "end"


it = outer()
print(next(it), it.gi_yieldfrom.__name__, it.send("x"), it.throw(ValueError("v")), list(it))


def delegate(target):
    try:
        yield from target
    except BaseException as error:
        print("delegate saw", type(error).__name__)
        raise


class Custom:
    def __iter__(self):
        return self

    def __next__(self):
        return "next"

    def send(self, value):
        return f"sent {value}"

    def throw(self, *args):
        return f"thrown {args[0] if isinstance(args[0], type) else type(args[0])}"

    def close(self):
        print("custom close")


it = delegate(Custom())
print(next(it), it.send(1), it.send(None), it.throw(KeyError()))
it.close()
it = delegate(iter([1, 2]))
next(it)
try:
    it.send("list iterators have no send")
except AttributeError as error:
    print(error)
try:
    list(delegate(5))
except TypeError as error:
    print(error)


def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


print(list(tree(4)), sum(1 for _ in tree(12)))


def deep(n):
    if n == 0:
        yield "bottom"
        raise KeyError("from the bottom")
    yield from deep(n - 1)


it = deep(100)
print(next(it))
try:
    next(it)
except KeyError as error:
    depth, tb = 0, error.__traceback__
    while tb:
        depth, tb = depth + 1, tb.tb_next
    print(error, depth)


def accumulate():
    total = 0
    while (value := (yield total)) is not None:
        total += value
    return total


def gather(results):
    while True:
        results.append((yield from accumulate()))


results = []
it = gather(results)
next(it)
for v in (1, 2, 3, None, 10, None):
    it.send(v)
print(results)
it.close()
