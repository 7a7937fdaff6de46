//! The instruction buffer of one code object: labels, jumps, positions, handler regions, and what is surely bound.
//!
//! Registers are *virtual* here: named ones count from 0 in order of discovery, temporaries from [`TEMPORARY`].
//! [`super::assemble`] gives them their final numbers.
//!
//! Definite assignment runs along with emission. The buffer holds the set of variables bound at the current point; a
//! forward jump intersects it into its label; placing a label joins. After an instruction that never goes on, the point
//! is unreachable: nothing is emitted until a label with a jump to it is placed, so dead code never exists.
//!
//! Invariant: each instruction has at most one handler, the innermost; regions need not be nested as intervals.

use ruff_text_size::{TextRange, TextSize};

use crate::bytecode::{Instruction, Op, Opcode};

/// A register's virtual number.
pub(super) type Register = u16;

/// The first virtual number of a temporary.
pub(super) const TEMPORARY: Register = 0x8000;

/// A place that jumps can name before it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(pub u32);

/// A handler that a region of instructions can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HandlerId(pub u32);

impl HandlerId {
    /// No handler in this code object.
    pub(super) const NONE: HandlerId = HandlerId(u32::MAX);
}

/// The range of an instruction without position.
pub(super) fn nowhere() -> TextRange {
    TextRange::empty(TextSize::new(u32::MAX))
}

/// A set of variables by virtual register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BoundSet(Vec<u64>);

impl BoundSet {
    pub(super) fn insert(&mut self, register: Register) {
        let word = register as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (register % 64);
    }

    pub(super) fn remove(&mut self, register: Register) {
        if let Some(word) = self.0.get_mut(register as usize / 64) {
            *word &= !(1 << (register % 64));
        }
    }

    pub(super) fn contains(&self, register: Register) -> bool {
        self.0.get(register as usize / 64).is_some_and(|word| word >> (register % 64) & 1 == 1)
    }

    pub(super) fn intersect(&mut self, other: &BoundSet) {
        self.0.truncate(other.0.len());
        for (word, also) in self.0.iter_mut().zip(&other.0) {
            *word &= also;
        }
    }
}

/// An instruction that is not placed yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft {
    /// The word, with virtual registers and an empty jump operand.
    pub(super) word: Instruction,
    /// Where it jumps.
    pub(super) target: Option<Label>,
    /// Who handles its exceptions.
    pub(super) handler: HandlerId,
    /// Its source range.
    pub(super) range: TextRange,
}

#[derive(Default)]
pub(super) struct LabelState {
    /// Index of the instruction it stands before.
    pub(super) position: Option<u32>,
    bound: Option<BoundSet>,
}

pub(super) struct Handler {
    /// Its first instruction.
    pub(super) label: Label,
    /// The register that receives the exception.
    pub(super) register: Register,
    /// Whether an instruction that may raise is in its region; if none is, it has no code.
    pub(super) used: bool,
}

/// The buffer.
pub(super) struct Emitter {
    pub(super) drafts: Vec<Draft>,
    pub(super) labels: Vec<LabelState>,
    pub(super) handlers: Vec<Handler>,
    /// The handler of the instructions being emitted.
    pub(super) handler: HandlerId,
    bound: BoundSet,
    reachable: bool,
}

impl Emitter {
    pub(super) fn new() -> Emitter {
        Emitter {
            drafts: Vec::new(),
            labels: Vec::new(),
            handlers: Vec::new(),
            handler: HandlerId::NONE,
            bound: BoundSet::default(),
            reachable: true,
        }
    }

    /// Whether control can come to the current point.
    pub(super) fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// Adds an instruction.
    pub(super) fn emit(&mut self, op: Op, range: TextRange) {
        self.push(op, None, range);
    }

    /// Adds a forward jump to a label.
    pub(super) fn jump(&mut self, op: Op, label: Label, range: TextRange) {
        if !self.reachable {
            return;
        }
        match &mut self.labels[label.0 as usize].bound {
            Some(bound) => bound.intersect(&self.bound),
            empty => *empty = Some(self.bound.clone()),
        }
        self.push(op, Some(label), range);
    }

    /// Adds a jump to a loop's head.
    pub(super) fn jump_back(&mut self, label: Label, range: TextRange) {
        self.push(Op::JumpBack { target: 0 }, Some(label), range);
    }

    fn push(&mut self, op: Op, target: Option<Label>, range: TextRange) {
        if !self.reachable {
            return;
        }
        if let Some(handler) = self.handlers.get_mut(self.handler.0 as usize) {
            handler.used |= !matches!(op.opcode(), Opcode::Nop | Opcode::Jump);
        }
        self.drafts.push(Draft { word: op.encode(), target, handler: self.handler, range });
        self.reachable = !op.opcode().is_terminal();
    }

    /// A new label, not placed.
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(LabelState::default());
        Label(self.labels.len() as u32 - 1)
    }

    /// Puts a label here and joins what the jumps to it know.
    pub(super) fn place(&mut self, label: Label) {
        let state = &mut self.labels[label.0 as usize];
        state.position = Some(self.drafts.len() as u32);
        if let Some(bound) = state.bound.take() {
            if self.reachable {
                self.bound.intersect(&bound);
            } else {
                self.bound = bound;
                self.reachable = true;
            }
        }
    }

    /// Puts a loop's head here. `unbound` are the variables that the loop's body may unbind.
    pub(super) fn place_loop(&mut self, label: Label, unbound: &[Register]) {
        self.labels[label.0 as usize].position = Some(self.drafts.len() as u32);
        self.unbind_all(unbound);
    }

    /// A new handler; [`Emitter::place_handler`] says where it is.
    pub(super) fn new_handler(&mut self, register: Register) -> HandlerId {
        let label = self.label();
        self.handlers.push(Handler { label, register, used: false });
        HandlerId(self.handlers.len() as u32 - 1)
    }

    /// Puts a handler here; control comes only from exceptions. `entry` is what is bound whenever one is raised.
    pub(super) fn place_handler(&mut self, handler: HandlerId, entry: BoundSet) {
        debug_assert!(!self.reachable, "control falls into a handler");
        let handler = &self.handlers[handler.0 as usize];
        self.labels[handler.label.0 as usize].position = Some(self.drafts.len() as u32);
        self.reachable = handler.used;
        self.bound = entry;
    }

    /// Replaces the current handler, giving back the former.
    pub(super) fn set_handler(&mut self, handler: HandlerId) -> HandlerId {
        std::mem::replace(&mut self.handler, handler)
    }

    /// What is bound at the current point.
    pub(super) fn bound(&self) -> &BoundSet {
        &self.bound
    }

    /// Whether a variable is surely bound here.
    pub(super) fn is_bound(&self, register: Register) -> bool {
        !self.reachable || self.bound.contains(register)
    }

    /// The variable is bound from here on.
    pub(super) fn bind(&mut self, register: Register) {
        if self.reachable {
            self.bound.insert(register);
        }
    }

    /// The variable may be unbound from here on.
    pub(super) fn unbind(&mut self, register: Register) {
        self.bound.remove(register);
    }

    /// Several variables may be unbound from here on.
    pub(super) fn unbind_all(&mut self, registers: &[Register]) {
        registers.iter().for_each(|&register| self.unbind(register));
    }
}
