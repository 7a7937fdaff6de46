# runpy and subprocess: -m of modules and packages, -c, stdin scripts, directories and zip files with __main__.
import os
import runpy
import subprocess
import sys
import zipfile

os.makedirs("app/sub")
files = {"tool.py": "import sys\nprint(__name__, sys.argv[1:], __spec__ and __spec__.name)", "app/__init__.py": "print('init')", "app/__main__.py": "print('main of', __package__)", "app/sub/__init__.py": ""}
for name, text in files.items():
    with open(name, "w") as f:
        f.write(text)
print(runpy.run_path("tool.py", run_name="custom")["__name__"])
sys.path.insert(0, os.getcwd())
runpy.run_module("tool", run_name="__main__", alter_sys=True)
runpy.run_module("app", run_name="__main__")
with zipfile.ZipFile("app.zip", "w") as z:
    z.writestr("__main__.py", "print('zip main', __name__, __file__.endswith('__main__.py'))")
runpy.run_path("app.zip", run_name="__main__")
for missing in ("nothing_here", "app.sub", "tool.inner"):
    try:
        runpy.run_module(missing, run_name="__main__")
    except ImportError as error:
        print(error)
result = runpy.run_path("tool.py", init_globals={"extra": 1})
print(result["extra"], sorted(k for k in result if not k.startswith("__")))
