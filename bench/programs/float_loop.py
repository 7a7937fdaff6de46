"""Float arithmetic in one function, without calls."""

import pyperf


def leibniz(terms):
    total, sign, denominator = 0.0, 1.0, 1.0
    for _ in range(terms):
        total += sign / denominator
        sign = -sign
        denominator += 2.0
    return total * 4.0


def mandelbrot(size):
    inside = 0
    for row in range(size):
        for column in range(size):
            cx, cy = column * 3.0 / size - 2.0, row * 2.0 / size - 1.0
            x = y = 0.0
            for _ in range(40):
                x, y = x * x - y * y + cx, 2.0 * x * y + cy
                if x * x + y * y > 4.0:
                    break
            else:
                inside += 1
    return inside


if __name__ == "__main__":
    runner = pyperf.Runner()
    runner.bench_func("float_loop", leibniz, 2_000_000)
    runner.bench_func("mandelbrot", mandelbrot, 120)
