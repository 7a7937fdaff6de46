# with: several managers, targets, suppression, errors in enter and exit.


class M:
    def __init__(self, name, swallow=(), fail=""):
        self.name, self.swallow, self.fail = name, swallow, fail

    def __enter__(self):
        print("enter", self.name)
        if self.fail == "enter":
            raise RuntimeError("in enter")
        return self.name

    def __exit__(self, kind, error, trace):
        print("exit", self.name, kind and kind.__name__, error, trace is not None)
        if self.fail == "exit":
            raise RuntimeError("in exit")
        return isinstance(error, self.swallow)


with M("a") as a, M("b") as (b):
    print("body", a, b)
with (M("c") as c, M("d", KeyError),):
    raise KeyError("gone")
print("after")
try:
    with M("e"), M("f", fail="enter"):
        print("never")
except RuntimeError as error:
    print(error, error.__context__)
try:
    with M("g", fail="exit"):
        raise ValueError("body")
except RuntimeError as error:
    print(error, repr(error.__context__))


def early():
    for i in range(2):
        with M(f"loop{i}"):
            if i:
                return "returned"
            continue


print(early())
targets = {}
with M("h") as targets["key"], M("i") as targets["other"]:
    pass
print(targets)
with M("xyz") as (p, q, r):
    print(p, q, r)


class NoExit:
    def __enter__(self):
        pass


for bad in (1, NoExit()):
    try:
        with bad:
            pass
    except TypeError as error:
        print(error)
try:
    async def f():
        with A() as x: pass
    class A:
        async def __aenter__(self): pass
        async def __aexit__(self, *a): pass
    f().send(None)
except TypeError as error:
    print(error)
