# Names of type parameters that begin with two underscores are mangled inside of classes, like others.
class Box[__T]:
    content: __T
    type __Alias = __T
    type Pair[__V] = (__T, __V)

    def put[__U](self, content: __T, more: __U):
        return __T, __U, lambda: __T


print(Box.__type_params__, Box.put.__type_params__, [parameter.__name__ for parameter in Box.__type_params__])
first, second, inner = Box().put(1, 2)
print(first, second, inner(), Box.put.__annotations__, Box.__annotations__)
print(Box._Box__Alias.__value__, Box.Pair.__value__, Box.__orig_bases__)


class Outer:
    def method[__X](self) -> __X:
        pass

    class Inner[__Y](list[__Y]):
        held = __Y


print(Outer.method.__annotations__, Outer.Inner.held, Outer.Inner.__orig_bases__)


def function[__Z](argument: __Z):
    return __Z


print(function(1), function.__type_params__, function.__annotations__)
__global = 5


class User[__T](dict[str, __T]):
    @staticmethod
    def look():
        try:
            return __global
        except NameError as problem:
            return problem


print(User.look(), User.__orig_bases__)
