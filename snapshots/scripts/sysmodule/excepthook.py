# exit: 1
# A replaced excepthook handles the uncaught error; the status stays 1.
import sys


def hook(kind, value, trace):
    print("hook:", kind.__name__, value, trace.tb_lineno)


sys.excepthook = hook
raise ValueError("to the hook")
