# struct and array: formats, sizes, byte orders, errors.
import array
import struct
import sys

for fmt, values in (("<bBhHiIqQ", (-1, 255, -2, 65535, -3, 2**32 - 1, -4, 2**64 - 1)), (">fd", (1.5, -2.25)), ("=?c3s4p", (True, b"x", b"ab", b"hello")), ("<e", (0.5,)), ("!H2xI", (1, 2)), ("<3i", (1, 2, 3)), ("@bi", (1, 2)), ("<l", (5,)), ("0s", (b"",)), ("<ff", (1.0, 2.0))):
    packed = struct.pack(fmt, *values)
    print(fmt, packed, struct.unpack(fmt, packed), struct.calcsize(fmt))
s = struct.Struct(">IH")
buffer = bytearray(10)
s.pack_into(buffer, 2, 1, 2)
print(buffer, s.unpack_from(buffer, 2), s.size, s.format, list(s.iter_unpack(bytes(range(12)))), struct.calcsize("@iq"), struct.calcsize("=iq"), struct.calcsize("P"), struct.calcsize("@bq"), struct.calcsize("@qb"))
for f in (lambda: struct.pack("b", 200), lambda: struct.pack("B", -1), lambda: struct.pack("i", "a"), lambda: struct.pack("i"), lambda: struct.pack("i", 1, 2), lambda: struct.unpack("i", b"abc"), lambda: struct.pack("z", 1), lambda: struct.pack("c", "a"), lambda: struct.pack("s", 5), lambda: struct.pack("f", "x"),
          lambda: struct.pack("H", 70000), lambda: struct.pack("q", 2**63), lambda: struct.pack("f", 1e40), lambda: struct.pack("e", 1e6), lambda: struct.unpack_from("i", b"abc"), lambda: list(struct.iter_unpack("i", b"abc")), lambda: struct.calcsize("99999999999999999999i"), lambda: struct.pack("<P", 1), lambda: struct.pack("3", 1), lambda: s.pack_into(bytearray(3), 0, 1, 2), lambda: struct.pack("i", 1.5), lambda: struct.unpack_from("b", b"a", 5), lambda: struct.unpack_from("b", b"a", -5)):
    try:
        print(f())
    except (struct.error, TypeError, OverflowError) as error:
        print(type(error).__name__, error)
a = array.array("i", [3, 1, 2])
a.append(5)
a.extend([7, 8])
a.insert(0, -1)
a[1:3] = array.array("i", [9])
print(a, a.typecode, a.itemsize, len(a), a[0], a[-1], a[1:3], a.index(9), a.count(5), a.pop(), a.tolist(), 9 in a, a + a[:1], a * 2 == a + a, a.buffer_info()[1])
a.remove(9)
a.reverse()
a.byteswap()
a.byteswap()
b = array.array("d", [1.5])
b.frombytes(struct.pack("d", 2.5))
print(a, b, b.tobytes() == struct.pack("dd", 1.5, 2.5), array.array("w", "a😀").tounicode(), array.array("B", b"ab"), array.array("b"), array.typecodes, sorted(a), memoryview(a)[0], a == array.array("h", a), a < array.array("i", [100]))
for f in (lambda: array.array("x"), lambda: array.array("i", ["a"]), lambda: array.array("b", [200]), lambda: a.append(1.5), lambda: a.append(2**40), lambda: array.array("i")[0], lambda: a + [1], lambda: a.remove(999), lambda: array.array("i").pop(), lambda: a.frombytes(b"abc"), lambda: array.array("B", "s"), lambda: hash(a), lambda: array.array("w", b"a"), lambda: a.extend(array.array("d"))):
    try:
        print(f())
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        print(type(error).__name__, error)
