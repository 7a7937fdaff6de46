//! The matcher: a backtracking machine that runs the code lists of `re._compiler`.
//!
//! All places where the match can go on otherwise lie on one stack of *choices*; failing pops the newest. What a choice
//! needs to be as it was is restored from it: the position, the current repetition, and the group marks, whose old
//! values are logged on a *trail* that is undone to the length it had. Repetitions are immutable frames, each with a
//! link to the enclosing one, so going back to a choice is going back to its frame. Lookarounds, atomic groups and
//! possessive repeats put a *barrier* on the stack: success within drops the choices above it.
//!
//! Positions are byte offsets. Every so many steps the machine asks whether to go on.

use super::program::{
    Program, Start, UNLIMITED, in_category, is_unicode_word, lower_ascii, lower_unicode, op, upper_ascii,
};

/// What is searched in: bytes that each are a character, or WTF-8.
pub trait Subject: Copy {
    /// All bytes.
    fn bytes(&self) -> &[u8];
    /// The character at a position before the end, and its width.
    fn at(&self, position: usize) -> (u32, usize);
    /// The character before a position after the start, and its width.
    fn before(&self, position: usize) -> (u32, usize);
    /// Whether every character is one byte.
    const BYTES: bool;
}

/// Bytes, or ASCII text.
#[derive(Clone, Copy)]
pub struct Narrow<'a>(pub &'a [u8]);

/// WTF-8.
#[derive(Clone, Copy)]
pub struct Wide<'a>(pub &'a [u8]);

impl Subject for Narrow<'_> {
    const BYTES: bool = true;

    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.0
    }

    #[inline(always)]
    fn at(&self, position: usize) -> (u32, usize) {
        (self.0.get(position).copied().unwrap_or(0).into(), 1)
    }

    #[inline(always)]
    fn before(&self, position: usize) -> (u32, usize) {
        self.at(position.wrapping_sub(1))
    }
}

impl Subject for Wide<'_> {
    const BYTES: bool = false;

    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.0
    }

    #[inline(always)]
    fn at(&self, position: usize) -> (u32, usize) {
        match self.0.get(position) {
            Some(&byte) if byte < 128 => (byte.into(), 1),
            _ => countless_common::wtf8::first_code_point(self.0.get(position..).unwrap_or(&[])).unwrap_or((0, 1)),
        }
    }

    #[inline(always)]
    fn before(&self, position: usize) -> (u32, usize) {
        match self.0.get(position.wrapping_sub(1)) {
            Some(&byte) if byte < 128 => (byte.into(), 1),
            _ => countless_common::wtf8::last_code_point(self.0.get(..position).unwrap_or(&[])).unwrap_or((0, 1)),
        }
    }
}

/// "Not set" of a mark or position.
pub const NONE: usize = usize::MAX;

/// Steps between two questions whether to go on.
const STEPS_PER_POLL: u32 = 1 << 16;

/// Why a run ended without an answer.
#[derive(Debug)]
pub enum Stop {
    /// The poll said so.
    Interrupted,
    /// There is no room for more choices.
    Memory,
}

/// What kind of match is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At the start.
    Match,
    /// At the start, up to the end.
    Full,
    /// Anywhere.
    Search,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The next alternative of a branch: `pc` is at its skip word.
    Branch,
    /// A greedy repeat of one character: give one back, down to `aside`.
    Greedy,
    /// A lazy repeat of one character: take one more, `count` taken.
    Lazy,
    /// A greedy repeat of a group: end it here, go on behind it.
    Leave,
    /// A lazy repeat of a group: once more; `pc` is at its end.
    Again,
    /// A lookaround, atomic group or possessive repeat that began here; `aside` is the barrier below, `count` the
    /// repetitions done.
    Barrier,
}

/// Where a match can go on.
#[derive(Clone, Copy)]
struct Choice {
    kind: Kind,
    pc: u32,
    frame: u32,
    count: u32,
    trail: usize,
    frames: usize,
    position: usize,
    aside: usize,
}

