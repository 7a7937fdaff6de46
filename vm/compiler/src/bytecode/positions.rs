//! The compact table of source positions: one entry per instruction, read by random access.
//!
//! Instructions are taken in groups of 32. A checkpoint gives each group's first byte and the line before it, so a
//! lookup decodes at most 32 entries. An entry is a tag byte and varints:
//!
//! | tag | entry |
//! |---|---|
//! | 0 | the same span as the entry before (in the group) |
//! | 1 | no position |
//! | 2 | zigzag(line − line before), end line − line, column, end column |
//! | 3 + d | one line, line before + d: column, end column − column |

/// A run of source text: lines from 1, columns in UTF-8 bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// Column of the first byte.
    pub column: u32,
    /// Column after the last byte.
    pub end_column: u32,
}

const GROUP: usize = 32;
const SAME: u8 = 0;
const NONE: u8 = 1;
const FULL: u8 = 2;
const SHORT: u8 = 3;

/// A group's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Checkpoint {
    offset: u32,
    line: u32,
}

/// The positions of a code object's instructions.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Positions {
    bytes: Box<[u8]>,
    checkpoints: Box<[Checkpoint]>,
    length: u32,
}

impl Positions {
    /// Packs one entry per instruction.
    pub fn new(spans: impl IntoIterator<Item = Option<Span>>) -> Positions {
        let mut bytes = Vec::new();
        let mut checkpoints = Vec::new();
        let mut previous = None;
        let mut line = 0;
        let mut length = 0;
        for span in spans {
            if length % GROUP == 0 {
                checkpoints.push(Checkpoint { offset: bytes.len() as u32, line });
                previous = None;
            }
            encode(&mut bytes, &mut previous, &mut line, span);
            length += 1;
        }
        Positions { bytes: bytes.into(), checkpoints: checkpoints.into(), length: length as u32 }
    }

    /// The entries as bytes, for [`Positions::from_packed`].
    pub fn packed(&self) -> &[u8] {
        &self.bytes
    }

    /// The table of `length` entries in these bytes, unless there are fewer or more.
    pub fn from_packed(bytes: &[u8], length: usize) -> Option<Positions> {
        if length > bytes.len() {
            return None;
        }
        let mut reader = Reader { bytes, offset: 0, line: 0, previous: None };
        let mut checkpoints = Vec::with_capacity(length.div_ceil(GROUP));
        for pc in 0..length {
            if pc % GROUP == 0 {
                checkpoints.push(Checkpoint { offset: u32::try_from(reader.offset).ok()?, line: reader.line });
                reader.previous = None;
            }
            reader.entry();
        }
        let is_whole = reader.offset == bytes.len();
        let table = || Positions { bytes: bytes.into(), checkpoints: checkpoints.into(), length: length as u32 };
        is_whole.then(table)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The position of an instruction, if it has one.
    pub fn get(&self, pc: usize) -> Option<Span> {
        if pc >= self.len() {
            return None;
        }
        let mut reader = self.reader(pc / GROUP);
        (0..pc % GROUP).for_each(|_| {
            reader.entry();
        });
        reader.entry()
    }

    /// The line of an instruction, if it has one.
    pub fn line(&self, pc: usize) -> Option<u32> {
        self.get(pc).map(|span| span.line)
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<Span>> + '_ {
        let mut reader = Reader { bytes: &self.bytes, offset: 0, line: 0, previous: None };
        (0..self.len()).map(move |pc| {
            if pc % GROUP == 0 {
                reader.previous = None;
            }
            reader.entry()
        })
    }

    fn reader(&self, group: usize) -> Reader<'_> {
        let start = self.checkpoints[group];
        Reader { bytes: &self.bytes, offset: start.offset as usize, line: start.line, previous: None }
    }
}

fn encode(bytes: &mut Vec<u8>, previous: &mut Option<Span>, line: &mut u32, span: Option<Span>) {
    let Some(span) = span else {
        bytes.push(NONE);
        return;
    };
    if *previous == Some(span) {
        bytes.push(SAME);
        return;
    }
    let delta = i64::from(span.line) - i64::from(*line);
    let is_short = span.end_line == span.line && span.end_column >= span.column;
    if is_short && (0..=i64::from(u8::MAX - SHORT)).contains(&delta) {
        bytes.push(SHORT + delta as u8);
        push_number(bytes, u64::from(span.column));
        push_number(bytes, u64::from(span.end_column - span.column));
    } else {
        bytes.push(FULL);
        push_number(bytes, zigzag(delta));
        push_number(bytes, zigzag(i64::from(span.end_line) - i64::from(span.line)));
        push_number(bytes, u64::from(span.column));
        push_number(bytes, u64::from(span.end_column));
    }
    *line = span.line;
    *previous = Some(span);
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn push_number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: u32,
    previous: Option<Span>,
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.offset).copied().unwrap_or(NONE);
        self.offset += 1;
        byte
    }

    fn number(&mut self) -> u64 {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift >= 63 {
                return value;
            }
        }
    }

    fn signed(&mut self) -> i64 {
        let value = self.number();
        (value >> 1) as i64 ^ -((value & 1) as i64)
    }

    fn entry(&mut self) -> Option<Span> {
        match self.byte() {
            SAME => return self.previous,
            NONE => return None,
            FULL => {
                self.line = i64::from(self.line).wrapping_add(self.signed()) as u32;
                let end_line = i64::from(self.line).wrapping_add(self.signed()) as u32;
                let column = self.number() as u32;
                let end_column = self.number() as u32;
                self.previous = Some(Span { line: self.line, end_line, column, end_column });
            }
            tag => {
                self.line = self.line.wrapping_add(u32::from(tag - SHORT));
                let column = self.number() as u32;
                let end_column = column.wrapping_add(self.number() as u32);
                self.previous = Some(Span { line: self.line, end_line: self.line, column, end_column });
            }
        }
        self.previous
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_of_positions_round_trips() {
        let spans: Vec<Option<Span>> = (0..500u32)
            .map(|at| {
                let line = 1 + at * 7919 % 1000;
                match at % 5 {
                    0 => None,
                    1 => Some(Span { line, end_line: line + 3, column: 9, end_column: 2 }),
                    2 => Some(Span { line: 5, end_line: 5, column: 300, end_column: 301 }),
                    _ => Some(Span { line: 5, end_line: 5, column: at, end_column: at * 2 }),
                }
            })
            .collect();
        let positions = Positions::new(spans.iter().copied());
        assert_eq!(positions.iter().collect::<Vec<_>>(), spans);
        for (pc, span) in spans.iter().enumerate() {
            assert_eq!(positions.get(pc), *span);
        }
        assert_eq!(positions.get(500), None);
    }
}
