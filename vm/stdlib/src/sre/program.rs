//! Compiled patterns as the engine runs them: the code list of `re._compiler`, checked, with each character set's first
//! 256 characters as a bitmap.
//!
//! The check walks the code's structure once. The engine relies on it for meaning only: it reads the code with bounds
//! checks, so a list that was made by hand can fail to match but not do harm.

use countless_common::unicode;

/// The instructions, by the numbers of `re._constants`.
#[allow(missing_docs)]
pub mod op {
    pub const FAILURE: u32 = 0;
    pub const SUCCESS: u32 = 1;
    pub const ANY: u32 = 2;
    pub const ANY_ALL: u32 = 3;
    pub const ASSERT: u32 = 4;
    pub const ASSERT_NOT: u32 = 5;
    pub const AT: u32 = 6;
    pub const BRANCH: u32 = 7;
    pub const CATEGORY: u32 = 8;
    pub const CHARSET: u32 = 9;
    pub const BIGCHARSET: u32 = 10;
    pub const GROUPREF: u32 = 11;
    pub const GROUPREF_EXISTS: u32 = 12;
    pub const IN: u32 = 13;
    pub const INFO: u32 = 14;
    pub const JUMP: u32 = 15;
    pub const LITERAL: u32 = 16;
    pub const MARK: u32 = 17;
    pub const MAX_UNTIL: u32 = 18;
    pub const MIN_UNTIL: u32 = 19;
    pub const NOT_LITERAL: u32 = 20;
    pub const NEGATE: u32 = 21;
    pub const RANGE: u32 = 22;
    pub const REPEAT: u32 = 23;
    pub const REPEAT_ONE: u32 = 24;
    pub const MIN_REPEAT_ONE: u32 = 26;
    pub const ATOMIC_GROUP: u32 = 27;
    pub const POSSESSIVE_REPEAT: u32 = 28;
    pub const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub const GROUPREF_IGNORE: u32 = 30;
    pub const IN_IGNORE: u32 = 31;
    pub const LITERAL_IGNORE: u32 = 32;
    pub const NOT_LITERAL_IGNORE: u32 = 33;
    pub const GROUPREF_LOC_IGNORE: u32 = 34;
    pub const IN_LOC_IGNORE: u32 = 35;
    pub const LITERAL_LOC_IGNORE: u32 = 36;
    pub const NOT_LITERAL_LOC_IGNORE: u32 = 37;
    pub const GROUPREF_UNI_IGNORE: u32 = 38;
    pub const IN_UNI_IGNORE: u32 = 39;
    pub const LITERAL_UNI_IGNORE: u32 = 40;
    pub const NOT_LITERAL_UNI_IGNORE: u32 = 41;
    pub const RANGE_UNI_IGNORE: u32 = 42;
}

/// "No upper bound" of a repetition.
pub const UNLIMITED: u32 = u32::MAX;
/// Groups may not be nested deeper than this.
const MAX_DEPTH: usize = 2000;

/// What is known about the start of every match.
pub enum Start {
    /// Nothing.
    Any,
    /// It begins with this text; the whole pattern is it, if so said.
    Literal {
        /// In the subject's encoding (UTF-8 for text, plain bytes for bytes).
        finder: Box<memchr::memmem::Finder<'static>>,
        /// Bytes of the text.
        length: usize,
        /// Whether nothing else follows.
        whole: bool,
    },
    /// It begins with a character of the set whose code starts there.
    Set(usize),
}

/// Which of the first 256 characters are in a set.
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// Whether the character is in it.
    #[inline(always)]
    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }
}

/// A checked pattern.
pub struct Program {
    /// The code list.
    pub code: Box<[u32]>,
    /// Bitmaps of the sets' first 256 characters.
    maps: Vec<ByteSet>,
    /// By the index of a set's first instruction: its bitmap; `u32::MAX` elsewhere.
    map_of: Box<[u32]>,
    /// How a search may skip.
    pub start: Start,
    /// No match is shorter than so many characters.
    pub min_width: usize,
    /// Where the code after the information block begins.
    pub entry: usize,
    /// How many groups.
    pub groups: usize,
}

impl Program {
    /// Checks a code list; `None` if it is none.
    pub fn new(code: Vec<u32>, groups: usize, is_text: bool) -> Option<Program> {
        let code = code.into_boxed_slice();
        let mut checker = Checker { code: &code, groups, map_of: vec![u32::MAX; code.len()], maps: Vec::new() };
        let (last, body) = code.split_last()?;
        if *last != op::SUCCESS {
            return None;
        }
        let mut entry = 0;
        let (mut start, mut min_width) = (Start::Any, 0);
        if code.first() == Some(&op::INFO) {
            entry = 1 + *code.get(1)? as usize;
            if entry > body.len() || entry < 5 {
                return None;
            }
            min_width = code[3] as usize;
            start = checker.information(entry, is_text)?;
        }
        checker.sequence(entry, body.len(), 0)?;
        let (map_of, maps) = (checker.map_of.into_boxed_slice(), checker.maps);
        Some(Program { maps, map_of, start, min_width, entry, groups, code })
    }

