# Dictionaries that change while iterated, keys with odd equality, insertion order under churn.
d = {i: i for i in range(5)}
for action in ("del d[k]", "d[k + 10] = 1", "d[k] = 0", "d.clear()"):
    d = {i: i for i in range(5)}
    seen = []
    try:
        for k in d:
            seen.append(k)
            exec(action)
    except RuntimeError as error:
        print(action, seen, error)
    else:
        print(action, seen, d)
it = iter({1: 2, 3: 4})
print(next(it), it.__length_hint__(), next(it), next(it, "end"), next(it, "still"))


class Key:
    def __init__(self, name, hash_value=1):
        self.name, self.hash_value = name, hash_value

    def __hash__(self):
        return self.hash_value

    def __eq__(self, other):
        log.append((self.name, other.name))
        return self.name == other.name

    def __repr__(self):
        return self.name


log = []
a, b, c = Key("a"), Key("b"), Key("c", 2)
d = {a: 1, b: 2, c: 3}
print(d, len(log) > 0)
log.clear()
print(d[b], d[Key("a")], Key("zz") in d, d.get(Key("c", 2)))
d[Key("a")] = "new value, old key"
print(d, [k is a for k in d])


class Mutating:
    def __hash__(self):
        return 5

    def __eq__(self, other):
        target.clear()
        return False


target = {}
target[Mutating()] = 1
target[Mutating()] = 2
print(len(target) in (1, 2))
order = {}
for word in "to be or not to be that is the question".split():
    order[word] = order.pop(word, 0) + 1
print(order)
counts = {}
for ch in "mississippi":
    counts[ch] = counts.get(ch, 0) + 1
print(counts, max(counts, key=counts.get), sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))
groups = {}
for i in range(12):
    groups.setdefault(i % 4, []).append(i)
print(groups, {v: k for k, v in counts.items()}, dict(reversed(list(counts.items()))))
mixed = {1: "a", "1": "b", 1.5: "c", (1,): "d", b"1": "e", None: "f", frozenset([1]): "g", True: "h"}
print(len(mixed), mixed[1], [mixed[k] for k in ("1", 1.5, (1,), b"1", None, frozenset([1]))])
print({**mixed} == mixed, list({"b": 1, "a": 2} | {"c": 0, "b": 9}), {}.keys() == set(), dict(a=1).items() <= {("a", 1), ("b", 2)})
