# exit: 1
# Output before, a cause and a context, then the end of the program.
print("before")


def inner():
    raise ValueError("first problem")


def middle():
    try:
        inner()
    except ValueError as error:
        raise TypeError("second problem") from error


def outer():
    try:
        middle()
    finally:
        print("cleanup runs")


try:
    outer()
except TypeError:
    {}["third"]
print("never")
