# Scoping of comprehensions: isolation of targets, class bodies, closures, evaluation order.
x = "outer"
print([x for x in range(3)], x)
print({k: v for k, v in zip("abc", range(3))}, {i % 2 for i in range(5)}, list(i for i in "xy"))
print([(i, j) for i in range(3) for j in range(i) if (i + j) % 2])
print([[c * 2 for c in row] for row in ["ab", "cd"]])
functions = [lambda: i for i in range(3)]
print([f() for f in functions])
functions = [lambda i=i: i for i in range(3)]
print([f() for f in functions])


class Scope:
    items = [1, 2, 3]
    doubled = [item * 2 for item in items]
    try:
        broken = [item + len(items) for item in range(2)]
    except NameError as error:
        print(error)
    name = "body"
    lazy = (n for n in items)


print(Scope.doubled, list(Scope.lazy), hasattr(Scope, "item"))


def order(label):
    print(label, end=" ")
    return [1, 2]


print([a * b for a in order("first") for b in order("second")])
generator = (print("lazy", v) or v for v in order("eager"))
print(next(generator))


def enclosed():
    captured = 10
    values = [captured + v for v in range(2)]
    captured = 20
    later = (captured + v for v in range(2))
    captured = 30
    return values, list(later), sorted(locals())


print(enclosed())
print([q for q in [1] if "q" in locals()])
print([y for _ in [0] for y in [x + "!"]], [*(a for a in [1, 2])], {**{a: a for a in "z"}})
try:
    print([undefined for _ in [1]])
except NameError as error:
    print(error)
print([k for k in {1: 2}.items() for k in k])
