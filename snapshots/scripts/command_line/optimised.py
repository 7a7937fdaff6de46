# args: -O {script} arg
# -O removes asserts and __debug__ blocks; -X options reach sys._xoptions.
import sys

assert False, "removed"
print(__debug__, sys.flags.optimize, sys.argv[1:])
if __debug__:
    print("never")


def f():
    "kept docstring"
    assert 1 / 0


print(f(), f.__doc__)
exec(compile("assert 0", "s", "exec", optimize=1))
try:
    exec(compile("assert 0", "s", "exec", optimize=0))
except AssertionError:
    print("optimize=0 keeps it")
print("doc" in compile("'doc'", "s", "exec", optimize=2).co_consts)