/// One round of a repeated group.
#[derive(Clone, Copy)]
struct Frame {
    /// The repetition around.
    outer: u32,
    /// Where its REPEAT is.
    pc: u32,
    /// Rounds done.
    count: u32,
    /// Where the latest round began.
    last: usize,
}

/// The state of a match.
pub struct Matcher<'a, S> {
    subject: S,
    program: &'a Program,
    /// Where the subject ends for this match.
    end: usize,
    /// Where the match began.
    start: usize,
    mode: Mode,
    must_advance: bool,
    /// Positions of the groups: start and end of each.
    pub marks: Vec<usize>,
    /// The group that was closed last, from 1; 0 for none.
    pub last_group: usize,
    /// Overwritten marks: index and old value, and the old `last_group`.
    trail: Vec<(u32, u32, usize)>,
    choices: Vec<Choice>,
    frames: Vec<Frame>,
    frame: u32,
    barrier: usize,
    fuel: u32,
    poll: &'a dyn Fn() -> bool,
}

const NO_FRAME: u32 = u32::MAX;

/// What to do after an instruction.
enum Step {
    Go(usize, usize),
    Fail,
    Done(usize),
}

impl<'a, S: Subject> Matcher<'a, S> {
    /// A matcher for `subject[..end]`; `poll` says now and then whether to go on.
    pub fn new(subject: S, program: &'a Program, end: usize, poll: &'a dyn Fn() -> bool) -> Self {
        Matcher {
            subject,
            program,
            end,
            start: 0,
            mode: Mode::Match,
            must_advance: false,
            marks: vec![NONE; 2 * program.groups],
            last_group: 0,
            trail: Vec::new(),
            choices: Vec::new(),
            frames: Vec::new(),
            frame: NO_FRAME,
            barrier: NONE,
            fuel: STEPS_PER_POLL,
            poll,
        }
    }

    /// Matches from `start` on: where the match lies. With `must_advance` an empty match at `start` does not count.
    pub fn run(&mut self, mode: Mode, start: usize, must_advance: bool) -> Result<Option<(usize, usize)>, Stop> {
        self.mode = mode;
        self.must_advance = must_advance;
        if start > self.end {
            return Ok(None);
        }
        if mode != Mode::Search {
            self.start = start;
            return Ok(self.attempt(start)?.map(|end| (start, end)));
        }
        if self.program.min_width > self.end - start {
            return Ok(None);
        }
        match &self.program.start {
            Start::Literal { finder, length, whole } => self.search_literal(finder, *length, *whole, start),
            Start::Set(set) => self.search_set(*set, start),
            Start::Any => self.search_anywhere(start),
        }
    }

    fn search_literal(
        &mut self,
        finder: &memchr::memmem::Finder<'_>,
        length: usize,
        whole: bool,
        start: usize,
    ) -> Result<Option<(usize, usize)>, Stop> {
        let program = self.program;
        let mut at = start;
        loop {
            let rest = self.subject.bytes().get(at..self.end).unwrap_or(&[]);
            // Setting out is most of the work where matches may begin at every other byte.
            let found = match finder.needle() {
                [byte] => {
                    if rest.first() == Some(byte) {
                        Some(0)
                    } else {
                        memchr::memchr(*byte, rest)
                    }
                }
                _ => finder.find(rest),
            };
            let Some(found) = found else { return Ok(None) };
            at += found;
            self.start = at;
            if whole && program.groups == 0 {
                self.reset();
                return Ok(Some((at, at + length)));
            }
            if let Some(end) = self.attempt(at)? {
                return Ok(Some((at, end)));
            }
            self.must_advance = false;
            at += self.subject.at(at).1;
        }
    }

    fn search_set(&mut self, set: usize, start: usize) -> Result<Option<(usize, usize)>, Stop> {
        let program = self.program;
        let mut at = start;
        loop {
            let rest = self.subject.bytes().get(at..self.end).unwrap_or(&[]);
            let candidate = match program.map(set) {
                // A character beyond ASCII may be in the set, as far as its first byte tells.
                Some(map) => {
                    let wide = !S::BYTES;
                    rest.iter().position(|&byte| (wide && byte >= 128) || map.has(byte))
                }
                None => (!rest.is_empty()).then_some(0),
            };
            let Some(skipped) = candidate else { return Ok(None) };
            if skipped > 0 {
                self.must_advance = false;
                at += skipped;
            }
            let (point, width) = self.subject.at(at);
            if program.set_has(set, point) {
                self.start = at;
                if let Some(end) = self.attempt(at)? {
                    return Ok(Some((at, end)));
                }
            }
            self.must_advance = false;
            at += width;
        }
    }

