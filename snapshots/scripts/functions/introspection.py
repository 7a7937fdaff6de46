# inspect.signature, code attributes, and calls through partial and wraps.
import functools
import inspect


def f(a, b: int, /, c="x", *args: str, d, e=None, **kw) -> bool:
    "Doc."


signature = inspect.signature(f)
print(signature)
for name, parameter in signature.parameters.items():
    print(name, parameter.kind.description, parameter.default is parameter.empty, parameter.annotation is int)
print(signature.return_annotation, signature.bind(1, 2, d=3).arguments)
bound = signature.bind(1, 2, 3, 4, d=5, z=6)
bound.apply_defaults()
print(bound.args, bound.kwargs)
for arguments in ((), (1, 2), (1, 2, 3)):
    try:
        signature.bind(*arguments)
    except TypeError as error:
        print(error)
partial = functools.partial(f, 1, d=2)
print(inspect.signature(partial), partial.func is f, partial.args, partial.keywords)


@functools.wraps(f)
def wrapper(*args):
    pass


print(inspect.signature(wrapper), wrapper.__name__, wrapper.__doc__, wrapper.__wrapped__ is f)


class C:
    def __init__(self, x, *, y=1):
        pass

    def m(self, z):
        pass

    @classmethod
    def k(cls, q):
        pass

    def __call__(self, w):
        pass


for thing in (C, C.m, C(1).m, C.k, C(1), lambda: 0):
    print(inspect.signature(thing))
print(inspect.isfunction(f), inspect.ismethod(C(1).m), inspect.isclass(C), inspect.isgeneratorfunction(f), inspect.isbuiltin(len))
print(inspect.getdoc(C.m), inspect.getmodule(f).__name__, inspect.getsource(wrapper).strip().splitlines()[1])
print(inspect.getfullargspec(f))
frame = inspect.currentframe()
print(frame.f_code.co_name, frame.f_lineno, frame.f_back, frame.f_globals is globals())


def caller():
    return inspect.stack()[1].function, inspect.currentframe().f_back.f_lineno


print(caller())
