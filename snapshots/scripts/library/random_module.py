# random with fixed seeds: the exact sequences of the Mersenne Twister.
import random

r = random.Random(12345)
print([r.random() for _ in range(3)], r.getrandbits(40), r.getrandbits(100), r.randrange(10), r.randrange(5, 50, 5), r.randint(1, 6), r.uniform(1, 2), r.choice("abcdef"), r.randbytes(5))
items = list(range(10))
r.shuffle(items)
print(items, r.sample(range(100), 5), r.choices("abc", k=5), r.choices([1, 2, 3], weights=[1, 1, 8], k=5), r.choices("xy", cum_weights=[1, 10], k=3), r.sample(["a", "b"], 3, counts=[2, 2]))
print([round(v, 12) for v in (r.gauss(0, 1), r.normalvariate(0, 1), r.expovariate(1), r.betavariate(1, 2), r.gammavariate(2, 1), r.lognormvariate(0, 1), r.paretovariate(3), r.triangular(0, 1, 0.5), r.vonmisesvariate(0, 4), r.weibullvariate(1, 1.5))], r.binomialvariate(10, 0.3))
for seed in (0, 1, -1, 2**100, "text", b"bytes", bytearray(b"ba"), 1.5, 10**30):
    r = random.Random(seed)
    print(repr(seed), r.random(), r.getrandbits(64), r.randrange(10**20))
state = r.getstate()
first = [r.random() for _ in range(3)]
r.setstate(state)
print(first == [r.random() for _ in range(3)], state[0], len(state[1]))
random.seed(99)
print(random.random(), random.randint(1, 100), random.choice([1, 2, 3]), random.sample(range(1000), 3))
r.seed("again", version=1)
print(r.random())
print(sum(random.Random(7).random() for _ in range(1000)), [random.Random(3).randrange(2**k) for k in (1, 31, 32, 33, 64, 65)])
for f in (lambda: r.randrange(0), lambda: r.randrange(1.5), lambda: r.choice([]), lambda: r.sample([1], 2), lambda: r.sample({1, 2}, 1), lambda: r.choices([1], weights=[0]), lambda: r.getrandbits(-1), lambda: random.Random([]), lambda: r.randint(5, 1), lambda: r.choices([], k=1), lambda: r.shuffle((1, 2)), lambda: r.setstate((1, 2)), lambda: r.randrange(1, 5, 0), lambda: r.choices([1, 2], weights=[1]), lambda: r.getrandbits(0)):
    try:
        print(f())
    except (ValueError, TypeError, IndexError) as error:
        print(type(error).__name__, error)
