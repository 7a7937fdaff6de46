# heapq, bisect and operator.
import bisect
import heapq
import operator as op

h = [5, 3, 8, 1, 9, 2]
heapq.heapify(h)
print(h, heapq.heappop(h), h, heapq.heappush(h, 0), h[0], heapq.heappushpop(h, 4), heapq.heapreplace(h, 7), h, sorted(h))
print(heapq.nlargest(3, [1, 9, 4, 7]), heapq.nsmallest(2, "hello"), heapq.nlargest(2, [{"a": 1}, {"a": 3}], key=lambda d: d["a"]), list(heapq.merge([1, 4], [2, 3], [0])), list(heapq.merge("ac", "bd", reverse=False)), [heapq.heappop(h) for _ in range(len(h))])
m = [3, 1, 2]
heapq.heapify_max(m)
print(m, heapq.heappop_max(m), heapq.heappush_max(m, 9), m)
data = [1, 3, 3, 5]
print(bisect.bisect_left(data, 3), bisect.bisect_right(data, 3), bisect.bisect(data, 0), bisect.bisect(data, 9), bisect.bisect_left(data, 3, 2, 4), bisect.bisect(["a", "bb"], 1, key=len))
bisect.insort(data, 4)
bisect.insort_left(data, 3)
print(data, [("FDCBA"[bisect.bisect([60, 70, 80, 90], score)]) for score in (55, 60, 89, 95)])
for f in (lambda: heapq.heappop([]), lambda: heapq.heapify((1,)), lambda: heapq.heappush([1], "a"), lambda: bisect.bisect([1], "a"), lambda: bisect.bisect([1], 1, -1), lambda: heapq.nlargest("a", [1]), lambda: heapq.heapreplace([], 1)):
    try:
        print(f())
    except (IndexError, TypeError, ValueError) as error:
        print(type(error).__name__, error)
print(op.add(1, 2), op.concat([1], [2]), op.contains("ab", "a"), op.countOf([1, 1], 1), op.indexOf("abc", "c"), op.getitem({"k": 1}, "k"), op.index(5), op.inv(1), op.is_(1, 1), op.is_none(None), op.not_(0), op.truth([]), op.matmul.__name__, op.pos(-1), op.length_hint([1, 2]), op.call(len, "ab"))
d = {"k": 1}
op.setitem(d, "j", 2)
op.delitem(d, "k")
print(d, op.itemgetter(1)("abc"), op.itemgetter(0, 2)("abc"), op.itemgetter(slice(1))("abc"), op.attrgetter("real")(5), op.attrgetter("real", "imag")(2j), op.attrgetter("__class__.__name__")(1), op.methodcaller("upper")("a"), op.methodcaller("replace", "a", "b")("aa"), op.iadd([1], [2]), op.xor(5, 3), op.__add__ is op.add)
print(op.itemgetter(1), op.attrgetter("a.b"), op.methodcaller("m", 1, k=2), op.itemgetter(1) == op.itemgetter(1), [f(7, 2) for f in (op.truediv, op.floordiv, op.mod, op.pow, op.lshift, op.and_, op.lt, op.ge, op.eq, op.ne)])
for f in (lambda: op.itemgetter(), lambda: op.itemgetter(5)("a"), lambda: op.attrgetter(1), lambda: op.attrgetter("x")(1), lambda: op.methodcaller(), lambda: op.methodcaller("nope")(1), lambda: op.index(1.5), lambda: op.concat(1, 2), lambda: op.indexOf([1], 2), lambda: op.add(1), lambda: op.length_hint([], "a")):
    try:
        print(f())
    except (TypeError, IndexError, AttributeError, ValueError) as error:
        print(type(error).__name__, error)
