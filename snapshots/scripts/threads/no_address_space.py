"""A thread that finds no address space for its stack cannot start; that is an error, and the others go on."""
import resource
import threading

done = threading.Event()
threads = []
soft, hard = resource.getrlimit(resource.RLIMIT_AS)
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), hard))
try:
    while True:
        thread = threading.Thread(target=done.wait)
        thread.start()
        threads.append(thread)
except RuntimeError as error:
    print(error)
finally:
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
done.set()
for thread in threads:
    thread.join()
print(len(threads) > 0, threading.active_count())
late = threading.Thread(target=print, args=("a later thread starts",))
late.start()
late.join()
