# complex: construction, arithmetic, repr and errors.
print(complex(), complex(1), complex(1, 2), complex("1+2j"), complex(" -1.5e3j "), complex("(3-4j)"), complex("j"), complex("inf+nanj"), complex(imag=2, real=1))
z = 3 + 4j
print(z.real, z.imag, z.conjugate(), abs(z), -z, +z, bool(0j), hash(z), hash(3 + 0j) == hash(3), z == 3, 3 + 0j == 3)
print(z + 1, 1 - z, z * z, z / 2, 1 / z, z**2, z**0.5, z**-1, 2**z, z**z, z * 1.5, (1 + 2j) / (3 - 4j))
print(repr(-0j), 0j, -1j, 1 - 0j, complex(-0.0, -0.0), complex(0.0, -1.0), 1e100j, complex(1e-5, 1e16), complex(float("inf"), float("-inf")), complex("nan"))
print(f"{z:.2f} {z:>12} {z:+.1e} {z!r} {1j:g} {z:,}", str(z), "%s" % z)
print(complex.from_number(3), z.__complex__(), z != 1, z == z, [1j] == [1j], {1 + 0j: "one"}[1])
print(1j * 1j, (1 + 1j) ** 10, (0 + 0j) ** 0, 1j**2, abs(-5j), sum([1j, 2]), complex(True))


class C:
    def __complex__(self):
        return 5j


class F:
    def __float__(self):
        return 2.5


class I:
    def __index__(self):
        return 7


print(complex(C()), complex(F()), complex(I()), complex(F(), I()))


def attempt(f):
    try:
        print(f())
    except (ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        print(type(error).__name__, error)


attempt(lambda: complex("1 + 2j"))
attempt(lambda: complex(""))
attempt(lambda: complex("abc"))
attempt(lambda: complex([]))
attempt(lambda: complex("1", 2))
attempt(lambda: complex(1, "2"))
attempt(lambda: z < z)
attempt(lambda: z // 1)
attempt(lambda: z % 1)
attempt(lambda: divmod(z, 1))
attempt(lambda: int(z))
attempt(lambda: float(z))
attempt(lambda: 1 / 0j)
attempt(lambda: 0j**-1)
attempt(lambda: f"{z:d}")
attempt(lambda: f"{z:010}")
attempt(lambda: f"{z:=10}")
attempt(lambda: (1e300 + 0j) ** 2)
attempt(lambda: complex(1e308, 1e308) * 10)
attempt(lambda: round(z))
attempt(lambda: pow(z, 2, 3))
import cmath

print(cmath.sqrt(-1), cmath.phase(-1), cmath.polar(1j), cmath.rect(1, 0), cmath.exp(0j), cmath.isnan(complex("nan")), cmath.log(1j).imag)
