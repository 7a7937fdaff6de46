# args: -V
# oracle: differs it is our version
print("not used")
