# exit: 1
# An error of the compiler: return outside a function, inside a class.
class C:
    return 5
