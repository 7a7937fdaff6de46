# Source that nests too deeply, made at run time: an error, never a crash.
import sys


def attempt(label, source, mode="exec"):
    try:
        compile(source, "<deep>", mode)
        print(label, "compiles")
    except (SyntaxError, MemoryError, RecursionError) as error:
        print(label, type(error).__name__, str(getattr(error, "msg", ""))[:70])


attempt("100 parentheses", "(" * 100 + "1" + ")" * 100)
attempt("brackets", "[" * 100000 + "]" * 100000)
attempt("open only", "(" * 300)
attempt("dicts", "{1:" * 500 + "1" + "}" * 500)
attempt("indents", "".join(" " * i + "if 1:\n" for i in range(120)) + " " * 120 + "pass")
attempt("blocks", "".join("    " * i + "while 1:\n" for i in range(25)) + "    " * 25 + "pass")
attempt("long sum", "+".join(["1"] * 3000), "eval")
attempt("long and", " and ".join(["a"] * 5000), "eval")
attempt("long comparison", " < ".join(["a"] * 5000), "eval")
attempt("many arguments", "f(" + ",".join(f"a{i}" for i in range(5000)) + ")", "eval")
attempt("many elements", "[" + ",".join(map(str, range(50000))) + "]", "eval")
attempt("many statements", "\n".join(f"v{i} = {i}" for i in range(20000)))
attempt("long line", "x = " + "'" + "a" * 2_000_000 + "'")
attempt("elif chain", "if a: pass\n" + "".join(f"elif a == {i}: pass\n" for i in range(1500)))
attempt("f-strings", "f'{" * 2 + "1" + "}'" * 2)
attempt("lambda chain", "lambda: " * 90 + "1", "eval")
attempt("attributes", "a" + ".b" * 900, "eval")
attempt("calls", "a" + "()" * 900, "eval")
attempt("names", "a" * 100000 + " = 1")
attempt("comments", "# comment\n" * 50000)
attempt("decorators", "@d\n" * 500 + "def f(): pass")
attempt("globals", "global " + ",".join(f"g{i}" for i in range(5000)))
attempt("strings", " ".join(["'a'"] * 20000), "eval")
attempt("parameters", "def f(" + ",".join(f"a{i}" for i in range(3000)) + "): pass")
print(eval("+".join(["1"] * 3000)), len(eval("[" + "1," * 10000 + "]")))
print(sys.getrecursionlimit())
