# Code through marshal and back: what the compiler made, what was replaced in it, what is nested deeply.
import marshal
import types

SOURCE = '''
"""A module."""
import sys
BIG = 1 << 100, -1 << 70, 2.5, -0.0, 3j, b"bytes", "\\u00e9\\ud800", frozenset({1}), ...
def outer(a, /, b=2, *rest, key=(1, ("x", None)), **more):
    "outer's doc"
    def inner(c):
        return a, b, c, rest, key, sorted(more)
    return inner
def numbers(n):
    for i in range(n):
        try:
            yield 10 // i
        except ZeroDivisionError as error:
            yield str(error)
class Point:
    __slots__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
    def __class_getitem__(cls, item): return item
async def nothing(): pass
lines = [i for i in range(3) if i in {0, 2}]
part = Point[1:2, ::3]
'''
code = marshal.loads(marshal.dumps(compile(SOURCE, "module.py", "exec")))
names = {}
exec(code, names)
print(names["__doc__"], repr(names["BIG"]), names["lines"], names["part"])
print(names["outer"](1, 3, 4, key=5, z=6)(7), names["outer"].__doc__, names["outer"].__kwdefaults__)
print(list(names["numbers"](3)), names["Point"](1, 2).y, code.co_filename, code.co_names[:3])
print(names["numbers"].__code__.co_filename, names["outer"].__code__.co_consts[0])

# Again, from code that came from there, before and after it ran.
again = marshal.loads(marshal.dumps(code))
print(again == code)
function = names["outer"].__code__
print(marshal.loads(marshal.dumps(function)) == function)

# Replaced constants are written as they are.
def greet():
    return "hello", 1

consts = tuple("goodbye" if c == "hello" else ("goodbye", 1) if c == ("hello", 1) else c for c in greet.__code__.co_consts)
changed = marshal.loads(marshal.dumps(greet.__code__.replace(co_consts=consts, co_name="leave")))
print(types.FunctionType(changed, {})(), changed.co_name)

# Deeply nested code.
deep = marshal.loads(marshal.dumps(compile("lambda: " * 150 + "42", "<deep>", "eval")))
value = eval(deep)
while callable(value):
    value = value()
print(value)

# A traceback through it.
try:
    names["outer"](1)()
except TypeError as error:
    print(error)
print(sum(1 for _ in function.co_positions()) > 5)
