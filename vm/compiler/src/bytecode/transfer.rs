//! Whether a debugger may make a frame go on at another instruction.
//!
//! It may if the temporaries that are read from there on hold, at the present instruction, what they hold there on the
//! program's own paths: of the same kind, not the same value (but for
//! values of no kind: those must come from the same instruction). Leaving handlers is possible; what they saved is to be put back.

use super::code::Code;
use super::instruction::{Instruction, Opcode};
use super::liveness::Liveness;

/// What a register holds, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing that may be read.
    Nothing,
    /// A value that this instruction wrote; [`ANY`] for several.
    Value(u32),
    /// What `with` calls at its end.
    Exit,
    List,
    Set,
    Map,
    Cell,
    /// What a loop goes over.
    Iterator,
    /// A caught exception.
    Caught,
    /// The exception that was being handled before.
    Handled,
}

/// Several instructions.
const ANY: u32 = u32::MAX;

impl Kind {
    fn join(self, other: Kind) -> Kind {
        match (self, other) {
            (a, b) if a == b => a,
            (Kind::Nothing | Kind::Cell, _) | (_, Kind::Nothing | Kind::Cell) => Kind::Nothing,
            _ => Kind::Value(ANY),
        }
    }

    /// What an instruction writes.
    fn written(word: Instruction, pc: usize) -> Kind {
        match word.opcode() {
            Some(Opcode::BuildList) => Kind::List,
            Some(Opcode::BuildSet) => Kind::Set,
            Some(Opcode::BuildMap) => Kind::Map,
            Some(Opcode::MakeCell | Opcode::CopyFree) => Kind::Cell,
            Some(Opcode::GetIter | Opcode::GetAsyncIter) => Kind::Iterator,
            Some(Opcode::PushHandled) => Kind::Handled,
            Some(Opcode::LoadSpecial) => Kind::Exit,
            _ => Kind::Value(pc as u32),
        }
    }
}

/// Why control cannot be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// No path leads to where the frame is.
    FromUnreachable,
    /// No path leads to the target.
    ToUnreachable,
    /// The target is in a loop that was not begun.
    Loop,
    /// The target is in a handler.
    Handler,
    /// Some value is missing there.
    Values,
}

/// What moving control takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The registers of saved exceptions, in the order in which to put them back.
    pub handled: Vec<u16>,
    /// How many temporaries live at the target.
    pub depth: usize,
}

/// What registers hold before each instruction that can be reached.
pub struct Transfers<'a> {
    code: &'a Code,
    liveness: &'a Liveness,
    states: Vec<Option<Box<[Kind]>>>,
}

impl<'a> Transfers<'a> {
    /// Analyses the code, which is verified.
    pub fn new(code: &'a Code, liveness: &'a Liveness) -> Transfers<'a> {
        let mut transfers = Transfers { code, liveness, states: vec![None; code.instructions.len()] };
        let entry = (0..code.register_count as usize).map(|register| match code.locals.get(register) {
            Some(local) if local.is_parameter || !(local.is_cell || local.is_free) => Kind::Value(ANY),
            _ => Kind::Nothing,
        });
        let mut pending = vec![0];
        transfers.states[0] = Some(entry.collect());
        while let Some(pc) = pending.pop() {
            transfers.step(pc, &mut pending);
        }
        transfers
    }

    fn step(&mut self, pc: usize, pending: &mut Vec<usize>) {
        let (word, Some(mut state)) = (self.code.instructions[pc], self.states[pc].clone()) else { return };
        let Some(opcode) = word.opcode() else { return };
        let destroyed = word.effects().destroys_from.map_or(state.len(), |base| base as usize);
        if let Some(entry) = self.code.handler(pc as u32).copied() {
            let mut raised = state.clone();
            raised[destroyed..].fill(Kind::Nothing);
            raised[entry.register as usize] = Kind::Caught;
            self.join(entry.handler as usize, &raised, pending);
        }
        state[destroyed..].fill(Kind::Nothing);
        self.write(word, pc, &mut state);
        if let Some(distance) = word.jump_distance() {
            self.join((pc as i64 + 1 + i64::from(distance)) as usize, &state, pending);
        }
        if !opcode.is_terminal() {
            self.join(pc + 1, &state, pending);
        }
    }

    fn write(&self, word: Instruction, pc: usize, state: &mut [Kind]) {
        let kind = Kind::written(word, pc);
        for register in word.effects().writes.registers() {
            let local = self.code.locals.get(register as usize);
            let is_cell = local.is_some_and(|local| local.is_cell || local.is_free);
            state[register as usize] = match kind {
                Kind::Cell => Kind::Cell,
                _ if is_cell => Kind::Nothing,
                _ if local.is_some() => Kind::Value(ANY),
                kind => kind,
            };
        }
    }

    fn join(&mut self, pc: usize, state: &[Kind], pending: &mut Vec<usize>) {
        match &mut self.states[pc] {
            Some(known) => {
                let before = known.clone();
                known.iter_mut().zip(state).for_each(|(known, new)| *known = known.join(*new));
                if *known != before {
                    pending.push(pc);
                }
            }
            empty => {
                *empty = Some(state.into());
                pending.push(pc);
            }
        }
    }

    /// The temporaries that live where a frame at the instruction is stopped.
    fn live(&self, pc: usize) -> Vec<u32> {
        match self.code.instructions[pc].opcode() {
            Some(Opcode::Yield) => self.liveness.iter_after(pc).collect(),
            _ => self.liveness.iter_before(pc).collect(),
        }
    }

    /// Whether a frame at `from` may go on at `to`.
    pub fn check(&self, from: usize, to: usize) -> Result<Move, Obstacle> {
        let held = self.states[from].as_ref().ok_or(Obstacle::FromUnreachable)?;
        let wanted = self.states[to].as_ref().ok_or(Obstacle::ToUnreachable)?;
        let (here, there) = (self.live(from), self.liveness.iter_before(to).collect::<Vec<_>>());
        let fits = |register: &u32| {
            let at = *register as usize;
            here.contains(register) && held[at] == wanted[at] && !matches!(held[at], Kind::Nothing | Kind::Value(ANY))
        };
        if let Some(&register) = there.iter().filter(|register| !fits(register)).max() {
            return Err(match wanted[register as usize] {
                Kind::Iterator => Obstacle::Loop,
                Kind::Caught | Kind::Handled => Obstacle::Handler,
                _ => Obstacle::Values,
            });
        }
        let cells = (0..self.code.locals.len()).filter(|&at| wanted[at] == Kind::Cell || held[at] == Kind::Cell);
        if cells.clone().any(|at| held[at] != wanted[at]) {
            return Err(Obstacle::Values);
        }
        let left =
            here.iter().filter(|register| held[**register as usize] == Kind::Handled && !there.contains(register));
        let mut handled: Vec<u16> = left.map(|&register| register as u16).collect();
        handled.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Move { handled, depth: there.len() })
    }
}