    fn search_anywhere(&mut self, start: usize) -> Result<Option<(usize, usize)>, Stop> {
        let program = self.program;
        let anchored = program.word(program.entry) == op::AT && matches!(program.word(program.entry + 1), 0 | 2);
        let mut at = start;
        loop {
            self.start = at;
            if let Some(end) = self.attempt(at)? {
                return Ok(Some((at, end)));
            }
            self.must_advance = false;
            if at >= self.end || anchored {
                return Ok(None);
            }
            at += self.subject.at(at).1;
        }
    }

    /// Forgets the marks of an attempt before.
    #[inline(always)]
    fn reset(&mut self) {
        // Filling nothing may be slow: the vector's address, which is none, is touched by a masked store.
        if !self.marks.is_empty() {
            self.marks.fill(NONE);
        }
        self.last_group = 0;
    }

    /// Whether it takes no more than the first few characters to see that nothing matches at a position.
    #[inline(always)]
    fn is_hopeless(&self, mut position: usize) -> bool {
        let program = self.program;
        let mut pc = program.entry;
        loop {
            match program.word(pc) {
                op::LITERAL => {
                    if position >= self.end || self.subject.at(position).0 != program.word(pc + 1) {
                        return true;
                    }
                    position += self.subject.at(position).1;
                    pc += 2;
                }
                op::MARK => pc += 2,
                op::BRANCH => {
                    let mut alternative = pc + 1;
                    loop {
                        let skip = program.word(alternative) as usize;
                        if skip == 0 {
                            return true;
                        }
                        if self.may_begin(alternative + 1, position) {
                            return false;
                        }
                        alternative += skip;
                    }
                }
                _ => return false,
            }
        }
    }

    /// Tries a match at one position: where it ends.
    fn attempt(&mut self, start: usize) -> Result<Option<usize>, Stop> {
        self.burn()?;
        if self.is_hopeless(start) {
            return Ok(None);
        }
        self.reset();
        self.trail.clear();
        self.choices.clear();
        self.frames.clear();
        self.frame = NO_FRAME;
        self.barrier = NONE;
        let (mut pc, mut position) = (self.program.entry, start);
        loop {
            match self.step(pc, position)? {
                Step::Go(next, at) => (pc, position) = (next, at),
                Step::Done(end) => return Ok(Some(end)),
                Step::Fail => match self.backtrack()? {
                    Some((next, at)) => (pc, position) = (next, at),
                    None => return Ok(None),
                },
            }
        }
    }

    #[inline(always)]
    fn burn(&mut self) -> Result<(), Stop> {
        self.fuel -= 1;
        if self.fuel == 0 { self.refuel() } else { Ok(()) }
    }

    #[cold]
    fn refuel(&mut self) -> Result<(), Stop> {
        self.fuel = STEPS_PER_POLL;
        if (self.poll)() { Ok(()) } else { Err(Stop::Interrupted) }
    }

    #[inline(always)]
    fn push(&mut self, kind: Kind, pc: usize, position: usize, count: u32, aside: usize) -> Result<(), Stop> {
        if self.choices.len() == self.choices.capacity() && self.choices.try_reserve(64).is_err() {
            return Err(Stop::Memory);
        }
        self.choices.push(Choice {
            kind,
            pc: pc as u32,
            frame: self.frame,
            count,
            trail: self.trail.len(),
            frames: self.frames.len(),
            position,
            aside,
        });
        Ok(())
    }

    fn mark(&mut self, index: usize, position: usize) {
        if let Some(slot) = self.marks.get_mut(index) {
            self.trail.push((index as u32, self.last_group as u32, *slot));
            *slot = position;
            if index & 1 != 0 {
                self.last_group = index / 2 + 1;
            }
        }
    }

