"""Reads and writes of instance attributes and method calls in a loop."""

import pyperf


class Particle:
    def __init__(self):
        self.x, self.y, self.speed = 0.0, 0.0, 1.5

    def step(self, dt):
        self.x += self.speed * dt
        self.y -= self.speed * dt


class Slotted:
    __slots__ = ("x", "y", "speed")
    __init__ = Particle.__init__
    step = Particle.step


def attributes(kind, steps):
    particle = kind()
    for _ in range(steps):
        particle.step(0.25)
        particle.x = particle.x - particle.y
        particle.y = 0.0
    return particle.x


if __name__ == "__main__":
    runner = pyperf.Runner()
    runner.bench_func("attributes", attributes, Particle, 300_000)
    runner.bench_func("attributes_slots", attributes, Slotted, 300_000)
