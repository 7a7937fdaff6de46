# exit: 1
# A bracket that nothing closes: reported where it opens, and nothing runs.
print("never runs")
values = [1,
          (2,
          3), 4
print("still inside")
