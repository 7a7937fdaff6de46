# Precedence, associativity and short circuits.
print(2 + 3 * 4 ** 2 ** 0 - -1, -2 ** 2, (-2) ** 2, 2 ** -1)
print(7 // 2 * 2 + 7 % 2, -7 // 2, -7 % 3, 7 % -3, divmod(-7, 2))
print(1 < 2 < 3, 1 < 3 > 2, 3 > 2 == 2, 1 == 1 != 2, not 1 == 2)
print(1 or 1 / 0, 0 and 1 / 0, [] or {} or "last", 1 and 2 and 3)
print(5 & 6 | 8 ^ 3, 1 << 3 + 1, ~5 & 0xF, 6 ^ 3 & 1)
print("a" if 0 else "b" if 0 else "c", (lambda: (yield))().__class__.__name__)
print((lambda *a, k=2, **kw: (a, k, kw))(1, k=3, z=4))
print([*range(3), *"ab", *[]], (*(), 1), {*[1, 1, 2]}, {**{"a": 1}, "a": 2, **{"b": 3}})
print((1,), (), 1, (1, 2)[1], [1, 2, 3][-1], "abc"[::-1], [0, 1, 2, 3, 4][1:-1:2])
print("a" in "abc", 1 not in [2], None is None, 1 is not None)
print("con" "cat" f"ena{1 + 1}te" "d", b"by" b"tes")
print(1_000_000, 0x_ff, 0b1010, 0o17, 1e3, 1.5e-3, .5, 5., 3j, 1_0.0_1)
x = [1, 2, 3]
print(x[0], x[0:2], x[:], x[::2], x[slice(1, None)])


class Index:
    def __getitem__(self, key):
        return key


print(Index()[1], Index()[1, 2], Index()[1:2, ..., None], Index()[()], Index()[*[1, 2], 3])


def say(value, label):
    print(label, end=" ")
    return value


print(say(1, "a") < say(3, "b") < say(2, "c") < say(9, "never"))
print(say(2, "l") ** say(3, "r"), {say("k", "key"): say("v", "value")})
print(say(1, "then") if say(False, "test") else say(2, "else"))
print(say(print, "callee") is say(print, "arg"))
