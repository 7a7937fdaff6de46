# Reads and writes of __slots__ members at one instruction while what the name means changes.


class Point:
    __slots__ = ("x", "y", "__private", "_hidden")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Point3(Point):
    __slots__ = ("z",)


class Mixed(Point):
    pass


def read(point):
    try:
        return point.x
    except AttributeError as error:
        return f"{type(error).__name__}: {error}"


def write(point, value):
    try:
        point.x = value
    except AttributeError as error:
        return f"{type(error).__name__}: {error}"
    return "stored"


def warm(points):
    return [read(point) for point in points for _ in range(3)], [write(point, 5) for point in points for _ in range(3)]


points = [Point(1, 2), Point3(3, 4), Mixed(5, 6)]
print(warm(points))

# An unset member.
del points[0].x
print(read(points[0]), [read(point) for point in points])
print(write(points[0], 9), read(points[0]))

# Shadowed in a subclass, which a class in use gets late.
Point3.x = "shadow"
print(read(points[1]), write(points[1], 1), read(points[0]))
del Point3.x
print(read(points[1]), write(points[1], 7), read(points[1]))
Point3.x = property(lambda self: "computed", lambda self, value: print("setter", value))
print(read(points[1]), write(points[1], 8))
del Point3.x
print(read(points[1]))

# Removed from the class itself, and put back.
member = Point.x
del Point.x
print([read(point) for point in points], [write(point, 1) for point in points])
Point.x = 12
print([read(point) for point in points], write(points[0], 1))
Point.x = member
print([read(point) for point in points], write(points[0], 2), read(points[0]))

# Another class's member, and a member of a class that is not in the order any more.


class Other:
    x = member


try:
    Other().x
except TypeError as error:
    print("TypeError:", error)


class Left:
    __slots__ = ()


class Right:
    __slots__ = ()
    x = "right"


class Below(Left, Point):
    __slots__ = ()


below = Below(1, 2)
print([read(below) for _ in range(3)], write(below, 3))
Left.x = "left"
print(read(below), write(below, 4))
del Left.x
print(read(below), write(below, 4), read(below))

# Instances whose class is assigned.


class One:
    __slots__ = ("a", "b")


class Two:
    __slots__ = ("a", "b")
    kind = "two"


def a_of(thing):
    return thing.a


thing = One()
thing.a = 1
print([a_of(thing) for _ in range(3)])
thing.__class__ = Two
print([a_of(thing) for _ in range(3)], thing.kind)
thing.a = 2
print(a_of(thing))
