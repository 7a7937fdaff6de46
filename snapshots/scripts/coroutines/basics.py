# Coroutines by hand: send, throw, close, await of many things, misuse.
import types


@types.coroutine
def switch(value):
    return (yield value)


class Awaitable:
    def __init__(self, *values):
        self.values = values

    def __await__(self):
        results = []
        for v in self.values:
            results.append((yield v))
        return results


async def child(n):
    print("child", n)
    got = await switch(f"child {n}")
    if got == "fail":
        raise ValueError(n)
    return got


async def parent():
    first = await child(1)
    try:
        second = await child(2)
    except ValueError as error:
        second = f"error {error}"
    third = await Awaitable("x", "y")
    return first, second, third


c = parent()
print(c.send(None), c.cr_running, c.cr_suspended, c.cr_await.__name__, c.cr_code.co_name)
print(c.send("one"), c.send("fail"), c.send("X"))
try:
    c.send("Y")
except StopIteration as stop:
    print(stop.value)
try:
    c.send(None)
except RuntimeError as error:
    print(error)


async def cleanup():
    try:
        await switch("waiting")
    except GeneratorExit:
        print("exit")
        raise
    except KeyError as error:
        return f"recovered {error}"
    finally:
        print("cleanup")


c = cleanup()
c.send(None)
c.close()
c = cleanup()
c.send(None)
try:
    c.throw(KeyError("k"))
except StopIteration as stop:
    print(stop.value)


class Bad:
    def __await__(self):
        return 5


class Worse:
    inner = child(9)

    def __await__(self):
        return self.inner


async def awaits(thing):
    return await thing


for thing in (5, Bad(), Worse(), None, (i for i in [])):
    c = awaits(thing)
    try:
        c.send(None)
    except TypeError as error:
        print(error)
Worse.inner.close()
c = cleanup()
c.send(None)
d = awaits(c)
print(type(c.__await__()).__name__, type(c).__name__)
try:
    d.send(None)
except RuntimeError as error:
    print(error)
c.close()
c = child(4)
try:
    for _ in c:
        pass
except TypeError as error:
    print(error)
try:
    next(c)
except TypeError as error:
    print(error)
try:
    c.send(1)
except TypeError as error:
    print(error)
c.close()
print(repr(c)[:23], c.__name__, c.__qualname__, c.cr_frame, c.cr_origin)


async def recursive(n):
    return n if n < 2 else await recursive(n - 1) + await recursive(n - 2)


try:
    recursive(15).send(None)
except StopIteration as stop:
    print(stop.value)