    fn undo_marks(&mut self, length: usize) {
        while self.trail.len() > length {
            if let Some((index, last_group, old)) = self.trail.pop() {
                if let Some(slot) = self.marks.get_mut(index as usize) {
                    *slot = old;
                }
                self.last_group = last_group as usize;
            }
        }
    }

    /// The range of a group that has matched.
    fn group(&self, index: usize) -> Option<(usize, usize)> {
        let (start, end) = (*self.marks.get(2 * index)?, *self.marks.get(2 * index + 1)?);
        (start != NONE && end != NONE && start <= end).then_some((start, end))
    }

    /// Whether the one-character instruction at `pc` takes the character.
    #[inline(always)]
    fn takes(&self, pc: usize, point: u32) -> bool {
        let program = self.program;
        let operand = || program.word(pc + 1);
        match program.word(pc) {
            op::ANY => point != 10,
            op::ANY_ALL => true,
            op::LITERAL => point == operand(),
            op::NOT_LITERAL => point != operand(),
            op::IN => program.set_has(pc + 2, point),
            op::CATEGORY => in_category(operand(), point),
            _ => self.takes_ignoring_case(pc, point),
        }
    }

    fn takes_ignoring_case(&self, pc: usize, point: u32) -> bool {
        let program = self.program;
        let operand = program.word(pc + 1);
        let local = |literal: u32| literal == point || lower_ascii(point) == literal || upper_ascii(point) == literal;
        match program.word(pc) {
            op::LITERAL_IGNORE => lower_ascii(point) == operand,
            op::NOT_LITERAL_IGNORE => lower_ascii(point) != operand,
            op::LITERAL_UNI_IGNORE => lower_unicode(point) == operand,
            op::NOT_LITERAL_UNI_IGNORE => lower_unicode(point) != operand,
            op::LITERAL_LOC_IGNORE => local(operand),
            op::NOT_LITERAL_LOC_IGNORE => !local(operand),
            op::IN_IGNORE => program.set_has(pc + 2, lower_ascii(point)),
            op::IN_UNI_IGNORE => program.set_has(pc + 2, lower_unicode(point)),
            op::IN_LOC_IGNORE => {
                let (lower, upper) = (lower_ascii(point), upper_ascii(point));
                program.set_has(pc + 2, lower) || (upper != lower && program.set_has(pc + 2, upper))
            }
            _ => false,
        }
    }

    /// How far the one-character instruction at `pc` goes on from `position`, at most `most` times: where, how often.
    fn run_of(&mut self, pc: usize, position: usize, most: u32) -> Result<(usize, u32), Stop> {
        let unlimited = most == UNLIMITED;
        if S::BYTES {
            let limit = if unlimited { self.end } else { self.end.min(position.saturating_add(most as usize)) };
            let bytes = self.subject.bytes().get(position..limit).unwrap_or(&[]);
            let program = self.program;
            let length = match program.word(pc) {
                op::ANY_ALL => bytes.len(),
                op::ANY => memchr::memchr(b'\n', bytes).unwrap_or(bytes.len()),
                op::NOT_LITERAL => match u8::try_from(program.word(pc + 1)) {
                    Ok(byte) => memchr::memchr(byte, bytes).unwrap_or(bytes.len()),
                    Err(_) => bytes.len(),
                },
                op::IN => bytes.iter().take_while(|&&byte| program.set_has(pc + 2, byte.into())).count(),
                _ => bytes.iter().take_while(|&&byte| self.takes(pc, byte.into())).count(),
            };
            self.fuel = self.fuel.saturating_sub((length / 16) as u32).max(1);
            return Ok((position + length, length.min(u32::MAX as usize - 1) as u32));
        }
        let (mut at, mut count) = (position, 0);
        while at < self.end && (unlimited || count < most) {
            let (point, width) = self.subject.at(at);
            if !self.takes(pc, point) {
                break;
            }
            at += width;
            count += 1;
            if count % 16 == 0 {
                self.burn()?;
            }
        }
        Ok((at, count))
    }

