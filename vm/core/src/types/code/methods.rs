//! `code`: attributes, `replace`, and the tables of lines and positions.

use std::sync::Arc;

use countless_compiler::bytecode::{Code, CodeFlags, LocalVariable, Span};

use super::{CodeObject, LAYOUT, offset_of};
use crate::exceptions::ExceptionKind;
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::protocol::number::index_i64;
use crate::object::protocol::{compare, iter, object};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

fn this(value: Value) -> Ref<CodeObject> {
    // SAFETY: the slots belong to the type, which cannot be subclassed.
    unsafe { Ref::from_value_unchecked(value) }
}

// ---- names

fn names_where(cx: &Cx, code: Ref<CodeObject>, wanted: impl Fn(&LocalVariable) -> bool) -> PyResult {
    code.load(cx)?;
    let list = cx.new_list();
    for (register, local) in code.code().locals.iter().enumerate() {
        if wanted(local) {
            list.push(cx, code.local_name_at(register).value())?;
        }
    }
    Ok(list.to_tuple(cx)?.value())
}

fn is_plain_local(local: &LocalVariable) -> bool {
    !local.is_free && !local.is_hidden && (!local.is_cell || local.is_parameter)
}

fn variable_names(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    names_where(cx, code, is_plain_local)
}

fn cell_names(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    names_where(cx, code, |local| local.is_cell)
}

fn free_names(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    names_where(cx, code, |local| local.is_free)
}

// ---- numbers and strings

fn count(value: u32) -> PyResult {
    Ok(Value::int(value as i64))
}

fn argument_count(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    count(code.argument_count)
}

fn positional_only_count(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    count(code.positional_only_count)
}

fn keyword_only_count(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    count(code.keyword_only_count)
}

fn local_count(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    count(code.code().locals.iter().filter(|local| is_plain_local(local)).count() as u32)
}

fn stack_size(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    count(code.register_count - code.named_count)
}

fn flags(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    count(code.flags)
}

fn first_line(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    count(code.code().first_line)
}

fn constants(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    Ok(code.constants(cx)?.value())
}

fn names(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    Ok(code.names(cx)?.value())
}

fn name(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    Ok(code.name().value())
}

fn qualified_name(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    Ok(code.qualified_name().value())
}

fn filename(_cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    Ok(code.filename().value())
}

/// The instruction words, little-endian.
fn instruction_bytes(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    let bytes: Vec<u8> = code.code().instructions.iter().flat_map(|instruction| instruction.0.to_le_bytes()).collect();
    Ok(cx.new_bytes(&bytes).value())
}

/// The exception table: start, end, handler and register of each entry as little-endian 32-bit numbers.
fn exception_table(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    let entries = code.code().exception_table.iter();
    let words = entries.flat_map(|entry| [entry.start, entry.end, entry.handler, entry.register as u32]);
    let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    Ok(cx.new_bytes(&bytes).value())
}

// ---- positions: `tb_lasti // 2` is the number of an entry, of which the first is the frame's beginning

fn optional_number(number: Option<u32>) -> Value {
    number.map_or(Value::NONE, |number| Value::int(number as i64))
}

fn iterator_over(cx: &Cx, list: Ref<List>) -> PyResult {
    iter::get_iter(cx, list.value())
}

/// `co_positions()`: line, end line, column and end column of each instruction.
fn positions(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    let list = cx.new_list();
    let (line, end_line) = (code.start_line(), code.code().first_line);
    let beginning = Span { line, end_line, column: 0, end_column: 0 };
    for span in std::iter::once(Some(beginning)).chain(code.code().positions.iter()) {
        let part = |select: fn(&Span) -> u32| optional_number(span.as_ref().map(select));
        let parts = [
            part(|span| span.line),
            part(|span| span.end_line),
            part(|span| span.column),
            part(|span| span.end_column),
        ];
        list.push(cx, cx.new_tuple(&parts).value())?;
    }
    iterator_over(cx, list)
}

