# Sets, generators and arithmetic: life, primes, collatz, sudoku, mandelbrot, sorting by hand.
import itertools


def life(cells):
    counts = {}
    for x, y in cells:
        for dx, dy in itertools.product((-1, 0, 1), repeat=2):
            if dx or dy:
                counts[x + dx, y + dy] = counts.get((x + dx, y + dy), 0) + 1
    return {c for c, n in counts.items() if n == 3 or (n == 2 and c in cells)}


cells = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
for _ in range(40):
    cells = life(cells)
print(sorted(cells))
sieve = bytearray([1]) * 5000
for i in range(2, 71):
    if sieve[i]:
        sieve[i * i :: i] = bytes(len(range(i * i, 5000, i)))
primes = [i for i in range(2, 5000) if sieve[i]]
print(len(primes), primes[-5:], sum(primes))
lengths = {1: 1}


def collatz(n):
    if n not in lengths:
        lengths[n] = 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1)
    return lengths[n]


print(max(range(1, 3000), key=collatz), collatz(2919), len(lengths))
for y in range(-6, 7, 2):
    line = ""
    for x in range(-20, 11):
        z, c = 0j, complex(x / 10, y / 5)
        for n in range(30):
            z = z * z + c
            if abs(z) > 2:
                break
        line += " .:-=+*#%@"[n * 9 // 29]
    print(line.rstrip())


def quicksort(v):
    return v if len(v) < 2 else quicksort([x for x in v[1:] if x < v[0]]) + v[:1] + quicksort([x for x in v[1:] if x >= v[0]])


def merge(a, b):
    while a and b:
        yield a.pop(0) if a[0] <= b[0] else b.pop(0)
    yield from a or b


data = [(i * 7919) % 1009 for i in range(300)]
print(quicksort(data) == sorted(data), list(merge(sorted(data[:5]), sorted(data[5:10]))))
board = [list(map(int, row)) for row in ("530070000", "600195000", "098000060", "800060003", "400803001", "700020006", "060000280", "000419005", "000080079")]


def solve():
    for r, c in itertools.product(range(9), repeat=2):
        if board[r][c] == 0:
            used = set(board[r]) | {row[c] for row in board} | {board[i][j] for i in range(r // 3 * 3, r // 3 * 3 + 3) for j in range(c // 3 * 3, c // 3 * 3 + 3)}
            for n in sorted(set(range(1, 10)) - used):
                board[r][c] = n
                if solve():
                    return True
            board[r][c] = 0
            return False
    return True


print(solve(), *("".join(map(str, row)) for row in board), sep="\n")


def hanoi(n, a="A", b="B", c="C"):
    return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


def ackermann(m, n):
    return n + 1 if m == 0 else ackermann(m - 1, 1) if n == 0 else ackermann(m - 1, ackermann(m, n - 1))


print(hanoi(12), ackermann(2, 6), [n for n in range(2, 500) if sum(d for d in range(1, n) if n % d == 0) == n], "".join(chr((ord(c) - 97 + 13) % 26 + 97) if c.isalpha() else c for c in "uryyb, jbeyq"))
digits, a, b = [], 10**52, 0
pi, term, sign, n = 0, 10**50 * 16 // 5, 1, 1
while term:
    pi, term, sign, n = pi + sign * (term // n), term // 25, -sign, n + 2
term, sign, n = 10**50 * 4 // 239, -1, 1
while term:
    pi, term, sign, n = pi + sign * (term // n), term // 57121, -sign, n + 2
print(str(pi)[:45])
