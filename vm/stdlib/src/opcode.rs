//! `_opcode`: the instruction set, and code objects taken apart.
//!
//! The instructions are this machine's own, so what CPython's module tells of its stack machine is not here; the
//! library's modules `opcode` and `dis` are made for this one.

use countless_compiler::bytecode::{Instruction, Opcode, OperandKind, disasm};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::iter;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::code::{CodeObject, offset_of};
use countless_vm::types::module::Module;

fn opmap(cx: &Cx, _module: Value) -> PyResult {
    let map = cx.new_dict();
    for &opcode in Opcode::ALL.iter().filter(|&&opcode| opcode != Opcode::Instrumented) {
        map.set_name(cx, cx.intern_str(opcode.name()), Value::int(opcode as i64))?;
    }
    Ok(map.value())
}

fn opcode_of(cx: &Cx, value: Value) -> PyResult<Option<Opcode>> {
    let number = cx.c_int_argument(value)?;
    Ok(usize::try_from(number).ok().and_then(|number| Opcode::ALL.get(number).copied()))
}

fn has_kind(cx: &Cx, value: Value, is_kind: impl Fn(OperandKind) -> bool) -> PyResult {
    let opcode = opcode_of(cx, value)?;
    Ok(Value::bool(opcode.is_some_and(|opcode| opcode.operands().iter().any(|operand| is_kind(operand.kind)))))
}

fn is_valid(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    Ok(Value::bool(opcode_of(cx, opcode)?.is_some()))
}

fn has_arg(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    has_kind(cx, opcode, |_| true)
}

fn has_const(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    has_kind(cx, opcode, |kind| matches!(kind, OperandKind::Const | OperandKind::ConstWide))
}

fn has_name(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    has_kind(cx, opcode, |kind| kind == OperandKind::Name)
}

fn has_jump(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    has_kind(cx, opcode, OperandKind::is_jump)
}

fn has_local(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    has_kind(cx, opcode, OperandKind::is_register)
}

/// Cells and free variables lie in registers as all variables do: no instruction names them otherwise.
fn has_free(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    opcode_of(cx, opcode)?;
    Ok(Value::FALSE)
}

/// Handlers are found by a table, not by instructions.
fn has_exc(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    opcode_of(cx, opcode)?;
    Ok(Value::FALSE)
}

/// What the argument of an instruction means: a constant, a name, a jump's target, else None.
fn argument_value(cx: &Cx, code: Ref<CodeObject>, word: Instruction, index: usize) -> PyResult {
    let Some(opcode) = word.opcode() else { return Ok(Value::NONE) };
    for operand in opcode.operands() {
        let bits = word.operand(operand) as usize;
        match operand.kind {
            OperandKind::Const | OperandKind::ConstWide => {
                return Ok(code.constants(cx)?.item(bits).unwrap_or(Value::NONE));
            }
            OperandKind::Name => return Ok(code.names(cx)?.item(bits).unwrap_or(Value::NONE)),
            kind if kind.is_jump() => return Ok(Value::int(offset_of(jump_target(word, index).unwrap_or(0) as usize))),
            _ => {}
        }
    }
    code.load(cx)?;
    Ok(match opcode.operands() {
        [] => Value::NONE,
        [operand, ..] if operand.kind.is_register() => {
            let name = code.local_names().item(word.operand(operand) as usize);
            name.unwrap_or_else(|| cx.new_int(i64::from(word.operand(operand))))
        }
        [operand, ..] => cx.new_int(i64::from(word.operand(operand))),
    })
}

/// The index of the instruction that a jump goes to.
fn jump_target(word: Instruction, index: usize) -> Option<i64> {
    word.jump_distance().map(|distance| index as i64 + 1 + i64::from(distance))
}

