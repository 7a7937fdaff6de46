# exit: 1
# The range that a missing comma is reported with, over wide characters.
data = {"日本": [1, 2 3], "é": 4}
