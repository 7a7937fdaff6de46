//! Checks everything that the interpreter relies on and does not check itself.
//!
//! Bytecode from outside is verified before it runs; debug builds verify what the compiler makes. First each
//! instruction by itself (operands in range, constants of the right kind, jumps to instructions), then what registers
//! hold along all paths, exceptions included: a temporary is written before it is read, a container that an
//! instruction adds to was made by the code itself, a cell operand is a cell.
//!
//! What remains for the interpreter to check: the closure a function is made with has as many cells as its code has
//! free variables, all of them cells; strings, tuples and functions' parts in temporaries; values loaded from outside
//! the frame.

use super::code::{Code, CodeFlags, Constant};
use super::instruction::{Instruction, Op, Opcode};
use super::ops::OperandKind;
use super::selectors::{CommonValue, Singleton, SpecialMethod, TypeParameterKind};

/// Why code was refused: an instruction's index and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyError {
    /// The instruction.
    pub pc: usize,
    /// What is wrong.
    pub message: &'static str,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "invalid bytecode at instruction {}: {}", self.pc, self.message)
    }
}

type Check = Result<(), VerifyError>;

/// Verifies a code object, not those nested in it (which are verified when they are made).
pub fn verify(code: &Code) -> Check {
    frame(code)?;
    exception_table(code)?;
    for pc in 0..code.instructions.len() {
        instruction(code, pc)?;
    }
    prologue(code)?;
    Flow::new(code).run()
}

/// Verifies a code object and all nested in it.
pub fn verify_all(code: &Code) -> Check {
    let mut pending = vec![code];
    while let Some(code) = pending.pop() {
        verify(code)?;
        pending.extend(code.nested().map(|nested| &**nested));
    }
    Ok(())
}

fn require(condition: bool, pc: usize, message: &'static str) -> Check {
    if condition { Ok(()) } else { Err(VerifyError { pc, message }) }
}

fn frame(code: &Code) -> Check {
    let count = code.instructions.len();
    require(count > 0 && count <= i32::MAX as usize, 0, "no instructions, or too many")?;
    let last = code.instructions[count - 1].opcode();
    require(last.is_some_and(Opcode::is_terminal), count - 1, "control runs off the end")?;
    require(code.register_count <= 1 << 16, 0, "too many registers")?;
    require(code.locals.len() <= code.register_count as usize, 0, "named registers outside the frame")?;
    require(code.positions.len() == count, 0, "positions and instructions differ in number")?;
    let parameters = code.locals.iter().take_while(|local| local.is_parameter).count();
    require(parameters == code.parameter_register_count() as usize, 0, "parameter counts and registers differ")?;
    require(code.positional_only_count <= code.argument_count, 0, "more positional-only than positional parameters")?;
    let rest = &code.locals[parameters..];
    require(rest.iter().all(|local| !local.is_parameter), 0, "a parameter behind other variables")?;
    if code.flags.has(CodeFlags::HAS_DOCSTRING) {
        require(matches!(code.constants.first(), Some(Constant::Str(_))), 0, "the docstring is not a str")?;
    }
    Ok(())
}

fn exception_table(code: &Code) -> Check {
    let mut end = 0;
    for entry in &code.exception_table {
        require(entry.start >= end && entry.start < entry.end, 0, "exception table out of order")?;
        require(entry.end as usize <= code.instructions.len(), 0, "exception table beyond the code")?;
        require((entry.handler as usize) < code.instructions.len(), 0, "handler beyond the code")?;
        let register = u32::from(entry.register);
        let is_temporary = register >= code.locals.len() as u32 && register < code.register_count;
        require(is_temporary, 0, "the caught exception has no temporary")?;
        end = entry.end;
    }
    Ok(())
}

/// One instruction by itself.
fn instruction(code: &Code, pc: usize) -> Check {
    let word = code.instructions[pc];
    let Some(opcode) = word.opcode() else {
        return Err(VerifyError { pc, message: "unknown opcode" });
    };
    require(opcode != Opcode::Instrumented, pc, "an instruction that only the interpreter makes")?;
    for operand in opcode.operands() {
        let value = word.operand(operand);
        match operand.kind {
            OperandKind::Const | OperandKind::ConstWide => {
                require((value as usize) < code.constants.len(), pc, "no such constant")?;
            }
            OperandKind::Name => require((value as usize) < code.names.len(), pc, "no such name")?,
            OperandKind::Jump | OperandKind::JumpWide => jump(code, pc, word, opcode)?,
            _ => {}
        }
    }
    let effects = word.effects();
    for range in effects.reads.as_slice().iter().chain(effects.writes.as_slice()) {
        let end = u64::from(range.first) + u64::from(range.count);
        require(end <= u64::from(code.register_count), pc, "register outside the frame")?;
    }
    if let Some(base) = effects.destroys_from {
        require(base >= code.locals.len() as u32, pc, "a call window over variables")?;
        require(base + 2 <= code.register_count, pc, "a call window outside the frame")?;
    }
    selectors(code, pc, word)
}

