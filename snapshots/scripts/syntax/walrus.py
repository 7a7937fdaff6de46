# Assignment expressions and the scope that they bind in.
if (n := len("hello")) > 3:
    print(n)
print([y := 1, y**2, y + 1])
data = iter([1, 2, 3, 0, 4])
while item := next(data):
    print("item", item)
total = 0
print([total := total + v for v in range(5)], total)
print(any((witness := v) > 2 for v in [1, 2, 3, 4]), witness)


def inner():
    values = [(last := i) for i in range(4)]
    return values, last


print(inner())


def with_global():
    global from_comprehension
    {from_comprehension := k for k in (1, 2)}


with_global()
print(from_comprehension)


def with_nonlocal():
    seen = None

    def go():
        nonlocal seen
        return [seen := i for i in range(3)]

    go()
    return seen


print(with_nonlocal())
print((a := 1, b := 2), a, b)
print(f"{(w := 5)} {w!r:>3}")
x = (y := 2) + (z := y * 3)
print(x, y, z)
for source in ("(x for x in (y := [1]))", "[i := 0 for i in range(3)]", "[j for i in (j := [1])]", "class A: [c := i for i in ()]"):
    try:
        compile(source, "<s>", "exec")
        print("fine", source)
    except SyntaxError as error:
        print(error.msg)
