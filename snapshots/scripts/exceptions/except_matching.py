# Which handler runs: tuples, subclasses, expressions, bad handlers, name deletion.


class A(Exception):
    pass


class B(A):
    pass


def which(error):
    try:
        raise error
    except (KeyError, IndexError) as e:
        return f"lookup {e!r}"
    except B:
        return "B"
    except A as e:
        return f"A {e!r}"
    except (ValueError, ArithmeticError):
        return "value"
    except Exception as e:
        return f"other {type(e).__name__}"
    except:
        return "bare"


for error in (KeyError(1), IndexError(), A("a"), B(), ValueError(), TypeError(), KeyboardInterrupt(), SystemExit(), GeneratorExit(), A, B):
    print(which(error))
for handler in ("5", "'text'", "(ValueError, 5)", "object", "int", "[ValueError]", "None", "((ValueError,),)"):
    try:
        exec(f"try:\n    raise ValueError('v')\nexcept {handler}:\n    print('caught')")
    except TypeError as error:
        print(handler, error, type(error.__context__).__name__)
    except ValueError:
        print(handler, "passed through")
order = []


def kind(name, cls):
    order.append(name)
    return cls


try:
    raise ValueError
except kind("first", KeyError):
    pass
except kind("second", ValueError):
    pass
except kind("third", Exception):
    pass
print(order)
e = "kept?"
try:
    raise ValueError
except ValueError as e:
    pass
print("e" in globals())


def local():
    try:
        raise ValueError
    except ValueError as err:
        del err
    try:
        return err
    except UnboundLocalError as error:
        return str(error)


print(local())


class Meta(type):
    def __instancecheck__(cls, instance):
        print("instancecheck asked")
        return True

    def __subclasscheck__(cls, other):
        print("subclasscheck asked")
        return True


class Any(Exception, metaclass=Meta):
    pass


try:
    try:
        raise ValueError("real class only")
    except Any:
        print("caught by hook")
except ValueError as error:
    print(error)
import sys


def info():
    try:
        raise KeyError("k")
    except KeyError:
        first = sys.exc_info()[0].__name__, repr(sys.exception())
        try:
            raise OSError("o")
        except OSError:
            second = repr(sys.exception())
        return first, second, repr(sys.exception())


print(info(), sys.exc_info(), sys.exception())
try: pass
except ValueError: print("no")
else: print("else")
finally: print("finally")
