# PEP 750: t-strings and the objects that they make.
from string.templatelib import Interpolation, Template, convert

name, width, value = "World", 10, 3.14159
template = t"Hello {name}! {value:>{width}.2f} {name!r} {value = }"
print(type(template).__name__, template.strings)
for part in template.interpolations:
    print(repr(part.value), part.expression, part.conversion, repr(part.format_spec))
print(template.values)
print([part if isinstance(part, str) else part.expression for part in template])
print(repr(t"a{1}b"), t"".strings, t"{1}{2}".strings)
joined = t"x{1}" + t"{2}y"
print(joined.strings, joined.values)
print(t"lit" t"eral {name}".strings, rt"\n{name}".strings)


def render(template):
    out = []
    for part in template:
        if isinstance(part, Interpolation):
            out.append(format(convert(part.value, part.conversion), part.format_spec))
        else:
            out.append(part)
    return "".join(out)


print(render(t"{name!r:_^12}|{value:.1f}|{{literal}}|{(lambda q: q * 2)(21)}"))
made = Template("a", Interpolation(1, "one", None, "d"), "b", "c")
print(made.strings, made.interpolations)
print(Template(Interpolation(1)).strings)
match t"{name}":
    case Template(strings=("", ""), interpolations=(Interpolation(value, expression),)):
        print(value, expression)
for action in (lambda: t"a" + "b", lambda: Template(1), lambda: Interpolation(1, "x", "q"), lambda: setattr(template, "strings", ())):
    try:
        print(action())
    except (TypeError, ValueError, AttributeError) as error:
        print(type(error).__name__, error)
nested = t"{t'inner {1}'}"
print(nested.values[0].values, render(t"{f'{name}'}"))
