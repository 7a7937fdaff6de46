# args: -I {script}
# env: PYTHONPATH=/nowhere
# oracle: skip the wrapper of the oracle needs its environment
import sys

print(sys.flags.isolated, sys.flags.no_user_site, sys.flags.ignore_environment, sys.flags.safe_path, "/nowhere" in sys.path)
