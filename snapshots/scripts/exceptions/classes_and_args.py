# Exception objects: args, str, repr, attributes of the special ones, custom classes, notes.
for e in (ValueError(), ValueError("m"), ValueError("a", 1), KeyError("k"), KeyError(), KeyError(1, 2), OSError(2, "No such file"), OSError(2, "msg", "name"), OSError(1, "m", "f", None, "g"), OSError("just text"), OSError(),
          StopIteration(5), SystemExit(3), SystemExit(), ImportError("m", name="n", path="p"), AttributeError("a", name="x", obj=1), NameError("n", name="q"), UnicodeDecodeError("utf-8", b"ab", 0, 1, "why"), UnicodeEncodeError("ascii", "é", 0, 1, "no"),
          UnicodeTranslateError("é", 0, 1, "bad"), SyntaxError("msg", ("f.py", 3, 5, "text")), SyntaxError("plain"), AssertionError("x"), BaseException(1), RecursionError("deep"), MemoryError(), IndentationError("i", ("f", 1, 2, "t", 1, 4))):
    print(repr(e), "|", str(e), "|", e.args)
print(type(OSError(2, "x")).__name__, type(OSError(17, "x")).__name__, type(OSError(13, "")).__name__, type(OSError(32, "")).__name__, type(OSError(110, "")).__name__, type(OSError(9999, "x")).__name__)
o = OSError(2, "No such", "file")
print(o.errno, o.strerror, o.filename, o.filename2, StopIteration(1, 2).value, SystemExit(4).code, SystemExit((1, 2)).code)
s = SyntaxError("msg", ("f.py", 3, 5, "text\n", 3, 8))
print(s.msg, s.filename, s.lineno, s.offset, s.text, s.end_lineno, s.end_offset, s.print_file_and_line)


class E(Exception):
    def __init__(self, code, *rest, extra=None):
        super().__init__(*rest)
        self.code, self.extra = code, extra

    def __str__(self):
        return f"E{self.code} {self.args}"


try:
    raise E(5, "a", extra=1)
except E as error:
    print(error, repr(error), error.args, error.code)


class NoInit(Exception):
    pass


print(repr(NoInit(1, 2)), NoInit("x"), NoInit().args)
n = ValueError("noted")
n.add_note("first")
n.add_note("second\nline")
print(n.__notes__, hasattr(ValueError(), "__notes__"))
for f in (lambda: n.add_note(1), lambda: ValueError(k=1), lambda: UnicodeDecodeError("a"), lambda: SyntaxError("m", 5), lambda: SyntaxError("m", (1,)), lambda: BaseException.__new__(int), lambda: ImportError(x=1), lambda: AttributeError(foo=1), lambda: OSError(foo=1)):
    try:
        f()
    except (TypeError, IndexError, ValueError) as error:
        print(type(error).__name__, error)
n.args = ("changed",)
print(n, n.args, n.__dict__)
try:
    n.args = 5
except TypeError as error:
    print(error)
n.__setstate__({"attr": 1})
print(n.attr, n.__reduce__()[:2], ValueError("x") == ValueError("x"))
import pickle

for e in (ValueError("a", 1), OSError(2, "m", "f"), E(1, "z"), UnicodeDecodeError("u", b"x", 0, 1, "r"), ImportError("m", name="n")):
    try:
        copy = pickle.loads(pickle.dumps(e))
        print(repr(copy), getattr(copy, "name", None))
    except TypeError as error:
        print("pickle", error)
