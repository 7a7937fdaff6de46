# io: StringIO, BytesIO, buffered and text layers over raw objects of our own.
import io

s = io.StringIO("line1\nline2\r\nline3")
print(s.read(3), s.readline(), s.readlines(), s.read(), s.tell(), s.seek(0), s.getvalue(), s.truncate(4), s.getvalue(), s.seek(0, 2), s.write("é日"), s.getvalue(), s.closed, s.readable(), s.line_buffering, s.newlines)
s = io.StringIO(newline=None)
s.write("a\r\nb\rc")
print(repr(s.getvalue()), repr(io.StringIO("a\r\nb", newline="").read()), list(io.StringIO("x\ny")), io.StringIO(initial_value="v").read())
b = io.BytesIO(b"abcdef")
print(b.read(2), b.read1(1), b.readinto(bytearray(2)), b.tell(), b.seek(-2, 2), b.read(), b.write(b"XYZ"), b.getvalue(), b.seek(20), b.write(b"!"), b.getvalue(), b.getbuffer()[0], b.truncate(3), b.getvalue(), b.readline(), b.seekable())
view = b.getbuffer()
for f in (lambda: b.write(b"longer than before"), lambda: b.truncate(0)):
    try:
        f()
    except BufferError as error:
        print(error)
view.release()


class Raw(io.RawIOBase):
    def __init__(self, data, step=3):
        self.data, self.step, self.position, self.written = data, step, 0, []

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, buffer):
        chunk = self.data[self.position : self.position + min(self.step, len(buffer))]
        buffer[: len(chunk)] = chunk
        self.position += len(chunk)
        return len(chunk)

    def write(self, data):
        self.written.append(bytes(data[: self.step]))
        return min(len(data), self.step)


print(Raw(b"hello world").read(5), Raw(b"hello world").readall(), Raw(b"a\nbc\n").readline(), list(Raw(b"a\nb")), Raw(b"xyz").readlines(2))
r = io.BufferedReader(Raw(b"hello buffered world"), 8)
print(r.peek(2)[:2], r.read(7), r.read1(), r.readline(), r.read(), r.raw.position)
raw = Raw(b"")
w = io.BufferedWriter(raw, 4)
print(w.write(b"abc"), raw.written, w.write(b"defgh"), w.flush(), raw.written)
t = io.TextIOWrapper(io.BytesIO("é\r\nline\rlast\n".encode("latin-1")), encoding="latin-1")
print(t.readline(), t.read(), t.encoding, t.errors, t.newlines, t.buffer.getvalue()[:1])
t = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\r\n", write_through=True)
print(t.write("a\nb"), t.buffer.getvalue(), t.reconfigure(newline="\n"), t.write("\n"), t.buffer.getvalue(), t.detach())
t = io.TextIOWrapper(io.BytesIO("héllo\nwörld".encode()), encoding="utf-8")
print(t.read(2), t.tell() > 0, t.seek(0), t.readline(), next(t), t.readline())
for errors in ("strict", "ignore", "backslashreplace"):
    try:
        print(errors, io.TextIOWrapper(io.BytesIO(b"a\xffb"), "utf-8", errors).read())
    except UnicodeDecodeError as error:
        print(error)
pair = io.BufferedRWPair(io.BytesIO(b"in"), out := io.BytesIO())
pair.write(b"out")
pair.flush()
print(pair.read(), out.getvalue(), io.DEFAULT_BUFFER_SIZE >= 8192, io.SEEK_END, issubclass(io.StringIO, io.TextIOBase), isinstance(b, io.IOBase), io.UnsupportedOperation.__mro__[1:3], io.text_encoding(None))
d = io.IncrementalNewlineDecoder(None, True)
print(repr(d.decode("a\r")), repr(d.decode("\nb\r", final=True)), d.newlines)
b.close()
for f in (lambda: b.read(), lambda: s.seek(-1), lambda: io.StringIO(5), lambda: io.BytesIO("s"), lambda: io.StringIO().write(b"b"), lambda: io.BytesIO().write("s"), lambda: io.StringIO("a").seek(1, 1), lambda: io.BufferedReader(io.BytesIO(), 0), lambda: io.BufferedReader(5), lambda: io.TextIOWrapper(io.BytesIO(), "nope"), lambda: io.IOBase().fileno(), lambda: io.StringIO().fileno(), lambda: io.TextIOWrapper(io.BytesIO(), newline="x"), lambda: r.write(b"x"), lambda: io.BytesIO().seek(-5), lambda: io.open(5.5)):
    try:
        print(f())
    except (ValueError, TypeError, OSError, AttributeError, LookupError) as error:
        print(type(error).__name__, error)
