//! From the buffer to the code object: final register numbers, jump distances, exception table, positions.
//!
//! Jumps with 16-bit distances that reach too far get a trampoline behind them: the jump goes two instructions on, to a
//! wide jump, and the instruction between skips it. Trampolines only push code apart, so the search for those that need
//! one ends.

use std::collections::HashSet;
use std::sync::Arc;

use ruff_text_size::TextRange;

use super::emit::{Draft, HandlerId, Label, Register, TEMPORARY, nowhere};
use super::unit::{Unit, UnitKind};
use crate::bytecode::{
    Code, CodeFlags, ExceptionEntry, Instruction, LocalVariable, Op, Opcode, OperandKind, Positions, Span,
};
use crate::syntax::SourceText;

/// The limits that instruction words set; the text completes "too many …".
pub(super) type TooMany = &'static str;

/// Makes the code object.
pub(super) fn assemble(unit: Unit<'_>, filename: &Arc<str>, source: &SourceText) -> Result<Code, TooMany> {
    check_limits(&unit)?;
    let order = register_order(&unit);
    let mut drafts = unit.emit.drafts;
    let mut labels: Vec<u32> = unit.emit.labels.iter().map(|label| label.position.unwrap_or(u32::MAX)).collect();
    unpack_into_variables(&mut drafts, &mut labels, (&unit.unpacks, &order.numbers), source);
    drop_redundant_nops(&mut drafts, &mut labels, source);
    thread_jumps(&mut drafts, &mut labels, source);
    let first = TextRange::empty(source.line_start(unit.first_line).into());
    super::lines::complete(&mut drafts, &mut labels, first, source);
    let mut constants = unit.narrow_constants.items;
    number_constants(&mut drafts, constants.len() as u32);
    constants.extend(unit.constants.items);
    let layout = Layout::new(&drafts, &labels);
    let named_count = unit.named.len() as u32;
    let instructions = place_instructions(&drafts, &labels, &layout, &order.numbers, named_count);
    let handlers: Vec<Option<(u32, Register)>> = unit
        .emit
        .handlers
        .iter()
        .map(|handler| handler.used.then_some((labels[handler.label.0 as usize], handler.register)))
        .collect();
    let exception_table = exception_table(&drafts, &handlers, &layout, &order.numbers, named_count);
    let positions = positions(&drafts, &layout, source);
    Ok(Code {
        name: unit.name.as_str().into(),
        qualified_name: unit.qualified_name.into(),
        filename: filename.clone(),
        first_line: unit.first_line,
        flags: unit.flags,
        argument_count: unit.argument_count,
        positional_only_count: unit.positional_only_count,
        keyword_only_count: unit.keyword_only_count,
        locals: order.locals,
        register_count: named_count + order.temporaries,
        instructions: instructions.into(),
        constants: constants.into(),
        names: unit.names.items.into(),
        exception_table: exception_table.into(),
        positions,
    })
}

fn check_limits(unit: &Unit<'_>) -> Result<(), TooMany> {
    if unit.named.len() > TEMPORARY as usize {
        return Err("local variables");
    }
    if unit.temporary_count() >= u32::from(TEMPORARY) {
        return Err("values in one expression");
    }
    if unit.names.items.len() > usize::from(u16::MAX) + 1 {
        return Err("names");
    }
    if unit.narrow_constants.items.len() > WIDE_CONSTANTS as usize {
        return Err("functions and keyword calls");
    }
    if unit.emit.drafts.len() > i32::MAX as usize / 4 {
        return Err("instructions");
    }
    Ok(())
}

/// Final numbers of the named registers.
struct RegisterOrder {
    numbers: Vec<u16>,
    locals: Box<[LocalVariable]>,
    temporaries: u32,
}

/// Where a named register stands: parameters, other locals, hidden ones, cells by name, free variables by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Parameter,
    Local,
    Hidden,
    Cell,
    Free,
}

/// The classes of all named registers. A comprehension's variable is a local like others in a function that has no
/// other variable of the name.
fn classes(unit: &Unit<'_>) -> Vec<Class> {
    let own: HashSet<&str> =
        unit.named.iter().filter(|named| !named.is_inlined).map(|named| named.name.as_str()).collect();
    let is_function = matches!(unit.kind, UnitKind::Function | UnitKind::Annotation);
    let mut shown = HashSet::new();
    let mut classes = Vec::with_capacity(unit.named.len());
    for named in &unit.named {
        let name = named.name.as_str();
        classes.push(if named.is_parameter {
            Class::Parameter
        } else if named.is_free {
            Class::Free
        } else if named.is_inlined && (!is_function || own.contains(name) || !shown.insert(name)) {
            Class::Hidden
        } else if named.is_cell {
            Class::Cell
        } else {
            Class::Local
        });
    }
    classes
}

