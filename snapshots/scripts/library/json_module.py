# json: encoding, decoding, options, errors, big and odd values.
import io
import json

data = {"a": [1, 2.5, None, True, False], "é": "日😀\n\"\\/", "nested": {"x": {}, "y": []}, "n": -0.0, "big": 10**20, "exp": 1e300}
text = json.dumps(data)
print(text, json.loads(text) == data, sep="\n")
print(json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True), json.dumps([1, [2, {"a": 3}]], separators=(",", ":")), json.dumps([1, 2], indent="\t"), sep="\n")
print(json.dumps({1: "int", 1.5: "float", None: "none", True: "true"}), json.dumps((1, 2)), json.dumps("\u2028\x00\x1f\x7f\ud800"), json.dumps(float("inf")), json.dumps(float("nan")), json.dumps({}, indent=1), json.dumps([], indent=1), json.dumps(3.0), json.dumps(1e16), json.dumps(1e-7))
print(json.loads(' [1 , 2.0e2 ,"\\u00e9\\ud83d\\ude00\\n" , {} ] '), json.loads("NaN"), json.loads("-Infinity"), json.loads("-0"), json.loads("1E5"), json.loads('"\\ud800"') == "\ud800", json.loads(b'{"a": 1}'), json.loads("[" * 50 + "]" * 50) is not None, json.loads('{"a":1,"a":2}'), json.loads(bytearray(b"[]")), json.loads('["x"]'.encode("utf-16")))
print(json.loads('{"a": 1.1, "b": 2}', parse_float=str, parse_int=lambda s: s + "!"), json.loads('{"x": {"y": 1}}', object_hook=lambda d: sorted(d)), json.loads('{"b": 1, "a": 2}', object_pairs_hook=list), json.loads("[NaN]", parse_constant=str))


class Custom:
    def __init__(self, v):
        self.v = v


class Encoder(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, Custom):
            return {"custom": o.v}
        if isinstance(o, set):
            return sorted(o)
        return super().default(o)


print(json.dumps([Custom(1), {3, 1}], cls=Encoder), json.dumps(Custom(2), default=lambda o: o.v), json.dumps({(1, 2): 3, "k": 1}, skipkeys=True), "".join(Encoder().iterencode([1, {"a": Custom(5)}])))
buffer = io.StringIO()
json.dump({"k": [1]}, buffer)
buffer.seek(0)
print(json.load(buffer), json.JSONDecoder().raw_decode("[1] rest"), json.dumps(type("I", (int,), {})(5)), json.dumps(type("S", (str,), {})("s")), json.dumps(type("L", (list,), {})([1])))
cyclic = []
cyclic.append(cyclic)
deep = []
for _ in range(100000):
    deep = [deep]
for f in (lambda: json.dumps(Custom(1)), lambda: json.dumps(cyclic), lambda: json.dumps({(1,): 2}), lambda: json.dumps(float("inf"), allow_nan=False), lambda: json.dumps({1, 2}), lambda: json.dumps(b"a"), lambda: json.loads(5), lambda: json.dumps({"a": cyclic}), lambda: json.dumps([object], default=str) and json.dumps([1j])):
    try:
        print(f())
    except (TypeError, ValueError) as error:
        print(type(error).__name__, str(error).split(" at 0x")[0], getattr(error, "__notes__", ""))
for f in (lambda: json.dumps(deep), lambda: json.loads("[" * 100000)):
    try:
        f()
    except RecursionError as error:
        print("RecursionError")
for bad in ("", "{", "[1,", "[1 2]", '{"a"}', '{"a":}', "{a: 1}", '"abc', '"\\x"', '"\\u12"', "tru", "01", "1.", "[1,]", '{"a":1,}', "\ufeff[]", '"a\nb"', "[] []", "'a'", "-", "nul", '{"a":1 "b"}', "\n\n  x"):
    try:
        print(repr(bad), json.loads(bad))
    except json.JSONDecodeError as error:
        print(repr(bad), error, (error.msg, error.pos, error.lineno, error.colno))
del deep