    #[inline(always)]
    fn step(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        self.burn()?;
        let program = self.program;
        match program.word(pc) {
            op::LITERAL => {
                if position < self.end {
                    let (point, width) = self.subject.at(position);
                    if point == program.word(pc + 1) {
                        return Ok(Step::Go(pc + 2, position + width));
                    }
                }
                Ok(Step::Fail)
            }
            op::IN => {
                if position < self.end {
                    let (point, width) = self.subject.at(position);
                    if program.set_has(pc + 2, point) {
                        return Ok(Step::Go(pc + 1 + program.word(pc + 1) as usize, position + width));
                    }
                }
                Ok(Step::Fail)
            }
            op::MARK => {
                self.mark(program.word(pc + 1) as usize, position);
                Ok(Step::Go(pc + 2, position))
            }
            op::REPEAT_ONE => self.repeat_one(pc, position),
            op::BRANCH => self.branch(pc + 1, position),
            op::REPEAT => self.repeat(pc, position),
            op::MAX_UNTIL => self.max_until(pc, position),
            op::MIN_UNTIL => self.min_until(pc, position),
            op::SUCCESS => self.success(pc, position),
            op::JUMP => Ok(Step::Go(pc + 1 + program.word(pc + 1) as usize, position)),
            op::AT => {
                Ok(if self.holds(program.word(pc + 1), position) { Step::Go(pc + 2, position) } else { Step::Fail })
            }
            _ => self.rare_step(pc, position),
        }
    }

    fn rare_step(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        let program = self.program;
        let skipped = |at: usize| at + program.word(at) as usize;
        Ok(match program.word(pc) {
            op::ANY | op::ANY_ALL => self.single(pc, position, pc + 1),
            op::NOT_LITERAL
            | op::CATEGORY
            | op::LITERAL_IGNORE
            | op::NOT_LITERAL_IGNORE
            | op::LITERAL_LOC_IGNORE
            | op::NOT_LITERAL_LOC_IGNORE
            | op::LITERAL_UNI_IGNORE
            | op::NOT_LITERAL_UNI_IGNORE => self.single(pc, position, pc + 2),
            op::IN_IGNORE | op::IN_LOC_IGNORE | op::IN_UNI_IGNORE => self.single(pc, position, skipped(pc + 1)),
            op::INFO => Step::Go(skipped(pc + 1), position),
            op::MIN_REPEAT_ONE => return self.min_repeat_one(pc, position),
            op::POSSESSIVE_REPEAT_ONE => {
                let (at, count) = self.run_of(pc + 4, position, program.word(pc + 3))?;
                if count < program.word(pc + 2) { Step::Fail } else { Step::Go(skipped(pc + 1), at) }
            }
            op::ASSERT | op::ASSERT_NOT => return self.look(pc, position),
            op::ATOMIC_GROUP => {
                self.raise_barrier(pc, position, 0)?;
                Step::Go(pc + 2, position)
            }
            op::POSSESSIVE_REPEAT => {
                self.raise_barrier(pc, position, 0)?;
                if program.word(pc + 3) == 0 {
                    return self.success(skipped(pc + 1), position);
                }
                Step::Go(pc + 4, position)
            }
            op::GROUPREF => self.reference(pc, position, |point| point),
            op::GROUPREF_IGNORE | op::GROUPREF_LOC_IGNORE => self.reference(pc, position, lower_ascii),
            op::GROUPREF_UNI_IGNORE => self.reference(pc, position, lower_unicode),
            op::GROUPREF_EXISTS => match self.group(program.word(pc + 1) as usize) {
                Some(_) => Step::Go(pc + 3, position),
                None => Step::Go(skipped(pc + 2).wrapping_sub(1), position),
            },
            _ => Step::Fail,
        })
    }

    #[inline(always)]
    fn single(&self, pc: usize, position: usize, next: usize) -> Step {
        if position < self.end {
            let (point, width) = self.subject.at(position);
            if self.takes(pc, point) {
                return Step::Go(next, position + width);
            }
        }
        Step::Fail
    }

