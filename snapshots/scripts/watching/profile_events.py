"""What a profile function is told: of Python's and of native functions."""
import sys


def shown(frame, event, arg):
    if event.startswith('c_'):
        arg = arg.__name__, repr(arg).split(' at ')[0]
    print(frame.f_code.co_name, event, arg)


def profiled(function):
    sys.setprofile(shown)
    try:
        function()
    except ValueError:
        pass
    sys.setprofile(None)
    print('--')


def natives():
    len([1])
    [3, 1].sort()
    'a b'.split(' ', 1)
    str(1)
    list(map(abs, [-1]))
    sorted([2, 1], key=abs)


def unpacking():
    args = [1, 2]
    max(*args)
    print('printed', **{'end': '\n'})


class Made:
    def __init__(self):
        self.value = abs(-1)

    def method(self):
        return self.value


class Derived(Made):
    def method(self):
        return super().method()


def makes():
    Made().method()
    Derived().method()


def fails():
    int('no number')
    [].index(1)


def fails_inside():
    [].index(1)


def generator():
    yield abs(-2)


def iterates():
    for item in generator():
        pass


for function in natives, unpacking, makes, fails, fails_inside, iterates:
    profiled(function)
print(sys.getprofile())
