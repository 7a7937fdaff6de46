# Loops with else, break and continue through finally, nested conditionals.
for i in range(5):
    if i == 1:
        continue
    if i == 4:
        break
    print("loop", i)
else:
    print("not reached")
for i in ():
    pass
else:
    print("empty for-else")
n = 3
while n:
    n -= 1
    if n == 5:
        break
else:
    print("while-else", n)


def leave(kind):
    for i in range(3):
        try:
            if kind == "return":
                return "value"
            if kind == "break":
                break
            if kind == "continue":
                continue
            if kind == "raise":
                raise KeyError(kind)
        except KeyError as error:
            print("caught", error)
            return "handled"
        else:
            print("else", i)
        finally:
            print("finally", kind, i)
    return "end"


for kind in ("return", "break", "continue", "raise", "none"):
    print(kind, "->", leave(kind))


def nested():
    try:
        try:
            return 1
        finally:
            print("inner")
    finally:
        print("outer")


print(nested())
for a, (b, *rest) in [(1, (2, 3, 4)), (5, [6])]:
    print(a, b, rest)
for target in [{}]:
    for target["k"] in range(3):
        pass
    print(target)
print([("fizz" * (i % 3 == 0) + "buzz" * (i % 5 == 0)) or i for i in range(1, 16)])
