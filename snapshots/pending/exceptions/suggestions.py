# exit: 1
# "Did you mean" in uncaught errors of several kinds.
import sys
import traceback


class Widget:
    def __init__(self):
        self.length = 1
        self._private = 2

    def resize(self):
        colour = 1
        return color

    def uses_self(self):
        return length


def show(f):
    try:
        f()
    except Exception as error:
        print(traceback.format_exception_only(error)[-1].strip())


show(lambda: Widget().lenght)
show(lambda: Widget().private)
show(Widget().resize)
show(Widget().uses_self)
show(lambda: pritn(1))
show(lambda: sys.vesion)
show(lambda: Widget().qqqqqqq)
show(lambda: math.pi)
show(lambda: {}.item())
show(lambda: exec("from collections import OrderDict"))
show(lambda: exec("import maths"))
show(lambda: exec("improt os"))
show(lambda: exec("fro i in range(3): pass"))
show(lambda: Widget(lenght=1))
show(lambda: sorted([1], revers=True))
show(lambda: int("1", bsae=2))
show(lambda: (lambda colour: 1)(color=1))
Widget().resise()
