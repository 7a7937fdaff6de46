# Which public methods each builtin type has.
for t in (object, type, int, float, complex, bool, str, bytes, bytearray, memoryview, list, tuple, dict, set, frozenset, range, slice, property, staticmethod, classmethod, super, enumerate, zip, map, filter, reversed, BaseException, OSError, ImportError, SyntaxError, UnicodeDecodeError, StopIteration, SystemExit, AttributeError, NameError, KeyError, BaseExceptionGroup, type(None), type(len), type(lambda: 0), type((lambda: (yield))()), type(print.__call__), type({}.keys()), type({}.items()), type({}.values()), type(iter([]))):
    base = object if t is not object else type
    names = [n for n in dir(t) if n not in dir(base) or n in vars(t)] if t is not object else dir(t)
    public = [n for n in names if not n.startswith("_")]
    dunder = [n.strip("_") for n in names if n.startswith("__") and n not in ("__doc__", "__module__", "__firstlineno__", "__static_attributes__")]
    print(t.__name__, public, dunder)


async def c():
    yield 1


print([n for n in dir(c()) if not n.startswith("__")])


async def d():
    pass


coroutine = d()
print([n for n in dir(coroutine) if not n.startswith("__")])
coroutine.close()
print([n for n in dir(c.__code__) if not n.startswith("_co") and not n.startswith("__")])
import sys

try:
    1 / 0
except ZeroDivisionError as error:
    print([n for n in dir(error.__traceback__) if not n.startswith("__")], [n for n in dir(error.__traceback__.tb_frame) if not n.startswith("__")])