fn jump(code: &Code, pc: usize, word: Instruction, opcode: Opcode) -> Check {
    let distance = i64::from(word.jump_distance().unwrap_or(0));
    let target = pc as i64 + 1 + distance;
    require(target >= 0 && target < code.instructions.len() as i64, pc, "jump outside the code")?;
    let backwards = distance < 0;
    require(backwards == (opcode == Opcode::JumpBack), pc, "only JumpBack goes backwards, and always does")
}

/// Selector operands, and constants that must be of a kind.
fn selectors(code: &Code, pc: usize, word: Instruction) -> Check {
    let Some(op) = Op::decode(word) else {
        return Ok(());
    };
    let known = match op {
        Op::LoadSingleton { n, .. } => Singleton::from_number(n).is_some(),
        Op::LoadCommon { n, .. } => CommonValue::from_number(n).is_some(),
        Op::LoadSpecial { n, .. } => SpecialMethod::from_number(n).is_some(),
        Op::MakeTypeParameter { n, .. } => TypeParameterKind::from_number(n).is_some(),
        Op::Raise { n, .. } | Op::GetAwaitable { n, .. } => n <= 2,
        Op::BuildSlice { n, .. } => n == 2 || n == 3,
        Op::FormatSimple { n, .. } | Op::FormatWithSpec { n, .. } | Op::BuildInterpolation { n, .. } => n <= 3,
        Op::MakeFunction { n, code: index, .. } => {
            let closed = n & 8 != 0;
            n < 16
                && match &code.constants[index as usize] {
                    Constant::Code(made) => closed || !has_free(made),
                    Constant::Nested(made) => closed || made.free_count == 0,
                    _ => false,
                }
        }
        Op::CallKeywords { n, argc, names, .. } => n <= 1 && keyword_names(&code.constants[names as usize], argc),
        Op::Call { n, .. } | Op::Is { n, .. } | Op::Contains { n, .. } | Op::Yield { n, .. } => n <= 1,
        _ => true,
    };
    require(known, pc, "operand without meaning")
}

fn has_free(code: &Code) -> bool {
    code.locals.iter().any(|local| local.is_free)
}

fn keyword_names(constant: &Constant, argc: u16) -> bool {
    match constant {
        Constant::Tuple(names) => {
            !names.is_empty()
                && names.len() <= usize::from(argc)
                && names.iter().all(|name| matches!(name, Constant::Str(_)))
        }
        _ => false,
    }
}

/// `CopyFree`, `MakeCell` of parameters, `MakeGenerator`, in this order and only at the start.
fn prologue(code: &Code) -> Check {
    let is_free = |local: &super::code::LocalVariable| local.is_free;
    let free = code.locals.iter().filter(|local| is_free(local)).count();
    let first_free = code.locals.iter().position(is_free);
    let mut generator = None;
    for (pc, word) in code.instructions.iter().enumerate() {
        match Op::decode(*word) {
            Some(Op::CopyFree { base, count }) => {
                let right = pc == 0 && Some(usize::from(base)) == first_free && usize::from(count) == free;
                require(right, pc, "free variables are copied once, first, and all")?;
            }
            Some(Op::MakeGenerator {}) => {
                let before = &code.instructions[..pc];
                let early = before
                    .iter()
                    .all(|word| matches!(word.opcode(), Some(Opcode::CopyFree | Opcode::MakeCell | Opcode::Nop)));
                require(early && generator.is_none(), pc, "a generator is made once, at the start")?;
                generator = Some(pc);
            }
            Some(Op::Yield { .. } | Op::Send { .. }) => {
                require(generator.is_some(), pc, "a yield outside a generator")?;
            }
            _ => {}
        }
    }
    let copies = matches!(code.instructions[0].opcode(), Some(Opcode::CopyFree));
    require(free == 0 || copies, 0, "free variables are not copied")?;
    require(generator.is_some() == code.flags.is_suspendable(), 0, "the flags and MakeGenerator disagree")
}

/// What a register holds, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// Nothing that may be read (a temporary), or nothing yet (a cell).
    Nothing,
    /// Some value, or unbound.
    Value,
    /// A list, set or dict that the code made.
    List,
    Set,
    Map,
    /// A cell.
    Cell,
}

impl Content {
    fn join(self, other: Content) -> Content {
        match (self, other) {
            (a, b) if a == b => a,
            (Content::Nothing, _) | (_, Content::Nothing) => Content::Nothing,
            (Content::Cell, _) | (_, Content::Cell) => Content::Nothing,
            _ => Content::Value,
        }
    }
}

/// The forward analysis of register contents.
struct Flow<'a> {
    code: &'a Code,
    /// The state before each instruction that several paths may come to.
    states: Vec<Option<Box<[Content]>>>,
    is_leader: Vec<bool>,
    pending: Vec<usize>,
}

