# exit: 1
# A wrong assignment target with the question that CPython asks.
if f() = 3:
    pass
