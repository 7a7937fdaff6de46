"""PEP 688: classes that lend buffers, and hear of the end of each loan."""


class Lender:
    def __init__(self, data):
        self.data = bytearray(data)
        self.lent = 0

    def __buffer__(self, flags):
        self.lent += 1
        self.view = memoryview(self.data)
        return self.view

    def __release_buffer__(self, view):
        self.lent -= 1
        print("back:", bytes(view), view is self.view, self.lent)
        view.release()


lender = Lender(b"spam")
with memoryview(lender) as one:
    print(one.tobytes(), lender.lent)
print(bytes(lender), lender.lent)
lender.data.clear()


class Watched(bytearray):
    def __release_buffer__(self, view):
        for use in (memoryview, lambda v: v[:1], lambda v: v.cast("b"), lambda v: v.toreadonly()):
            try:
                use(view)
            except ValueError as error:
                print(error)
        print("native loan ends:", view.tobytes())
        super().__release_buffer__(view)


watched = Watched(b"eggs")
with memoryview(watched):
    try:
        watched.clear()
    except BufferError as error:
        print(error)
watched.clear()
print(watched)


class Failing:
    def __buffer__(self, flags):
        return memoryview(b"x")

    def __release_buffer__(self, view):
        raise KeyError("nobody hears this as an exception")


import sys

sys.unraisablehook = lambda report: print(report.err_msg, type(report.exc_value).__name__, type(report.object).__name__)
print(b"y" + bytes(Failing()))

array = bytearray(b"abc")
view = array.__buffer__(0)
other = bytearray(b"abc")
for target in (other, array, array):
    try:
        target.__release_buffer__(view)
        print("released")
    except ValueError as error:
        print(error)
try:
    array.__release_buffer__(3)
except TypeError as error:
    print(error)


class Cutting:
    def __index__(self):
        cut.release()
        return 2


cut = memoryview(bytearray(b"still lent"))
print(bytes(cut[:Cutting()]))
try:
    cut[0]
except ValueError as error:
    print(error)
import binascii
import io

try:
    binascii.hexlify(memoryview(b"abcdef")[::2])
except BufferError as error:
    print(error)
print(bytes(memoryview(b"abcdef")[::2]), bytearray(memoryview(b"abcdef")[::-1]))
for target in (b"abc", memoryview(b"abc"), "abc", 3):
    try:
        io.BytesIO(b"zz").readinto(target)
    except TypeError as error:
        print(error)