/// `co_lines()`: runs of instructions of one line.
fn lines(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    let list = cx.new_list();
    let lines = code.code().positions.iter().map(|span| span.map(|span| span.line));
    let lines: Vec<Option<u32>> = std::iter::once(Some(code.start_line())).chain(lines).collect();
    let mut start = 0;
    for run in lines.chunk_by(|a, b| a == b) {
        let end = start + run.len() as i64 * 2;
        let entry = cx.new_tuple(&[Value::int(start), Value::int(end), optional_number(run[0])]);
        list.push(cx, entry.value())?;
        start = end;
    }
    iterator_over(cx, list)
}

/// `co_lnotab`: pairs of a step in bytes and a signed step in lines.
fn line_steps(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    cx.warn(ExceptionKind::DeprecationWarning, "co_lnotab is deprecated, use co_lines instead.", 1)?;
    let mut table = Vec::new();
    let (mut known, mut line) = (0, i64::from(code.code().first_line));
    for (index, span) in code.code().positions.iter().enumerate() {
        let Some(new) = span.map(|span| i64::from(span.line)).filter(|&new| new != line) else { continue };
        let (mut bytes, mut lines) = (offset_of(index) - known, new - line);
        (known, line) = (known + bytes, new);
        while bytes > 255 {
            table.extend([255, 0]);
            bytes -= 255;
        }
        loop {
            let step = lines.clamp(-128, 127);
            table.extend([bytes as u8, step as i8 as u8]);
            (bytes, lines) = (0, lines - step);
            if lines == 0 {
                break;
            }
        }
    }
    Ok(cx.new_bytes(&table).value())
}

/// `co_branches()`: conditional jumps as (instruction, next, target).
fn branches(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    let list = cx.new_list();
    for (index, instruction) in code.code().instructions.iter().enumerate() {
        let Some(distance) = instruction.jump_distance() else { continue };
        if instruction.opcode().is_none_or(|opcode| opcode.is_terminal()) {
            continue;
        }
        let target = (index as i64 + 1 + i64::from(distance)) as usize;
        let parts = [index, index + 1, target].map(|at| Value::int(offset_of(at)));
        list.push(cx, cx.new_tuple(&parts).value())?;
    }
    iterator_over(cx, list)
}

/// `co_linetable`: the table behind `co_positions`, as the line and columns of each instruction in 32-bit numbers.
fn line_table(cx: &Cx, code: Ref<CodeObject>) -> PyResult {
    let spans = code.code().positions.iter();
    let words = spans.flat_map(|span| match span {
        Some(span) => [span.line, span.end_line, span.column, span.end_column],
        None => [0; 4],
    });
    let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    Ok(cx.new_bytes(&bytes).value())
}

// ---- replace

static REPLACE: Signature<18> = Signature::new(
    "replace",
    [
        "co_argcount",
        "co_posonlyargcount",
        "co_kwonlyargcount",
        "co_nlocals",
        "co_stacksize",
        "co_flags",
        "co_firstlineno",
        "co_code",
        "co_consts",
        "co_names",
        "co_varnames",
        "co_freevars",
        "co_cellvars",
        "co_filename",
        "co_name",
        "co_qualname",
        "co_linetable",
        "co_exceptiontable",
    ],
)
.keyword_only_from(0);

