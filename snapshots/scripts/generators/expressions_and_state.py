# Generator expressions, laziness, frames that outlive, generators in many places at once.


def log(x):
    print("log", x, end="; ")
    return x


lazy = (log(v) * 2 for v in [1, 2, 3] if log(v) != 2)
print("created")
print(next(lazy), next(lazy), list(lazy))
source = [1, 2, 3]
g = (v for v in source)
source = [9]
print(list(g))
source = [1, 2, 3]
g = (v for v in source)
source.append(4)
print(list(g))
factor = 2
g = (v * factor for v in range(3))
factor = 10
print(list(g))
try:
    g = (v for v in 5)
except TypeError as error:
    print(error)
print(sum(i * i for i in range(10)), max((len(w), w) for w in "a bb cc".split()), dict((k, k * 2) for k in "ab"), ",".join(str(i) for i in range(3)), any(i > 5 for i in range(10)), {*(i % 3 for i in range(9))})


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


streams = [fib() for _ in range(3)]
for n, s in enumerate(streams):
    for _ in range(n * 3):
        next(s)
print([next(s) for s in streams], [next(s) for s in streams])


def primes():
    found = []
    candidate = 2
    while True:
        if all(candidate % p for p in found):
            found.append(candidate)
            yield candidate
        candidate += 1


import itertools

print(list(itertools.islice(primes(), 15)))


def sieve(numbers):
    head = next(numbers)
    yield head
    yield from sieve(n for n in numbers if n % head)


print(list(itertools.islice(sieve(itertools.count(2)), 12)))


def permutations(items):
    if not items:
        yield []
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1 :]):
            yield [items[i]] + rest


print(["".join(p) for p in permutations(list("abc"))])


def locals_survive(x):
    y = [x]
    yield y
    y.append(x * 2)
    yield y
    del x
    try:
        yield x
    except UnboundLocalError as error:
        yield str(error)


print(list(locals_survive(3)))
g = (lambda: (yield (yield 1)))()
print(next(g), g.send("inner"), list(g))


def try_in_loop():
    for i in range(3):
        try:
            yield i
        finally:
            print("f", i, end=" ")


loop = try_in_loop()
for v in loop:
    if v == 1:
        break
loop.close()
print([*zip(fib(), "abcd")], repr(fib()).split(" at ")[0], repr(v for v in []).split(" at ")[0])
