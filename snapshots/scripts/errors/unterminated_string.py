# exit: 1
# A string without its end.
print("fine")
text = 'no end
print("never")
