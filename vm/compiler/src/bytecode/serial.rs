//! Code objects as bytes, for `marshal` and bytecode files: all of a code object but its file name and its constants,
//! which the caller writes in its own way beside it.
//!
//! Numbers are little-endian, 32 bits; a text or table is preceded by its length. The first word is [`FINGERPRINT`], so
//! that bytes of another instruction table are refused. [`read`] takes any bytes: what it returns has been verified.

use std::sync::Arc;

use super::code::{Code, CodeFlags, Constant, ExceptionEntry, LocalVariable};
use super::instruction::{Instruction, Opcode};
use super::positions::Positions;
use super::verify::verify;

/// To be raised when the meaning of an instruction or of these bytes changes while the table's names stay.
const FORMAT: u32 = 2;

/// Tells instruction tables apart: a hash of the opcodes' names and operands, in their order.
pub const FINGERPRINT: u32 = fingerprint();

const fn mix(mut hash: u32, text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ 0xff).wrapping_mul(0x0100_0193)
}

const fn fingerprint() -> u32 {
    let mut hash = mix(0x811c_9dc5 ^ FORMAT, env!("CARGO_PKG_VERSION"));
    let mut number = 0;
    while number < Opcode::ALL.len() {
        hash = mix(hash, Opcode::ALL[number].name());
        let operands = Opcode::ALL[number].operands();
        let mut at = 0;
        while at < operands.len() {
            hash = mix(hash, operands[at].name);
            hash = (hash ^ operands[at].kind as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        number += 1;
    }
    hash
}

/// What is wrong with bytes that are no code.
pub type Problem = &'static str;

// ---- writing

fn push_number(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Lengths fit: source text is shorter than 4 GiB, and so is everything that the compiler makes of it.
fn push_length(out: &mut Vec<u8>, length: usize) {
    push_number(out, u32::try_from(length).unwrap_or(u32::MAX));
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Appends the code object's bytes.
pub fn write(code: &Code, out: &mut Vec<u8>) {
    push_number(out, FINGERPRINT);
    let counts = [code.argument_count, code.positional_only_count, code.keyword_only_count];
    for number in [code.first_line, code.flags.0].into_iter().chain(counts).chain([code.register_count]) {
        push_number(out, number);
    }
    push_text(out, &code.name);
    push_text(out, &code.qualified_name);
    push_length(out, code.locals.len());
    for local in &code.locals {
        out.push(local_bits(local));
        push_text(out, &local.name);
    }
    push_length(out, code.names.len());
    code.names.iter().for_each(|name| push_text(out, name));
    push_length(out, code.instructions.len());
    code.instructions.iter().for_each(|word| out.extend_from_slice(&word.0.to_le_bytes()));
    push_length(out, code.exception_table.len());
    for entry in &code.exception_table {
        [entry.start, entry.end, entry.handler, entry.register.into()]
            .iter()
            .for_each(|&number| push_number(out, number));
    }
    push_length(out, code.positions.packed().len());
    out.extend_from_slice(code.positions.packed());
}

/// What a named register is, as bits.
pub(super) fn local_bits(local: &LocalVariable) -> u8 {
    let bits = [local.is_parameter, local.is_cell, local.is_free, local.is_hidden];
    bits.into_iter().enumerate().map(|(place, bit)| u8::from(bit) << place).sum()
}

/// The named register of these bits and this name.
pub(super) fn local_of(bits: u8, name: Box<str>) -> LocalVariable {
    let bit = |place: u8| bits >> place & 1 != 0;
    LocalVariable { name, is_parameter: bit(0), is_cell: bit(1), is_free: bit(2), is_hidden: bit(3) }
}

// ---- reading

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Problem> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or("code is cut off")?;
        self.bytes = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, Problem> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A small count: more than there are registers is wrong, and sums of such counts do not overflow.
    fn count(&mut self) -> Result<u32, Problem> {
        self.number().ok().filter(|&count| count <= 1 << 16).ok_or("count in code out of range")
    }

    /// The length of a table whose entries take at least `size` bytes, so that nobody reserves memory for a lie.
    fn length(&mut self, size: usize) -> Result<usize, Problem> {
        let length = self.number()? as usize;
        if length > self.bytes.len() / size { Err("code is cut off") } else { Ok(length) }
    }

    fn text(&mut self) -> Result<Box<str>, Problem> {
        let length = self.length(1)?;
        std::str::from_utf8(self.take(length)?).map(Box::from).map_err(|_| "name in code is not UTF-8")
    }

    fn local(&mut self) -> Result<LocalVariable, Problem> {
        let bits = self.take(1)?[0];
        Ok(local_of(bits, self.text()?))
    }

    fn instruction(&mut self) -> Result<Instruction, Problem> {
        let (low, high) = (self.number()?, self.number()?);
        Ok(Instruction(u64::from(low) | u64::from(high) << 32))
    }

    fn exception_entry(&mut self) -> Result<ExceptionEntry, Problem> {
        let (start, end, handler) = (self.number()?, self.number()?, self.number()?);
        let register = u16::try_from(self.number()?).map_err(|_| "register out of range")?;
        Ok(ExceptionEntry { start, end, handler, register })
    }

    fn table<T>(&mut self, size: usize, entry: impl Fn(&mut Self) -> Result<T, Problem>) -> Result<Box<[T]>, Problem> {
        let length = self.length(size)?;
        (0..length).map(|_| entry(self)).collect()
    }
}

/// The code object of [`write`]'s bytes and of what stood beside them; verified.
pub fn read(bytes: &[u8], filename: Arc<str>, constants: Box<[Constant]>) -> Result<Code, Problem> {
    let mut reader = Reader { bytes };
    if reader.number()? != FINGERPRINT {
        return Err("code of another version");
    }
    let (first_line, flags) = (reader.number()?, CodeFlags(reader.number()?));
    let (argument_count, positional_only_count, keyword_only_count) =
        (reader.count()?, reader.count()?, reader.count()?);
    let register_count = reader.count()?;
    let (name, qualified_name) = (reader.text()?, reader.text()?);
    let locals = reader.table(5, Reader::local)?;
    let names = reader.table(4, Reader::text)?;
    let instructions = reader.table(8, Reader::instruction)?;
    let exception_table = reader.table(16, Reader::exception_entry)?;
    let packed = reader.length(1)?;
    let positions = Positions::from_packed(reader.take(packed)?, instructions.len()).ok_or("positions are wrong")?;
    if !reader.bytes.is_empty() {
        return Err("code is too long");
    }
    let code = Code {
        name,
        qualified_name,
        filename,
        first_line,
        flags,
        argument_count,
        positional_only_count,
        keyword_only_count,
        locals,
        register_count,
        instructions,
        constants,
        names,
        exception_table,
        positions,
    };
    verify(&code).map_err(|error| error.message)?;
    Ok(code)
}
