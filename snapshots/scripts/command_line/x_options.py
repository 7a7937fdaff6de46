# args: -X utf8 -X custom=value -W error::UserWarning -B -u -s {script}
# Options that set flags, seen from inside.
import sys
import warnings

print(sys._xoptions.get("custom"), sys.flags.utf8_mode, sys.dont_write_bytecode, sys.flags.no_user_site, sys.flags.ignore_environment, sys.warnoptions)
try:
    warnings.warn("an error now")
except UserWarning as error:
    print("raised", error)
print(sys.flags.hash_randomization, sys.flags.isolated, sys.flags.inspect, sys.flags.interactive, sys.flags.verbose)
