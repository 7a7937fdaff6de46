# Async generators: iteration, asend, athrow, aclose, comprehensions, misuse.
import types


@types.coroutine
def pause(value):
    return (yield value)


def run(awaitable):
    it = awaitable.__await__()
    trace = []
    try:
        while True:
            trace.append(it.send(None))
    except StopIteration as stop:
        return trace, stop.value
    except StopAsyncIteration as stop:
        return trace, "StopAsyncIteration"
    except Exception as error:
        return trace, repr(error)


async def numbers(n):
    try:
        for i in range(n):
            await pause(f"pause {i}")
            got = yield i
            if got:
                print("got", got)
    except ValueError as error:
        print("caught", error)
        yield "from except"
    finally:
        print("finally")


ag = numbers(3)
print(run(ag.__anext__()), run(ag.asend("hello")), run(ag.athrow(ValueError("v"))), run(ag.__anext__()), run(ag.__anext__()))
ag = numbers(2)
print(run(ag.__anext__()), run(ag.aclose()), run(ag.__anext__()), ag.ag_frame, ag.ag_running)


async def consume():
    out = []
    async for v in numbers(2):
        out.append(v)
    else:
        out.append("else")
    out.append([v * 2 async for v in numbers(2)])
    out.append({v: [w async for w in numbers(v)] async for v in numbers(3) if v != 1})
    out.append(sum([v async for v in numbers(4)]))
    gen = (v async for v in numbers(2))
    out.append(await anext(gen))
    out.append(await anext(gen, "d"))
    out.append(await anext(gen, "default"))
    return out


print(run(consume()))
ag = numbers(1)
print(run(ag.asend(5)))
for bad in (lambda: iter(ag), lambda: next(ag), lambda: len(ag), lambda: anext(5), lambda: aiter([])):
    try:
        bad()
    except TypeError as error:
        print(error)
print(type(ag).__name__, ag.__name__, aiter(ag) is ag, hasattr(ag, "asend"), hasattr(ag, "athrow"), hasattr(ag, "aclose"))


async def raises():
    yield 1
    raise StopAsyncIteration("inside")


ag = raises()
print(run(ag.__anext__()), run(ag.__anext__()))


async def misuse():
    for v in numbers(1):
        pass


async def misuse2():
    async for v in [1]:
        pass


print(run(misuse()), run(misuse2()))
for source in ("async def f():\n yield 1\n return 2", "def f():\n await x", "def f():\n async with a: pass", "async def f():\n yield from x", "await 1", "async for x in y: pass", "[x async for x in y]", "def f(): return [await x for x in y]"):
    try:
        compile(source, "s", "exec")
        print("fine", source)
    except SyntaxError as error:
        print(error.msg)
