"""Allocation and collection of many small tuples: binary trees, most of them short-lived."""

import pyperf


def make(depth):
    return (make(depth - 1), make(depth - 1)) if depth else (None, None)


def check(tree):
    left, right = tree
    return 1 + (check(left) + check(right) if left else 0)


def trees(depth):
    kept = make(depth)
    total = 0
    for d in range(4, depth, 4):
        for _ in range(1 << (depth - d)):
            total += check(make(d))
    return total + check(kept)


if __name__ == "__main__":
    pyperf.Runner().bench_func("binary_trees", trees, 16)
