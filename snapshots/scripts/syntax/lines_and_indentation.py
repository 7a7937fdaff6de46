# Line joining, odd indentation, comments, semicolons, form feeds, strings over lines.
if True:
        x = 1
        if x:
         y = 2
        else:
                y = 3
print(x, y)
total = 1 + \
    2 + \
        3
print(total)
values = [
    1,  # a comment

    2,
  3,
]
print(values)
def one(): return 1; return 2
print(one())
class Empty: pass
class Lines: a = 1; b = 2
print(Lines.a + Lines.b); print("same line")
text = """first
  second\
 joined
	tab"""
print(repr(text))
print('a\
b', "q" 'r'
    "s")
if 1:
	tab = "tab indented"
	print(tab)
print("form feed")
while 0: pass
else: print("one-line else")
for i in range(2): print(i, end=";"); print(i * 2, end=" ")
print()
(
    print
)(
    "parens",
    (
        1
        if x
        else 2
    ),
)
ünïcödé = "identifier"
print(ünïcödé, "ﬁ" in globals())
ﬁ = 1
print("fi" in globals())
x = [1, 2,
     3][
    1
]; print(x)
