# PEP 649 and 749: annotations are computed when asked for.
import annotationlib


def f(a: print("evaluated a") or int, *args: str, b: undefined = 1, **kw: "text") -> list[int]:
    local: never_evaluated = 1
    return local


print("defined", f(1))
try:
    f.__annotations__
except NameError as error:
    print(error)
undefined = float
print(f.__annotations__)
print(annotationlib.get_annotations(f, format=annotationlib.Format.STRING))


class C:
    x: int
    y: "C" = 1
    z: D
    if False:
        hidden: int
    for i in range(2):
        looped: str


print(annotationlib.get_annotations(C, format=annotationlib.Format.FORWARDREF))
print(annotationlib.get_annotations(C, format=annotationlib.Format.STRING))
D = complex
print(C.__annotations__, C.__annotate__(annotationlib.Format.VALUE) == C.__annotations__)
module_level: int = 1
import sys

print(sys.modules[__name__].__annotations__)
print(C().__class__.__annotations__ is C.__annotations__)


class Sub(C):
    pass


print(Sub.__annotations__, Sub.__annotate__)
f.__annotations__ = {"new": 1}
print(f.__annotations__, f.__annotate__)
lambda_annotations = (lambda: 0).__annotations__
print(lambda_annotations)
try:
    f.__annotations__ = 5
except TypeError as error:
    print(error)


def conditional(flag):
    class K:
        if flag:
            a: int
        else:
            b: str

    return K.__annotations__


print(conditional(True), conditional(False))
