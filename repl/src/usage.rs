//! The texts of `--help` and its kin.

/// What follows a message about a wrong command line.
pub fn short(program: &str) -> String {
    format!("{}Try `python -h' for more information.\n", synopsis(program))
}

fn synopsis(program: &str) -> String {
    format!("usage: {program} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n")
}

/// `--help`.
pub fn options(program: &str) -> String {
    format!("{}{OPTIONS}", synopsis(program))
}

/// `--help-env`.
pub fn environment() -> &'static str {
    ENVIRONMENT
}

/// `--help-xoptions`.
pub fn x_options() -> &'static str {
    X_OPTIONS
}

/// `--help-all`.
pub fn all(program: &str) -> String {
    format!("{}\n{ENVIRONMENT}\n{X_OPTIONS}", options(program))
}

const OPTIONS: &str = "\
Options, each with the environment variable that has the same effect:
-b     : warn where bytes are shown as text or compared with it; -bb: raise
-B     : write no .pyc files (PYTHONDONTWRITEBYTECODE)
-c cmd : run this source text; what follows are its arguments
-d     : accepted; the parser has no debugging output (PYTHONDEBUG)
-E     : do not look at PYTHON* environment variables
-h     : this text (also -?, --help)
-i     : go on as a session when the program has ended, even if standard input
         is no terminal (PYTHONINSPECT)
-I     : keep the user's surroundings out: -E, -P and -s
-m mod : run this module as a program; what follows are its arguments
-O     : leave out assertions and what depends on __debug__ (PYTHONOPTIMIZE)
-OO    : leave out docstrings, too
-P     : do not put the script's or the current folder before sys.path
         (PYTHONSAFEPATH)
-q     : start a session without greeting
-s     : leave the user's site folder out of sys.path (PYTHONNOUSERSITE)
-S     : do not import the module site
-u     : do not buffer standard output and error (PYTHONUNBUFFERED)
-v     : tell of each import; more often, tell more (PYTHONVERBOSE)
-V     : print the version (also --version); -VV: with details
-W arg : add a warning filter, action:message:category:module:line
         (PYTHONWARNINGS)
-x     : skip the first line of the source
-X opt : set an option of this implementation; see --help-xoptions
--check-hash-based-pycs always|default|never:
         how .pyc files that carry a hash of their source are checked
--help-env, --help-xoptions, --help-all: more of this

Arguments:
file   : the program, from a file, or a folder or archive with __main__.py
-      : the program, from standard input; a session if that is a terminal
arg ...: arguments of the program, sys.argv[1:]
";

const X_OPTIONS: &str = "\
Options of the implementation:
-X context_aware_warnings=0|1: whether warnings.catch_warnings() keeps to its
         context; 1 by default (PYTHON_CONTEXT_AWARE_WARNINGS)
-X cpu_count=N|default: what os.cpu_count() answers (PYTHON_CPU_COUNT)
-X dev : show more warnings and check more at run time (PYTHONDEVMODE)
-X dis : print the bytecode of what is run instead of running it
-X faulthandler: print Python's stack on fatal errors (PYTHONFAULTHANDLER)
-X frozen_modules=on|off: accepted; nothing is frozen here
-X gclog: print the collector's statistics at the end
-X importtime[=2]: print how long each import takes; 2: also of what is loaded
         already (PYTHONPROFILEIMPORTTIME)
-X int_max_str_digits=N: limit the length of conversions between int and
         decimal text; 0 for no limit (PYTHONINTMAXSTRDIGITS)
-X no_debug_ranges, perf, perf_jit, showrefcount, tracemalloc[=N]: accepted
-X pycache_prefix=FOLDER: keep .pyc files below this folder
         (PYTHONPYCACHEPREFIX)
-X thread_inherit_context=0|1: whether a new thread starts with a copy of its
         creator's context; 1 by default (PYTHON_THREAD_INHERIT_CONTEXT)
-X utf8[=0|1]: UTF-8 for all text whatever the locale says (PYTHONUTF8)
-X warn_default_encoding: EncodingWarning for encoding=None
         (PYTHONWARNDEFAULTENCODING)
-X zeal=alloc:N|incremental:K|concurrent:KIB: a stressed collector for tests:
         collect at every Nth allocation, mark K objects at every poll, or begin
         a concurrent cycle every so many KiB (COUNTLESS_ZEAL)
";

const ENVIRONMENT: &str = "\
Environment variables that are no option:
COUNTLESS_LIB   : a folder to be used as the standard library instead of the
                  one in the binary
PYTHONBREAKPOINT: what breakpoint() calls; 0 for nothing
PYTHON_COLORS   : 1 for colours, 0 for none
PYTHONCOERCECLOCALE: 0 leaves the locale \"C\" as it is
PYTHONHASHSEED  : \"random\", or the seed of str and bytes hashes, a number from
                  0 to 4294967295
PYTHON_HISTORY  : where a session keeps its history
PYTHONHOME      : the folder above lib/
PYTHONIOENCODING: encoding[:errors] of standard input, output and error
PYTHONPATH      : folders to be put before sys.path, separated by ':'
PYTHONSTARTUP   : a file to be run at the start of a session
PYTHONUSERBASE  : the folder of the user's site packages

Those that stand for options (see --help and --help-xoptions):
PYTHON_CONTEXT_AWARE_WARNINGS, PYTHON_CPU_COUNT, PYTHONDEBUG, PYTHONDEVMODE,
PYTHONDONTWRITEBYTECODE, PYTHONFAULTHANDLER, PYTHONINSPECT,
PYTHONINTMAXSTRDIGITS, PYTHONNOUSERSITE, PYTHONOPTIMIZE,
PYTHONPROFILEIMPORTTIME, PYTHONPYCACHEPREFIX, PYTHONSAFEPATH,
PYTHON_THREAD_INHERIT_CONTEXT, PYTHONUNBUFFERED, PYTHONUTF8, PYTHONVERBOSE,
PYTHONWARNDEFAULTENCODING, PYTHONWARNINGS
";
