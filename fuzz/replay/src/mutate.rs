//! Makes odd sources out of good ones, the same on every machine: a fixed pseudo-random sequence drives everything.

/// xorshift64*: small, good enough, and ours, so that a seed means the same for ever.
pub struct Random(u64);

impl Random {
    /// A generator; any seed will do.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`, which must not be 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }
}

/// Pieces that Python's grammar cares about.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ";",
    ",",
    ".",
    "...",
    "=",
    ":=",
    "==",
    "!=",
    "->",
    "*",
    "**",
    "@",
    "|",
    "~",
    "-",
    "not ",
    "\n",
    "\n    ",
    "\n  ",
    "\t",
    "\\\n",
    "\r",
    "\x0c",
    "\0",
    "#",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f'",
    "f'{",
    "}'",
    "t'",
    "rb'",
    "b'",
    "if ",
    "else:",
    "elif ",
    "for ",
    "while ",
    "in ",
    "is ",
    "and ",
    "or ",
    "lambda: ",
    "lambda *a, k=1: ",
    "def f(",
    "class C(",
    "async ",
    "await ",
    "yield ",
    "yield from ",
    "return ",
    "raise ",
    "try:\n",
    "except ",
    "except* ",
    "finally:\n",
    "with ",
    "as ",
    "match x:\n case ",
    "case _: pass\n",
    "import ",
    "from . import ",
    "global x\n",
    "nonlocal x\n",
    "del ",
    "assert ",
    "pass\n",
    "type X[T] = ",
    "[T: int, *Ts, **P]",
    "None",
    "True",
    "__debug__",
    "__class__",
    "super()",
    "0x",
    "1_0",
    "1e400",
    "1j",
    "0777",
    "9999999999999999999999",
    "é",
    "日本",
    "𝔘",
    "\u{feff}",
    "\\N{BULLET}",
    "\\ud800",
    "!r",
    ":>{w}",
    "x",
    "_",
    "print",
    "from __future__ import annotations\n",
    "# coding: latin-1\n",
    "(yield)",
    "*a, ",
    "**k",
    "a if b else c",
    "[i for i in j]",
    "{k: v for k in z}",
    "@d\n",
    "break\n",
    "continue\n",
];

/// A new source from `seeds`, by one to six changes.
pub fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut source = seeds[random.below(seeds.len())].clone();
    if random.below(3) == 0 && source.len() > 400 {
        // Short inputs reach deeper states in the same time.
        let start = random.below(source.len() - 200);
        source = source[start..(start + 200 + random.below(200)).min(source.len())].to_vec();
    }
    for _ in 0..=random.below(6) {
        change(random, &mut source, seeds);
    }
    source
}

fn change(random: &mut Random, source: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let at = random.below(source.len() + 1);
    match random.below(9) {
        0 if at < source.len() => source[at] ^= 1 << random.below(8),
        1 => drop(source.drain(at..(at + random.below(20)).min(source.len()))),
        2 => {
            let end = (at + random.below(40)).min(source.len());
            let copy = source[at..end].to_vec();
            let target = random.below(source.len() + 1);
            source.splice(target..target, copy);
        }
        3 => {
            let other = &seeds[random.below(seeds.len())];
            let start = random.below(other.len() + 1);
            let end = (start + random.below(80)).min(other.len());
            source.splice(at..at, other[start..end].iter().copied());
        }
        4 => {
            // Repetition is what finds recursion without a check.
            let piece = PIECES[random.below(PIECES.len())];
            let times = 1 << random.below(12);
            source.splice(at..at, piece.repeat(times).into_bytes());
        }
        5 => source.truncate(at),
        6 => {
            let lines: Vec<&[u8]> = source.split_inclusive(|&byte| byte == b'\n').collect();
            if lines.len() > 1 {
                let (a, b) = (random.below(lines.len()), random.below(lines.len()));
                let mut lines = lines;
                lines.swap(a, b);
                *source = lines.concat();
            }
        }
        _ => {
            let piece = PIECES[random.below(PIECES.len())];
            source.splice(at..at, piece.bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Random, mutate};

    #[test]
    fn the_same_seed_makes_the_same_input() {
        let seeds = [b"x = 1\ny = [2, 3]\n".to_vec(), b"def f(a):\n    return a\n".to_vec()];
        let make = |seed| {
            let mut random = Random::new(seed);
            (0..50).map(|_| mutate(&mut random, &seeds)).collect::<Vec<_>>()
        };
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
    }
}
