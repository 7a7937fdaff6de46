# exit: 1
# An error of the symbol table: no such binding.
def outer():
    def inner():
        nonlocal missing
        missing = 1
