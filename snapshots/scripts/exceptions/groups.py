# ExceptionGroup and BaseExceptionGroup: construction, split, subgroup, derive.
g = ExceptionGroup("top", [ValueError(1), ExceptionGroup("mid", [TypeError(2), ValueError(3)]), KeyError(4)])
print(g, repr(g), g.message, len(g.exceptions), g.args)
match, rest = g.split(ValueError)
print(repr(match), repr(rest), sep="\n")
print(repr(g.subgroup((TypeError, KeyError))), g.subgroup(OSError), repr(g.subgroup(lambda e: isinstance(e, KeyError))), sep="\n")
print(g.split(ExceptionGroup)[0] is g, g.subgroup(lambda e: True) is g, g.split(OSError)[0], g.split(OSError)[1] is g)
print(type(BaseExceptionGroup("b", [ValueError()])).__name__, type(BaseExceptionGroup("b", [KeyboardInterrupt()])).__name__, issubclass(ExceptionGroup, Exception), ExceptionGroup.__mro__[1:3])


class MyGroup(ExceptionGroup):
    def __new__(cls, message, errors, code):
        self = super().__new__(cls, message, errors)
        self.code = code
        return self

    def derive(self, errors):
        return MyGroup(self.message, errors, self.code)


m = MyGroup("mine", [ValueError(1), KeyError(2)], 7)
m.add_note("noted")
part = m.subgroup(ValueError)
print(type(part).__name__, part.code, part.__notes__, part.__cause__, repr(part))
for f in (lambda: ExceptionGroup("m", []), lambda: ExceptionGroup("m", 5), lambda: ExceptionGroup("m", [1]), lambda: ExceptionGroup(1, [ValueError()]), lambda: ExceptionGroup("m"), lambda: ExceptionGroup("m", [KeyboardInterrupt()]),
          lambda: g.split(5), lambda: g.subgroup(int), lambda: setattr(g, "message", 1), lambda: g.derive([])):
    try:
        f()
    except (TypeError, ValueError, AttributeError) as error:
        print(type(error).__name__, error)


def leaves(group):
    for e in group.exceptions:
        if isinstance(e, BaseExceptionGroup):
            yield from leaves(e)
        else:
            yield e


print([e.args[0] for e in leaves(g)])
try:
    try:
        raise g
    except* ValueError as caught:
        print("values", [e.args[0] for e in leaves(caught)], caught.__context__)
    except* KeyError as caught:
        print("keys", caught.exceptions)
        raise OSError("new") from caught
except ExceptionGroup as final:
    print(repr(final.exceptions[0]), repr(final.exceptions[0].__cause__), [type(e).__name__ for e in leaves(final)])
print(ExceptionGroup[int], g.__class_getitem__ is not None, list(map(repr, ExceptionGroup("x", (ValueError(1),)).exceptions)))
