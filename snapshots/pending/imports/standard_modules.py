# A broad sweep of library modules that must import, with one fact about each.
import importlib

FACTS = {
    "abc": "ABC.__name__", "argparse": "SUPPRESS", "array": "array('i', [1]).typecode", "ast": "dump(parse('1').body[0].value)", "base64": "b64encode(b'ab')", "binascii": "hexlify(b'a')", "bisect": "bisect([1, 3], 2)",
    "calendar": "isleap(2024)", "cmath": "sqrt(-4)", "codecs": "lookup('utf-8').name", "collections": "Counter('aab').most_common(1)", "colorsys": "rgb_to_hsv(1, 0, 0)", "configparser": "DEFAULTSECT", "contextlib": "suppress.__name__",
    "copy": "deepcopy([[1]])", "csv": "list_dialects()", "dataclasses": "MISSING is not None", "datetime": "date(2020, 2, 29).isoformat()", "decimal": "Decimal('0.1') + Decimal('0.2')", "difflib": "get_close_matches('appel', ['apple'])",
    "enum": "Enum.__name__", "errno": "ENOENT", "fnmatch": "fnmatch('a.py', '*.py')", "fractions": "Fraction(6, 4)", "functools": "reduce(lambda a, b: a * b, [1, 2, 3])", "gc": "isenabled()", "getopt": "getopt(['-a'], 'a')",
    "glob": "has_magic('*')", "graphlib": "list(TopologicalSorter({1: [2]}).static_order())", "hashlib": "sha256(b'').hexdigest()[:8]", "heapq": "nsmallest(2, [3, 1, 2])", "hmac": "new(b'k', b'm', 'md5').hexdigest()[:8]",
    "html": "escape('<')", "importlib.metadata": "PackageNotFoundError.__name__", "inspect": "isclass(int)", "io": "StringIO('x').read()", "ipaddress": "ip_address('127.0.0.1').is_loopback", "itertools": "list(islice(count(), 2))",
    "json": "dumps([1])", "keyword": "iskeyword('if')", "linecache": "getline('none', 1)", "locale": "LC_ALL is not None", "logging": "getLevelName(20)", "math": "pi", "mimetypes": "guess_type('a.html')[0]", "numbers": "Number.__name__",
    "operator": "itemgetter(1)('ab')", "os": "sep", "pathlib": "PurePosixPath('a/b').name", "pickle": "loads(dumps(1))", "platform": "system()", "pprint": "pformat(1)", "queue": "Queue().empty()", "random": "Random(1).random()",
    "re": "findall('a', 'aa')", "reprlib": "repr('x' * 50)", "secrets": "DEFAULT_ENTROPY", "select": "error is OSError", "shlex": "split('a \"b c\"')", "shutil": "copyfile.__name__", "signal": "SIGINT.value", "socket": "AF_INET.value",
    "stat": "S_IFMT(0o100644) == S_IFREG", "statistics": "mean([1, 2])", "string": "digits", "struct": "calcsize('<i')", "subprocess": "PIPE", "symtable": "symtable('x', 'f', 'exec').get_name()", "sysconfig": "get_python_version()",
    "tempfile": "gettempprefix()", "textwrap": "dedent('  a')", "threading": "active_count()", "time": "gmtime(0).tm_year", "timeit": "default_timer is not None", "token": "NAME", "tokenize": "TokenInfo.__name__", "tomllib": "loads('a = 1')",
    "traceback": "format_exc()", "types": "NoneType", "typing": "Optional[int]", "unicodedata": "name('a')", "unittest": "TestCase.__name__", "urllib.parse": "quote('a b')", "uuid": "UUID(int=1)", "warnings": "simplefilter.__name__",
    "weakref": "ref.__name__", "xml.etree.ElementTree": "fromstring('<a>t</a>').text", "zipfile": "ZIP_DEFLATED", "zlib": "crc32(b'a')", "zoneinfo": "ZoneInfo.__name__", "concurrent.futures": "ALL_COMPLETED", "contextvars": "ContextVar('a').name",
    "atexit": "register.__name__", "builtins": "len.__name__", "marshal": "loads(dumps([1]))", "posixpath": "join('a', 'b')", "sched": "scheduler.__name__", "site": "ENABLE_USER_SITE is not None", "this": "s[:3]" , "opcode": "opmap is not None", "dis": "COMPILER_FLAG_NAMES[1]",
}
del FACTS["this"]
for name, fact in FACTS.items():
    try:
        module = importlib.import_module(name)
        print(name, eval(fact, vars(module).copy()))
    except Exception as error:
        print(name, "FAILED", type(error).__name__, error)
