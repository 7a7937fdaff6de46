"""The module docstring."""
# Docstrings, names and qualified names of code, constants folded or not.


def f():
    """Function docstring.

        indented
    more
    """
    return f.__doc__


class C:
    """Class docstring."""

    def m(self):
        "method" " joined"

    def n(self):
        f"not {1} a docstring"

    def o(self):
        b"not either"
        """nor this"""

    class D:
        def deep(self):
            return lambda: (i for i in [1])


print(repr(__doc__), repr(f()), C.__doc__, C.m.__doc__, C.n.__doc__, C.o.__doc__)
print(C.D.deep.__qualname__, C.D().deep().__qualname__, C.D().deep()().__qualname__)
code = f.__code__
print(code.co_name, code.co_qualname, code.co_argcount, code.co_varnames, code.co_firstlineno)


def g(a, /, b, c=1, *d, e, f=2, **h):
    x = y = 1
    return [z for z in d]


code = g.__code__
print(code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_varnames, bin(code.co_flags))
print(g.__defaults__, g.__kwdefaults__, g.__name__, g.__module__, g.__dict__)
g.attribute = 1
g.__name__ = "renamed"
g.__qualname__ = "q.renamed"
print(g.__dict__, g.__name__, g.__qualname__, g.__code__.co_name)
print([type(c).__name__ for c in f.__code__.co_consts if c is not None])
for bad in (lambda: setattr(g, "__name__", 1), lambda: setattr(g, "__defaults__", 1), lambda: setattr(g, "__code__", 1), lambda: delattr(g, "__name__")):
    try:
        bad()
    except (TypeError, AttributeError) as error:
        print(error)
