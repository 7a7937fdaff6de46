"""Threads that share iterators and generators: nothing is lost from the list, and a busy generator says so."""

import threading


def run(count, work):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def numbers(count):
    for number in range(count):
        yield number


def inner(count):
    yield from numbers(count)


def outer(count):
    yield from inner(count)


# Each step of a shared generator is one thread's; the others are told.
generator, seen, busy = outer(20000), [], []


def take(number):
    mine = []
    while True:
        try:
            mine.append(next(generator))
        except StopIteration:
            break
        except ValueError as error:
            if not busy:
                busy.append(str(error))
    seen.extend(mine)


run(4, take)
print(sorted(seen) == list(range(20000)), set(busy) <= {"generator already executing"})

# A list that one thread fills while others walk over it and unpack from it.
filled, pairs = [], [[1, 2]]


def fill_or_walk(number):
    if number == 0:
        for value in range(20000):
            filled.append(value)
            pairs[0] = [value, value] if value % 2 else (value, value)
    else:
        for _ in range(20):
            previous = -1
            for value in filled:
                if value != previous + 1:
                    print("out of order", previous, value)
                previous = value
            for _ in range(500):
                left, right = pairs[0]
                if left != right and (left, right) != (1, 2):
                    print("torn", left, right)


run(3, fill_or_walk)
print(len(filled), sum(filled))

# Sets and dicts that all threads add to.
keys, table = set(), {}


def add(number):
    for value in range(4000):
        keys.add(value * 4 + number)
        table[value * 4 + number] = number
        keys.add(value)


run(4, add)
print(len(keys), sum(keys), len(table), sum(table.values()))
shared = (object(), "text", 2.5)
hashes = set()
run(4, lambda number: hashes.add(hash(shared)))
print(len(hashes))
