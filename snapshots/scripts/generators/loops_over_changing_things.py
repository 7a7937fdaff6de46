"""Loops over things that change under them, and pairs that are never made."""

log = []
items = [1, 2, 3]
for item in items:
    if len(items) < 8:
        items.append(item * 10)
    log.append(item)
print(log, items)
log = []
items = list(range(10))
for item in items:
    log.append(item)
    items.pop()
print(log, items)
iterator = iter(items)
print(list(iterator), list(iterator))
items.append("late")
print(list(iterator))


def attempt(make):
    seen = []
    try:
        make(seen)
    except Exception as error:
        seen.append(f"{type(error).__name__}: {error}")
    print(make.__name__, seen)


def dict_grows(seen):
    table = {"a": 1, "b": 2}
    for key, value in table.items():
        seen.append((key, value))
        table[key * 2] = value


def dict_shrinks(seen):
    table = {"a": 1, "b": 2}
    for key in table:
        seen.append(key)
        del table[key]


def dict_values_change(seen):
    table = {"a": 1, "b": 2, "c": 3}
    for key, value in table.items():
        table["c"] = value * 100
        seen.append((key, value))
    for value in table.values():
        table["a"] = value + 1
        seen.append(value)


def dict_keys_replaced(seen):
    table = {1: 1}
    for key in table:
        seen.append(key)
        del table[key]
        table[key + 10] = 0


def set_grows(seen):
    numbers = {1, 2, 3}
    for number in numbers:
        seen.append(number)
        numbers.add(number + 10)


def enumerate_fails(seen):
    def failing():
        yield "x"
        raise OSError("inside")

    for number, item in enumerate(failing(), 2**62 - 1):
        seen.append((number, item))


def zip_ends(seen):
    first, second = iter([1, 2, 3]), iter("ab")
    for left, right in zip(first, second):
        seen.append((left, right))
    seen.append(list(first))
    for left, right in zip("abc", [1, 2], strict=True):
        seen.append((left, right))


def pairs_wanted_whole(seen):
    for pair in enumerate("ab"):
        seen.append(pair)
    for pair in {"k": "v"}.items():
        seen.append(pair)
    for a, b, c in zip("ab", "cd", "ef"):
        seen.append(a + b + c)
    for a, (b, c) in enumerate(["xy"]):
        seen.append(a)
        seen.append(b + c)


def wrong_number(seen):
    for a, b, c in enumerate("ab"):
        seen.append((a, b, c))


def wrong_number_of_items(seen):
    for a, b, c in {1: 2}.items():
        seen.append((a, b, c))


def old_values_stay(seen):
    a = b = "before"
    for a, b in enumerate(()):
        seen.append("never")
    seen.append((a, b))
    for a, b in zip([1], iter(lambda: 1 // 0, None)):
        seen.append("never")


for make in (
    dict_grows, dict_shrinks, dict_values_change, dict_keys_replaced, set_grows, enumerate_fails, zip_ends,
    pairs_wanted_whole, wrong_number, wrong_number_of_items, old_values_stay,
):
    attempt(make)


class Sub(enumerate):
    def __next__(self):
        number, item = super().__next__()
        return item, number


print([(a, b) for a, b in Sub("xy")])
row = [[index, index * index] for index in range(5)]
for index, (number, square) in enumerate(row):
    row[index] = square, number
print(row, [*zip(*row)])


# Stores, slices and tables that grow by appending.
numbers = []
for number in range(5000):
    numbers.append(number)
print(len(numbers), sum(numbers), numbers[::1000])
numbers[1:4] = numbers[2:5]
numbers[5:5] = [-1, -2]
numbers[0:3] = []
print(numbers[:6], len(numbers))
table = {number: number for number in range(3000)}
for number in range(0, 3000, 3):
    del table[number]
table.update((number, 0) for number in range(2000, 4000))
print(len(table), sum(table), sum(table.values()))
mixed = {float(number) for number in range(100)} | set(range(50, 150))
print(len(mixed), sum(mixed), 1.0 in mixed, True in mixed, -1 in mixed)