/// `code.replace(…)`. The shape of the code (registers, instructions, names) stays as the compiler made it.
fn replace(cx: &Cx, code: Ref<CodeObject>, args: Args<'_>) -> PyResult {
    let given = REPLACE.bind(cx, args)?;
    type Getter = fn(&Cx, Ref<CodeObject>) -> PyResult;
    let fixed: [(usize, &str, Getter); 12] = [
        (0, "co_argcount", argument_count),
        (1, "co_posonlyargcount", positional_only_count),
        (2, "co_kwonlyargcount", keyword_only_count),
        (3, "co_nlocals", local_count),
        (4, "co_stacksize", stack_size),
        (7, "co_code", instruction_bytes),
        (9, "co_names", names),
        (10, "co_varnames", variable_names),
        (11, "co_freevars", free_names),
        (12, "co_cellvars", cell_names),
        (16, "co_linetable", line_table),
        (17, "co_exceptiontable", exception_table),
    ];
    for (index, attribute, getter) in fixed {
        if let Some(value) = given[index]
            && !compare::equal(cx, value, getter(cx, code)?)?
        {
            return Err(raise!(cx, NotImplementedError, "code.replace() cannot change {attribute}"));
        }
    }
    let mut copy: Code = code.code().clone();
    if let Some(flags) = given[5] {
        copy.flags = CodeFlags(index_i64(cx, flags)? as u32);
    }
    if let Some(line) = given[6] {
        copy.first_line = index_i64(cx, line)? as u32;
    }
    let text = |index: usize, attribute: &str| -> PyResult<Option<String>> {
        let Some(value) = given[index] else { return Ok(None) };
        match value.downcast::<Str>(cx).and_then(|text| text.to_str().map(str::to_owned)) {
            Some(text) => Ok(Some(text)),
            None => {
                let class = value.class_name(cx);
                Err(raise!(cx, TypeError, "replace() argument '{attribute}' must be str, not {class}"))
            }
        }
    };
    if let Some(filename) = text(13, "co_filename")? {
        copy.filename = filename.into();
    }
    if let Some(name) = text(14, "co_name")? {
        copy.name = name.into();
    }
    if let Some(name) = text(15, "co_qualname")? {
        copy.qualified_name = name.into();
    }
    let constants = match given[8] {
        None => code.constants(cx)?,
        Some(value) => replaced_constants(cx, code, value)?,
    };
    if given[5].is_some() || given[8].is_some() {
        verify_replaced(cx, &mut copy, constants)?;
    }
    Ok(cx.new_code_with_constants(Arc::new(copy), constants).value())
}

/// Gives the copy its constants as the verifier sees them; ValueError if it does not make sense with them.
fn verify_replaced(cx: &Cx, copy: &mut Code, constants: Ref<Tuple>) -> PyResult<()> {
    copy.constants = super::restore::constants_of(constants);
    match countless_compiler::bytecode::verify(copy) {
        Ok(()) => Ok(()),
        Err(problem) => Err(raise!(cx, ValueError, "code.replace(): {}", problem.message)),
    }
}

/// New constants: as many as before, of the kinds that instructions want (which is verified).
fn replaced_constants(cx: &Cx, code: Ref<CodeObject>, value: Value) -> PyResult<Ref<Tuple>> {
    let Some(constants) = value.exact::<Tuple>() else {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "replace() argument 'co_consts' must be tuple, not {class}"));
    };
    if constants.len() != code.constants(cx)?.len() {
        return Err(cx.value_error("code.replace(): co_consts must be as many as before"));
    }
    Ok(constants)
}

// ---- protocol

fn repr(cx: &Cx, value: Value) -> PyResult {
    let code = this(value);
    let (name, address) = (code.name(), value.identity());
    let (file, line) = (code.filename(), code.code().first_line);
    let text = format!("<code object {} at {address:#x}, file \"{}\", line {line}>", name.as_wtf8(), file.as_wtf8());
    Ok(cx.new_str(&text).value())
}

fn same_code(left: &Code, right: &Code) -> bool {
    left.name == right.name
        && left.flags == right.flags
        && left.first_line == right.first_line
        && left.argument_count == right.argument_count
        && left.positional_only_count == right.positional_only_count
        && left.keyword_only_count == right.keyword_only_count
        && left.instructions == right.instructions
        && left.names == right.names
        && left.locals == right.locals
        && left.exception_table == right.exception_table
        && left.positions == right.positions
}

