# list: the whole method list, slices and errors.
l = [3, 1, 2]
l.append(4)
l.extend((5, 6))
l.extend("ab")
l.insert(0, "first")
l.insert(-1, "before last")
l.insert(100, "end")
print(l, l.pop(), l.pop(0), l.pop(-2), l)
l.remove("a")
print(l.index(1), l.index(2, 1), l.index(2, -5, -1), l.count(1), l.copy(), l.copy() is l)
l = [5, 2, 8, 1]
l.sort()
print(l, l.sort(reverse=True), l)
l.reverse()
print(l, sorted("bca"), sorted([3, -1, 2], key=abs), sorted(["bb", "a", "cc"], key=len, reverse=True))
l = list(range(10))
l[2:4] = ["x"]
print(l)
l[::2] = "ABCDE"
print(l)
l[3:3] = [1, 2, 3]
l[-1:] = []
del l[0], l[1:3], l[::3]
print(l)
l[:] = l[::-1]
l *= 2
l += (7,)
l += "q"
print(l, l * 0, [1] + [2], 2 * [0], [[]] * 2)
print([1, 2] == [1, 2], [1, 2] < [1, 3], [1] < [1, 0], [] < [0], [1, "a"] == [1, "a"], [1, 2] != (1, 2), 1 in [1, 2], [] in [[]], [nan := float("nan")] == [nan])
print(list(), list("ab"), list({1: 2}), list(range(3)), [*"xy"], list((1, 2)), list([1])[0], [1, 2, 3][-2], [1, 2, 3][5:], [1, 2, 3][::-2], [0, 1, 2, 3][-3:-1])
l = [1, 2, 3]
l.append(l)
print(l, l[3][3][0], l == l)
l.clear()
print(l, bool(l), repr([1.5, "a", None, b"b"]), str([[], [1]]))
grow = []
for i in range(1000):
    grow.insert(0, i)
print(grow[:3], grow[-1], len(grow), grow[500])
it = iter(values := [1, 2, 3])
for v in it:
    if v == 1:
        values.append(4)
    print(v, end=" ")
print(it.__length_hint__(), list(it))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, IndexError, MemoryError) as error:
        print(type(error).__name__, error)


attempt(lambda: [].pop())
attempt(lambda: [1].pop(5))
attempt(lambda: [1].remove(2))
attempt(lambda: [1].index(2))
attempt(lambda: [1][1])
attempt(lambda: [1]["a"])
attempt(lambda: [1][1.0])
attempt(lambda: [1].__setitem__(3, 0))
attempt(lambda: [1].__delitem__(3))
attempt(lambda: [1, 2, 3].__setitem__(slice(0, 3, 2), [1]))
attempt(lambda: [1].__setitem__(slice(0, 1), 5))
attempt(lambda: [1] + (2,))
attempt(lambda: [1] * "a")
attempt(lambda: [1].extend(5))
attempt(lambda: [1, "a"].sort())
attempt(lambda: [1].sort(5))
attempt(lambda: [1] < (1,))
attempt(lambda: hash([]))
attempt(lambda: [1].insert("a", 1))
attempt(lambda: [1].copy(2))
attempt(lambda: [1][::0])
attempt(lambda: [0] * 2**62)
