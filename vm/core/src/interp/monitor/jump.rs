//! Setting a frame's line from a trace function: the frame goes on there.

use countless_compiler::bytecode::transfer::{Move, Obstacle, Transfers};

use super::Event;
use crate::exceptions::ExceptionKind;
use crate::interp::frame::{Frame, flag};
use crate::interp::ops;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::code::CodeObject;
use crate::types::int::is_int;

/// `frame.f_lineno = value` of a frame that this thread runs; `frame` is none if it does not, `is_traced` tells whether it has
/// a trace function.
pub(crate) fn set_line(cx: &Cx, frame: Option<&Frame>, is_traced: bool, value: Value) -> PyResult<()> {
    if !is_int(cx, value) {
        return Err(cx.value_error("lineno must be an integer"));
    }
    let Some(frame) = frame.filter(|frame| is_traced || frame.has(flag::AT_START)) else {
        return Err(cx.value_error("f_lineno can only be set in a trace function"));
    };
    if frame.has(flag::AT_START) {
        return Err(cx.value_error("can't jump from the 'call' trace event of a new frame"));
    }
    if !cx.is_unwatched() {
        return Err(cx.value_error("f_lineno can only be set in a trace function"));
    }
    // The places where the instruction is yet to be done, or the frame is left for a while.
    let movable =
        [Event::Line, Event::Instruction, Event::PyYield, Event::BranchLeft, Event::BranchRight, Event::Call].map(Some);
    if !movable.contains(&cx.stack.event.get()) {
        return Err(cx.value_error("can only jump from a 'line' trace event"));
    }
    let line = cx.c_int_argument(value)?;
    let code = frame.code();
    let wanted = line_to_go_to(cx, &code, line)?;
    let (target, moved) = find_target(cx, &code, frame.index(), wanted)?;
    bind_all(cx, frame)?;
    for register in moved.handled {
        ops::exception::put_back(cx, frame, register);
    }
    frame.traced_line.set(wanted);
    frame.set_pc(code.units().wrapping_add(target + 1));
    Ok(())
}

/// The instructions at which runs of a line begin, with the line.
fn starts(code: &CodeObject) -> Vec<(usize, u32)> {
    let lines: Vec<Option<u32>> = code.code().positions.iter().map(|span| span.map(|span| span.line)).collect();
    let begins = |&index: &usize| index == code.entry() || lines[index - 1] != lines[index];
    (code.entry()..lines.len()).filter(begins).filter_map(|index| Some((index, lines[index]?))).collect()
}

/// The first line from `line` on that has code.
fn line_to_go_to(cx: &Cx, code: &CodeObject, line: i32) -> PyResult<u32> {
    let first = code.code().first_line as i32;
    if line < first {
        return Err(raise!(cx, ValueError, "line {line} comes before the current code block"));
    }
    let lines = starts(code).into_iter().map(|(_, start)| start);
    match lines.filter(|&start| start as i32 >= line).min() {
        Some(line) => Ok(line),
        None => Err(raise!(cx, ValueError, "line {line} comes after the current code block")),
    }
}

/// The instruction of the line that the frame can go on at, of several the one that needs most.
fn find_target(cx: &Cx, code: &CodeObject, from: usize, line: u32) -> PyResult<(usize, Move)> {
    let transfers = Transfers::new(code.code(), code.liveness());
    let mut best: Option<(usize, Move)> = None;
    let mut obstacle = Obstacle::ToUnreachable;
    for (index, _) in starts(code).into_iter().filter(|&(_, start)| start == line) {
        match transfers.check(from, index) {
            Ok(moved) if best.as_ref().is_none_or(|(_, known)| moved.depth > known.depth) => {
                best = Some((index, moved))
            }
            Ok(_) => {}
            Err(found) if obstacle == Obstacle::ToUnreachable => obstacle = found,
            Err(_) => {}
        }
    }
    best.ok_or(()).map_err(|()| {
        cx.value_error(match obstacle {
            Obstacle::FromUnreachable => "can't jump from unreachable code",
            Obstacle::ToUnreachable => "can't jump into unreachable code",
            Obstacle::Loop => "can't jump into the body of a for loop",
            Obstacle::Handler => "can't jump into an 'except' block as there's no exception",
            Obstacle::Values => "incompatible stacks",
        })
    })
}

/// Code relies on variables that were bound on all its paths: those that are not get None.
fn bind_all(cx: &Cx, frame: &Frame) -> PyResult<()> {
    let code = frame.code();
    let locals = &code.code().locals;
    let is_unbound = |&register: &u16| {
        let local = &locals[register as usize];
        !local.is_cell && !local.is_free && frame.get(register).is_unbound()
    };
    let unbound = (0..code.named_count as u16).filter(is_unbound);
    match unbound.clone().count() {
        0 => return Ok(()),
        1 => cx.warn(ExceptionKind::RuntimeWarning, "assigning None to 1 unbound local", 1)?,
        count => {
            cx.warn(ExceptionKind::RuntimeWarning, &format!("assigning None to {count} unbound locals"), 1)?;
        }
    }
    unbound.for_each(|register| frame.set(register, Value::NONE));
    Ok(())
}
