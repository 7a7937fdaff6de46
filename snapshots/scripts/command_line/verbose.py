# -v tells of each import, from the first on.
import subprocess
import sys

words = [sys.orig_argv[0], "-v", "-S", "-c", "import sys; print('ran', sys.flags.verbose)"]
done = subprocess.run(words, capture_output=True, text=True)
print(done.returncode, done.stdout)
for name in ["_io", "marshal", "posix"]:
    print(f"import '{name}'" in done.stderr)
