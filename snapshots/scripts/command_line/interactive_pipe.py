# args: -i -q -c "x = 5"
# stdin: print(x + 1)\nx * 2\ndef f(a):\n    return a\n\nf(3)\n1/0\nx\n
print("not used")
