//! Which registers an instruction reads, writes and destroys: liveness and the verifier are derived from this.
//!
//! Single registers come from the operand kinds of the table; the ranges that `Base` operands stand for, and the few
//! operands that a selector switches off, are listed here and nowhere else.

use super::instruction::{Instruction, Op, Opcode};
use super::ops::OperandKind;

/// A run of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterRange {
    /// The first one.
    pub first: u32,
    /// How many.
    pub count: u32,
}

impl RegisterRange {
    /// The registers' numbers.
    pub fn iter(self) -> std::ops::Range<u32> {
        self.first..self.first + self.count
    }
}

/// At most a handful of ranges.
#[derive(Clone, Copy, Debug)]
pub struct RangeList {
    ranges: [RegisterRange; 4],
    length: u8,
}

impl RangeList {
    const EMPTY: RangeList = RangeList { ranges: [RegisterRange { first: 0, count: 0 }; 4], length: 0 };

    fn push(&mut self, first: u16, count: u32) {
        if count > 0 {
            self.ranges[self.length as usize] = RegisterRange { first: u32::from(first), count };
            self.length += 1;
        }
    }

    /// The ranges.
    pub fn as_slice(&self) -> &[RegisterRange] {
        &self.ranges[..self.length as usize]
    }

    /// Every register in them.
    pub fn registers(&self) -> impl Iterator<Item = u32> + '_ {
        self.as_slice().iter().flat_map(|range| range.iter())
    }
}

/// What an instruction does to the registers of its frame.
#[derive(Clone, Copy, Debug)]
pub struct Effects {
    /// Registers whose values it uses (unbound is a value here).
    pub reads: RangeList,
    /// Registers that hold its results afterwards (when it did not raise).
    pub writes: RangeList,
    /// A call: every register from here upwards holds nothing afterwards, but for `writes`. They are also lost when
    /// it raises.
    pub destroys_from: Option<u32>,
}

impl Instruction {
    /// The instruction's effects. An opcode that is not in the table has none.
    pub fn effects(self) -> Effects {
        let mut effects = Effects { reads: RangeList::EMPTY, writes: RangeList::EMPTY, destroys_from: None };
        let Some(opcode) = self.opcode() else {
            return effects;
        };
        for operand in opcode.operands() {
            let register = self.operand(operand) as u16;
            match operand.kind {
                OperandKind::Dst => effects.writes.push(register, 1),
                OperandKind::Src if self.uses(opcode, operand.name) => effects.reads.push(register, 1),
                OperandKind::SrcDst => {
                    effects.reads.push(register, 1);
                    effects.writes.push(register, 1);
                }
                _ => {}
            }
        }
        self.register_ranges(&mut effects);
        effects
    }

    /// Whether a `Src` operand counts, given the selector.
    fn uses(self, opcode: Opcode, operand: &str) -> bool {
        match (opcode, operand) {
            (Opcode::Raise, "exception") => self.n() >= 1,
            (Opcode::Raise, "cause") => self.n() >= 2,
            (Opcode::Yield, "delegate") => self.n() == 1,
            _ => true,
        }
    }

    /// The ranges that `Base` operands stand for.
    fn register_ranges(self, effects: &mut Effects) {
        let Some(op) = Op::decode(self) else { return };
        let Effects { reads, writes, destroys_from } = effects;
        match op {
            Op::CopyFree { base, count } => writes.push(base, u32::from(count)),
            Op::LoadMethod { base, .. } | Op::LoadSpecial { base, .. } => writes.push(base, 2),
            Op::LoadSuperAttr { base, .. } => reads.push(base, 3),
            Op::LoadSuperMethod { base, .. } => {
                reads.push(base, 3);
                writes.push(base, 2);
            }
            Op::LoadSlice { bounds, .. } | Op::StoreSlice { bounds, .. } => reads.push(bounds, 2),
            Op::BuildSlice { n, base, .. } => reads.push(base, u32::from(n)),
            Op::UnpackSequence { base, count, .. } => writes.push(base, u32::from(count)),
            Op::UnpackExtended { n, base, before, .. } => writes.push(base, u32::from(before) + 1 + u32::from(n)),
            Op::Call { n, base, argc, .. } => {
                call_window(reads, n, base, u32::from(argc));
                *destroys_from = Some(u32::from(base));
            }
            Op::CallKeywords { n, base, argc, .. } => {
                call_window(reads, n, base, u32::from(argc));
                writes.push(base, 1);
                *destroys_from = Some(u32::from(base));
            }
            Op::CallUnpack { base, .. } => {
                reads.push(base, 1);
                reads.push(base.saturating_add(2), 2);
                *destroys_from = Some(u32::from(base));
            }
            Op::BuildTuple { base, count, .. }
            | Op::BuildList { base, count, .. }
            | Op::BuildSet { base, count, .. }
            | Op::BuildString { base, count, .. }
            | Op::BuildTemplate { base, count, .. } => reads.push(base, u32::from(count)),
            Op::BuildMap { base, count, .. } => reads.push(base, 2 * u32::from(count)),
            Op::BuildInterpolation { base, .. }
            | Op::MakeTypeParameter { base, .. }
            | Op::MakeTypeAlias { base, .. }
            | Op::MatchClass { base, .. } => reads.push(base, 3),
            Op::MakeFunction { n, base, .. } => {
                for bit in (0..4).filter(|bit| n >> bit & 1 == 1) {
                    reads.push(base.saturating_add(bit), 1);
                }
            }
            Op::ImportName { base, .. } | Op::WithExcept { base, .. } => reads.push(base, 2),
            Op::MatchGroup { base } => {
                reads.push(base, 2);
                writes.push(base, 2);
            }
            _ => {}
        }
    }
}

/// What a call reads: the callable, the receiver of a method call, the arguments.
fn call_window(reads: &mut RangeList, n: u8, base: u16, argc: u32) {
    if n == 1 {
        reads.push(base, 2 + argc);
    } else {
        reads.push(base, 1);
        reads.push(base.saturating_add(2), argc);
    }
}
