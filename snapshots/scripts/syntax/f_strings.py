# f-strings: nesting, quotes, conversions, debugging, lambdas, evaluation order.
name, number, nested = "Ann", 42, {"k": [1, 2]}
print(f"{name} {number:05d} {number!r:>6} {name!s:*^9} {name!a}")
print(f"{number=} {number = } {nested["k"]=} {name=!s:>5} {number=:05}")
print(f"{'a' if number else 'b'} {nested['k'][1]:>{number // 10}} {{}} {{{number}}}")
print(f"{(lambda x: x * 2)(4)} {[i for i in range(3)]} { {1: 2}[1] } {'nested ' + f'{name!r}'}")
print(f"""multi
{number
   + 1}
line""")
print(f"{'\n'.join('ab')}|{"\t"}|{chr(65)}")
print(rf"\d{number}\{name}", f"\x41\N{BULLET}{number}")
print(f"{number:{'>'}{10}}|{number:#x}|{3.14159:.{2}f}|{1e10:,}|{-5:+}")
print(f"{f"{f"{1 + 1}"}"}", f'{"a" "b"}', f"{'{}'}")


class Custom:
    def __format__(self, spec):
        return f"<{spec}>"

    def __repr__(self):
        return "Custom()"


print(f"{Custom()} {Custom():a b} {Custom()!r:>10} {Custom():{name}!r} {Custom()=}")
calls = []
print(f"{calls.append(1) or len(calls)}{calls.append(2) or len(calls)}")
print(f"{name!r:{'^'}{len(name) + 6}}", f"{number:%}", f"{True:d}", f"{None}")
for source in ("f'{'", "f'}'", "f'{a b}'", "f'{!r}'", "f'{x!z}'", "f'{}'", "f'{a:{b:{c:{d}}}}'", "f'{x!}'", "f'{lambda: 1}'", "f'{*a}'"):
    try:
        compile(source, "s", "eval")
        print("fine", source)
    except SyntaxError as error:
        print(source, "|", error.msg)
for bad in (lambda: f"{number:z}", lambda: f"{name:d}", lambda: f"{[]:>3}"):
    try:
        print(bad())
    except (ValueError, TypeError) as error:
        print(error)
