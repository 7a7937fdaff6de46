# bytearray: mutation, exports, and what it shares with bytes.
a = bytearray(b"hello")
a[0] = 72
a[1:3] = b"EL--"
print(a, len(a), a[0], a[-1:], type(a[1:3]).__name__)
a.append(33)
a.extend(b"xy")
a.extend([1, 2])
a.insert(1, 65)
a.insert(100, 66)
print(a, a.pop(), a.pop(0), a)
a.remove(65)
a.reverse()
print(a)
del a[0], a[:2]
del a[::2]
print(a)
a += b"more"
a *= 2
print(a, a.copy() == a, a.copy() is a, bytearray(b"ab") + b"c", b"c" + bytearray(b"ab"), type(b"" + bytearray()).__name__, type(bytearray() + b"").__name__)
a.clear()
print(a, bool(a), bytearray(3), bytearray("é", "latin-1"), bytearray([1, 2]), bytearray.fromhex("ff00"), bytearray(b"x") * 3, bytearray(b"abc").hex())
a = bytearray(range(10))
a[::3] = b"\xff\xfe\xfd\xfc"
a[5:5] = b"in"
a[2:4] = []
print(list(a), a == bytes(a), bytes(a) == a, a < b"\xff\xff", 255 in a, b"in" in a, a.find(b"in"), a.count(255))
print(bytearray(b"a b").split(), bytearray(b" a ").strip(), bytearray(b"aBc").upper(), bytearray(b"abc").replace(b"b", b""), bytearray(b",").join([b"1", b"2"]), bytearray(b"%d") % 5, bytearray(b"abc").translate(None, b"c"))
print(repr(bytearray(b"'\x00")), str(bytearray(b"a")), bytearray(b"xyz").decode(), bytearray(b"a").isalpha(), bytearray(b"x-y").partition(b"-"), bytearray(b"ab").removeprefix(b"a"), sorted(bytearray(b"cab")))
b = bytearray(b"resize")
b.resize(3)
print(b, b.__alloc__() >= 4)
b.resize(5)
print(b)


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, IndexError, BufferError) as error:
        print(type(error).__name__, error)


c = bytearray(b"abc")
view = memoryview(c)
attempt(lambda: c.append(1))
attempt(lambda: c.__delitem__(0))
c[0] = 120
print(view[0], c)
view.release()
c.append(1)
attempt(lambda: c.append(256))
attempt(lambda: c.append("a"))
attempt(lambda: c.__setitem__(0, -1))
attempt(lambda: c.__setitem__(9, 1))
attempt(lambda: c.__setitem__(slice(0, 1), "s"))
attempt(lambda: c.__setitem__(slice(0, 3, 2), b"abc"))
attempt(lambda: c.remove(7))
attempt(lambda: bytearray().pop())
attempt(lambda: c.pop(10))
attempt(lambda: hash(c))
attempt(lambda: {c})
attempt(lambda: c.extend("str"))
attempt(lambda: c.extend([300]))
attempt(lambda: bytearray(-1))
attempt(lambda: c.insert("a", 1))
