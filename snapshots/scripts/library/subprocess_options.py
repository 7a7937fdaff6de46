# What subprocess.Popen's arguments do to the child.
import os
import signal
import subprocess
import warnings

warnings.simplefilter("ignore")


def run(words, **options):
    try:
        done = subprocess.run(words, capture_output=True, **options)
        print(done.returncode, done.stdout, done.stderr)
    except Exception as problem:
        print(type(problem).__name__, problem)


shell = ["/bin/sh", "-c"]
run(shell + ["echo $A; pwd; umask"], env={"A": "b"}, cwd="/", umask=0o27)
run("echo $((2 + 3)); exit 4", shell=True)
run(["arguments"], executable="/bin/echo")
run(shell + ["cat; echo end >&2"], input=b"input")
run(shell + ["cat"], input="t\u00e4xt", encoding="utf-8")
run(shell + ["sleep 5"], timeout=0.1)
run(shell + ["kill -9 $$"])
run(shell + ["exit 3"], check=True)
run(["/nonexistent"])
run(shell + ["echo"], cwd="/nonexistent")
run(["a\0b"])
run([])

# Descriptors.
inlet, outlet = os.pipe()
os.set_inheritable(inlet, True)
test = shell + [f"test -e /proc/self/fd/{inlet} && echo open || echo closed"]
run(test)
run(test, close_fds=False)
run(test, pass_fds=[inlet])
run(test, pass_fds=["x"])
with subprocess.Popen(shell + ["cat"], stdin=subprocess.PIPE, stdout=outlet) as child:
    child.communicate(b"through a pipe")
print(os.read(inlet, 100))
with subprocess.Popen(shell + ["echo one; echo two >&2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
    print(child.stdout.read())
with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1, text=True) as child:
    child.stdin.write("line\n")
    print(child.stdout.readline(), child.poll())
big = b"x" * 300_000
print(subprocess.run(["cat"], input=big, capture_output=True).stdout == big)

# Groups, sessions, signals.
script = "read pid name state parent group session rest < /proc/self/stat; echo $((group == pid)) $((session == pid))"
for options in [{}, {"process_group": 0}, {"start_new_session": True}]:
    run(shell + [script], **options)
run(shell + ["echo"], process_group="x")
run(shell + ["grep SigIgn /proc/self/status | cut -c 20-"], restore_signals=False)
run(shell + ["grep SigIgn /proc/self/status | cut -c 20-"], restore_signals=True)
for name in ["user", "group"]:
    for value in [-1, 2**64, 2**32, 1.5, "nobody at all"]:
        run(["/bin/true"], **{name: value})
for value in [[-1], [2**64], [1.5], 5, [0] * 70_000]:
    run(["/bin/true"], extra_groups=value)

# Python code in the child.
run(shell + ["pwd"], preexec_fn=lambda: os.chdir("/usr"))
run(shell + ["pwd"], preexec_fn=lambda: 1 / 0)
child = subprocess.Popen(shell + ["trap 'exit 7' TERM; echo ready; sleep 5 & wait"], stdout=subprocess.PIPE)
child.stdout.readline()
child.send_signal(signal.SIGTERM)
print(child.wait(5), child.poll(), child.returncode)
child.stdout.close()
