//! Moves, constants, cells and names that are read.

use countless_compiler::bytecode::{CommonValue, Instruction, Singleton};

use crate::exceptions::ExceptionKind;
use crate::interp::frame::Frame;
use crate::interp::{Flow, globals, operands};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::ids;

/// `dst = src`.
#[inline(never)]
pub fn move_register(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Move { dst, src } = operands::Move::decode(word);
    frame.set(dst, frame.get(src));
    Ok(Flow::Next)
}

/// `dst = constants[index]`.
#[inline(never)]
pub fn constant(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadConst { dst, index } = operands::LoadConst::decode(word);
    frame.set(dst, frame.constant(index as usize));
    Ok(Flow::Next)
}

/// `dst =` a small integer.
#[inline(never)]
pub fn integer(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadInt { dst, value } = operands::LoadInt::decode(word);
    frame.set(dst, Value::int(value as i64));
    Ok(Flow::Next)
}

/// The singleton of a selector.
#[inline(always)]
pub fn singleton_value(selector: u8) -> Value {
    const NONE: u8 = Singleton::None as u8;
    const FALSE: u8 = Singleton::False as u8;
    const TRUE: u8 = Singleton::True as u8;
    match selector {
        NONE => Value::NONE,
        FALSE => Value::FALSE,
        TRUE => Value::TRUE,
        _ => Value::ELLIPSIS,
    }
}

/// `dst =` a singleton.
#[inline(never)]
pub fn singleton(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadSingleton { n, dst } = operands::LoadSingleton::decode(word);
    frame.set(dst, singleton_value(n));
    Ok(Flow::Next)
}

/// `dst =` a value that the compiler's output needs.
#[inline(never)]
pub fn common(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadCommon { n, dst } = operands::LoadCommon::decode(word);
    let value = match CommonValue::from_number(n) {
        Some(CommonValue::AssertionError) => cx.builtin_type(ExceptionKind::AssertionError.type_id()).value(),
        Some(CommonValue::NotImplementedError) => cx.builtin_type(ExceptionKind::NotImplementedError.type_id()).value(),
        Some(CommonValue::Any) => cx.vm().builtin_any.get_or_unbound(),
        Some(CommonValue::All) => cx.vm().builtin_all.get_or_unbound(),
        Some(CommonValue::Tuple) => cx.builtin_type(ids::TUPLE).value(),
        Some(CommonValue::List) => cx.builtin_type(ids::LIST).value(),
        Some(CommonValue::Set) => cx.builtin_type(ids::SET).value(),
        Some(CommonValue::BuildClass) | None => match globals::lookup_builtin(cx, frame, cx.names().__build_class__)? {
            Some(value) => value,
            None => return Err(crate::raise!(cx, NameError, "__build_class__ not found")),
        },
    };
    frame.set(dst, value);
    Ok(Flow::Next)
}

/// Makes a register unbound.
#[inline(never)]
pub fn unbind(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    frame.set(operands::Unbind::decode(word).dst, Value::UNBOUND);
    Ok(Flow::Next)
}

/// The error for an unbound variable.
#[cold]
pub(super) fn unbound(cx: &Cx, frame: &Frame, register: u16) -> Raised {
    let code = frame.code();
    let local = &code.code().locals[register as usize];
    let name = cx.intern_str(&local.name);
    if local.is_free {
        let message = format!(
            "cannot access free variable '{}' where it is not associated with a value in enclosing scope",
            local.name
        );
        return cx.raise_name_error(ExceptionKind::NameError, &message, name);
    }
    let message = format!("cannot access local variable '{}' where it is not associated with a value", local.name);
    cx.raise_name_error(ExceptionKind::UnboundLocalError, &message, name)
}

/// Fails if a local is unbound.
#[inline(never)]
pub fn check_bound(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let register = operands::CheckBound::decode(word).src;
    if frame.get(register).is_unbound() { Err(unbound(cx, frame, register)) } else { Ok(Flow::Next) }
}

/// `del` of a local.
#[inline(never)]
pub fn delete_local(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let register = operands::DeleteLocal::decode(word).src;
    if frame.get(register).is_unbound() {
        return Err(unbound(cx, frame, register));
    }
    frame.set(register, Value::UNBOUND);
    Ok(Flow::Next)
}

