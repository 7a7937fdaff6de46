# args: -c "import sys; print(sys.argv, __name__, len(sys.path) > 0, repr(sys.path[0]), sys.flags.optimize)" one "two words"
print("not used")
