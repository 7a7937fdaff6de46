# What the program's globals hold is finalized at the end, while the globals are still there.
import os


class Late:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        os.write(1, f"{self.name} ends, os is {os.__name__}, {helper()}\n".encode())


def helper():
    return "a function of the module"


late = Late("late")
