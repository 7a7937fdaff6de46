# dict: construction, the whole method list, order, views, merging.
print({}, dict(), dict(a=1, b=2), dict([("x", 1), ("y", 2)]), dict({"z": 3}, w=4), dict(zip("ab", range(2))), {**{"a": 1}, "a": 2}, dict.fromkeys("ab"), dict.fromkeys([1, 2], 0), {k: k * k for k in range(3)})
d = {"one": 1, "two": 2, "three": 3}
print(d["one"], d.get("one"), d.get("x"), d.get("x", 0), "two" in d, "x" not in d, len(d), list(d), bool({}))
print(d.setdefault("one", 9), d.setdefault("four", 4), d.setdefault("none"), d)
print(d.pop("none"), d.pop("missing", "default"), d.popitem(), d)
d.update({"one": 11}, five=5)
d.update([("six", 6)])
d.update()
print(d, d.copy() == d, d.copy() is d)
del d["two"]
d["two"] = 22
print(list(d.items()), list(reversed(d)), list(reversed(d.items())), list(reversed(d.values())))
print(d.keys(), d.values(), d.items(), len(d.keys()), "one" in d.keys(), ("one", 11) in d.items(), 11 in d.values())
print(sorted(d.keys() & {"one", "zzz"}), sorted(d.keys() | {"q"}), sorted(d.keys() - {"one"}), sorted(d.keys() ^ {"one", "q"}), d.keys() == {"one", "three", "five", "six", "two"}, d.keys() >= {"one"}, d.keys().isdisjoint(["q"]), {1: 2}.items() == {(1, 2)}, {1: 2}.values() == {1: 2}.values())
print({"a": 1} | {"b": 2}, {"a": 1} | {"a": 2}, {"a": 1} == {"a": 1.0}, {"a": 1, "b": 2} == {"b": 2, "a": 1}, {1: 2} != {1: 3})
e = {"a": 1}
e |= {"b": 2}
e |= [("c", 3)]
print(e, e.keys().mapping, type(e.keys().mapping).__name__)
print({1: "int", 1.0: "float", True: "bool"}, {(1, 2): 3}[1, 2], {None: 1, "": 2, 0: 3}, {"k": {"nested": [1]}})
view = d.items()
d.clear()
print(view, d, {0: 1, -1: 2, 2**70: 3}[2**70], {i: None for i in range(1000)}.popitem())
r = {}
r["self"] = r
print(r, repr({"a": [r]}))
big = {}
for i in range(2000):
    big[i] = i
for i in range(0, 2000, 2):
    del big[i]
for i in range(3):
    big[i * 2] = "again"
print(len(big), list(big)[:3], list(big)[-4:], sum(k for k in big if k < 100))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        print(type(error).__name__, error)


attempt(lambda: {}["x"])
attempt(lambda: {}[(1, 2)])
attempt(lambda: {}.pop("x"))
attempt(lambda: {}.popitem())
attempt(lambda: {}.__delitem__("k"))
attempt(lambda: {[]: 1})
attempt(lambda: {}[[]])
attempt(lambda: [] in {})
attempt(lambda: {} < {})
attempt(lambda: {} + {})
attempt(lambda: dict([1, 2]))
attempt(lambda: dict(["abc"]))
attempt(lambda: dict(5))
attempt(lambda: {}.update(5))
attempt(lambda: {} | 5)
attempt(lambda: dict(a=1, **{"a": 2}))
attempt(lambda: hash({}))
attempt(lambda: [k for k in e if e.update({k + "x": 1})])
attempt(lambda: [e.pop(k) for k in e])
attempt(lambda: {}.get())
attempt(lambda: {}.fromkeys(1))
