# argparse, getopt, logging, warnings: the modules of programs.
import argparse
import io
import logging
import sys
import warnings

parser = argparse.ArgumentParser(prog="tool", description="A tool.", epilog="The end.")
parser.add_argument("file", help="the input")
parser.add_argument("extra", nargs="*", type=int)
parser.add_argument("-v", "--verbose", action="count", default=0, help="more output")
parser.add_argument("--level", type=int, choices=range(1, 4), metavar="N")
parser.add_argument("--flag", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("-o", dest="out", required=False, default="-", help="output (default: %(default)s)")
group = parser.add_mutually_exclusive_group()
group.add_argument("--a", action="store_true")
group.add_argument("--b", action="store_const", const=5)
print(parser.parse_args(["in", "1", "2", "-vv", "--level", "2", "--no-flag", "-oX"]), parser.parse_known_args(["f", "--unknown"]))
sys.stdout.flush()
print(parser.format_usage(), parser.format_help())
for argv in ([], ["f", "x"], ["f", "--level", "9"], ["f", "--a", "--b"], ["f", "-o"], ["f", "--lev", "1", "--nope"]):
    try:
        sys.stderr, old = io.StringIO(), sys.stderr
        parser.parse_args(argv)
    except SystemExit as error:
        text = sys.stderr.getvalue()
        sys.stderr = old
        print(error.code, text.splitlines()[-1])
    finally:
        sys.stderr = old
subparsers = argparse.ArgumentParser(prog="git").add_subparsers(dest="cmd")
sub = subparsers.add_parser("commit", aliases=["ci"])
sub.add_argument("-m")
print(sub.parse_args(["-m", "x"]))
stream = io.StringIO()
logging.basicConfig(stream=stream, level=logging.INFO, format="%(levelname)s:%(name)s:%(funcName)s:%(lineno)d:%(message)s")
log = logging.getLogger("app.part")


def act():
    log.info("value %s and %d", "x", 5)
    log.debug("hidden")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")


act()
logging.getLogger("app").setLevel("ERROR")
log.warning("filtered")
log.error("extra %(k)s", {"k": 1})
handler = logging.StreamHandler(stream)
handler.setFormatter(logging.Formatter("{message}!{levelno}", style="{"))
handler.addFilter(lambda record: "skip" not in record.msg)
log.addHandler(handler)
log.propagate = False
log.critical("kept")
log.critical("skip this")
print(stream.getvalue(), log.getEffectiveLevel(), log.isEnabledFor(30), logging.getLevelName("INFO"), log.parent.name, logging.getLogger("app.part") is log)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("first")
    warnings.warn("second", DeprecationWarning, stacklevel=1)
    warnings.filterwarnings("error", "danger", UserWarning)
    try:
        warnings.warn("danger zone")
    except UserWarning as error:
        print("raised", error)
    warnings.filterwarnings("ignore")
    warnings.warn("ignored")
print([(w.category.__name__, str(w.message), w.lineno > 0) for w in caught], warnings.formatwarning("m", UserWarning, "f.py", 3, "line"))


@warnings.deprecated("use other")
def old():
    return 1


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(old(), caught[0].message)
warnings.warn("to stderr", stacklevel=1)
warnings.warn("to stderr", stacklevel=1)
