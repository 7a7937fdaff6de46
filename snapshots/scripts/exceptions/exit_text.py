# exit: 1
# A SystemExit whose code is text goes to standard error, with status 1.
import sys

print("printed")
sys.exit("the reason é")
