# float: methods, repr, parsing, arithmetic at the edges.
inf, nan = float("inf"), float("nan")
print(1.5.as_integer_ratio(), (0.1).as_integer_ratio(), 2.0.is_integer(), 2.5.is_integer(), 1.5.conjugate(), 1.5.real, 1.5.imag)
print((0.1).hex(), (-1.5).hex(), (0.0).hex(), inf.hex(), float.fromhex("0x1.8p3"), float.fromhex("-0x.1"), float.fromhex(" inf "), 5e-324.hex())
print(float("  1.5e3 "), float("-inf"), float("nan"), float("1_0.5"), float("+.5"), float("٣.٥"), float(b"2.5"), float("1e-400"), float("1e400"))
for value in (0.1, 1 / 3, 1e16, 1e15, 123456789012345678.0, 1e-4, 1e-5, 1.0, 100.0, 1e22, 1e23, 5e-324, 1.7976931348623157e308, 2.5e-8, 0.30000000000000004, -0.0):
    print(repr(value), end=" ")
print()
print(7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 7.5 % -2, divmod(7.5, -2), 0.0 // 1, -0.0 % 5, inf // 1, 1 // inf, -1 // inf, 1 % inf, -1 % inf)
print(2.0**0.5, (-8.0) ** (1 / 3), 0.0**0, inf**0, 1**nan, (-2.0) ** 3, 2**0.5, 4.0**-1, (-1.0) ** inf)
print(inf - inf, inf * 0, inf == inf, nan == nan, nan != nan, nan < 1, -0.0 == 0.0, min(1.0, nan), max(nan, 1.0))
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234.5678, -2), round(0.5), round(1e300, -299), round(1.15, 1), round(5e-324, 400), type(round(2.5)).__name__, round(2.5, 0))
print(int(1e20), int(-1.9), float(2**53 + 1), abs(-0.0), -0.0, +1.5, bool(0.0), bool(nan))
print(hash(1.0), hash(0.5), hash(1e300), hash(inf), hash(-inf), hash(-0.0), hash(2.5))
print(f"{3.14159:.2f} {3.14159:10.3e} {1e10:g} {1e-10:g} {123456.0:g} {1234567.0:g} {0.5:%} {1e6:,} {-1.5:+} {1.5:06} {inf:f} {nan:F} {1.0:#.0f} {-0.0:z.1f} {1e100:.3} {1.0} {2.50:n}")
print("%.3f %e %g %G %r %s %5.1f|%-8.2f|%+.1e|%#g|%08.3f" % (1.5, 12345.678, 1e-5, 1e-10, 0.1, 2.5, 3.14159, 2.5, 1e5, 1.0, -3.14159))
print(1e308 * 10, -1e308 * 10, 1e-308 / 1e10, 0.1 + 0.2 == 0.3, 1e16 + 1, 9007199254740993.0, 4.35 * 100)
print(float.__eq__(1.0, 1), (1.0).__lt__("a"), 1.5.__floor__(), 1.5.__ceil__(), (-1.5).__trunc__(), float.__getformat__("double"), float.from_number(3))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        print(type(error).__name__, error)


attempt(lambda: 1.0 / 0)
attempt(lambda: 1.0 // 0)
attempt(lambda: 1.0 % 0)
attempt(lambda: 0.0**-1)
attempt(lambda: 10.0**400)
attempt(lambda: (inf).as_integer_ratio())
attempt(lambda: (nan).as_integer_ratio())
attempt(lambda: round(inf))
attempt(lambda: round(nan))
attempt(lambda: float("1.5x"))
attempt(lambda: float(""))
attempt(lambda: float("1__0"))
attempt(lambda: float.fromhex("0x1p5000"))
attempt(lambda: float.fromhex("xyz"))
attempt(lambda: float(10**400))
attempt(lambda: 1.5 << 1)
attempt(lambda: round(1.5, "a"))