fn equals(cx: &Cx, value: Value, other: Value, comparison: Comparison) -> PyResult {
    let (Some(other), Comparison::Equal | Comparison::NotEqual) = (other.exact::<CodeObject>(), comparison) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let code = this(value);
    let same = code == other
        || (same_code(code.code(), other.code()) && same_constants(cx, code.constants(cx)?, other.constants(cx)?)?);
    Ok(Value::bool(same == (comparison == Comparison::Equal)))
}

/// Whether constants are equal and of the same types.
fn same_constants(cx: &Cx, left: Ref<Tuple>, right: Ref<Tuple>) -> PyResult<bool> {
    cx.check_native_stack()?;
    if left.len() != right.len() {
        return Ok(false);
    }
    for (a, b) in left.iter().zip(right.iter()) {
        let same = match (a.exact::<Tuple>(), b.exact::<Tuple>()) {
            (Some(a), Some(b)) => same_constants(cx, a, b)?,
            _ => a == b || (a.type_id() == b.type_id() && compare::equal(cx, a, b)?),
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    let code = this(value);
    let mut state = object::hash(cx, code.name().value())? as u64;
    let mut mix = |part: u64| state = (state.rotate_left(5) ^ part).wrapping_mul(0x517c_c1b7_2722_0a95);
    mix(code.code().first_line as u64);
    mix(code.flags as u64);
    code.code().instructions.iter().for_each(|instruction| mix(instruction.0));
    Ok(match state as i64 {
        -1 => -2,
        hash => hash,
    })
}

fn variable_name(cx: &Cx, code: Ref<CodeObject>, index: Value) -> PyResult {
    let index = index_i64(cx, index)?;
    match usize::try_from(index).ok().filter(|&index| index < code.named_count as usize) {
        Some(index) => Ok(code.local_name_at(index).value()),
        None => Err(cx.index_error("tuple index out of range")),
    }
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "Code object.",
    flags: TypeFlags::NO_NEW.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { repr: Some(repr), hash: Some(hash), compare: Some(equals), ..Slots::NONE },
    methods: &[
        Method::many(
            "replace",
            replace,
            "replace($self, /, **changes)\n--\n\nReturn a copy of the code object with new values for the specified fields.",
        ),
        Method::many("__replace__", replace, "__replace__($self, /, **changes)\n--\n\nThe same as replace()."),
        Method::none("co_lines", lines, ""),
        Method::none("co_positions", positions, ""),
        Method::none("co_branches", branches, ""),
        Method::one("_varname_from_oparg", variable_name, ""),
    ],
    attributes: &[
        GetSet::read_only("co_argcount", argument_count, ""),
        GetSet::read_only("co_posonlyargcount", positional_only_count, ""),
        GetSet::read_only("co_kwonlyargcount", keyword_only_count, ""),
        GetSet::read_only("co_nlocals", local_count, ""),
        GetSet::read_only("co_stacksize", stack_size, ""),
        GetSet::read_only("co_flags", flags, ""),
        GetSet::read_only("co_code", instruction_bytes, ""),
        GetSet::read_only("_co_code_adaptive", instruction_bytes, ""),
        GetSet::read_only("co_consts", constants, ""),
        GetSet::read_only("co_names", names, ""),
        GetSet::read_only("co_varnames", variable_names, ""),
        GetSet::read_only("co_freevars", free_names, ""),
        GetSet::read_only("co_cellvars", cell_names, ""),
        GetSet::read_only("co_filename", filename, ""),
        GetSet::read_only("co_name", name, ""),
        GetSet::read_only("co_qualname", qualified_name, ""),
        GetSet::read_only("co_firstlineno", first_line, ""),
        GetSet::read_only("co_lnotab", line_steps, ""),
        GetSet::read_only("co_linetable", line_table, ""),
        GetSet::read_only("co_exceptiontable", exception_table, ""),
    ],
    ..TypeDef::new("code", &LAYOUT)
};
