# A hint of a length that no list can have: what makes room by it fails, what cannot even add it up ignores it.
import sys


class Hint:
    def __init__(self, hint):
        self.hint = hint

    def __iter__(self):
        return iter(())

    def __length_hint__(self):
        return self.hint


def show(call):
    try:
        print(call())
    except (MemoryError, OverflowError, TypeError, ValueError) as problem:
        print(type(problem).__name__, problem)


for hint in [sys.maxsize, sys.maxsize // 8, 2**62, 2**80, -1, "x", NotImplemented]:
    iterable = Hint(hint)
    items = [1, 2]
    show(lambda: items.extend(iterable))
    show(lambda: [].extend(iterable))
    show(lambda: list(iterable))
    show(lambda: tuple(iterable))
    print(items)
show(lambda: [].extend(range(2**62)))
show(lambda: list(range(2**80)))
show(lambda: [0] * 2**62)


# Items whose comparison empties the lists.
class Emptying:
    def __init__(self, *others):
        self.others = others

    def __eq__(self, other):
        for items in self.others:
            items.clear()
        return NotImplemented


left, right = [], []
left.append(Emptying(right, left))
right.append(Emptying())
print(left == right, left, right)
left.append(Emptying(left))
print(left == [1], [] == left)
left += [Emptying(left), 2, 3]
print(left < [1, 2], left >= [])