fn register_order(unit: &Unit<'_>) -> RegisterOrder {
    let classes = classes(unit);
    let mut order: Vec<usize> = (0..unit.named.len()).collect();
    order.sort_by(|&a, &b| {
        classes[a].cmp(&classes[b]).then_with(|| match classes[a] {
            Class::Cell | Class::Free => unit.named[a].name.as_str().cmp(unit.named[b].name.as_str()),
            _ => unit.order[a].cmp(&unit.order[b]),
        })
    });
    let mut numbers = vec![0; unit.named.len()];
    for (number, &virtual_number) in order.iter().enumerate() {
        numbers[virtual_number] = number as u16;
    }
    let local = |&at: &usize| {
        let named = &unit.named[at];
        LocalVariable {
            name: named.name.as_str().into(),
            is_parameter: named.is_parameter,
            is_cell: named.is_cell,
            is_free: named.is_free,
            is_hidden: classes[at] == Class::Hidden,
        }
    };
    let locals = order.iter().map(local).collect();
    RegisterOrder { numbers, locals, temporaries: unit.temporary_count() }
}

/// The line where a range begins, if it is anywhere.
pub(super) fn line_of(source: &SourceText, range: TextRange) -> Option<u32> {
    (range.start().to_u32() != u32::MAX).then(|| source.line_of(range.start()))
}

/// Removes every `Nop` whose line another instruction beside it speaks for.
fn drop_redundant_nops(drafts: &mut Vec<Draft>, labels: &mut [u32], source: &SourceText) {
    if !drafts.iter().any(|draft| draft.word.opcode() == Some(Opcode::Nop)) {
        return;
    }
    let mut removed = vec![false; drafts.len()];
    let mut targets = vec![false; drafts.len() + 1];
    labels.iter().filter(|label| **label != u32::MAX).for_each(|&label| targets[label as usize] = true);
    let mut previous_line = None;
    for at in 0..drafts.len() {
        let draft = drafts[at];
        let line = line_of(source, draft.range);
        if draft.word.opcode() != Some(Opcode::Nop) {
            let goes_on = draft.word.opcode().is_some_and(|opcode| !opcode.is_terminal());
            previous_line = line.or(previous_line).filter(|_| goes_on);
            continue;
        }
        let is_target = targets[at];
        let Some(next) = drafts.get_mut(at + 1) else {
            continue;
        };
        let next_line = line_of(source, next.range);
        if line.is_none() || next_line == line || (!is_target && previous_line == line) {
            removed[at] = true;
        } else if next_line.is_none() && !targets[at + 1] {
            next.range = draft.range;
            removed[at] = true;
        } else {
            previous_line = line;
        }
    }
    remove(drafts, labels, &removed);
}

/// Has assignments of sequences write the variables themselves where those lie in a row. (The instruction writes its
/// registers when nothing can fail any more, and the temporaries that the moves read are not used again.)
/// Moves on lines of their own stay, for debuggers.
fn unpack_into_variables(
    drafts: &mut Vec<Draft>,
    labels: &mut [u32],
    (unpacks, numbers): (&[u32], &[u16]),
    source: &SourceText,
) {
    if unpacks.is_empty() {
        return;
    }
    let mut removed = vec![false; drafts.len()];
    let targets: HashSet<u32> = labels.iter().copied().collect();
    for &at in unpacks {
        let at = at as usize;
        let Some(Op::UnpackSequence { base, src, count }) = drafts.get(at).and_then(|draft| Op::decode(draft.word))
        else {
            continue;
        };
        let moves = at + 1..at + 1 + count as usize;
        let variable = |index: usize| match Op::decode(drafts.get(moves.start + index)?.word)? {
            Op::Move { dst, src } if dst < TEMPORARY && src == base.checked_add(index as u16)? => Some(dst),
            _ => None,
        };
        let Some(first) = variable(0) else { continue };
        let in_row = |index: usize| {
            let number = variable(index).map(|register| usize::from(numbers[register as usize]));
            number == Some(usize::from(numbers[first as usize]) + index)
        };
        let line = line_of(source, drafts[at].range);
        let apart = |at: usize| targets.contains(&(at as u32)) || line_of(source, drafts[at].range) != line;
        if (0..count as usize).all(in_row) && !moves.clone().any(apart) {
            drafts[at].word = Op::UnpackSequence { base: first, src, count }.encode();
            removed[moves].fill(true);
        }
    }
    remove(drafts, labels, &removed);
}

