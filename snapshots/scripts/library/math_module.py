# math: every function with its edges.
import math
from math import inf, nan

print(math.pi, math.e, math.tau, math.ceil(1.2), math.floor(-1.2), math.trunc(-1.7), math.fabs(-2), math.fmod(-7, 3), math.remainder(7, 4), math.modf(-2.5), math.frexp(10), math.ldexp(0.5, 4), math.copysign(3, -0.0))
print(math.sqrt(2), math.cbrt(8), math.isqrt(99), math.exp(1), math.exp2(10), math.expm1(1e-10), math.log(10), math.log(8, 2), math.log2(8), math.log10(1000), math.log1p(1e-10), math.pow(2, 0.5), math.hypot(3, 4), math.hypot(1, 2, 3), math.dist([0, 0], [3, 4]))
print([round(f(0.5), 12) for f in (math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.sinh, math.cosh, math.tanh, math.asinh, math.atanh, math.erf, math.erfc, math.gamma, math.lgamma)], round(math.acosh(2), 12), math.atan2(-1, -1), math.degrees(math.pi), math.radians(180))
print(math.factorial(20), math.comb(10, 3), math.perm(5), math.perm(5, 2), math.gcd(12, 18, 8), math.gcd(), math.lcm(4, 6), math.lcm(), math.prod([1, 2, 3]), math.prod([], start=5), math.sumprod([1, 2], [3, 4]), math.fsum([0.1] * 10), math.nextafter(1, 2), math.ulp(1.0), math.nextafter(0, 1, steps=3), math.fma(2, 3, 4))
print(math.isnan(nan), math.isinf(-inf), math.isfinite(1e308), math.isclose(1, 1 + 1e-10), math.isclose(1, 1.1, rel_tol=0.2), math.isclose(0, 1e-10, abs_tol=1e-9), math.isclose(inf, inf), math.floor(1e20), math.ceil(-0.5), math.sqrt(inf), math.exp(-inf), math.atan(inf), math.gamma(0.5), math.log(10**400), math.sqrt(10**300), math.hypot(inf, nan), math.copysign(nan, -1))


class C:
    def __ceil__(self):
        return "ceil"

    def __floor__(self):
        return "floor"

    def __trunc__(self):
        return "trunc"

    def __float__(self):
        return 4.0


print(math.ceil(C()), math.floor(C()), math.trunc(C()), math.sqrt(C()))
for f in (lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.log(-1), lambda: math.acos(2), lambda: math.exp(1000), lambda: math.pow(10, 400), lambda: math.pow(-8, 1 / 3), lambda: math.factorial(-1), lambda: math.factorial(1.5), lambda: math.gamma(0), lambda: math.gamma(-1), lambda: math.comb(-1, 2), lambda: math.isqrt(-1), lambda: math.sqrt("a"), lambda: math.floor(inf), lambda: math.ceil(nan),
          lambda: math.fmod(1, 0), lambda: math.fmod(inf, 1), lambda: math.ldexp(1, 5000), lambda: math.cos(inf), lambda: math.gcd(1.5), lambda: math.dist([1], [1, 2]), lambda: math.log(2, 1), lambda: math.log(), lambda: math.fsum([1e308, 1e308]), lambda: math.hypot("a"), lambda: math.sqrt(10**400), lambda: math.atanh(1), lambda: math.sumprod([1], [1, 2]), lambda: math.perm(3, -1), lambda: math.trunc("a"), lambda: math.isclose(1, 2, rel_tol=-1), lambda: math.log(C(), 2) and math.remainder(1, 0), lambda: math.fsum([inf, -inf]), lambda: math.lgamma(-2), lambda: math.cosh(1000)):
    try:
        print(f())
    except (ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        print(type(error).__name__, error)
