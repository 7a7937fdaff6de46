# fractions, decimal, statistics, numbers: exact arithmetic in Python code.
import decimal
import fractions
import numbers
import statistics
from decimal import Decimal as D
from fractions import Fraction as F

print(F(6, 4), F("3/7"), F("1.25"), F(0.1), F("1e-2"), F(1, 3) + F(1, 6), F(1, 3) * 3 == 1, F(7, 2) // 1, F(7, 2) % 1, F(-7, 2) ** 2, F(2, 3) ** -2, F(1, 2) + 0.5, F(1, 2) < 0.6, hash(F(1, 2)) == hash(0.5), F(22, 7).limit_denominator(5), round(F(7, 3), 2), int(F(7, 2)), float(F(1, 3)), repr(F(1, 2)), f"{F(1, 3):.3f}", F(5).is_integer(), divmod(F(7, 2), 2), abs(F(-1, 2)), F.from_float(0.5), F(3, 4).as_integer_ratio())
print(D("0.1") + D("0.2"), D("1.10") * 2, D(1) / D(7), D("1E+5"), D("-0"), D("NaN"), D("Infinity"), D("1.5").quantize(D("1")), D("2.5").quantize(D("1")), D("123.456").normalize(), D("100").normalize(), D(3).sqrt(), D("1.23e-10"), D(2) ** 100, D("10") % 3, -D("7") // 2, D("1.0") == 1, hash(D("1.0")) == hash(1), D("3.14").as_tuple(), D("12.5").to_integral_value(), f"{D('1234.5678'):,.2f}", int(D("9.9")), D.from_float(0.1), D("1").compare(D("2")), D("0.5").as_integer_ratio(), round(D("2.675"), 2), max(D(1), D("1.5")))
with decimal.localcontext() as context:
    context.prec = 5
    context.rounding = decimal.ROUND_UP
    print(D(1) / D(3), D(2) / 3, +D("1.234567"), context.flags[decimal.Inexact])
    context.traps[decimal.DivisionByZero] = False
    print(D(1) / 0)
print(statistics.mean([1, 2, 3, 4]), statistics.median([1, 3, 2]), statistics.mode("aab"), statistics.stdev([1, 2, 3, 4]), statistics.variance([F(1), F(2)]), statistics.quantiles([1, 2, 3, 4], n=4), statistics.fmean([1, 2]), statistics.geometric_mean([1, 4]), statistics.harmonic_mean([1, 2]), statistics.linear_regression([1, 2, 3], [2, 4, 6]), statistics.correlation([1, 2, 3], [1, 2, 4]), statistics.NormalDist(0, 1).cdf(0), statistics.multimode("aabb"))
print(isinstance(1, numbers.Integral), isinstance(1.5, numbers.Real), isinstance(1j, numbers.Complex), isinstance(F(1), numbers.Rational), isinstance(D(1), numbers.Number), isinstance(D(1), numbers.Real), issubclass(bool, numbers.Integral))
for f in (lambda: F(1, 0), lambda: F("x"), lambda: F(1.5, 2), lambda: D("x"), lambda: D(1) / 0, lambda: D(0) / 0, lambda: D("1") + 1.5, lambda: D("sNaN") + 1, lambda: D(10) ** 1000000000, lambda: statistics.mean([]), lambda: D("1") < "a", lambda: D(-1).sqrt(), lambda: F(float("nan")), lambda: int(D("Infinity")), lambda: statistics.stdev([1]), lambda: D("1").quantize(D("1e-50")), lambda: F(1) + D(1)):
    try:
        print(f())
    except (ZeroDivisionError, ValueError, TypeError, ArithmeticError, OverflowError) as error:
        print(type(error).__name__, error)
