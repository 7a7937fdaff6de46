//! Bytecode as text, for `-X dis` and for snapshot tests.

use std::fmt::Write;

use super::code::{Code, Constant};
use super::instruction::{Instruction, Opcode, Operand};
use super::ops::OperandKind;
use super::selectors::{CommonValue, Singleton, SpecialMethod, TypeParameterKind};

/// The listing of a code object and all nested in it.
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    let mut pending = vec![code];
    while let Some(code) = pending.pop() {
        if !out.is_empty() {
            out.push('\n');
        }
        disassemble_one(code, &mut out);
        let nested: Vec<&Code> = code.nested().map(|nested| &**nested).collect();
        pending.extend(nested.into_iter().rev());
    }
    out
}

/// The listing of one code object.
pub fn disassemble_one(code: &Code, out: &mut String) {
    header(code, out);
    let mut line = None;
    for (pc, word) in code.instructions.iter().enumerate() {
        let span = code.positions.get(pc);
        let shown = match span {
            Some(span) if Some(span.line) != line => format!("{}", span.line),
            None if line.is_some() || pc == 0 => "-".to_owned(),
            _ => String::new(),
        };
        line = span.map(|span| span.line);
        let _ = writeln!(out, "{shown:>5} {pc:>5}  {}", instruction(code, pc, *word));
    }
    for entry in &code.exception_table {
        let register = register(code, u32::from(entry.register));
        let _ = writeln!(out, "  except {}..{} -> {} in {register}", entry.start, entry.end, entry.handler);
    }
}

fn header(code: &Code, out: &mut String) {
    let _ = writeln!(
        out,
        "code {} (line {}, flags {:#x}, {} registers)",
        code.qualified_name, code.first_line, code.flags.0, code.register_count
    );
    let locals: Vec<String> = code
        .locals
        .iter()
        .map(|local| {
            let marks = [(local.is_parameter, '='), (local.is_cell, '&'), (local.is_free, '^'), (local.is_hidden, '~')];
            marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark).chain(local.name.chars()).collect()
        })
        .collect();
    if !locals.is_empty() {
        let _ = writeln!(out, "  locals {}", locals.join(" "));
    }
}

/// One instruction as text.
pub fn instruction(code: &Code, pc: usize, word: Instruction) -> String {
    let Some(opcode) = word.opcode() else {
        return format!("? {:#018x}", word.0);
    };
    let mut text = opcode.name().to_owned();
    for operand in opcode.operands() {
        let _ = match operand_text(code, pc, word, opcode, operand) {
            Some(value) => write!(text, " {}={value}", operand.name),
            None => Ok(()),
        };
    }
    text
}

fn operand_text(code: &Code, pc: usize, word: Instruction, opcode: Opcode, operand: &Operand) -> Option<String> {
    let bits = word.operand(operand);
    Some(match operand.kind {
        OperandKind::Dst | OperandKind::Src | OperandKind::SrcDst | OperandKind::Base => register(code, bits),
        OperandKind::Const | OperandKind::ConstWide => match code.constants.get(bits as usize) {
            Some(constant) => constant_text(constant),
            None => format!("constant {bits}"),
        },
        OperandKind::Name => match code.names.get(bits as usize) {
            Some(name) => name.to_string(),
            None => format!("name {bits}"),
        },
        OperandKind::Imm => (bits as u16 as i16).to_string(),
        OperandKind::ImmWide => (bits as i32).to_string(),
        OperandKind::Jump | OperandKind::JumpWide => {
            format!("{}", pc as i64 + 1 + i64::from(word.jump_distance().unwrap_or(0)))
        }
        OperandKind::Count => bits.to_string(),
        OperandKind::Small => return selector(opcode, bits as u8),
    })
}

/// A selector's name; the plain form of an instruction shows none.
fn selector(opcode: Opcode, n: u8) -> Option<String> {
    let name = match opcode {
        Opcode::LoadSingleton => Singleton::from_number(n).map(Singleton::text),
        Opcode::LoadCommon => CommonValue::from_number(n).map(CommonValue::text),
        Opcode::LoadSpecial => SpecialMethod::from_number(n).map(SpecialMethod::text),
        Opcode::MakeTypeParameter => TypeParameterKind::from_number(n).map(TypeParameterKind::text),
        _ => None,
    };
    match name {
        Some(name) => Some(name.to_owned()),
        None if n == 0 && opcode.jump_operand().is_none() => None,
        None => Some(n.to_string()),
    }
}

fn register(code: &Code, register: u32) -> String {
    match code.locals.get(register as usize) {
        Some(local) => local.name.to_string(),
        None => format!("%{}", register - code.locals.len() as u32),
    }
}

/// A constant, near to how Python writes it.
pub fn constant_text(constant: &Constant) -> String {
    let list = |items: &[Constant]| items.iter().map(constant_text).collect::<Vec<_>>().join(", ");
    match constant {
        Constant::None => "None".to_owned(),
        Constant::Ellipsis => "...".to_owned(),
        Constant::Bool(true) => "True".to_owned(),
        Constant::Bool(false) => "False".to_owned(),
        Constant::Int(value) => value.to_string(),
        Constant::BigInt(value) => value.to_string(),
        Constant::Float(value) => format!("{value:?}"),
        Constant::Complex(real, imaginary) => format!("({real:?}+{imaginary:?}j)"),
        Constant::Str(text) => format!("{:?}", text.to_string_lossy()),
        Constant::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Constant::Tuple(items) if items.len() == 1 => format!("({},)", constant_text(&items[0])),
        Constant::Tuple(items) => format!("({})", list(items)),
        Constant::FrozenSet(items) => format!("frozenset({{{}}})", list(items)),
        Constant::Slice(parts) => format!("slice({})", list(&parts[..])),
        Constant::Code(code) => format!("<code {}>", code.qualified_name),
        Constant::Nested(code) => format!("<code {}>", code.qualified_name),
    }
}
