"""What pyperformance's programs compute, as text that must agree between interpreters.

Where a benchmark function returns its result, that is it. Others only return a time: for them a row here computes the
same thing again through the program's own functions, after the measurement.
"""

import zlib


def _nbody(program, result):
    # The measured runs moved the planets, so both the state and the energy are results.
    bodies = [[list(part) if isinstance(part, list) else part for part in body] for body in program.SYSTEM]
    return bodies, program.report_energy()


def _raytrace(program, result):
    canvas = program.Canvas(40, 40)
    scene = program.Scene()
    scene.addLight(program.Point(30, 30, 10))
    scene.lookAt(program.Point(0, 3, 0))
    scene.addObject(program.Sphere(program.Point(1, 3, -10), 2), program.SimpleSurface(baseColour=(1, 1, 0)))
    scene.addObject(program.Halfspace(program.Point(0, 0, 0), program.Vector.UP), program.CheckerboardSurface())
    scene.render(canvas)
    return list(canvas.bytes)


def _spectral_norm(program, result):
    u = [1] * 50
    for _ in range(10):
        v = program.eval_AtA_times_u(u)
        u = program.eval_AtA_times_u(v)
    return u, v


def _comprehensions(program, result):
    return program.WidgetTray(1, program.make_some_widgets()).sorted_widgets


def _generators(program, result):
    return sum(program.tree(range(1000)))


def _coroutines(program, result):
    coroutine = program.fibonacci(15)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


def _regex_effbot(program, result):
    return [match and match.span() for match in
            (program.re.search(regex, string) for regex, string in program.bench_regex_effbot.data[:60])]


def _json_loads(program, result):
    return [program.json.loads(text) for text in program.objs]


def _float(program, result):
    return result.x, result.y, result.z


def _deepcopy(program, result):
    original = program.A("hello", [1, 2, 3], True)
    copied = program.copy.deepcopy({"a": [original, original], "t": (1, [2])})
    return copied, copied["a"][0] is copied["a"][1], copied["a"][0] is original


def _mdp(program, result):
    return program.Battle().evaluate(0.192)


def _nqueens(program, result):
    return list(program.n_queens(6))


def _chaos(program, result):
    corners = [program.GVector(x, y, 0.0) for x, y in ((1.5, 3.0), (2.5, 4.0), (0.5, 3.5), (1.0, 2.0))]
    game = program.Chaosgame([program.Spline(corners, 3, [0, 0, 0, 1, 1, 1])], 0.25)
    program.random.seed(1234)
    point = program.GVector(1.0, 2.5, 0.0)
    points = []
    for _ in range(100):
        point = game.transform_point(point)
        points.append((point.x, point.y, point.z))
    return points


def _logging(program, result):
    return program.stream.getvalue()


_RESULTS = {
    "chaos": _chaos,
    "comprehensions": _comprehensions,
    "coroutines": _coroutines,
    "deepcopy": _deepcopy,
    "float": _float,
    "generators": _generators,
    "json_loads": _json_loads,
    "logging_format": _logging,
    "logging_silent": _logging,
    "logging_simple": _logging,
    "mdp": _mdp,
    "nbody": _nbody,
    "nqueens": _nqueens,
    "raytrace": _raytrace,
    "regex_effbot": _regex_effbot,
    "spectral_norm": _spectral_norm,
}


def digest(name, program, result):
    """Return a short digest of what the benchmark computed."""
    compute = _RESULTS.get(name)
    value = compute(program, result) if compute else result
    text = repr(value).encode()
    return f"{zlib.crc32(text):08x}-{len(text)}"
