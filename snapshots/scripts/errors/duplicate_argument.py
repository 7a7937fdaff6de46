# exit: 1
# Two parameters of one name.
def f(a, b, a):
    pass