    /// A reference to a group: the same text again.
    fn reference(&self, pc: usize, position: usize, fold: fn(u32) -> u32) -> Step {
        let Some((mut from, to)) = self.group(self.program.word(pc + 1) as usize) else { return Step::Fail };
        let mut at = position;
        while from < to {
            if at >= self.end {
                return Step::Fail;
            }
            let ((expected, step), (point, width)) = (self.subject.at(from), self.subject.at(at));
            if fold(expected) != fold(point) {
                return Step::Fail;
            }
            from += step;
            at += width;
        }
        Step::Go(pc + 2, at)
    }

    /// Whether the position is of the kind asked for.
    fn holds(&self, kind: u32, position: usize) -> bool {
        let next_is_newline = || position < self.end && self.subject.at(position).0 == 10;
        let boundary = |is_word: fn(u32) -> bool| {
            let before = position > 0 && is_word(self.subject.before(position).0);
            let after = position < self.end && is_word(self.subject.at(position).0);
            before != after
        };
        let ascii_word = |point: u32| in_category(4, point);
        match kind {
            0 | 2 => position == 0,
            1 => position == 0 || self.subject.before(position).0 == 10,
            3 | 8 => boundary(ascii_word),
            4 | 9 => !boundary(ascii_word),
            5 => position == self.end || (position + 1 == self.end && next_is_newline()),
            6 => position == self.end || next_is_newline(),
            7 => position == self.end,
            10 => boundary(is_unicode_word),
            11 => !boundary(is_unicode_word),
            _ => false,
        }
    }

    /// Whether the code at `pc` can begin with the characters at `position`, as far as its first instructions tell.
    #[inline(always)]
    fn may_begin(&self, pc: usize, position: usize) -> bool {
        let begins_with = |pc: usize, position: usize| {
            position < self.end && self.subject.at(position).0 == self.program.word(pc + 1)
        };
        match self.program.word(pc) {
            op::LITERAL => {
                begins_with(pc, position)
                    && (self.program.word(pc + 2) != op::LITERAL
                        || begins_with(pc + 2, position + self.subject.at(position).1))
            }
            op::IN => position < self.end && self.program.set_has(pc + 2, self.subject.at(position).0),
            _ => true,
        }
    }

    /// Goes into the first alternative from the skip word at `pc` on that can begin here.
    fn branch(&mut self, mut pc: usize, position: usize) -> Result<Step, Stop> {
        loop {
            let skip = self.program.word(pc) as usize;
            if skip == 0 {
                return Ok(Step::Fail);
            }
            let next = pc + skip;
            if self.may_begin(pc + 1, position) {
                if self.program.word(next) != 0 {
                    self.push(Kind::Branch, next, position, 0, 0)?;
                }
                return Ok(Step::Go(pc + 1, position));
            }
            pc = next;
        }
    }

    fn repeat_one(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        let (least, most) = (self.program.word(pc + 2), self.program.word(pc + 3));
        let (at, count) = self.run_of(pc + 4, position, most)?;
        if count < least {
            return Ok(Step::Fail);
        }
        let mut floor = position;
        if S::BYTES {
            floor += least as usize;
        } else {
            for _ in 0..least {
                floor += self.subject.at(floor).1;
            }
        }
        self.give_back(pc, at, floor)
    }

    /// Goes on behind the repeat at `pc` from the last position down to `floor` where that can begin.
    fn give_back(&mut self, pc: usize, at: usize, floor: usize) -> Result<Step, Stop> {
        let tail = pc + 1 + self.program.word(pc + 1) as usize;
        let Some(at) = self.last_beginning(tail, at, floor)? else { return Ok(Step::Fail) };
        if at > floor {
            self.push(Kind::Greedy, pc, at, 0, floor)?;
        }
        Ok(Step::Go(tail, at))
    }

