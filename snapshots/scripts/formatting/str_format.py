# str.format and format_map: numbering, attributes, items, nesting, conversions.
import datetime


class P:
    def __init__(self):
        self.x, self.items = 1, {"k": [10, 20], 0: "zero"}

    def __getitem__(self, key):
        return f"<{key!r}>"

    def __format__(self, spec):
        return f"P({spec})"

    def __repr__(self):
        return "P!"

    def __str__(self):
        return "P?"


p = P()
print("{} {} {}".format(1, "a", [2]), "{0} {1} {0}".format("a", "b"), "{x} {y}".format(x=1, y=2), "{} {k}".format(0, k=1))
print("{0.x} {0.items[k][1]} {0[abc]} {0[12]} {0[-1]} {p.items[0]}".format(p, p=p))
print("{!r} {!s} {!a} {!r:>5} {:spec} {:}".format(p, p, "é", p, p, p))
print("{:{}} {:{w}.{p}f} {:{fill}{align}{width}}".format("a", 5, 3.14159, "c", w=8, p=2, fill="*", align="^", width=7))
print("{{}} {{{}}} {{{{".format(1), "{0:{1}{2}}|{3!r:{1}}".format("x", ">", 4, "y"))
print("{:%Y-%m-%d} {:%H:%M}".format(datetime.date(2020, 1, 2), datetime.time(3, 4)))


class D(dict):
    def __missing__(self, key):
        return f"no {key}"


print("{a} {b}".format_map(D(a=1)), "{0}{0}{1}".format(*"ab"), "{a[0]}{a[1]}".format(a=[1, 2]), "{0:,} {0:_} {0:e}".format(1234567))
print("".format(1, 2), "{0}".format(None), "{:>{}}".format("é", 4), "{:s}".format("日本"), "{:^6}|".format("😀"), "{:0>3}".format(7), "{:é^5}".format("x"))
import string

formatter = string.Formatter()
print(formatter.format("{0} {name}", 1, name="n"), list(formatter.parse("a{b!r:c}d{{e}}{}")), formatter.get_field("0.real", (5,), {}), formatter.vformat("{}{}", (1, 2), {}))


class Custom(string.Formatter):
    def get_value(self, key, args, kwargs):
        return f"[{key}]"

    def format_field(self, value, spec):
        return value.upper() if spec == "up" else super().format_field(value, spec)


print(Custom().format("{a} {0:up} {b:>6}"))
t = string.Template("$who likes ${what} $$5")
print(t.substitute(who="tim", what="kung pao"), t.safe_substitute(who="x"), t.is_valid(), t.get_identifiers())
for f in (lambda: t.substitute(who=1), lambda: string.Template("$").substitute(), lambda: string.Template("a $1").substitute()):
    try:
        f()
    except (KeyError, ValueError) as error:
        print(type(error).__name__, error)
print(string.ascii_letters, string.digits, string.hexdigits, repr(string.punctuation), repr(string.whitespace), string.capwords("a  b cd"))
