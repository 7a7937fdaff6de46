# os.posix_spawn: what is done with descriptors, and what arguments may be.
import os

environment = {"PATH": "/usr/bin:/bin"}


def spawn(*words, program="/bin/sh", **options):
    try:
        pid = os.posix_spawn(program, words, environment, **options)
    except Exception as problem:
        print(type(problem).__name__, problem)
        return
    print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def output_of(script, *actions):
    inlet, outlet = os.pipe()
    spawn("sh", "-c", script, file_actions=[(os.POSIX_SPAWN_DUP2, outlet, 1), *actions])
    os.close(outlet)
    with open(inlet, "rb") as file:
        print(file.read())


extra = os.open("/dev/null", os.O_RDONLY)
os.set_inheritable(extra, True)
test = f"test -e /proc/self/fd/{extra} && echo open || echo closed"
output_of(test)
output_of(test, (os.POSIX_SPAWN_CLOSE, extra))
output_of(test, (os.POSIX_SPAWN_CLOSEFROM, 3))
output_of("wc -l <&5", (os.POSIX_SPAWN_OPEN, 5, "/dev/null", os.O_RDONLY, 0))

for action in [(), None, [1, 2], ("x",), (3,), (3, "x"), (3, 1, 2), (4, 1), (1,), (1, -1), (2, 1), (0, 1), (2**70, 1)]:
    print(action, end=" ")
    spawn("true", program="/bin/true", file_actions=[action])
for options in [
    {"file_actions": 5},
    {"file_actions": None},
    {"setpgroup": 0},
    {"setpgroup": "x"},
    {"setsid": True},
    {"resetids": True},
    {"setsigmask": [2, 1000]},
    {"setsigdef": [2]},
    {"scheduler": 5},
    {"scheduler": (1,)},
    {"unknown": 1},
]:
    print(options, end=" ")
    spawn("true", program="/bin/true", **options)
spawn(program="/bin/true")
spawn("x", program="/nonexistent")
try:
    os.posix_spawnp("nonexistent", ["x"], environment)
except FileNotFoundError as problem:
    print(problem)
try:
    os.posix_spawn("/bin/true", ["x"])
except TypeError as problem:
    print(problem)
