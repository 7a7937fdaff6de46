# Arithmetic far beyond one word.
a, b = 3**200, 7**150
print(a, b, sep="\n")
print(a * b % (10**50), a // b, a % b, divmod(-a, b)[1] + b == a % b or divmod(-a, b)[0])
print(-a // b, a // -b, -a % b, a % -b)
print(a & b == a & b, (a ^ b) ^ b == a, (a | b) - (a & b) == a ^ b, (a << 13) >> 13 == a, ~a == -a - 1)
print(hash(a), hash(-a), a.bit_length(), a.bit_count(), bool(a))
f = 1
for i in range(1, 101):
    f *= i
print(f)
print(str(f)[::-1][:30], f % (10**24), f // 10**150)
x, y = 0, 1
for _ in range(1000):
    x, y = y, x + y
print(x)
print(2**127 - 1, hex(2**127 - 1), oct(2**70), bin(2**66 + 5), int(hex(a), 16) == a, int(str(b)) == b)
print(pow(a, b, 10**40 + 1), pow(12345678901234567890, -1, 10**18 + 9))
import math

print(math.isqrt(a), math.isqrt(10**60), math.gcd(a * 6, b * 6), math.lcm(10**20, 15**10), math.factorial(30), math.comb(100, 50), math.perm(30, 10))
print(float(a), a / b, b / a, 10**25 / 10**3, (10**25 + 1) / 10**25, math.log(a), math.log2(2**500), math.log10(10**300))
print(round(10**30 + 5 * 10**9, -10), round(-(10**20) - 55, -1), 2**64 == 2.0**64, 2**64 + 1 == 2.0**64, 2**64 + 1 > 2.0**64)
print((10**40).to_bytes(20), int.from_bytes((10**40).to_bytes(20, "little"), "little") == 10**40, (-(10**20)).to_bytes(10, signed=True))
print(f"{10**20:,}", f"{10**20:e}", f"{2**80:#x}", f"{10**25:.3f}", f"{-10**20:>+30_}", "%d" % 10**22, "%x" % 2**70, "%.3e" % 10**30)
for value in (2**60 - 1, 2**60, -(2**60), -(2**60) - 1, 2**63, -(2**63)):
    print(value, value + 1, value - 1, -value, value * 2, value * value, value // 3, value % 1000, abs(value), ~value)
print(sum(range(10**6)), sum([2**62] * 8), sum([10**20, 1.5]), max(10**30, 10**29), sorted([2**70, -2**70, 0, 2**69]))
total = 0
for i in range(200):
    total = total * 31 + i
print(total)
print(int("123456789" * 20) % 987654321, int("f" * 40, 16), int("-" + "9" * 30), 10**18 * 10**18 - 10**36)
