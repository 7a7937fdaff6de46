# args: -Z
# exit: 2
print("not used")
