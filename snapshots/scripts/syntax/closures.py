# Cells: sharing, rebinding, deletion, nonlocal chains, late binding.


def counter():
    count = 0

    def up(by=1):
        nonlocal count
        count += by
        return count

    def get():
        return count

    return up, get


up, get = counter()
print(up(), up(5), get(), counter()[1]())


def chain():
    v = 1

    def a():
        nonlocal v

        def b():
            nonlocal v
            v *= 10
            return v

        v += 1
        return b

    return a()(), v


print(chain())


def deleted():
    gone = 1

    def use():
        return gone

    print(use())
    del gone
    try:
        use()
    except NameError as error:
        print(type(error).__name__, error)
    try:
        print(gone)
    except UnboundLocalError as error:
        print(type(error).__name__, error)
    gone = 2
    return use()


print(deleted())


def unbound(flag):
    if flag:
        value = 1
    return value


try:
    unbound(False)
except UnboundLocalError as error:
    print(error)
print(up.__closure__[0].cell_contents, up.__code__.co_freevars, counter.__code__.co_cellvars)
up.__closure__[0].cell_contents = 100
print(get(), up.__closure__[0] is get.__closure__[0])


def loop():
    out = []
    for i in range(3):
        def f(): return i
        out.append(f)
    return [f() for f in out]


print(loop())
cell = type(up.__closure__[0])(7)
print(cell.cell_contents, cell == type(cell)(7), cell < type(cell)(8))
del cell.cell_contents
try:
    cell.cell_contents
except ValueError as error:
    print(error)
print((lambda n: (lambda f: f(f, n))(lambda f, n: 1 if n < 2 else n * f(f, n - 1)))(10))
