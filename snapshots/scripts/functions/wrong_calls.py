# The messages of calls that do not fit.


def none(): pass
def one(a): pass
def two(a, b): pass
def three(a, b, c): pass
def opt(a, b=1): pass
def kwonly(*, k): pass
def kwonly2(a, *, k, j): pass
def pos(a, b, /): pass
def posopt(a, /, b=1): pass
def full(a, /, b, *, c): pass
def var(a, *args, k): pass
def kwargs(a, **k): pass


class C:
    def m(self): pass
    def n(self, a): pass
    @classmethod
    def c(cls): pass
    @staticmethod
    def s(): pass
    def __init__(self, a): pass


def attempt(function, *args, **keywords):
    try:
        function(*args, **keywords)
        print("fine")
    except TypeError as error:
        print(error)


attempt(none, 1)
attempt(none, x=1)
attempt(one)
attempt(one, 1, 2)
attempt(one, 1, a=2)
attempt(one, b=1)
attempt(two)
attempt(two, 1, 2, 3)
attempt(three)
attempt(three, 1)
attempt(three, b=1)
attempt(opt)
attempt(opt, 1, 2, 3)
attempt(kwonly)
attempt(kwonly, 1)
attempt(kwonly2, 1)
attempt(kwonly2, 1, 2, k=1, j=2)
attempt(kwonly2, 1, 2, k=1)
attempt(pos, a=1, b=2)
attempt(pos, 1, b=2)
attempt(pos)
attempt(posopt, b=2)
attempt(full, 1, 2)
attempt(full, 1, c=3)
attempt(var, 1)
attempt(kwargs, 1, 2)
attempt(kwargs, k=1)
attempt(lambda x: x)
attempt(C)
attempt(C, 1, 2)
attempt(C(1).m, 1)
attempt(C(1).n)
attempt(C.n)
attempt(C.c, 1)
attempt(C.s, 1)
attempt(one, aa=1)
attempt(opt, 1, bb=2)
attempt(5)
attempt("text", 1)
attempt(None)
attempt(C(1))