/// Takes instructions away.
fn remove(drafts: &mut Vec<Draft>, labels: &mut [u32], removed: &[bool]) {
    let mut new_index = Vec::with_capacity(drafts.len() + 1);
    let mut kept = 0;
    for &gone in removed {
        new_index.push(kept);
        kept += u32::from(!gone);
    }
    new_index.push(kept);
    let mut at = 0;
    drafts.retain(|_| {
        at += 1;
        !removed[at - 1]
    });
    for label in labels.iter_mut().filter(|label| **label != u32::MAX) {
        *label = new_index[*label as usize];
    }
}

/// Makes jumps to unconditional jumps go where those go, and jumps on a register that is tested again where the second
/// test would send them.
/// A jump that has a line of its own stays.
fn thread_jumps(drafts: &mut [Draft], labels: &mut Vec<u32>, source: &SourceText) {
    for at in (0..drafts.len()).rev() {
        let Some(target) = drafts[at].target else {
            continue;
        };
        let position = labels[target.0 as usize];
        let Some(&next) = drafts.get(position as usize) else {
            continue;
        };
        let (line, next_line) = (line_of(source, drafts[at].range), line_of(source, next.range));
        let is_silent = next_line.is_none() || next_line == line;
        let merges = is_silent || line.is_none();
        match (drafts[at].word.opcode(), next.word.opcode()) {
            (Some(Opcode::JumpBack), _) | (None, _) => {}
            (Some(_), Some(Opcode::Jump)) if is_silent => drafts[at].target = next.target,
            (Some(Opcode::Jump), Some(Opcode::Return | Opcode::ReturnNone | Opcode::JumpBack)) if merges => {
                drafts[at].word = next.word;
                drafts[at].target = next.target;
                if next.range != nowhere() {
                    drafts[at].range = next.range;
                }
            }
            (Some(first), Some(second)) => match (truth_test(first), truth_test(second)) {
                (Some(a), Some(b)) if drafts[at].word.a() == next.word.a() => {
                    if a == b {
                        drafts[at].target = next.target;
                    } else {
                        labels.push(position + 1);
                        drafts[at].target = Some(Label(labels.len() as u32 - 1));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// The truth on which a plain conditional jump jumps.
fn truth_test(opcode: Opcode) -> Option<bool> {
    match opcode {
        Opcode::JumpIfTrue => Some(true),
        Opcode::JumpIfFalse => Some(false),
        _ => None,
    }
}

/// Constants for `LoadConst` are numbered from here until the narrow ones are all known.
pub(super) const WIDE_CONSTANTS: u32 = 0x1_0000;

/// Puts the constants for `LoadConst` behind those of 16-bit operands.
fn number_constants(drafts: &mut [Draft], narrow_count: u32) {
    for draft in drafts {
        let Some(opcode) = draft.word.opcode() else {
            continue;
        };
        for operand in opcode.operands().iter().filter(|operand| operand.kind == OperandKind::ConstWide) {
            let index = draft.word.operand(operand);
            if index >= WIDE_CONSTANTS {
                draft.word = draft.word.with_operand(operand, index - WIDE_CONSTANTS + narrow_count);
            }
        }
    }
}

/// Where each draft goes, trampolines counted.
struct Layout {
    starts: Vec<u32>,
    has_trampoline: Vec<bool>,
}

impl Layout {
    fn new(drafts: &[Draft], labels: &[u32]) -> Layout {
        let mut layout =
            Layout { starts: (0..=drafts.len() as u32).collect(), has_trampoline: vec![false; drafts.len()] };
        if drafts.len() < i16::MAX as usize / 3 {
            return layout;
        }
        loop {
            let mut changed = false;
            for (at, draft) in drafts.iter().enumerate() {
                if layout.has_trampoline[at] || !is_narrow_jump(draft.word) {
                    continue;
                }
                let Some(target) = draft.target else { continue };
                let distance =
                    i64::from(layout.starts[labels[target.0 as usize] as usize]) - i64::from(layout.starts[at]) - 1;
                if i16::try_from(distance).is_err() {
                    layout.has_trampoline[at] = true;
                    changed = true;
                }
            }
            if !changed {
                return layout;
            }
            let mut next = 0;
            for at in 0..drafts.len() {
                layout.starts[at] = next;
                next += if layout.has_trampoline[at] { 3 } else { 1 };
            }
            layout.starts[drafts.len()] = next;
        }
    }
}

fn is_narrow_jump(word: Instruction) -> bool {
    word.opcode().and_then(Opcode::jump_operand).is_some_and(|operand| operand.kind == OperandKind::Jump)
}

fn place_instructions(
    drafts: &[Draft],
    labels: &[u32],
    layout: &Layout,
    numbers: &[u16],
    named_count: u32,
) -> Vec<Instruction> {
    let mut instructions = Vec::with_capacity(layout.starts[drafts.len()] as usize);
    for (at, draft) in drafts.iter().enumerate() {
        let mut word = final_registers(draft.word, numbers, named_count);
        let operand = draft.word.opcode().and_then(Opcode::jump_operand);
        let (Some(operand), Some(target)) = (operand, draft.target) else {
            instructions.push(word);
            continue;
        };
        let target = layout.starts[labels[target.0 as usize] as usize] as i32;
        let start = layout.starts[at] as i32;
        if layout.has_trampoline[at] {
            word = word.with_operand(operand, 1);
            instructions.push(word);
            instructions.push(Op::Jump { target: 1 }.encode());
            instructions.push(Op::Jump { target: target - start - 3 }.encode());
        } else {
            instructions.push(word.with_operand(operand, (target - start - 1) as u32));
        }
    }
    instructions
}

/// Replaces virtual register numbers by final ones.
fn final_registers(word: Instruction, numbers: &[u16], named_count: u32) -> Instruction {
    let Some(opcode) = word.opcode() else {
        return word;
    };
    opcode.operands().iter().filter(|operand| operand.kind.is_register()).fold(word, |word, operand| {
        let register = final_register(word.operand(operand) as Register, numbers, named_count);
        word.with_operand(operand, u32::from(register))
    })
}

fn final_register(register: Register, numbers: &[u16], named_count: u32) -> u16 {
    match register.checked_sub(TEMPORARY) {
        Some(temporary) => (named_count + u32::from(temporary)) as u16,
        None => numbers.get(register as usize).copied().unwrap_or(register),
    }
}

/// One entry for each run of instructions with the same handler.
fn exception_table(
    drafts: &[Draft],
    handlers: &[Option<(u32, Register)>],
    layout: &Layout,
    numbers: &[u16],
    named_count: u32,
) -> Vec<ExceptionEntry> {
    let mut table = Vec::new();
    let mut start = 0;
    while start < drafts.len() {
        let id = drafts[start].handler;
        let mut end = start + 1;
        while end < drafts.len() && drafts[end].handler == id {
            end += 1;
        }
        let handler = if id == HandlerId::NONE { None } else { handlers[id.0 as usize] };
        if let Some((handler, register)) = handler {
            table.push(ExceptionEntry {
                start: layout.starts[start],
                end: layout.starts[end],
                handler: layout.starts[handler as usize],
                register: final_register(register, numbers, named_count),
            });
        }
        start = end;
    }
    table
}

fn positions(drafts: &[Draft], layout: &Layout, source: &SourceText) -> Positions {
    let spans = drafts.iter().enumerate().flat_map(|(at, draft)| {
        let span = span(source, draft.range);
        std::iter::repeat_n(span, if layout.has_trampoline[at] { 3 } else { 1 })
    });
    Positions::new(spans)
}

/// A source range as lines and byte columns.
pub(super) fn span(source: &SourceText, range: TextRange) -> Option<Span> {
    if range.start().to_u32() == u32::MAX {
        return None;
    }
    let start = source.position(range.start());
    let end = source.position(range.end());
    Some(Span { line: start.line, end_line: end.line, column: start.column, end_column: end.column })
}

/// What stands for code that could not be made; it is never run.
pub(super) fn empty_code(filename: &Arc<str>) -> Code {
    Code {
        name: "".into(),
        qualified_name: "".into(),
        filename: filename.clone(),
        first_line: 1,
        flags: CodeFlags::default(),
        argument_count: 0,
        positional_only_count: 0,
        keyword_only_count: 0,
        locals: Box::default(),
        register_count: 0,
        instructions: Box::new([Op::ReturnNone {}.encode()]),
        constants: Box::default(),
        names: Box::default(),
        exception_table: Box::default(),
        positions: Positions::new([None]),
    }
}