fn instructions(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let Some(object) = value.downcast::<CodeObject>(cx) else {
        return Err(raise!(cx, TypeError, "a code object is required, not {}", value.class_name(cx)));
    };
    let code = object.code();
    let mut is_target = vec![false; code.instructions.len() + 1];
    for (index, &word) in code.instructions.iter().enumerate() {
        let target = jump_target(word, index).and_then(|target| is_target.get_mut(usize::try_from(target).ok()?));
        if let Some(target) = target {
            *target = true;
        }
    }
    for entry in &code.exception_table {
        if let Some(target) = is_target.get_mut(entry.handler as usize) {
            *target = true;
        }
    }
    let list = cx.new_list();
    for (index, &word) in code.instructions.iter().enumerate() {
        let Some(opcode) = word.opcode() else { continue };
        let text = disasm::instruction(code, index, word);
        let text = text.strip_prefix(opcode.name()).unwrap_or(&text).trim_start();
        let argument =
            if opcode.operands().is_empty() { Value::NONE } else { cx.new_int_from_i64((word.0 >> 8) as i64) };
        let number = |number: u32| Value::int(number.into());
        let span = match code.positions.get(index) {
            Some(span) => [number(span.line), number(span.end_line), number(span.column), number(span.end_column)],
            None => [Value::NONE; 4],
        };
        let row = [
            Value::int(offset_of(index)),
            Value::int(opcode as i64),
            argument,
            argument_value(cx, object, word, index)?,
            cx.new_str(text).value(),
            cx.new_tuple(&span).value(),
            Value::bool(is_target[index]),
        ];
        list.push(cx, cx.new_tuple(&row).value())?;
    }
    iter::get_iter(cx, list.value())
}

fn stack_effect(cx: &Cx, _module: Value, opcode: Value) -> PyResult {
    match opcode_of(cx, opcode)? {
        Some(_) => Ok(Value::int(0)),
        None => Err(cx.value_error("invalid opcode or oparg")),
    }
}

fn get_specialization_stats(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::NONE)
}

static FUNCTIONS: &[Method] = &[
    Method::none("opmap", opmap, "opmap($module, /)\n--\n\nThe numbers of the instructions, by name."),
    Method::one(
        "is_valid",
        is_valid,
        "is_valid($module, /, opcode)\n--\n\nWhether there is an instruction of this number.",
    ),
    Method::one("has_arg", has_arg, "has_arg($module, /, opcode)\n--\n\nWhether the instruction has operands."),
    Method::one(
        "has_const",
        has_const,
        "has_const($module, /, opcode)\n--\n\nWhether the instruction names a constant.",
    ),
    Method::one(
        "has_name",
        has_name,
        "has_name($module, /, opcode)\n--\n\nWhether the instruction names an attribute or a global variable.",
    ),
    Method::one("has_jump", has_jump, "has_jump($module, /, opcode)\n--\n\nWhether the instruction may jump."),
    Method::one("has_free", has_free, "has_free($module, /, opcode)\n--\n\nFalse: free variables are in registers."),
    Method::one(
        "has_local",
        has_local,
        "has_local($module, /, opcode)\n--\n\nWhether the instruction names a register.",
    ),
    Method::one("has_exc", has_exc, "has_exc($module, /, opcode)\n--\n\nFalse: handlers are in a table."),
    Method::one(
        "instructions",
        instructions,
        "instructions($module, code, /)\n--\n\nAn iterator over the instructions of a code object: tuples (offset, opcode,\narg, argval, argrepr, positions, is_jump_target).",
    ),
    Method::one("stack_effect", stack_effect, "stack_effect($module, opcode, /)\n--\n\n0: there is no stack."),
    Method::none(
        "get_specialization_stats",
        get_specialization_stats,
        "get_specialization_stats($module, /)\n--\n\nNone: there are no such statistics.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "ENABLE_SPECIALIZATION", Value::FALSE)?;
    cx.add_to_module(module, "ENABLE_SPECIALIZATION_FT", Value::FALSE)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_opcode",
    doc: "The instruction set.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
