# printf-style formatting of str: every conversion, flag, width and precision, and errors.
print("%d %i %u %5d|%-5d|%05d|%+d|% d|%.3d|%8.3d|%x %X %o %#x %#o %c %c %%" % (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255, 255, 8, 255, 8, "a", 98))
print("%f %.2f %10.1f|%-10.1f|%+f|%e %E %.0e %g %G %#.3g %.0f %#.0f %F" % (1.5, 2.555, 3.14, 3.14, 1.0, 12345.6789, 0.00012, 5.5, 1e10, 1e-10, 1.0, 2.5, 3.0, float("inf")))
print("%s %r %a %10s|%-10s|%.2s|%5.1s|" % ("s", "r", "é", "right", "left", "cut", "ab"))
print("%(a)s %(b)05d %(a)r %(c).1f" % {"a": 1, "b": 2, "c": 3.25}, "%(x)s" % {"x": "%s"}, "%(with space)s %(n(est)ed)s" % {"with space": 1, "n(est)ed": 2})
print("%*d|%-*d|%.*f|%*.*f" % (5, 42, 5, 42, 2, 3.14159, 8, 3, 2.71828), "%s %s" % ("a", (1, 2)), "%s" % ((1, 2),), "%s" % [1, 2], "%s" % {"a": 1}, "%d" % True)
print("%d" % 3.99, "%d" % -3.99, "%x" % -255, "%o" % -8, "%#X" % 255, "%+x" % 10, "%08.3f" % -1.5, "%+.2e" % 1234.5, "% x" % 5, "%-08d|" % 5, "%d" % 10**20, "%.50f" % 0.1)
print("%s" % None, "%s %%" % 1, "no args" % (), "no args" % {}, "%c" % 0x1F600, "%c" % "日", "%5c|" % "x", "%ld %hd %Lf" % (1, 2, 3.0))


class I:
    def __index__(self):
        return 7

    def __int__(self):
        return 8

    def __float__(self):
        return 9.5

    def __str__(self):
        return "str"

    def __repr__(self):
        return "repr"


print("%x %o %c %d %f %s %r %a" % tuple(I() for _ in range(8)))


def attempt(template, args):
    try:
        print(template, "->", template % args)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        print(template, "->", type(error).__name__, error)


attempt("%d", "a")
attempt("%d", None)
attempt("%x", 1.5)
attempt("%f", "a")
attempt("%c", "ab")
attempt("%c", -1)
attempt("%c", 0x110000)
attempt("%c", 1.5)
attempt("%s %s", 1)
attempt("%s", (1, 2))
attempt("%s", ())
attempt("%", 1)
attempt("%q", 1)
attempt("%5", 1)
attempt("%(a)s", 1)
attempt("%(a)s", {"b": 1})
attempt("%(a", {"a": 1})
attempt("%(a)s %s", {"a": 1})
attempt("%*d", ("a", 1))
attempt("%.*f", (1,))
attempt("none", 1)
attempt("none", [1])
attempt("%d", [])
attempt("%i", float("inf"))
attempt("%i", float("nan"))
attempt("%.99999999999d", 1)
attempt("%é", 1)
attempt("%d%", 1)
