//! Which temporaries hold something that will still be read: what the collector may forget in a frame.
//!
//! Named registers are not tracked: a variable lives until it is rebound, deleted or its frame ends. The analysis runs
//! backwards over the instructions until nothing changes, exception edges included. Its result is one set before each
//! instruction and one during it; equal sets are stored once.

use std::collections::HashMap;

use super::code::Code;

/// The live temporaries of a code object at each instruction.
#[derive(Debug, Clone)]
pub struct Liveness {
    /// Number of the first temporary register.
    first: u32,
    /// Words of one set.
    width: usize,
    /// The distinct sets, one after the other.
    sets: Box<[u64]>,
    /// Per instruction: the set before it and the set during it.
    at: Box<[[u32; 2]]>,
}

impl Liveness {
    /// Analyses a verified code object.
    pub fn compute(code: &Code) -> Liveness {
        let mut analysis = Analysis::new(code);
        while analysis.pass() {}
        analysis.finish()
    }

    /// Whether a register's value is needed by the instruction or after it. Named registers always are.
    pub fn live_before(&self, pc: usize, register: u32) -> bool {
        self.contains(self.at.get(pc).map(|sets| sets[0]), register)
    }

    /// Whether a register's value is needed once the instruction has read its operands: while it runs (a call), and
    /// after it, whether it ends normally or raises. What it writes itself is not counted. Named registers always are
    /// needed.
    pub fn live_after(&self, pc: usize, register: u32) -> bool {
        self.contains(self.at.get(pc).map(|sets| sets[1]), register)
    }

    /// The temporaries of [`Liveness::live_before`], ascending.
    pub fn iter_before(&self, pc: usize) -> impl Iterator<Item = u32> + '_ {
        self.registers(self.at.get(pc).map(|sets| sets[0]))
    }

    /// The temporaries of [`Liveness::live_after`], ascending.
    pub fn iter_after(&self, pc: usize) -> impl Iterator<Item = u32> + '_ {
        self.registers(self.at.get(pc).map(|sets| sets[1]))
    }

    fn set(&self, index: Option<u32>) -> &[u64] {
        match index {
            Some(index) => &self.sets[index as usize * self.width..][..self.width],
            None => &[],
        }
    }

    fn contains(&self, index: Option<u32>, register: u32) -> bool {
        match register.checked_sub(self.first) {
            None => true,
            Some(bit) => {
                let word = self.set(index).get(bit as usize / 64);
                word.is_some_and(|word| word >> (bit % 64) & 1 == 1)
            }
        }
    }

    fn registers(&self, index: Option<u32>) -> impl Iterator<Item = u32> + '_ {
        let first = self.first;
        self.set(index).iter().enumerate().flat_map(move |(at, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                rest &= rest.checked_sub(1)?;
                Some(first + at as u32 * 64 + bit)
            })
        })
    }
}

/// The sets while they grow.
struct Analysis<'a> {
    code: &'a Code,
    first: u32,
    width: usize,
    before: Vec<u64>,
    during: Vec<u64>,
}

impl<'a> Analysis<'a> {
    fn new(code: &'a Code) -> Analysis<'a> {
        let first = code.locals.len() as u32;
        let width = (code.register_count.saturating_sub(first) as usize).div_ceil(64);
        let size = width * code.instructions.len();
        Analysis { code, first, width, before: vec![0; size], during: vec![0; size] }
    }

    fn row(&self, pc: usize) -> std::ops::Range<usize> {
        pc * self.width..(pc + 1) * self.width
    }

    /// Goes over all instructions from the last to the first; whether anything changed.
    fn pass(&mut self) -> bool {
        let mut changed = false;
        let mut row = vec![0; self.width];
        for pc in (0..self.code.instructions.len()).rev() {
            self.during_row(pc, &mut row);
            let range = self.row(pc);
            self.during[range.clone()].copy_from_slice(&row);
            for register in self.code.instructions[pc].effects().reads.registers() {
                self.set_bit(&mut row, register, true);
            }
            if self.before[range.clone()] != row {
                self.before[range].copy_from_slice(&row);
                changed = true;
            }
        }
        changed
    }

    /// What is needed once the instruction has read its operands.
    fn during_row(&self, pc: usize, row: &mut [u64]) {
        row.fill(0);
        let instruction = self.code.instructions[pc];
        let terminal = instruction.opcode().is_none_or(|opcode| opcode.is_terminal());
        if !terminal {
            self.add(row, pc + 1);
        }
        if let Some(distance) = instruction.jump_distance() {
            self.add(row, (pc as i64 + 1 + i64::from(distance)) as usize);
        }
        for register in instruction.effects().writes.registers() {
            self.set_bit(row, register, false);
        }
        if let Some(entry) = self.code.handler(pc as u32) {
            let mut handler = vec![0; self.width];
            self.add(&mut handler, entry.handler as usize);
            self.set_bit(&mut handler, u32::from(entry.register), false);
            row.iter_mut().zip(handler).for_each(|(word, more)| *word |= more);
        }
    }

    fn add(&self, row: &mut [u64], pc: usize) {
        if pc < self.code.instructions.len() {
            row.iter_mut().zip(&self.before[self.row(pc)]).for_each(|(word, more)| *word |= more);
        }
    }

    fn set_bit(&self, row: &mut [u64], register: u32, value: bool) {
        let Some(bit) = register.checked_sub(self.first) else {
            return;
        };
        if let Some(word) = row.get_mut(bit as usize / 64) {
            *word = *word & !(1 << (bit % 64)) | u64::from(value) << (bit % 64);
        }
    }

    fn finish(self) -> Liveness {
        let mut numbers: HashMap<&[u64], u32> = HashMap::new();
        let mut sets = Vec::new();
        let mut at = Vec::with_capacity(self.code.instructions.len());
        for pc in 0..self.code.instructions.len() {
            at.push([&self.before, &self.during].map(|rows| {
                let row = &rows[self.row(pc)];
                let next = numbers.len() as u32;
                *numbers.entry(row).or_insert_with(|| {
                    sets.extend_from_slice(row);
                    next
                })
            }));
        }
        Liveness { first: self.first, width: self.width, sets: sets.into(), at: at.into() }
    }
}
