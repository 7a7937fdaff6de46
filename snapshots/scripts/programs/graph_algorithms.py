# Shortest paths, topological order, components, flows, a maze, matrices: plain Python under load.
import heapq
import random
from collections import defaultdict, deque

rng = random.Random(2024)
edges = defaultdict(dict)
for _ in range(400):
    a, b = rng.sample(range(80), 2)
    edges[a][b] = min(edges[a].get(b, 99), rng.randint(1, 20))


def dijkstra(start):
    best, queue = {start: (0, None)}, [(0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if cost > best[node][0]:
            continue
        for other, weight in edges[node].items():
            if other not in best or cost + weight < best[other][0]:
                best[other] = cost + weight, node
                heapq.heappush(queue, (cost + weight, other))
    return best


best = dijkstra(0)
far = max(best, key=lambda n: (best[n][0], n))
path = []
node = far
while node is not None:
    path.append(node)
    node = best[node][1]
print(len(best), far, best[far][0], path[::-1])
dag = {"shirt": ["tie", "belt"], "tie": ["jacket"], "pants": ["shoes", "belt"], "belt": ["jacket"], "socks": ["shoes"]}


def topological(graph):
    seen, out = set(), []

    def visit(n):
        if n not in seen:
            seen.add(n)
            for m in graph.get(n, ()):
                visit(m)
            out.append(n)

    for n in sorted(graph):
        visit(n)
    return out[::-1]


print(topological(dag))
parent = list(range(80))


def find(x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


for a in list(edges)[:40]:
    for b in list(edges[a])[:1]:
        parent[find(a)] = find(b)
print(len({find(x) for x in range(80)}))
grid = ["".join(rng.choice("...#") for _ in range(24)) for _ in range(10)]
queue, seen = deque([(0, 0, 0)]), {(0, 0)}
furthest = (0, 0, 0)
while queue:
    d, y, x = queue.popleft()
    furthest = max(furthest, (d, y, x))
    for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        if 0 <= y + dy < 10 and 0 <= x + dx < 24 and grid[y + dy][x + dx] == "." and (y + dy, x + dx) not in seen:
            seen.add((y + dy, x + dx))
            queue.append((d + 1, y + dy, x + dx))
print("\n".join(grid), furthest, len(seen), sep="\n")


def multiply(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


m = [[1, 1], [1, 0]]
power = [[1, 0], [0, 1]]
for bit in bin(90)[2:]:
    power = multiply(power, power)
    if bit == "1":
        power = multiply(power, m)
print(power)


def knapsack(items, capacity):
    best = [0] * (capacity + 1)
    for weight, value in items:
        for c in range(capacity, weight - 1, -1):
            best[c] = max(best[c], best[c - weight] + value)
    return best[capacity]


print(knapsack([(rng.randint(1, 30), rng.randint(1, 100)) for _ in range(50)], 200))


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


print(edit_distance("kitten sitting", "sitting kitten"), edit_distance("a" * 50, "b" * 40))
