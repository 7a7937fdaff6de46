# Unpacking in assignments, calls, displays, returns and loops, with every error.
a, *b = "hello"
print(a, b)
*a, b = range(4)
print(a, b)
(a, [b, *c]), d = [(1, (2, 3)), 4]
print(a, b, c, d)
[*a] = {3: 0, 4: 0}
print(a)
a, b = b, a
print(a, b)
first, second, *_, last = iter(range(10))
print(first, second, _, last)


def f(*args, **kwargs):
    return args, kwargs


print(f(*[1, 2], 3, *"ab", **{"k": 1}, z=2, **{"y": 3}))
print([*a, *[5]] if isinstance(a, list) else a, (*[1], 2), {**{}, "x": 1})


def ret():
    rest = [2, 3]
    return 1, *rest


print(ret())
for x, *y in [(1, 2, 3), "ab"]:
    print(x, y)


def attempt(source, value):
    try:
        exec(f"{source} = value", {"value": value})
        print("fine", source)
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)


attempt("a, b", [1])
attempt("a, b", [1, 2, 3])
attempt("a, b, *c", [1])
attempt("a, b", 5)
attempt("*a, b", None)
attempt("a, b", {1: 2, 3: 4, 5: 6})
attempt("a, b", (i for i in range(5)))
attempt("a, (b, c)", [1, 2])
for call in (lambda: f(*5), lambda: f(**5), lambda: f(**{1: 2}), lambda: f(**{"a": 1}, **{"a": 2}), lambda: f(a=1, **{"a": 2})):
    try:
        print(call())
    except TypeError as error:
        print(error)
for source in ("*a, *b = c", "*a = c", "a = *b", "(*a)", "print(*)", "f(**a, *b)", "f(a=1, 2)"):
    try:
        compile(source, "s", "exec")
        print("fine", source)
    except SyntaxError as error:
        print(source, "|", error.msg)
