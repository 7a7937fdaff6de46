# args: no_such_script.py
# exit: 2
print("not used")