    /// The last position from `floor` to `at` where the code at `tail` can begin, as far as its first instruction tells.
    fn last_beginning(&mut self, mut tail: usize, mut at: usize, floor: usize) -> Result<Option<usize>, Stop> {
        let program = self.program;
        while program.word(tail) == op::MARK {
            tail += 2;
        }
        match program.word(tail) {
            op::LITERAL => {
                // The first byte of a character is in no other place of a text.
                let mut encoded = [0; 4];
                let literal = program.word(tail + 1);
                let first = match u8::try_from(literal) {
                    Ok(byte) if S::BYTES || byte < 128 => byte,
                    _ if S::BYTES => return Ok(None),
                    _ => match char::from_u32(literal) {
                        Some(character) => character.encode_utf8(&mut encoded).as_bytes()[0],
                        // A surrogate.
                        None => 0xed,
                    },
                };
                loop {
                    let area = self.subject.bytes().get(floor..self.end.min(at + 1)).unwrap_or(&[]);
                    let Some(found) = memchr::memrchr(first, area) else { return Ok(None) };
                    self.fuel = self.fuel.saturating_sub(((area.len() - found) / 16) as u32).max(1);
                    let position = floor + found;
                    if S::BYTES || self.subject.at(position).0 == literal {
                        return Ok(Some(position));
                    }
                    if position == floor {
                        return Ok(None);
                    }
                    at = position - 1;
                }
            }
            op::IN => loop {
                if at < self.end && program.set_has(tail + 2, self.subject.at(at).0) {
                    return Ok(Some(at));
                }
                if at <= floor {
                    return Ok(None);
                }
                at -= self.subject.before(at).1;
                self.burn()?;
            },
            _ => Ok(Some(at)),
        }
    }

    fn min_repeat_one(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        let (least, most) = (self.program.word(pc + 2), self.program.word(pc + 3));
        let (at, count) = if least == 0 { (position, 0) } else { self.run_of(pc + 4, position, least)? };
        if count < least {
            return Ok(Step::Fail);
        }
        if most > count {
            self.push(Kind::Lazy, pc, at, count, 0)?;
        }
        Ok(Step::Go(pc + 1 + self.program.word(pc + 1) as usize, at))
    }

    // ---- repeated groups

    fn new_frame(&mut self, frame: Frame) -> Result<(), Stop> {
        if self.frames.len() == self.frames.capacity() && self.frames.try_reserve(64).is_err() {
            return Err(Stop::Memory);
        }
        self.frame = self.frames.len() as u32;
        self.frames.push(frame);
        Ok(())
    }

    fn repeat(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        // The repeat's end decides whether there is a first round.
        let until = pc + 1 + self.program.word(pc + 1) as usize;
        self.new_frame(Frame { outer: self.frame, pc: pc as u32, count: UNLIMITED, last: NONE })?;
        Ok(Step::Go(until, position))
    }

    /// The innermost repetition: its frame, and how many rounds are done.
    fn current(&self) -> Option<(Frame, u32)> {
        let frame = *self.frames.get(self.frame as usize)?;
        Some((frame, frame.count.wrapping_add(1)))
    }

    fn round(&mut self, frame: Frame, count: u32, last: usize, position: usize) -> Result<Step, Stop> {
        self.new_frame(Frame { count, last, ..frame })?;
        Ok(Step::Go(frame.pc as usize + 4, position))
    }

    fn max_until(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        let Some((frame, count)) = self.current() else { return Ok(Step::Fail) };
        let (least, most) = (self.program.word(frame.pc as usize + 2), self.program.word(frame.pc as usize + 3));
        if count < least {
            return self.round(frame, count, frame.last, position);
        }
        if (count < most || most == UNLIMITED) && position != frame.last {
            self.push(Kind::Leave, pc, position, 0, 0)?;
            return self.round(frame, count, position, position);
        }
        self.frame = frame.outer;
        Ok(Step::Go(pc + 1, position))
    }

    fn min_until(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        let Some((frame, count)) = self.current() else { return Ok(Step::Fail) };
        let (least, most) = (self.program.word(frame.pc as usize + 2), self.program.word(frame.pc as usize + 3));
        if count < least {
            return self.round(frame, count, frame.last, position);
        }
        if (count < most || most == UNLIMITED) && position != frame.last {
            self.push(Kind::Again, pc, position, count, 0)?;
        }
        self.frame = frame.outer;
        Ok(Step::Go(pc + 1, position))
    }

    // ---- barriers

