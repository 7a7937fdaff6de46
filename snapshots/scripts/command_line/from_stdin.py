# args: - a b
# stdin: import sys\nprint(sys.argv, __name__, "__file__" in globals())\ndef f():\n    return 1\nprint(f())\nraise SystemExit(0)\n
print("not used")
