# Global names stored, deleted and added again, by functions and by exec with other dicts.
counter = 0


def bump():
    global counter
    counter += 1
    return counter


print([bump() for _ in range(4)])
del counter
for _ in range(2):
    try:
        bump()
    except NameError as error:
        print(error)
counter = 10
print(bump(), bump())


def put(value):
    global late
    late = value


for index in range(40):
    put(index)
    globals()[f"name{index}"] = index
print(late, name39)
globals().pop("late")
put("again")
print(late, list(globals())[-1])
globals()["late"] = "directly"
print(late)
put("after")
print(late)

# One code object with several dicts.
code = compile("total = total + step\nfor step in range(3): total += step", "text", "exec")
spaces = [{"total": start, "step": 1} for start in range(3)]
for _ in range(3):
    for space in spaces:
        exec(code, space)
print([(space["total"], space["step"]) for space in spaces])
space = spaces[0]
del space["total"]
try:
    exec(code, space)
except NameError as error:
    print(error)
space["total"] = 100
exec(code, space)
print(space["total"], [name for name in space if name != "__builtins__"])


class Loud(dict):
    def __setitem__(self, key, value):
        print("set", key, value)
        super().__setitem__(key, value)


exec("a = 1\na = 2\nfor b in range(2): a = b", {}, Loud())


# A builtin shadowed by a global that comes late, and goes.
def length(text):
    return len(text)


print(length("abc"), length("abcd"))
len = lambda text: "shadow"
print(length("abc"))
del len
print(length("abc"))