    fn raise_barrier(&mut self, pc: usize, position: usize, count: u32) -> Result<(), Stop> {
        self.push(Kind::Barrier, pc, position, count, self.barrier)?;
        self.barrier = self.choices.len() - 1;
        Ok(())
    }

    fn look(&mut self, pc: usize, position: usize) -> Result<Step, Stop> {
        let mut at = position;
        for _ in 0..self.program.word(pc + 2) {
            if at == 0 {
                let negative = self.program.word(pc) == op::ASSERT_NOT;
                let next = pc + 1 + self.program.word(pc + 1) as usize;
                return Ok(if negative { Step::Go(next, position) } else { Step::Fail });
            }
            at -= self.subject.before(at).1;
        }
        self.raise_barrier(pc, position, 0)?;
        Ok(Step::Go(pc + 3, at))
    }

    /// The end of the pattern, or of what is behind the innermost barrier.
    fn success(&mut self, _pc: usize, position: usize) -> Result<Step, Stop> {
        if self.barrier == NONE {
            let wrong =
                (self.mode == Mode::Full && position != self.end) || (self.must_advance && position == self.start);
            return Ok(if wrong { Step::Fail } else { Step::Done(position) });
        }
        let Some(&choice) = self.choices.get(self.barrier) else { return Ok(Step::Fail) };
        self.choices.truncate(self.barrier);
        self.barrier = choice.aside;
        self.frame = choice.frame;
        let pc = choice.pc as usize;
        let next = pc + 1 + self.program.word(pc + 1) as usize;
        Ok(match self.program.word(pc) {
            op::ASSERT => Step::Go(next, choice.position),
            op::ASSERT_NOT => {
                self.undo_marks(choice.trail);
                Step::Fail
            }
            op::POSSESSIVE_REPEAT => {
                let (least, most) = (self.program.word(pc + 2), self.program.word(pc + 3));
                let count = choice.count.saturating_add(1);
                let more = count < least || ((count < most || most == UNLIMITED) && position != choice.position);
                if most == 0 || !more {
                    return Ok(Step::Go(next + 1, position));
                }
                self.raise_barrier(pc, position, count)?;
                Step::Go(pc + 4, position)
            }
            _ => Step::Go(next, position),
        })
    }

    // ---- going back

    /// Takes up the newest choice: where to go on; `None` if there is none.
    fn backtrack(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        loop {
            let Some(choice) = self.choices.pop() else { return Ok(None) };
            self.undo_marks(choice.trail);
            self.frames.truncate(choice.frames);
            self.frame = choice.frame;
            if let Step::Go(pc, position) = self.resume(choice)? {
                return Ok(Some((pc, position)));
            }
        }
    }

    fn resume(&mut self, choice: Choice) -> Result<Step, Stop> {
        self.burn()?;
        let (pc, position) = (choice.pc as usize, choice.position);
        match choice.kind {
            Kind::Branch => self.branch(pc, position),
            Kind::Greedy => self.give_back(pc, position - self.subject.before(position).1, choice.aside),
            Kind::Lazy => {
                let (at, count) = self.run_of(pc + 4, position, 1)?;
                if count == 0 {
                    return Ok(Step::Fail);
                }
                let (count, most) = (choice.count.saturating_add(1), self.program.word(pc + 3));
                if count < most {
                    self.push(Kind::Lazy, pc, at, count, 0)?;
                }
                Ok(Step::Go(pc + 1 + self.program.word(pc + 1) as usize, at))
            }
            Kind::Leave => {
                if let Some((frame, _)) = self.current() {
                    self.frame = frame.outer;
                }
                Ok(Step::Go(pc + 1, position))
            }
            Kind::Again => match self.current() {
                Some((frame, _)) => self.round(frame, choice.count, position, position),
                None => Ok(Step::Fail),
            },
            Kind::Barrier => {
                self.barrier = choice.aside;
                let next = pc + 1 + self.program.word(pc + 1) as usize;
                Ok(match self.program.word(pc) {
                    op::ASSERT_NOT => Step::Go(next, position),
                    op::POSSESSIVE_REPEAT if choice.count >= self.program.word(pc + 2) => Step::Go(next + 1, position),
                    _ => Step::Fail,
                })
            }
        }
    }
}
