# global, exec, eval and compile with explicit namespaces.
value = 1


def change():
    global value, created
    value = 2
    created = "new"


change()
print(value, created)
space = {"a": 1}
exec("b = a + 1\ndef f(): return a + b", space)
print(space["b"], space["f"](), "__builtins__" in space)
local = {}
exec("x = a\ny = [x for _ in range(2)]", {"a": 5}, local)
print(local)
print(eval("a * b", {"a": 3}, {"b": 4}), eval("  1 + 1"), eval(compile("2 ** 5", "e", "eval")))


def in_function():
    v = 10
    exec("v = 20")
    seen = eval("v")
    return v, seen, sorted(locals())


print(in_function())
code = compile("a = 1\nb = 2\na + b", "<module>", "exec")
print(exec(code), type(code).__name__, code.co_filename, code.co_names)
single = compile("5 * 5; 'shown'; None", "<s>", "single")
exec(single)


class Mapping(dict):
    def __missing__(self, key):
        return f"<{key}>"


print(eval("unknown + other", {}, Mapping()))
try:
    eval("len([])", {"__builtins__": {}})
except NameError as error:
    print(error)
for bad in (lambda: eval("a = 1"), lambda: exec(1), lambda: compile("a", "f", "what"), lambda: eval("x", 5), lambda: exec("1", {}, 3)):
    try:
        bad()
    except (SyntaxError, TypeError, ValueError) as error:
        print(type(error).__name__, getattr(error, "msg", error))
print(eval("[n for n in range(k)]", {"k": 3}), eval("(lambda: k)()", {"k": 4}))
print(eval(b"1 + 2"), eval("'\u00e9'"), sorted(k for k in globals() if k in ("value", "created")))
