# memoryview: slicing, casting, writing, comparison, release.
data = bytearray(b"abcdefgh")
m = memoryview(data)
print(m.nbytes, m.itemsize, m.format, m.ndim, m.shape, m.strides, m.readonly, m.contiguous, m.c_contiguous, len(m), m.obj is data, m.suboffsets)
print(m[0], m[-1], m[2:5].tobytes(), m[::2].tobytes(), m[::-1].tolist(), m[1:3] == b"bc", m == data, m != b"x", m.hex(), m.tolist()[:3])
m[0] = 65
m[1:3] = b"ZZ"
m[::4] = b"12"
print(data, bytes(m[2:4]), m[3:3].tobytes(), 90 in m, list(reversed(m[:3])), m.count(90), m.index(90))
c = m.cast("H")
print(c.format, c.itemsize, c.shape, len(c), c[0] == int.from_bytes(data[:2], __import__("sys").byteorder), c.cast("B").tolist() == list(data))
two = memoryview(bytes(range(12))).cast("B", (3, 4))
print(two.shape, two.strides, two.tolist(), two[1, 2], two.ndim, len(two), two.nbytes)
print(memoryview(b"abc").readonly, hash(memoryview(b"abc")) == hash(b"abc"), memoryview(b"ab").toreadonly().readonly, m.toreadonly()[0])
import array

numbers = array.array("i", [1, -2, 3])
v = memoryview(numbers)
print(v.format, v.tolist(), v[1], v.itemsize, v == memoryview(array.array("h", [1, -2, 3])), v.tobytes() == numbers.tobytes())
v[2] = 99
print(numbers)
with memoryview(b"with") as w:
    print(w.tobytes())


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, IndexError, BufferError, NotImplementedError) as error:
        print(type(error).__name__, error)


attempt(lambda: w[0])
attempt(lambda: memoryview("str"))
attempt(lambda: memoryview(b"a").__setitem__(0, 1))
attempt(lambda: m.__setitem__(0, 256))
attempt(lambda: m.__setitem__(0, "a"))
attempt(lambda: m.__setitem__(slice(0, 2), b"abc"))
attempt(lambda: m[100])
attempt(lambda: m["a"])
attempt(lambda: m.__delitem__(0))
attempt(lambda: hash(m))
attempt(lambda: m[:7].cast("H"))
attempt(lambda: m.cast("Z"))
attempt(lambda: m[::2].cast("H"))
attempt(lambda: two[0])
attempt(lambda: two[5, 0])
attempt(lambda: m < m)
attempt(lambda: m.index(1))
attempt(lambda: data.append(1))
m.release()
m.release()
attempt(lambda: m.nbytes)
attempt(lambda: len(m))
print(repr(m)[:20], memoryview(b"ab")[0:1].tobytes().decode(), b"".join([memoryview(b"x")[:1], b"y"]))
