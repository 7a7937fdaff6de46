# Subclasses of builtin types keep their payload, get attributes and override methods.


class L(list):
    def append(self, item):
        super().append(item * 2)

    def __getitem__(self, index):
        return "got", super().__getitem__(index)


l = L([1, 2])
l.append(3)
l.name = "list"
print(l, l[0], l.name, len(l), type(l + [1]).__name__, type(l.copy()).__name__, sum(l), list(l), l == [1, 2, 6])


class D(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value + 1)


d = D(a=1)
d["b"] = 1
d.update(c=1)
d.extra = True
print(d, vars(d), type(d | {}).__name__, type(d.copy()).__name__, dict(d), json_like := str(d))


class S(str):
    def __new__(cls, value, tag):
        self = super().__new__(cls, value)
        self.tag = tag
        return self

    def upper(self):
        return S(super().upper(), self.tag + "!")


s = S("abc", "t")
print(s, s.upper(), s.upper().tag, type(s + "d").__name__, s == "abc", {s: 1}["abc"], type(s[0]).__name__, type(s.lower()).__name__, f"{s:>5}")


class T(tuple):
    def __new__(cls, *items):
        return super().__new__(cls, items)

    @property
    def first(self):
        return self[0]


t = T(1, 2, 3)
t.note = "tuple"
print(t, t.first, t.note, type(t[:2]).__name__, t == (1, 2, 3), hash(t) == hash((1, 2, 3)))


class F(float):
    def __add__(self, other):
        return F(float(self) + other)


f = F(1.5)
f.unit = "m"
print(f + 1, type(f + 1).__name__, type(1 + f).__name__, type(-f).__name__, f.unit, f.is_integer())


class B(bytes):
    pass


b = B(b"xy")
b.k = 1
print(b, b.k, type(b[:1]).__name__, b == b"xy", bytes(b))


class St(set):
    pass


class E(ValueError):
    def __init__(self, code):
        super().__init__(f"code {code}")
        self.code = code


x = St([1, 2])
x.y = 1
print(x, x.y, type(x | {3}).__name__, type(x.copy()).__name__, x == {1, 2})
try:
    raise E(7)
except ValueError as error:
    print(repr(error), error.code, error.args)
print(type(True), [c.__name__ for c in bool.__mro__], int("5", 10), L.__new__(L), D.fromkeys("ab", 1))
