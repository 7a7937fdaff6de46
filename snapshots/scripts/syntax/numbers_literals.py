# Numeric literals at their limits and the errors around them.
print(0, 00, 0_0, 123456789012345678901234567890, 0xDEADbeef, 0b1_0, 0o7_7)
print(1., .1, 1e5, 1E-5, 1_0e1_0, 0.0, -0.0, 1e400, 5e-324, 2.2250738585072014e-308)
print(1j, 1.5J, 0j, -0j, 1e3j, (1 + 2j) * 3)
print(9223372036854775807, 9223372036854775808, -9223372036854775808, 1152921504606846975, 1152921504606846976)
print(0.1 + 0.2, 1e16, 1e15, 123456789.123456789, 1e-4, 1e-5, 100000000000000000000.0)
print(1 .real, 1..real, 1.5.is_integer(), 0xf.bit_length(), (5).__add__(6))
print(float.fromhex("0x1p1"), 0xF_F, 0XaB, 0B1, 0O7)
for source in ("0777", "1__0", "1_", "0x", "0b2", "0o8", "1e", "1abc", "0_x1", "1.5abc", "0xfg", "1_000_", "012.5", "09.5", "1jj", "9" * 4301):
    try:
        value = eval(source)
        print(source, "=", value)
    except SyntaxError as error:
        print(source[:20], "|", error.msg[:90])
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(eval("1if 1 else 0"), eval("0x1for"[:3]), eval("1or 2"), eval("1in [1]"))
    print([str(w.message) for w in caught])
