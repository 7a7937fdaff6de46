# exit: 1
# A block is missing after a colon.
def f():
print("never")
