# bool, NoneType, Ellipsis, NotImplemented: arithmetic, identity, construction.
print(True + 1, True * 3, True / 2, -True, ~5, True & False, True | 2, True ^ True, type(True & True).__name__, type(True & 1).__name__)
print(bool(), bool([]), bool("a"), bool(0.0), bool(None), True == 1, True is bool(1), hash(True), {True: "a", 1: "b"}, [10, 20][True])
print(repr(True), str(False), f"{True} {True:d} {True:>6} {True!r:5}", "%d %s" % (True, False), int(True), True.bit_length(), True.real, isinstance(True, int))
print(None, repr(None), bool(None), None == None, type(None), hash(None) == hash(None), f"{None}", None is type(None)())
print(..., Ellipsis, type(...), bool(...), ... is type(...)(), Ellipsis.__reduce__(), repr(...))
print(NotImplemented, type(NotImplemented), NotImplemented is type(NotImplemented)(), NotImplemented.__reduce__())
print(None.__class__, None.__doc__, dir(None) == dir(type(None)()), None.__eq__(1), None.__bool__())


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, AttributeError) as error:
        print(type(error).__name__, error)


attempt(lambda: bool(NotImplemented))
attempt(lambda: not NotImplemented)
attempt(lambda: type(None)(1))
attempt(lambda: type(...)(1))
attempt(lambda: type("B", (bool,), {}))
attempt(lambda: type("N", (type(None),), {}))
attempt(lambda: None + 1)
attempt(lambda: None < None)
attempt(lambda: None())
attempt(lambda: None[0])
attempt(lambda: len(None))
attempt(lambda: iter(None))
attempt(lambda: ...())
attempt(lambda: True())
attempt(lambda: format(None, "5"))
attempt(lambda: f"{...:>5}")
attempt(lambda: bool(1, 2))
attempt(lambda: bool(x=1))
attempt(lambda: True.x)


class Odd:
    def __bool__(self):
        return 1


attempt(lambda: bool(Odd()))
attempt(lambda: 1 if Odd() else 2)
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(~True, ~False, [str(w.message)[:60] for w in caught])
print(all([]), any([]), all([1, 0]), any([0, 2]), not [], not not 3, [] or None, 0 and 1)
print((1 > 2) is False, None or "default", [bool(v) for v in ("", " ", "0", (), (0,), {}, 0j, range(0), b"", b"\0")])