    /// A word of the code; FAILURE behind its end.
    #[inline(always)]
    pub fn word(&self, index: usize) -> u32 {
        match self.code.get(index) {
            Some(&word) => word,
            None => op::FAILURE,
        }
    }

    /// The first 256 characters of the set whose code starts at `set`.
    #[inline(always)]
    pub fn map(&self, set: usize) -> Option<&ByteSet> {
        self.maps.get(*self.map_of.get(set)? as usize)
    }

    /// Whether the set whose code starts at `set` has the character.
    #[inline(always)]
    pub fn set_has(&self, set: usize, point: u32) -> bool {
        if let Ok(byte) = u8::try_from(point)
            && let Some(map) = self.map(set)
        {
            return map.has(byte);
        }
        in_set(&self.code, set, point)
    }
}

struct Checker<'a> {
    code: &'a [u32],
    groups: usize,
    map_of: Vec<u32>,
    maps: Vec<ByteSet>,
}

impl Checker<'_> {
    fn word(&self, index: usize) -> Option<usize> {
        self.code.get(index).map(|&word| word as usize)
    }

    /// The place that the skip word at `index` points to, which is at most `end`.
    fn target(&self, index: usize, end: usize) -> Option<usize> {
        index.checked_add(self.word(index)?).filter(|&target| target <= end)
    }

    /// Reads the information block: how matches start.
    fn information(&mut self, end: usize, is_text: bool) -> Option<Start> {
        let flags = self.code[2];
        if flags & 1 != 0 {
            let length = self.word(5)?;
            let prefix = self.code.get(7..7usize.checked_add(length)?).filter(|_| 7 + length <= end)?;
            let mut bytes = Vec::new();
            for &point in prefix {
                if is_text {
                    countless_common::wtf8::push_code_point(&mut bytes, point);
                } else {
                    bytes.push(u8::try_from(point).ok()?);
                }
            }
            let finder = Box::new(memchr::memmem::Finder::new(&bytes).into_owned());
            return Some(Start::Literal { finder, length: bytes.len(), whole: flags & 2 != 0 });
        }
        if flags & 4 != 0 {
            self.set(5, end)?;
            return Some(Start::Set(5));
        }
        Some(Start::Any)
    }

    /// Checks a set that lies in `start..end` and makes its bitmap.
    fn set(&mut self, start: usize, end: usize) -> Option<()> {
        let mut at = start;
        loop {
            at += match *self.code.get(at).filter(|_| at < end)? {
                op::FAILURE => break,
                op::NEGATE => 1,
                op::LITERAL | op::CATEGORY => 2,
                op::RANGE | op::RANGE_UNI_IGNORE => 3,
                op::CHARSET => 9,
                op::BIGCHARSET => self.word(at + 1)?.checked_mul(8)?.checked_add(66)?,
                _ => return None,
            };
        }
        let mut map = [0u64; 4];
        for point in 0..256u32 {
            if in_set(self.code, start, point) {
                map[(point >> 6) as usize] |= 1 << (point & 63);
            }
        }
        self.map_of[start] = self.maps.len() as u32;
        self.maps.push(ByteSet(map));
        Some(())
    }

    /// Checks the instructions of `at..end`.
    fn sequence(&mut self, mut at: usize, end: usize, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH || end > self.code.len() {
            return None;
        }
        while at < end {
            at = self.instruction(at, end, depth)?;
        }
        (at == end).then_some(())
    }

    /// Checks one instruction: where the next begins.
    fn instruction(&mut self, at: usize, end: usize, depth: usize) -> Option<usize> {
        Some(match self.code[at] {
            op::FAILURE | op::SUCCESS | op::ANY | op::ANY_ALL => at + 1,
            op::LITERAL
            | op::NOT_LITERAL
            | op::LITERAL_IGNORE
            | op::NOT_LITERAL_IGNORE
            | op::LITERAL_LOC_IGNORE
            | op::NOT_LITERAL_LOC_IGNORE
            | op::LITERAL_UNI_IGNORE
            | op::NOT_LITERAL_UNI_IGNORE
            | op::AT
            | op::CATEGORY => at + 2,
            op::MARK => {
                (self.word(at + 1)? < 2 * self.groups).then_some(())?;
                at + 2
            }
            op::GROUPREF | op::GROUPREF_IGNORE | op::GROUPREF_LOC_IGNORE | op::GROUPREF_UNI_IGNORE => {
                (self.word(at + 1)? < self.groups).then_some(())?;
                at + 2
            }
            op::IN | op::IN_IGNORE | op::IN_LOC_IGNORE | op::IN_UNI_IGNORE => {
                let next = self.target(at + 1, end)?;
                self.set(at + 2, next)?;
                next
            }
            op::INFO | op::JUMP => self.target(at + 1, end)?,
            op::GROUPREF_EXISTS => {
                (self.word(at + 1)? < self.groups).then_some(())?;
                self.target(at + 2, end + 1)?;
                at + 3
            }
            op::BRANCH => self.branch(at + 1, end, depth)?,
            op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                let next = self.target(at + 1, end)?;
                self.sequence(at + 4, next, depth + 1)?;
                next
            }
            op::REPEAT | op::POSSESSIVE_REPEAT => {
                let until = self.target(at + 1, end)?;
                self.sequence(at + 4, until, depth + 1)?;
                (until < end).then_some(until + 1)?
            }
            op::ATOMIC_GROUP => {
                let next = self.target(at + 1, end)?;
                self.sequence(at + 2, next, depth + 1)?;
                next
            }
            op::ASSERT | op::ASSERT_NOT => {
                let next = self.target(at + 1, end)?;
                self.sequence(at + 3, next, depth + 1)?;
                next
            }
            _ => return None,
        })
    }

    fn branch(&mut self, mut at: usize, end: usize, depth: usize) -> Option<usize> {
        while self.word(at)? != 0 {
            let next = self.target(at, end)?;
            // Each alternative ends with a jump behind all of them.
            self.sequence(at + 1, next.checked_sub(2)?, depth + 1)?;
            (self.code[next - 2] == op::JUMP && next < end).then_some(())?;
            at = next;
        }
        Some(at + 1)
    }
}

