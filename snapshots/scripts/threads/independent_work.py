# timeout: 60
# Threads that share nothing compute the same as one thread: recursion, generators, exceptions, classes, big numbers.
import threading


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def generators(n):
    def count(k):
        for i in range(k):
            yield i * i

    return sum(sum(count(k)) for k in range(n))


def exceptions(n):
    caught = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ValueError(i)
            [][i]
        except (ValueError, IndexError) as error:
            caught += len(type(error).__name__)
    return caught


def classes(n):
    class Local:
        def __init__(self, v):
            self.v = v

        def __add__(self, other):
            return Local(self.v + other.v)

    total = Local(0)
    for i in range(n):
        total = total + Local(i)
        total.extra = str(i)
    return total.v, total.extra


def strings(n):
    out = []
    for i in range(n):
        out.append(f"{i:04d}".replace("0", "zero")[:7])
    return len("".join(out)), hash(tuple(out)) == hash(tuple(out))


def bigs(n):
    value = 1
    for i in range(1, n):
        value = value * i % (10**50 + 7)
    return value


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


JOBS = [(fib, 16), (generators, 80), (exceptions, 2000), (classes, 2000), (strings, 1500), (bigs, 2000), (deep, 700)]
expected = [f(n) for f, n in JOBS]
results = {}


def worker(k):
    results[k] = [f(n) for f, n in JOBS[k:] + JOBS[:k]]


threads = [threading.Thread(target=worker, args=(k,)) for k in range(len(JOBS))]
[t.start() for t in threads]
[t.join() for t in threads]
print(expected)
print([results[k] == expected[k:] + expected[:k] for k in range(len(JOBS))])
failures = []


def overflow():
    def forever():
        return forever() + 1

    try:
        forever()
    except RecursionError:
        failures.append("recursion error")


threads = [threading.Thread(target=overflow) for _ in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
print(failures)
