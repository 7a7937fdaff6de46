//! Cells and names that are written or deleted.

use countless_compiler::bytecode::Instruction;

use super::load::namespace;
use crate::exceptions::ExceptionKind;
use crate::interp::frame::Frame;
use crate::interp::{Flow, globals, operands};
use crate::object::protocol::item;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;

/// `cell.contents = src`.
#[inline(never)]
pub fn deref(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::StoreDeref { cell, src } = operands::StoreDeref::decode(word);
    frame.cell(cell).set(cx, frame.get(src));
    Ok(Flow::Next)
}

/// Empties a cell.
#[inline(never)]
pub fn delete_deref(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let register = operands::DeleteDeref::decode(word).cell;
    match frame.cell(register).clear(cx) {
        Some(_) => Ok(Flow::Next),
        None => Err(super::load::unbound(cx, frame, register)),
    }
}

/// `globals[name] = src`.
#[inline(never)]
pub fn global(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::StoreGlobal { src, name } = operands::StoreGlobal::decode(word);
    globals::store(cx, frame.globals(), frame.name(name), frame.get(src), frame.cache())?;
    Ok(Flow::Next)
}

/// `del globals[name]`.
#[inline(never)]
pub fn delete_global(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let name = frame.name(operands::DeleteGlobal::decode(word).name);
    match frame.globals().remove(cx, name.value())? {
        Some(_) => Ok(Flow::Next),
        None => Err(globals::undefined(cx, name)),
    }
}

/// `locals[name] = src`.
#[inline(never)]
pub fn name(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::StoreName { src, name } = operands::StoreName::decode(word);
    let (namespace, name) = (namespace(frame), frame.name(name));
    match namespace.exact::<Dict>() {
        Some(dict) => globals::store(cx, dict, name, frame.get(src), frame.cache())?,
        None => item::set_item(cx, namespace, name.value(), frame.get(src))?,
    }
    Ok(Flow::Next)
}

/// `del locals[name]`.
#[inline(never)]
pub fn delete_name(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let name = frame.name(operands::DeleteName::decode(word).name);
    let namespace = namespace(frame);
    if let Some(dict) = namespace.exact::<Dict>() {
        return match dict.remove(cx, name.value())? {
            Some(_) => Ok(Flow::Next),
            None => Err(globals::undefined(cx, name)),
        };
    }
    if let Err(raised) = item::delete_item(cx, namespace, name.value()) {
        cx.ignore_if(raised, ExceptionKind::KeyError)?;
        return Err(globals::undefined(cx, name));
    }
    Ok(Flow::Next)
}
