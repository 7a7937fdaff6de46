# abs, bin, oct, hex, divmod, pow, round, sum, min, max, int and float conversions of custom types.
print(abs(-3), abs(-2.5), abs(3 + 4j), abs(True), bin(10), bin(-10), oct(64), hex(255), hex(-1), bin(0), bin(2**65))
print(divmod(17, 5), divmod(-17, 5), divmod(17.5, 5), divmod(2**70, 10), pow(2, 10), pow(2, -1), pow(2, 10, 1000), pow(2.0, 0.5), pow(base=2, exp=3, mod=5), pow(1j, 2))
print(round(2.5), round(-2.5), round(2.675, 2), round(1e20), round(12345, -2), round(5), round(number=1.25, ndigits=1), round(True), round(3.7, None))
print(sum([1, 2, 3]), sum([], 10), sum([[1], [2]], []), sum([0.1] * 10), sum([1, 2.5, 3j]), sum(range(5), start=100), sum((True, True)), sum([1e100, 1.0, -1e100]), sum([2**62, 2**62, 0.5]))
print(min(3, 1, 2), max([3, 1, 2]), min("abc"), max("a", "B", key=str.lower), min([], default=None), max({1: "a", 5: "b"}), min((1, "z"), (1, "a")), max([1, 1.0, True]), min([3, -1, 2], key=abs), max(range(5), default=0))
print(int("ff", 16), int("-0b11", 0), float("1e3"), complex("1j"), int(), float(), str(), bool(), int(" 7 "), float("1_000.5"))
print(all([]), all([1, ""]), any([]), any([0, 3]), sorted([3, 1], reverse=True), list(reversed([1, 2])), len("abc"), len(range(7)), ord("x"), chr(120), callable(len), hash(5))


class N:
    def __abs__(self):
        return "abs"

    def __round__(self, n="none"):
        return f"round {n}"

    def __divmod__(self, other):
        return "divmod"

    def __rdivmod__(self, other):
        return "rdivmod"

    def __pow__(self, exp, mod=None):
        return f"pow {exp} {mod}"

    def __rpow__(self, base, mod=None):
        return f"rpow {base} {mod}"

    def __index__(self):
        return 12

    def __len__(self):
        return 99

    def __trunc__(self):
        return 1


print(abs(N()), round(N()), round(N(), 2), divmod(N(), 1), divmod(1, N()), pow(N(), 2), pow(2, N()), pow(N(), 2, 3), pow(2, N(), 5), bin(N()), hex(N()), oct(N()), len(N()), int(N()))


class BadIndex:
    def __index__(self):
        return "x"

    def __int__(self):
        return 1.5

    def __float__(self):
        return 1


for f in (lambda: hex(BadIndex()), lambda: int(BadIndex()), lambda: float(BadIndex()), lambda: [1][BadIndex()], lambda: hex(1.5), lambda: abs("a"), lambda: pow(2, 3.0, 2), lambda: pow("a", 2), lambda: round([]), lambda: divmod(1, "a"),
          lambda: sum("abc"), lambda: sum([b"a"], b""), lambda: sum([1], "a"), lambda: max(1), lambda: max(1, 2, foo=3), lambda: min([], key=len), lambda: max([1, "a"]), lambda: pow(0, -1), lambda: sum([[1]]), lambda: round(1.5, 1.5)):
    try:
        print(f())
    except (TypeError, ValueError, ZeroDivisionError) as error:
        print(type(error).__name__, error)
