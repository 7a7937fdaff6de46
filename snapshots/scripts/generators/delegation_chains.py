"""Chains of delegating generators: sending, throwing, closing and re-entering at every depth and in every state."""

import sys
import types


def leaf(log):
    depth = 0
    frame = sys._getframe()
    while frame.f_back.f_code.co_name == "chain":
        depth, frame = depth + 1, frame.f_back
    log.append(depth)
    try:
        got = yield "leaf 1"
        log.append(("got", got))
        got = yield "leaf 2"
        log.append(("got", got))
    except KeyError as error:
        log.append(("caught", repr(error)))
        yield "after throw"
    finally:
        log.append("leaf done")
    return "leaf value"


def chain(depth, log):
    if depth == 0:
        return (yield from leaf(log))
    result = yield from chain(depth - 1, log)
    return (depth, result)


def drive(action):
    log = []
    generator = chain(5, log)
    seen = [next(generator)]
    try:
        action(generator, seen)
    except BaseException as error:
        depth, traceback = 0, error.__traceback__
        while traceback is not None:
            depth, traceback = depth + 1, traceback.tb_next
        seen.append((type(error).__name__, str(error), depth))
    print(action.__name__, seen, log, generator.gi_running, generator.gi_yieldfrom is None)


def sends(generator, seen):
    for value in "abc":
        seen.append(generator.send(value))


def throws(generator, seen):
    seen.append(generator.throw(KeyError("k")))
    seen.append(next(generator))


def throws_uncaught(generator, seen):
    seen.append(generator.throw(OSError("o")))


def closes(generator, seen):
    seen.append(generator.close())
    seen.append(next(generator, "finished"))


def inner_first(generator, seen):
    inner = generator
    while isinstance(inner.gi_yieldfrom, types.GeneratorType):
        inner = inner.gi_yieldfrom
    seen.append(next(inner))
    seen.append(generator.send("x"))


def inner_closed(generator, seen):
    inner = generator
    while isinstance(inner.gi_yieldfrom, types.GeneratorType):
        inner = inner.gi_yieldfrom
    inner.close()
    seen.append(next(generator))


def middle_closed(generator, seen):
    generator.gi_yieldfrom.gi_yieldfrom.close()
    seen.append(generator.send("y"))


for action in sends, throws, throws_uncaught, closes, inner_first, inner_closed, middle_closed:
    drive(action)


# A chain that meets one of its own members: the member is executing already.
def loop(holder):
    yield 1
    yield from holder[0]


holder = []
outer = loop(holder)
holder.append(loop([outer]))
print(next(outer), next(outer))
try:
    next(outer)
except ValueError as error:
    print("ValueError:", error)
print(list(outer))


# The same member in two chains.
def shared():
    yield from (1, 2, 3, 4)


def through(iterator):
    yield from iterator


inner = shared()
left, right = through(through(inner)), through(inner)
print(next(left), next(right), next(left), next(right), next(left, "end"), next(right, "end"))


# Exceptions that are being handled belong to each generator.
def handling(inner):
    try:
        raise KeyError("outer")
    except KeyError:
        yield from inner
        yield repr(sys.exception())


def plain():
    yield repr(sys.exception())
    yield repr(sys.exception())


generator = handling(handling(plain()))
print(next(generator))
try:
    raise ValueError("resumer")
except ValueError:
    print(list(generator), repr(sys.exception()))
print(sys.exception())


# Deep chains: passing through thousands of generators costs no native stack.
def count(depth):
    if depth:
        yield from count(depth - 1)
    yield depth


sys.setrecursionlimit(5000)
print(sum(count(2000)))
sys.setrecursionlimit(300)
try:
    print(sum(count(2000)))
except RecursionError as error:
    print("RecursionError:", error)
