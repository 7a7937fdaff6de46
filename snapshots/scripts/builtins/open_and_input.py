# stdin: first line\nsecond\nlast without newline
# input() and open() in their basic forms.
print(input(), "|", input("prompt> "), "|", input())
try:
    input("again? ")
except EOFError as error:
    print("\n", type(error).__name__, error)
with open("file.txt", "w") as f:
    print(f.write("line 1\nline 2\n"), f.name, f.mode, f.encoding.lower(), f.closed, f.writable(), f.readable())
print(f.closed, open("file.txt").read().splitlines())
with open("file.txt") as f:
    print(f.readline(), f.tell(), f.readlines(), f.read(), list(f))
    f.seek(0)
    print([line.rstrip() for line in f], next(f, "end"))
with open("file.txt", "a") as f:
    f.writelines(["line 3\n", "é日\n"])
with open("file.txt", "rb") as f:
    data = f.read()
    print(data, f.seek(-3, 2), f.read(1), f.mode, type(f).__name__)
with open("file.txt", "r+") as f:
    f.seek(5)
    f.write("X")
    f.seek(0)
    print(f.readline())
with open("new.txt", "x") as f:
    f.write("a\r\nb\rc\n")
for newline in (None, "", "\n", "\r\n", "\r"):
    with open("new.txt", newline=newline) as f:
        print(repr(newline), f.readlines())
with open("w.txt", "w", newline="\r\n") as f:
    f.write("one\ntwo\n")
print(open("w.txt", "rb").read())
for args, kwargs in [(("none.txt",), {}), (("new.txt", "x"), {}), (("new.txt", "q"), {}), (("new.txt", "rw"), {}), (("new.txt", "rb"), {"encoding": "utf-8"}), (("new.txt",), {"encoding": "nope"}), (("new.txt", "w"), {"buffering": 0}),
                     ((".",), {}), ((1.5,), {}), (("a\0b",), {}), (("new.txt", "r"), {"newline": "x"}), ((-1,), {}), (("",), {})]:
    try:
        open(*args, **kwargs)
    except (OSError, ValueError, TypeError, LookupError) as error:
        print(type(error).__name__, error)
f = open("file.txt")
f.close()
for action in (f.read, f.tell, lambda: next(f), lambda: f.write("x"), lambda: f.__enter__()):
    try:
        action()
    except ValueError as error:
        print(error)
with open("file.txt") as f:
    try:
        f.write("x")
    except OSError as error:
        print(type(error).__name__, error)
with open("bad.bin", "wb") as f:
    f.write(b"ok\xff\n")
try:
    open("bad.bin").read()
except UnicodeDecodeError as error:
    print(error)
print(open("bad.bin", errors="replace").read(), open("bad.bin", encoding="latin-1").read())
