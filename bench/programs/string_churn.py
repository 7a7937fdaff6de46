"""Strings: building, splitting, joining, searching, formatting."""

import pyperf


def words(n):
    text = " ".join("word%d" % (i % 997) for i in range(n))
    seen = {}
    for word in text.split():
        seen[word] = seen.get(word, 0) + len(word)
    return len(text), len(seen), text.count("word99"), text.find("word996 word0")


def pieces(n):
    out = []
    for i in range(n):
        name = f"item-{i:05d}"
        out.append(name.upper().replace("-", "_")[2:8] + str(i))
    joined = ",".join(out)
    return len(joined), joined[::5000]


if __name__ == "__main__":
    runner = pyperf.Runner()
    runner.bench_func("string_words", words, 200_000)
    runner.bench_func("string_pieces", pieces, 150_000)
