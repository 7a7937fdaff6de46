# async def, await, async for, async with, and comprehensions of them, driven by hand.


class Ready:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield ("wait", self.value)
        return (self.value, got)


class Manager:
    async def __aenter__(self):
        print("enter", await Ready("in"))
        return self

    async def __aexit__(self, kind, error, trace):
        print("exit", kind and kind.__name__, await Ready("out"))
        return kind is KeyError


class Counter:
    def __init__(self, stop):
        self.now, self.stop = 0, stop

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.now == self.stop:
            raise StopAsyncIteration
        self.now += 1
        return self.now


async def numbers():
    yield 10
    received = yield (await Ready("inside"))[0]
    print("received", received)


def drive(coroutine):
    sent = None
    try:
        while True:
            print("  yielded", coroutine.send(sent))
            sent = "reply"
    except StopIteration as stop:
        return stop.value


async def main():
    async with Manager() as m, Manager():
        print("body", type(m).__name__)
    async with Manager():
        raise KeyError("swallowed")
    async for i in Counter(2):
        print("for", i)
    else:
        print("else")
    print([i async for i in Counter(3) if i != 2], {i: await Ready(i) async for i in Counter(1)})
    print([v async for v in numbers()])
    return "done"


print(drive(main()))
