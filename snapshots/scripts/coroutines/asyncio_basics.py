# timeout: 40
# asyncio: tasks, gather, queues, timeouts, cancellation, groups, locks, streams of events.
import asyncio


async def worker(name, delay, log):
    log.append(f"{name} starts")
    await asyncio.sleep(delay)
    log.append(f"{name} ends")
    return name


async def main():
    log = []
    print(await asyncio.gather(worker("a", 0.02, log), worker("b", 0.01, log), worker("c", 0, log)), log)
    results = await asyncio.gather(worker("x", 0, log), asyncio.sleep(0, "y"), fail("z"), return_exceptions=True)
    print(results)
    task = asyncio.create_task(asyncio.sleep(10), name="sleeper")
    await asyncio.sleep(0)
    task.cancel("stop it")
    try:
        await task
    except asyncio.CancelledError as error:
        print("cancelled", error, task.cancelled(), task.get_name())
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(5)
    except TimeoutError as error:
        print("timeout", repr(error))
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except asyncio.TimeoutError:
        print("wait_for")
    queue = asyncio.Queue(2)

    async def producer():
        for i in range(5):
            await queue.put(i)
        await queue.put(None)

    async def consumer():
        got = []
        while (item := await queue.get()) is not None:
            got.append(item)
        return got

    print((await asyncio.gather(producer(), consumer()))[1])
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail("in group"))
            group.create_task(asyncio.sleep(5))
    except* ValueError as errors:
        print([str(e) for e in errors.exceptions])
    lock, order = asyncio.Lock(), []

    async def locked(n):
        async with lock:
            order.append(n)
            await asyncio.sleep(0)
            order.append(n)

    await asyncio.gather(*(locked(i) for i in range(3)))
    print(order, lock.locked())
    event = asyncio.Event()
    waiter = asyncio.create_task(event.wait())
    asyncio.get_running_loop().call_soon(event.set)
    print(await waiter, event.is_set())
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(0.001, i)) for i in range(3)])
    print(sorted(t.result() for t in done), pending)
    future = asyncio.get_running_loop().create_future()
    future.set_result("set")
    print(await future, future.done())
    print(await asyncio.to_thread(lambda: "from thread"))
    first = [await c for c in asyncio.as_completed([asyncio.sleep(0.02, "late"), asyncio.sleep(0, "soon")])]
    print(first)
    return "done"


async def fail(message):
    await asyncio.sleep(0)
    raise ValueError(message)


print(asyncio.run(main()))
try:
    asyncio.run(fail("out"))
except ValueError as error:
    print(error)
try:
    asyncio.run(5)
except (ValueError, TypeError) as error:
    print(error)
