# Word counts, an inverted index and a Markov chain over a small text.
import collections
import random
import re

TEXT = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness,
it was the epoch of belief, it was the epoch of incredulity, it was the season of light, it was the season of darkness,
it was the spring of hope, it was the winter of despair.
"""
words = re.findall(r"[a-z]+", TEXT.lower())
counts = collections.Counter(words)
print(len(words), len(counts), counts.most_common(4))
index = collections.defaultdict(list)
for number, line in enumerate(TEXT.strip().splitlines(), 1):
    for match in re.finditer(r"\b(\w{6,})\b", line):
        index[match[1].lower()].append((number, match.start()))
for word in sorted(index):
    print(f"{word:<12} {index[word]}")
chain = collections.defaultdict(list)
for a, b, c in zip(words, words[1:], words[2:]):
    chain[a, b].append(c)
random.seed(3)
pair = ("it", "was")
out = list(pair)
for _ in range(15):
    if not chain[pair]:
        break
    following = random.choice(chain[pair])
    out.append(following)
    pair = pair[1], following
print(" ".join(out))
longest = max(words, key=lambda w: (len(w), w))
by_length = {n: sorted({w for w in words if len(w) == n}) for n in sorted({len(w) for w in words})}
print(longest, by_length)
vowels = str.maketrans("aeiou", "*****")
print(" ".join(words[:9]).translate(vowels), sum(map(len, words)) / len(words))
matrix = [[sum(a == b for a, b in zip(x, y)) for y in words[:5]] for x in words[:5]]
print(matrix)
