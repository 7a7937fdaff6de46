# sys.path changes, namespace packages, importlib functions, reload, importing from a zip file.
import importlib
import importlib.util
import os
import sys
import zipfile

os.makedirs("one/space")
os.makedirs("two/space")
for place, text in (("one/space/a.py", "A = 1"), ("two/space/b.py", "B = 2"), ("one/plain.py", "COUNT = globals().get('COUNT', 0) + 1")):
    with open(place, "w") as f:
        f.write(text)
sys.path[:0] = ["one", "two"]
import space.a
import space.b

print(space.a.A, space.b.B, space.__file__, space.__spec__.origin, len(space.__path__), type(space.__path__).__name__)
import plain

print(plain.COUNT, importlib.reload(plain).COUNT, importlib.reload(plain) is plain, plain.COUNT)
with zipfile.ZipFile("bundle.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("zipped.py", "import sys\nNAME = __name__\ndef where(): return __file__\n")
    z.writestr("zpkg/__init__.py", "from .inner import deep\n")
    z.writestr("zpkg/inner.py", "deep = 'from the zip'\n")
    z.writestr("zpkg/data.txt", "resource text")
sys.path.append("bundle.zip")
import zipped
import zpkg

print(zipped.NAME, os.path.relpath(zipped.where()), zpkg.deep, type(zipped.__loader__).__name__, zpkg.__spec__.name)
import importlib.resources

print(importlib.resources.files("zpkg").joinpath("data.txt").read_text())
print(importlib.import_module("space.a") is space.a, importlib.import_module(".b", "space") is space.b, importlib.util.find_spec("json.decoder").name, importlib.util.find_spec("nothing_there"), __import__("os.path").__name__, __import__("os.path", fromlist=["join"]).__name__)
spec = importlib.util.spec_from_file_location("by_location", "one/plain.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.COUNT, module.__name__, "by_location" in sys.modules)


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "made_up":
            return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.made = f"made {module.__name__}"


sys.meta_path.append(Finder())
import made_up

print(made_up.made, made_up.__loader__.__class__.__name__)
with open("late.py", "w") as f:
    f.write("x = 1")
sys.path.insert(0, os.getcwd())
importlib.invalidate_caches()
import late

print(late.x, late.__cached__ is not None if hasattr(late, "__cached__") else True)
with open("bad_syntax.py", "w") as f:
    f.write("def broken(:\n")
try:
    import bad_syntax
except SyntaxError as error:
    print(error.msg, error.lineno, os.path.basename(error.filename))
for call in (lambda: importlib.import_module(""), lambda: importlib.import_module(".x"), lambda: importlib.reload(5), lambda: __import__(""), lambda: __import__(5), lambda: importlib.import_module("..x", "space")):
    try:
        call()
    except (ValueError, TypeError, ImportError) as error:
        print(type(error).__name__, error)
