# timeout: 60
# Threads on shared lists, dicts, sets and attributes: what must hold without any lock.
import threading

N, WORKERS = 2000, 4


def run(*functions):
    threads = [threading.Thread(target=f) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


shared, mapping, unique = [], {}, set()


def appender(k):
    def work():
        for i in range(N):
            shared.append((k, i))
            mapping[k, i] = i
            unique.add(i)

    return work


run(*(appender(k) for k in range(WORKERS)))
print(len(shared), len(mapping), len(unique), all([i for k, i in shared if k == w] == list(range(N)) for w in range(WORKERS)))
queue, taken = list(range(N * WORKERS)), []


def popper():
    mine = []
    while True:
        try:
            mine.append(queue.pop())
        except IndexError:
            break
    taken.append(mine)


run(*[popper] * WORKERS)
print(sorted(v for mine in taken for v in mine) == list(range(N * WORKERS)), queue)


class Box:
    pass


box = Box()


def writer(k):
    def work():
        for i in range(N):
            setattr(box, f"a{k}", i)
            box.shared = (k, i)

    return work


def reader():
    for _ in range(N):
        value = getattr(box, "shared", None)
        assert value is None or (len(value) == 2 and 0 <= value[1] < N)


run(*(writer(k) for k in range(WORKERS)), reader, reader)
print([getattr(box, f"a{k}") for k in range(WORKERS)], box.shared[1] == N - 1)
errors = []


def churn():
    try:
        for i in range(N):
            d = dict(mapping)
            shared.sort(key=lambda p: p[1]) if i % 1000 == 0 else None
            list(unique)
            if i > 20:
                break
    except (RuntimeError, ValueError) as error:
        errors.append(type(error).__name__)


run(churn, churn, appender(9))
print(set(errors) <= {"RuntimeError", "ValueError"}, len(mapping))
swapped = {"a": 0, "b": 1}


def swapper():
    for _ in range(N):
        swapped["a"], swapped["b"] = swapped["b"], swapped["a"]


run(swapper, swapper)
print(set(swapped) == {"a", "b"}, set(swapped.values()) <= {0, 1})
once = {}
run(*[lambda: once.setdefault("key", threading.get_ident())] * 1, *[lambda: [once.setdefault("key", object()) for _ in range(N)]] * 3)
print(len(once))
results = []


def imports():
    import json.decoder
    import email.message

    results.append((json.decoder.JSONDecoder.__name__, email.message.Message.__name__))


run(*[imports] * 4)
print(set(results))