/// Whether a category has the character.
pub fn in_category(category: u32, point: u32) -> bool {
    let ascii = |test: fn(&u8) -> bool| u8::try_from(point).is_ok_and(|byte| test(&byte));
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let space = |byte: &u8| matches!(byte, 9..=13 | b' ');
    let line_break = |point: u32| point == 10;
    match category {
        0 => ascii(u8::is_ascii_digit),
        1 => !ascii(u8::is_ascii_digit),
        2 => ascii(space),
        3 => !ascii(space),
        4 | 8 => ascii(word),
        5 | 9 => !ascii(word),
        6 => line_break(point),
        7 => !line_break(point),
        10 => unicode::is_decimal(point),
        11 => !unicode::is_decimal(point),
        12 => unicode::is_space(point),
        13 => !unicode::is_space(point),
        14 => is_unicode_word(point),
        15 => !is_unicode_word(point),
        16 => unicode::is_line_break(point),
        17 => !unicode::is_line_break(point),
        _ => false,
    }
}

/// Whether `\w` has the character.
pub fn is_unicode_word(point: u32) -> bool {
    unicode::is_alnum(point) || point == u32::from(b'_')
}

/// Lower case by a simple mapping.
pub fn lower_unicode(point: u32) -> u32 {
    unicode::simple_lower(point)
}

/// Upper case, if it is one character.
pub fn upper_unicode(point: u32) -> u32 {
    let mut mapped = unicode::to_upper(point).iter();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => point,
    }
}

/// Lower case in ASCII.
pub fn lower_ascii(point: u32) -> u32 {
    if (0x41..=0x5a).contains(&point) { point + 32 } else { point }
}

/// Upper case in ASCII.
pub fn upper_ascii(point: u32) -> u32 {
    if (0x61..=0x7a).contains(&point) { point - 32 } else { point }
}

/// Whether the set whose code starts at `at` has the character.
fn in_set(code: &[u32], mut at: usize, point: u32) -> bool {
    let word = |index: usize| code.get(index).copied().unwrap_or(op::FAILURE);
    let bit = |index: usize, bit: u32| word(index + (bit >> 5) as usize) >> (bit & 31) & 1 != 0;
    let mut answer = true;
    loop {
        let (found, length) = match word(at) {
            op::NEGATE => {
                answer = !answer;
                at += 1;
                continue;
            }
            op::LITERAL => (point == word(at + 1), 2),
            op::CATEGORY => (in_category(word(at + 1), point), 2),
            op::RANGE => ((word(at + 1)..=word(at + 2)).contains(&point), 3),
            op::RANGE_UNI_IGNORE => {
                let range = word(at + 1)..=word(at + 2);
                (range.contains(&point) || range.contains(&upper_unicode(point)), 3)
            }
            op::CHARSET => (point < 256 && bit(at + 1, point), 9),
            op::BIGCHARSET => {
                let blocks = word(at + 1) as usize;
                let found = point < 0x1_0000 && {
                    let high = (point >> 8) as usize;
                    let block = (word(at + 2 + high / 4) >> (high % 4 * 8) & 0xff) as usize;
                    bit(at + 66 + block * 8, point & 0xff)
                };
                (found, blocks.saturating_mul(8).saturating_add(66))
            }
            _ => return !answer,
        };
        if found {
            return answer;
        }
        at = at.saturating_add(length);
    }
}
