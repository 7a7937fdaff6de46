# textwrap, difflib, string, shlex, fnmatch, html, unicode helpers.
import difflib
import fnmatch
import html
import shlex
import string
import textwrap

text = "The quick brown fox jumped over the lazy dog, and the well-known hyphenated-words wrapped accordingly."
print(textwrap.fill(text, 30), textwrap.wrap(text, 20, initial_indent="* ", subsequent_indent="  ")[:3], textwrap.shorten(text, 40, placeholder="..."), textwrap.dedent("  a\n    b\n  c\n"), textwrap.indent("x\n\ny", "> "), textwrap.indent("x\n\ny", "> ", lambda l: True), textwrap.wrap("longlonglongword", 5), textwrap.wrap("", 5), sep="\n")
a, b = "one\ntwo\nthree\n".splitlines(True), "one\n2\nthree\nfour\n".splitlines(True)
print("".join(difflib.unified_diff(a, b, "old", "new")), "".join(difflib.ndiff(a, b)), difflib.get_close_matches("appel", ["ape", "apple", "peach"]), round(difflib.SequenceMatcher(None, "abcd", "bcde").ratio(), 3), difflib.SequenceMatcher(None, "qabxcd", "abycdf").get_opcodes(), sep="\n")
print(shlex.split("a 'b c' \"d 'e'\" f\\ g #h"), shlex.quote("it's"), shlex.join(["a b", "c"]), fnmatch.filter(["a.py", "b.txt", "c.PY"], "*.py"), fnmatch.translate("a[!b]*?.c"), fnmatch.fnmatchcase("A", "a"), html.escape("<a href='x'>&"), html.unescape("&lt;&eacute;&#8364;&#x41;&amp;&nope;"))
try:
    shlex.split("'open")
except ValueError as error:
    print(error)
import csv
import io

out = io.StringIO()
writer = csv.writer(out)
writer.writerow(["a", 'say "hi"', "x,y", "multi\nline", None, 1.5])
csv.DictWriter(out, ["k", "v"], restval="-").writerow({"k": 1})
print(repr(out.getvalue()), list(csv.reader(io.StringIO('a,"b ""q""",c\r\n"multi\nline",2,'))), list(csv.DictReader(["x;y", "1;2"], delimiter=";")))
import configparser

config = configparser.ConfigParser()
config.read_string("[main]\nkey = value\nnumber: 5\npath = %(key)s/x\n[other]\nflag = yes\nlist =\n  a\n  b\n")
print(config.sections(), config["main"]["path"], config.getint("main", "number"), config.getboolean("other", "flag"), config["other"]["list"], config.get("main", "none", fallback="fb"), "main" in config)
for f in (lambda: config["nope"], lambda: config.get("main", "nope"), lambda: config.read_string("no section")):
    try:
        f()
    except (KeyError, configparser.Error) as error:
        print(type(error).__name__, str(error).replace("\n", " "))
import gettext
import locale

print(gettext.gettext("untranslated"), gettext.ngettext("one", "many", 2), locale.setlocale(locale.LC_ALL, "C"), locale.localeconv()["decimal_point"], locale.format_string("%d", 1234, grouping=True), locale.strxfrm("a"), locale.normalize("en_US"))
print(string.Formatter().vformat("{0:>{1}}", ("x", 4), {}), string.capwords("hello wORLD"), len(string.printable), string.ascii_uppercase[::5])
