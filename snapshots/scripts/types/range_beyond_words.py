# Ranges whose bounds, items or ends do not fit into machine words.
word = 2**63
for bounds in [
    (-4294967298, -18446744073709551618, -2147483648),
    (0, word, word // 2),
    (word - 1, -word, -(word // 2)),
    (-word, word - 1, word // 4),
    (word - 3, word),
    (-word, -word + 3),
    (2 * word, 2 * word + 5, 2),
    (0, -4 * word, -word),
    (1, word - 1, word // 2),
    (5, 5),
    (2**60 - 2, 2**60 + 2),
    (-(2**60) - 2, -(2**60) + 2),
]:
    r = range(*bounds)
    print(r, r[-1] if r else None, r[0] if r else None, r[len(r) // 2] if r else None)
    forwards, backwards = iter(r), reversed(r)
    print([next(forwards, None) for _ in range(3)], [next(backwards, None) for _ in range(3)])
    if len(r) < 10:
        print(list(r) == list(reversed(r))[::-1], r[-1] in r if r else None, list(r[::-1]))
print(len(range(0, 2**62)), range(2**62)[-1], range(-(2**61), 2**61, 2**61)[1], range(2**60)[2**60 - 1])