/// Puts a local into a cell.
#[inline(never)]
pub fn make_cell(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let register = operands::MakeCell::decode(word).reg;
    let cell = cx.new_cell(frame.get(register));
    frame.set(register, cell.value());
    Ok(Flow::Next)
}

/// Copies the function's closure into registers.
#[inline(never)]
pub fn copy_free(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::CopyFree { base, count } = operands::CopyFree::decode(word);
    let closure = frame.function().closure();
    if closure.map_or(0, |closure| closure.len()) < count as usize {
        crate::runtime::error::vm_bug("a function has fewer cells than its code has free variables");
    }
    for (index, cell) in closure.iter().flat_map(|closure| closure.iter()).take(count as usize).enumerate() {
        frame.set(base + index as u16, cell);
    }
    Ok(Flow::Next)
}

/// `dst = cell.contents`.
#[inline(never)]
pub fn deref(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadDeref { dst, cell } = operands::LoadDeref::decode(word);
    match frame.cell(cell).get() {
        Some(value) => frame.set(dst, value),
        None => return Err(unbound(cx, frame, cell)),
    }
    Ok(Flow::Next)
}

/// `dst = mapping[name of cell]`, else the cell's contents.
#[inline(never)]
pub fn dict_or_deref(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadFromDictOrDeref { dst, mapping, cell } = operands::LoadFromDictOrDeref::decode(word);
    let name = frame.code().local_name_at(cell as usize);
    let value = match globals::lookup_in_mapping(cx, frame.get(mapping), name)? {
        Some(value) => value,
        None => match frame.cell(cell).get() {
            Some(value) => value,
            None => return Err(unbound(cx, frame, cell)),
        },
    };
    frame.set(dst, value);
    Ok(Flow::Next)
}

/// `dst = mapping[name]`, else global, else builtin.
#[inline(never)]
pub fn dict_or_globals(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadFromDictOrGlobals { dst, mapping, name } = operands::LoadFromDictOrGlobals::decode(word);
    let name = frame.name(name);
    let found = match globals::lookup_in_mapping(cx, frame.get(mapping), name)? {
        Some(value) => Some(value),
        None => globals::lookup_uncached(cx, frame, name)?,
    };
    frame.set(dst, found.ok_or(()).map_err(|()| globals::undefined(cx, name))?);
    Ok(Flow::Next)
}

/// `dst =` global or builtin.
#[inline(never)]
pub fn global(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadGlobal { dst, name } = operands::LoadGlobal::decode(word);
    let name = frame.name(name);
    match globals::lookup(cx, frame, name)? {
        Some(value) => frame.set(dst, value),
        None => return Err(globals::undefined(cx, name)),
    }
    Ok(Flow::Next)
}

/// `dst =` local, global or builtin.
#[inline(never)]
pub fn name(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadName { dst, name } = operands::LoadName::decode(word);
    let locals = frame.locals();
    let in_module = locals.is_none_or(|locals| locals == frame.globals().value());
    if in_module
        && let Some(value) = globals::cached(frame, frame.cache().load(std::sync::atomic::Ordering::Relaxed), name)
    {
        frame.set(dst, value);
        return Ok(Flow::Next);
    }
    let name = frame.name(name);
    let mut found = None;
    if let Some(locals) = locals
        && !in_module
    {
        found = globals::lookup_in_mapping(cx, locals, name)?;
    }
    if found.is_none() {
        // The cache speaks of globals and builtins only: it must not be asked when other locals come first.
        found = if in_module { globals::lookup(cx, frame, name)? } else { globals::lookup_uncached(cx, frame, name)? };
    }
    match found {
        Some(value) => frame.set(dst, value),
        None => return Err(globals::undefined(cx, name)),
    }
    Ok(Flow::Next)
}

/// The frame's local namespace; its globals if it has no other.
pub fn namespace(frame: &Frame) -> Value {
    frame.locals().unwrap_or_else(|| frame.globals().value())
}

/// `dst =` the local namespace.
#[inline(never)]
pub fn locals(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    frame.set(operands::LoadLocals::decode(word).dst, namespace(frame));
    Ok(Flow::Next)
}
