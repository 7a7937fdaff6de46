# os, os.path, pathlib, shutil, tempfile, glob on a scratch directory.
import glob
import os
import pathlib
import shutil
import stat
import tempfile

print(os.path.join("a", "b", "/c", "d"), os.path.join("a", ""), os.path.normpath("a/./b/../c//d"), os.path.split("/a/b.txt"), os.path.splitext("x.tar.gz"), os.path.splitext(".rc"), os.path.basename("a/b/"), os.path.dirname("/a/b"), os.path.isabs("a"), os.path.commonpath(["/a/b", "/a/c"]), os.path.commonprefix(["abc", "abd"]), os.path.relpath("/a/b/c", "/a/d"), os.path.expanduser("~") == os.environ["HOME"], os.path.expandvars("$HOME/x") == os.environ["HOME"] + "/x", os.path.splitdrive("/a"))
os.makedirs("tree/sub/deep")
os.makedirs("tree/sub", exist_ok=True)
for name in ("tree/a.txt", "tree/b.py", "tree/sub/c.txt"):
    with open(name, "w") as f:
        f.write(name)
print(sorted(os.listdir("tree")), [(os.path.relpath(r), sorted(d), sorted(f)) for r, d, f in sorted(os.walk("tree"))], sorted((e.name, e.is_dir(), e.is_file()) for e in os.scandir("tree")))
info = os.stat("tree/a.txt")
print(info.st_size, stat.S_ISREG(info.st_mode), os.path.getsize("tree/b.py"), os.path.exists("nope"), os.path.isdir("tree"), os.path.isfile("tree"), info[6], type(info).__name__)
os.rename("tree/a.txt", "tree/renamed.txt")
os.symlink("renamed.txt", "tree/link")
print(os.readlink("tree/link"), os.path.islink("tree/link"), os.path.realpath("tree/link").endswith("tree/renamed.txt"), open("tree/link").read())
os.chmod("tree/b.py", 0o640)
print(oct(os.stat("tree/b.py").st_mode & 0o777), stat.filemode(0o100755), sorted(glob.glob("tree/**/*.txt", recursive=True)), os.access("tree", os.R_OK))
os.remove("tree/link")
for f in (lambda: os.mkdir("tree"), lambda: os.rmdir("tree"), lambda: os.remove("nope"), lambda: os.listdir("nope"), lambda: os.rename("x1", "y1"), lambda: os.stat("a\0b"), lambda: os.chdir("tree/b.py"), lambda: os.open("tree/b.py/x", os.O_RDONLY), lambda: os.stat(1.5), lambda: os.mkdir("p/q/r"), lambda: os.readlink("tree"), lambda: os.close(999), lambda: os.path.join("a", b"b"), lambda: os.path.join(1)):
    try:
        f()
    except (OSError, ValueError, TypeError) as error:
        print(type(error).__name__, error)
fd = os.open("raw", os.O_CREAT | os.O_RDWR)
print(os.write(fd, b"raw bytes"), os.lseek(fd, 4, os.SEEK_SET), os.read(fd, 10), os.fstat(fd).st_size, os.ftruncate(fd, 3), os.isatty(fd), os.close(fd), open("raw", "rb").read())
r, w = os.pipe()
os.write(w, b"through pipe")
os.close(w)
print(os.read(r, 100), os.read(r, 100), os.close(r))
os.environ["SET_HERE"] = "value"
print(os.getenv("SET_HERE"), os.environ.get("NOPE"), os.environ.pop("SET_HERE"), "SET_HERE" in os.environ, os.fspath(pathlib.Path("p")), os.fsencode("é"), os.fsdecode(b"\xff") == "\udcff", os.getpid() == os.getpid(), os.name, os.sep, os.linesep, os.devnull, os.strerror(2), os.cpu_count() > 0, len(os.urandom(8)))
p = pathlib.Path("tree")
print(sorted(str(c) for c in p.rglob("*")), (p / "b.py").suffix, (p / "sub").parent, pathlib.PurePath("a/b/c.tar.gz").suffixes, pathlib.PurePosixPath("/a").joinpath("b", "../c"), p.joinpath("new").write_text("written"), (p / "new").read_text(), (p / "new").stat().st_size, [c.name for c in sorted(p.iterdir())], pathlib.Path("a/b").parts, pathlib.Path("a") < pathlib.Path("b"), pathlib.PurePath("x/y.txt").with_suffix(".md"), pathlib.PurePath("a/b").relative_to("a"), repr(pathlib.PurePosixPath("q")), (p / "none").exists(), pathlib.PurePath("a/b.py").match("*.py"))
shutil.copytree("tree", "copy")
shutil.copy("tree/b.py", "copied.py")
shutil.move("copied.py", "moved.py")
print(sorted(os.listdir("copy")), os.path.exists("moved.py"), shutil.rmtree("copy"), os.path.exists("copy"))
with tempfile.TemporaryDirectory() as d, tempfile.NamedTemporaryFile("w+") as t:
    t.write("temp")
    t.seek(0)
    print(os.path.isdir(d), t.read(), os.path.exists(t.name), os.path.basename(d).startswith("tmp"))
print(os.path.exists(d), tempfile.mkstemp()[0] > 2, os.path.samefile(".", os.getcwd()))