impl<'a> Flow<'a> {
    fn new(code: &'a Code) -> Flow<'a> {
        let mut is_leader = vec![false; code.instructions.len()];
        is_leader[0] = true;
        for (pc, word) in code.instructions.iter().enumerate() {
            if let Some(distance) = word.jump_distance() {
                is_leader[(pc as i64 + 1 + i64::from(distance)) as usize] = true;
            }
        }
        code.exception_table.iter().for_each(|entry| is_leader[entry.handler as usize] = true);
        Flow { code, states: vec![None; code.instructions.len()], is_leader, pending: Vec::new() }
    }

    fn run(mut self) -> Check {
        let mut entry = vec![Content::Nothing; self.code.register_count as usize];
        for (content, local) in entry.iter_mut().zip(&self.code.locals) {
            if local.is_parameter || !(local.is_cell || local.is_free) {
                *content = Content::Value;
            }
        }
        self.states[0] = Some(entry.into());
        self.pending.push(0);
        while let Some(start) = self.pending.pop() {
            self.block(start)?;
        }
        Ok(())
    }

    /// Follows the code from a leader to the next one.
    fn block(&mut self, start: usize) -> Check {
        let Some(mut state) = self.states[start].clone() else {
            return Ok(());
        };
        let mut pc = start;
        loop {
            let word = self.code.instructions[pc];
            let Some(opcode) = word.opcode() else {
                return Ok(());
            };
            self.check(pc, word, &state)?;
            self.raise(pc, word, &state);
            self.apply(word, &mut state);
            if let Some(distance) = word.jump_distance() {
                self.join((pc as i64 + 1 + i64::from(distance)) as usize, &state);
            }
            if opcode.is_terminal() {
                return Ok(());
            }
            pc += 1;
            if self.is_leader[pc] {
                self.join(pc, &state);
                return Ok(());
            }
        }
    }

    fn check(&self, pc: usize, word: Instruction, state: &[Content]) -> Check {
        let is = |register: u16, content: Content| state[register as usize] == content;
        let fits = match Op::decode(word) {
            Some(Op::ListAppend { list, .. } | Op::ListExtend { list, .. }) => is(list, Content::List),
            Some(Op::SetAdd { .. }) => true,
            Some(Op::SetUpdate { set, .. }) => is(set, Content::Set),
            Some(Op::MapAdd { map, .. } | Op::MapUpdate { map, .. } | Op::MapMerge { map, .. }) => {
                is(map, Content::Map)
            }
            Some(
                Op::LoadDeref { cell, .. }
                | Op::StoreDeref { cell, .. }
                | Op::DeleteDeref { cell }
                | Op::LoadFromDictOrDeref { cell, .. },
            ) => is(cell, Content::Cell),
            Some(Op::MakeCell { reg }) => {
                let local = self.code.locals.get(reg as usize);
                local.is_some_and(|local| local.is_cell) && !is(reg, Content::Cell)
            }
            _ => true,
        };
        require(fits, pc, "an operand is not of the kind the instruction needs")?;
        let effects = word.effects();
        let named = self.code.locals.len() as u32;
        if word.opcode() != Some(Opcode::MakeCell) {
            for register in effects.reads.registers() {
                require(state[register as usize] != Content::Nothing, pc, "a register is read before it is written")?;
            }
        }
        let writes_cells = matches!(word.opcode(), Some(Opcode::MakeCell | Opcode::CopyFree | Opcode::Unbind));
        for register in effects.writes.registers().filter(|register| *register < named && !writes_cells) {
            let local = &self.code.locals[register as usize];
            require(!local.is_cell && !local.is_free, pc, "a cell's register is overwritten")?;
        }
        Ok(())
    }

    /// What the handler finds if the instruction raises.
    fn raise(&mut self, pc: usize, word: Instruction, state: &[Content]) {
        let Some(entry) = self.code.handler(pc as u32).copied() else {
            return;
        };
        let mut state: Box<[Content]> = state.into();
        if let Some(base) = word.effects().destroys_from {
            state[base as usize..].fill(Content::Nothing);
        }
        state[entry.register as usize] = Content::Value;
        self.join(entry.handler as usize, &state);
    }

    fn apply(&self, word: Instruction, state: &mut [Content]) {
        let effects = word.effects();
        if let Some(base) = effects.destroys_from {
            state[base as usize..].fill(Content::Nothing);
        }
        let content = match word.opcode() {
            Some(Opcode::BuildList) => Content::List,
            Some(Opcode::BuildSet) => Content::Set,
            Some(Opcode::BuildMap) => Content::Map,
            Some(Opcode::MakeCell | Opcode::CopyFree) => Content::Cell,
            _ => Content::Value,
        };
        for register in effects.writes.registers() {
            let local = self.code.locals.get(register as usize);
            let is_cell = local.is_some_and(|local| local.is_cell || local.is_free);
            state[register as usize] = match content {
                Content::Value if is_cell => Content::Nothing,
                // A variable's container may be replaced behind the code's back by a debugger.
                Content::List | Content::Set | Content::Map if local.is_some() => Content::Value,
                content => content,
            };
        }
    }

    fn join(&mut self, pc: usize, state: &[Content]) {
        let changed = match &mut self.states[pc] {
            Some(known) => {
                let mut changed = false;
                for (known, new) in known.iter_mut().zip(state) {
                    let joined = known.join(*new);
                    changed |= joined != *known;
                    *known = joined;
                }
                changed
            }
            empty => {
                *empty = Some(state.into());
                true
            }
        };
        if changed {
            self.pending.push(pc);
        }
    }
}
