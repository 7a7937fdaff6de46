# A thread that waits for input keeps nobody from writing to the same file object.
import io
import os
import threading
import time
import tty

watchdog = threading.Timer(15, os._exit, [9])
watchdog.daemon = True
watchdog.start()


def wait_until_reading():
    time.sleep(0.1)


def talk(name, file, peer_reads, peer_writes):
    got = []
    reader = threading.Thread(target=lambda: got.append(file.readline()), daemon=True)
    reader.start()
    wait_until_reading()
    file.write("question\n")
    file.flush()
    print(name, "asked", os.read(peer_reads, 100))
    os.write(peer_writes, "answer\n".encode(file.encoding))
    reader.join(10)
    print(name, "heard", got)
    file.close()


master, slave = os.openpty()
tty.setraw(slave)
raw = io.FileIO(master, "r", closefd=False), io.FileIO(master, "w", closefd=False)
talk("terminal", io.TextIOWrapper(io.BufferedRWPair(*raw), encoding="ascii", write_through=True), slave, slave)

for encoding in ["utf-8", "utf-16-le", "cp1252"]:
    there, back = os.pipe(), os.pipe()
    pair = io.BufferedRWPair(io.FileIO(back[0], "r"), io.FileIO(there[1], "w"))
    talk(encoding, io.TextIOWrapper(pair, encoding=encoding), there[0], back[1])


# Threads that share one file object of either kind: whole pieces, and no end without the rest.
def read_all(file, into):
    while line := file.readline():
        into.append(line)


count = 4000
inlet, outlet = os.pipe()
file = open(inlet, "r", encoding="utf-8")
into = [[], [], []]
readers = [threading.Thread(target=read_all, args=(file, part)) for part in into]
for reader in readers:
    reader.start()
with open(outlet, "wb") as out:
    out.write(b"".join(b"%06d\n" % number for number in range(count)))
for reader in readers:
    reader.join()
print(sum(len("".join(part)) for part in into) == 7 * count)

inlet, outlet = os.pipe()
with open(inlet, "rb") as file, open(outlet, "w", encoding="utf-8") as out:

    def write_many(letter):
        for _ in range(500):
            out.write(letter * 9 + "\n")
        out.flush()

    writers = [threading.Thread(target=write_many, args=(letter,)) for letter in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    out.close()
    lines = file.read().split(b"\n")
print({letter.decode(): lines.count(letter * 9) for letter in [b"a", b"b", b"c"]})

# The same for standard input, and for the end of the process.
inlet, outlet = os.pipe()
os.dup2(inlet, 0)
import sys

for _ in range(2):
    threading.Thread(target=sys.stdin.readline, daemon=True).start()
threading.Thread(target=lambda: list(sys.stdin.buffer), daemon=True).start()
wait_until_reading()
print("still here")
watchdog.cancel()
