# Leaving with None is success, and finally blocks run.
import sys

try:
    try:
        sys.exit()
    finally:
        print("inner finally")
finally:
    print("outer finally")
