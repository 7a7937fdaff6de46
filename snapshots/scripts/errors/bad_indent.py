# exit: 1
# Nothing of a file with an indentation error runs.
print("never runs")
if True:
    x = 1
  y = 2
