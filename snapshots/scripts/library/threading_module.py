# threading, queue and concurrent.futures: results, synchronisation, exceptions.
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait

results, lock = [], threading.Lock()


def work(n):
    total = sum(range(n * 1000))
    with lock:
        results.append((n, total))


threads = [threading.Thread(target=work, args=(i,), name=f"w{i}") for i in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results), [t.is_alive() for t in threads][:2], threads[0].name, threading.main_thread().name, threading.current_thread() is threading.main_thread(), threading.active_count())
counter = 0


def increment():
    global counter
    for _ in range(5000):
        with lock:
            counter += 1


threads = [threading.Thread(target=increment) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(counter)
q, out = queue.Queue(3), []


def consumer():
    while (item := q.get()) is not None:
        out.append(item * item)
        q.task_done()
    q.task_done()


c = threading.Thread(target=consumer)
c.start()
for i in range(10):
    q.put(i)
q.put(None)
q.join()
c.join()
print(out, q.empty(), q.qsize())
for f in (lambda: q.get_nowait(), lambda: q.get(timeout=0.01), lambda: queue.LifoQueue().get(block=False), lambda: [queue.Queue(1).put_nowait(i) or full.put_nowait(i) for full in [queue.Queue(1)] for i in range(2)]):
    try:
        f()
    except (queue.Empty, queue.Full) as error:
        print(type(error).__name__)
p = queue.PriorityQueue()
[p.put(v) for v in (3, 1, 2)]
print([p.get() for _ in range(3)])
event, order = threading.Event(), []


def waiter():
    order.append(("waited", event.wait(5)))


t = threading.Thread(target=waiter)
t.start()
event.set()
t.join()
print(order, event.is_set(), threading.Event().wait(0.01))
barrier = threading.Barrier(3, action=lambda: order.append("barrier"))
threads = [threading.Thread(target=barrier.wait) for _ in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
print(order[-1], barrier.broken)
condition, items = threading.Condition(), []


def produce():
    with condition:
        items.append("made")
        condition.notify()


with condition:
    threading.Thread(target=produce).start()
    print(condition.wait_for(lambda: items, timeout=5))
semaphore = threading.BoundedSemaphore(2)
print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(blocking=False), semaphore.release(), semaphore.release())
rlock = threading.RLock()
with rlock, rlock:
    print("reentrant", lock.locked())
local = threading.local()
local.x = "main"
seen = []
t = threading.Thread(target=lambda: seen.append(hasattr(local, "x")))
t.start()
t.join()
print(seen, local.x)
caught = []
threading.excepthook = lambda args: caught.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
t = threading.Thread(target=lambda: 1 / 0, name="failing")
t.start()
t.join()
print(caught)
with ThreadPoolExecutor(3) as pool:
    print(list(pool.map(lambda v: v * 2, range(5))), pool.submit(pow, 2, 10).result(), sorted(f.result() for f in as_completed([pool.submit(int, str(i)) for i in range(4)])))
    failed = pool.submit(int, "x")
    print(repr(failed.exception()), failed.done(), len(wait([failed]).done))
timer = threading.Timer(0.01, lambda: order.append("timer"))
timer.start()
timer.join()
print(order[-1])
for f in (lambda: lock.release(), lambda: semaphore.release(), lambda: threading.Thread(target=1).join(), lambda: t.start(), lambda: threading.current_thread().join(), lambda: threading.Thread(5), lambda: rlock.release(), lambda: lock.acquire(timeout=-5), lambda: condition.notify()):
    try:
        f()
    except (RuntimeError, ValueError, AssertionError) as error:
        print(type(error).__name__, error)
daemon = threading.Thread(target=time.sleep, args=(60,), daemon=True)
daemon.start()
print(daemon.daemon, daemon.is_alive(), "done")
