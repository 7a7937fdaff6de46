# Container dunders: length, subscription, iteration, membership, truth, reversal, missing keys.


class Seq:
    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        print(f"[{index}]", end=" ")
        return self.items[index]


s = Seq(1, 2, 3)
print(list(s), 2 in s, 9 in s, list(reversed(s)), bool(Seq()), s[1:], s[-1])
a, b, c = s
print(a, b, c)


class Full:
    def __setitem__(self, key, value):
        print("set", key, value)

    def __delitem__(self, key):
        print("del", key)

    def __contains__(self, item):
        return "yes" if item else ""

    def __iter__(self):
        return iter("iter")

    def __reversed__(self):
        return ["reversed"]

    def __bool__(self):
        return False

    def __length_hint__(self):
        return 3


f = Full()
f[1], f["a":"b"] = 2, 3
del f[1, 2], f[...]
print(1 in f, 0 in f, 1 not in f, list(f), reversed(f), bool(f), not f)


class Missing(dict):
    def __missing__(self, key):
        return f"missing {key}"


m = Missing(a=1)
print(m["a"], m["b"], m.get("b"), "b" in m)
for action in (lambda: len(f), lambda: f[0], lambda: iter(Seq.__len__), lambda: 1 in 5, lambda: reversed(5), lambda: (5)[0],
               lambda: operator_del(5), lambda: next(f)):
    try:
        action()
    except (TypeError, NameError) as error:
        print(error)


class Bad:
    def __init__(self, value):
        self.value = value

    def __len__(self):
        return self.value

    def __bool__(self):
        return self.value

    def __iter__(self):
        return self.value


for value in (-1, "a", 2**100, 1.5):
    for function in (len, bool, iter):
        try:
            function(Bad(value))
        except (TypeError, ValueError, OverflowError) as error:
            print(type(error).__name__, error)


class OldIter:
    def __getitem__(self, i):
        if i == 3:
            raise IndexError
        return i * i


print(list(OldIter()), 4 in OldIter(), list(zip(OldIter(), "abc")), [*OldIter()])
