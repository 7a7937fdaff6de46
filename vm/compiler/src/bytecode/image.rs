//! The code of a module of the packed library as bytes in the binary, read piece by piece: a nested code object is not
//! looked at before somebody wants it.
//!
//! **Trust.** Nothing here is verified when it is read, and the interpreter checks no code. That is sound because of
//! where the bytes come from: the build of the packed library makes them by [`write`] from the compiler's output, verifies
//! that output, reads the image back and compares ([`check`]), and embeds those very bytes in read-only memory. Bytes that
//! come from anywhere else (files, programs) go through [`super::serial`], which verifies. The reader itself indexes
//! with bounds checks only, so that a damaged image ends the process with a report.
//!
//! Layout: [`FINGERPRINT`] and the place of the outermost code (u32 each, little-endian), then texts and code objects in
//! any order, inner before outer. Numbers are LEB128; a text is its length and its WTF-8 bytes, stands once in an image,
//! and is referred to by its place. A code object is a [`Head`], then its locals, names, constants, instructions (8 bytes
//! each), exception table and packed positions, each preceded by how many there are (constants by their size in bytes, too).

use std::collections::HashMap;
use std::sync::Arc;

use countless_common::wtf8::Wtf8;
use dashu_int::{IBig, Sign, UBig};

use super::code::{Code, CodeFlags, Constant, ExceptionEntry};
use super::instruction::Instruction;
use super::positions::Positions;
use super::serial::{FINGERPRINT, Problem, local_bits, local_of};

/// Tags of constants.
mod tag {
    pub const NONE: u8 = 0;
    pub const ELLIPSIS: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const TRUE: u8 = 3;
    pub const INT: u8 = 4;
    pub const BIG_INT: u8 = 5;
    pub const FLOAT: u8 = 6;
    pub const COMPLEX: u8 = 7;
    pub const STR: u8 = 8;
    pub const BYTES: u8 = 9;
    pub const TUPLE: u8 = 10;
    pub const FROZEN_SET: u8 = 11;
    pub const SLICE: u8 = 12;
    pub const CODE: u8 = 13;
}

// ---- writing

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    texts: HashMap<Vec<u8>, usize>,
}

/// The image of a module's code. Constants that are packed themselves have no place in it.
pub fn write(code: &Code) -> Vec<u8> {
    let mut writer = Writer { out: vec![0; 8], texts: HashMap::new() };
    let root = writer.code(code);
    writer.out[..4].copy_from_slice(&FINGERPRINT.to_le_bytes());
    let root = u32::try_from(root).expect("an image is shorter than 4 GiB");
    writer.out[4..8].copy_from_slice(&root.to_le_bytes());
    writer.out
}

fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

impl Writer {
    /// The place of a text, which is written if it is new.
    fn text(&mut self, text: &[u8]) -> u64 {
        if let Some(&place) = self.texts.get(text) {
            return place as u64;
        }
        let place = self.out.len();
        push_number(&mut self.out, text.len() as u64);
        self.out.extend_from_slice(text);
        self.texts.insert(text.to_vec(), place);
        place as u64
    }

    /// Writes a code object behind all that it refers to; the answer is its place.
    fn code(&mut self, code: &Code) -> usize {
        let mut body = Vec::new();
        let counts = [code.argument_count, code.positional_only_count, code.keyword_only_count];
        let free = code.locals.iter().filter(|local| local.is_free).count();
        for number in [code.first_line, code.flags.0].into_iter().chain(counts).chain([code.register_count]) {
            push_number(&mut body, number.into());
        }
        push_number(&mut body, free as u64);
        push_number(&mut body, self.text(code.name.as_bytes()));
        push_number(&mut body, self.text(code.qualified_name.as_bytes()));
        push_number(&mut body, code.locals.len() as u64);
        for local in &code.locals {
            body.push(local_bits(local));
            push_number(&mut body, self.text(local.name.as_bytes()));
        }
        push_number(&mut body, code.names.len() as u64);
        code.names.iter().for_each(|name| push_number(&mut body, self.text(name.as_bytes())));
        self.items(&mut body, &code.constants);
        push_number(&mut body, code.instructions.len() as u64);
        code.instructions.iter().for_each(|word| body.extend_from_slice(&word.0.to_le_bytes()));
        push_number(&mut body, code.exception_table.len() as u64);
        for entry in &code.exception_table {
            let words = [entry.start, entry.end, entry.handler, entry.register.into()];
            words.iter().for_each(|&word| push_number(&mut body, word.into()));
        }
        push_number(&mut body, code.positions.packed().len() as u64);
        body.extend_from_slice(code.positions.packed());
        let place = self.out.len();
        self.out.append(&mut body);
        place
    }

    fn constant(&mut self, body: &mut Vec<u8>, constant: &Constant) {
        match constant {
            Constant::None => body.push(tag::NONE),
            Constant::Ellipsis => body.push(tag::ELLIPSIS),
            Constant::Bool(value) => body.push(if *value { tag::TRUE } else { tag::FALSE }),
            Constant::Int(value) => {
                body.push(tag::INT);
                push_number(body, (value << 1 ^ value >> 63) as u64);
            }
            Constant::BigInt(value) => {
                let (sign, magnitude) = (**value).clone().into_parts();
                let bytes = magnitude.to_le_bytes();
                body.extend_from_slice(&[tag::BIG_INT, u8::from(sign == Sign::Negative)]);
                push_number(body, bytes.len() as u64);
                body.extend_from_slice(&bytes);
            }
            Constant::Float(value) => {
                body.push(tag::FLOAT);
                body.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            Constant::Complex(real, imaginary) => {
                body.push(tag::COMPLEX);
                [real, imaginary].iter().for_each(|part| body.extend_from_slice(&part.to_bits().to_le_bytes()));
            }
            Constant::Str(text) => {
                body.push(tag::STR);
                push_number(body, self.text(text.as_bytes()));
            }
            Constant::Bytes(bytes) => {
                body.push(tag::BYTES);
                push_number(body, bytes.len() as u64);
                body.extend_from_slice(bytes);
            }
            Constant::Tuple(items) => {
                body.push(tag::TUPLE);
                self.items(body, items);
            }
            Constant::FrozenSet(items) => {
                body.push(tag::FROZEN_SET);
                self.items(body, items);
            }
            Constant::Slice(parts) => {
                body.push(tag::SLICE);
                self.items(body, &parts[..]);
            }
            Constant::Code(code) => {
                let place = self.code(code);
                body.push(tag::CODE);
                push_number(body, place as u64);
            }
            Constant::Packed(_) => unreachable!("the compiler's output is not packed"),
        }
    }

    /// Writes how many constants there are, how many bytes they take, and the constants.
    fn items(&mut self, body: &mut Vec<u8>, items: &[Constant]) {
        let mut content = Vec::new();
        items.iter().for_each(|item| self.constant(&mut content, item));
        push_number(body, items.len() as u64);
        push_number(body, content.len() as u64);
        body.append(&mut content);
    }
}

/// Whether the image of a code object, read back, says what the code says, down to the innermost.
pub fn check(packed: PackedCode, code: &Arc<Code>) -> bool {
    let mut pending = vec![(packed, Arc::clone(code))];
    while let Some((packed, code)) = pending.pop() {
        let read = packed.read(Arc::clone(&code.filename));
        let free = code.locals.iter().filter(|local| local.is_free).count();
        if !read.has_parts_of(&code) || packed.head().free_count as usize != free {
            return false;
        }
        for pair in read.constants.iter().zip(&code.constants) {
            match pair {
                (Constant::Packed(packed), Constant::Code(code)) => pending.push((*packed, Arc::clone(code))),
                (read, constant) if read == constant => {}
                _ => return false,
            }
        }
    }
    true
}

// ---- reading

/// A code object in an image.
#[derive(Clone, Copy)]
pub struct PackedCode {
    image: &'static [u8],
    place: u32,
}

/// What a code object's image begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// `co_firstlineno`.
    pub first_line: u32,
    /// `co_flags`.
    pub flags: CodeFlags,
    /// `co_argcount`.
    pub argument_count: u32,
    /// `co_posonlyargcount`.
    pub positional_only_count: u32,
    /// `co_kwonlyargcount`.
    pub keyword_only_count: u32,
    /// Size of the frame's window.
    pub register_count: u32,
    /// How many free variables there are.
    pub free_count: u32,
    /// `co_name`.
    pub name: &'static Wtf8,
    /// `co_qualname`.
    pub qualified_name: &'static Wtf8,
    /// How many named registers there are.
    pub local_count: u32,
}

/// A constant in an image.
pub enum PackedConstant {
    /// One without parts.
    Plain(Constant),
    /// A str.
    Str(&'static Wtf8),
    /// A bytes object.
    Bytes(&'static [u8]),
    /// A tuple.
    Tuple(PackedItems),
    /// A frozenset.
    FrozenSet(PackedItems),
    /// A slice.
    Slice(PackedItems),
    /// A nested code object.
    Code(PackedCode),
}

/// The outermost code of an image, which the build has made and verified (see the top of the file).
pub fn open(image: &'static [u8]) -> Result<PackedCode, Problem> {
    let word = |at: usize| image.get(at..at + 4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    match (word(0), word(4)) {
        (Some(FINGERPRINT), Some(place)) => Ok(PackedCode { image, place }),
        _ => Err("code of another version"),
    }
}

/// The places of an image from one on.
#[derive(Clone, Copy)]
struct Reader {
    image: &'static [u8],
    at: usize,
}

impl Reader {
    #[inline]
    fn byte(&mut self) -> u8 {
        let byte = self.image[self.at];
        self.at += 1;
        byte
    }

    fn take(&mut self, count: usize) -> &'static [u8] {
        let taken = &self.image[self.at..self.at + count];
        self.at += count;
        taken
    }

    #[inline]
    fn number(&mut self) -> u64 {
        let first = self.byte();
        if first < 0x80 { first.into() } else { self.long_number(first) }
    }

    fn long_number(&mut self, first: u8) -> u64 {
        let (mut number, mut shift) = (u64::from(first & 0x7f), 7);
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }

    fn count(&mut self) -> u32 {
        self.number() as u32
    }

    fn length(&mut self) -> usize {
        self.number() as usize
    }

    /// The bytes of a text that is referred to.
    fn text(&mut self) -> &'static [u8] {
        let mut there = Reader { image: self.image, at: self.length() };
        let length = there.length();
        there.take(length)
    }

    fn name(&mut self) -> &'static Wtf8 {
        Wtf8::from_trusted_bytes(self.text())
    }

    fn float(&mut self) -> f64 {
        f64::from_bits(u64::from_le_bytes(self.take(8).try_into().expect("eight bytes")))
    }

    fn head(&mut self) -> Head {
        Head {
            first_line: self.count(),
            flags: CodeFlags(self.count()),
            argument_count: self.count(),
            positional_only_count: self.count(),
            keyword_only_count: self.count(),
            register_count: self.count(),
            free_count: self.count(),
            name: self.name(),
            qualified_name: self.name(),
            local_count: self.count(),
        }
    }

    fn constant(&mut self) -> PackedConstant {
        PackedConstant::Plain(match self.byte() {
            tag::NONE => Constant::None,
            tag::ELLIPSIS => Constant::Ellipsis,
            tag::FALSE => Constant::Bool(false),
            tag::TRUE => Constant::Bool(true),
            tag::INT => {
                let number = self.number();
                Constant::Int((number >> 1) as i64 ^ -((number & 1) as i64))
            }
            tag::BIG_INT => {
                let sign = if self.byte() == 0 { Sign::Positive } else { Sign::Negative };
                let length = self.length();
                Constant::BigInt(Arc::new(IBig::from_parts(sign, UBig::from_le_bytes(self.take(length)))))
            }
            tag::FLOAT => Constant::Float(self.float()),
            tag::COMPLEX => Constant::Complex(self.float(), self.float()),
            tag::STR => return PackedConstant::Str(Wtf8::from_trusted_bytes(self.text())),
            tag::BYTES => {
                let length = self.length();
                return PackedConstant::Bytes(self.take(length));
            }
            tag::TUPLE => return PackedConstant::Tuple(self.items()),
            tag::FROZEN_SET => return PackedConstant::FrozenSet(self.items()),
            tag::SLICE => return PackedConstant::Slice(self.items()),
            tag::CODE => return PackedConstant::Code(PackedCode { image: self.image, place: self.count() }),
            other => panic!("an image has no constants of kind {other}"),
        })
    }

    /// The items of a container; the reader goes on behind them.
    fn items(&mut self) -> PackedItems {
        let (left, size) = (self.length(), self.length());
        let items = PackedItems { reader: *self, left };
        self.at += size;
        items
    }
}

/// The items of a tuple, frozenset or slice, or all constants of a code object.
pub struct PackedItems {
    reader: Reader,
    left: usize,
}

impl Iterator for PackedItems {
    type Item = PackedConstant;

    fn next(&mut self) -> Option<PackedConstant> {
        self.left = self.left.checked_sub(1)?;
        Some(self.reader.constant())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for PackedItems {}

/// A code object's parts, to be taken in the order of the functions here.
pub struct Parts {
    reader: Reader,
    local_count: u32,
}

impl Parts {
    /// The named registers: bits for [`local_of`], and names.
    fn locals(&mut self) -> impl ExactSizeIterator<Item = (u8, &'static Wtf8)> {
        (0..self.local_count).map(|_| (self.reader.byte(), self.reader.name()))
    }

    /// The names of the named registers.
    pub fn local_names(&mut self) -> impl ExactSizeIterator<Item = &'static Wtf8> {
        self.locals().map(|(_, name)| name)
    }

    /// `co_names`.
    pub fn names(&mut self) -> impl ExactSizeIterator<Item = &'static Wtf8> {
        let count = self.reader.count();
        (0..count).map(|_| self.reader.name())
    }

    /// `co_consts`.
    pub fn constants(&mut self) -> PackedItems {
        self.reader.items()
    }

    /// The instructions.
    pub fn instructions(&mut self) -> impl ExactSizeIterator<Item = Instruction> + use<> {
        let length = self.reader.length();
        let words = self.reader.take(length * 8).chunks_exact(8);
        words.map(|word| Instruction(u64::from_le_bytes(word.try_into().expect("eight bytes"))))
    }

    fn exception_table(&mut self) -> Box<[ExceptionEntry]> {
        let length = self.reader.length();
        let mut number = || self.reader.count();
        let entry = |_| ExceptionEntry { start: number(), end: number(), handler: number(), register: number() as u16 };
        (0..length).map(entry).collect()
    }

    fn positions(&mut self, length: usize) -> Positions {
        let packed = self.reader.length();
        Positions::from_packed(self.reader.take(packed), length).expect("an image's positions are whole")
    }
}

impl PackedCode {
    fn start(&self) -> (Head, Parts) {
        let mut reader = Reader { image: self.image, at: self.place as usize };
        let head = reader.head();
        (head, Parts { reader, local_count: head.local_count })
    }

    /// What stands before everything else.
    pub fn head(&self) -> Head {
        self.start().0
    }

    /// Everything else.
    pub fn parts(&self) -> Parts {
        self.start().1
    }

    /// The code object; those nested in it stay packed.
    pub fn read(&self, filename: Arc<str>) -> Code {
        let (head, mut parts) = self.start();
        let locals = parts.locals().map(|(bits, name)| local_of(bits, owned(name))).collect();
        let names = parts.names().map(owned).collect();
        let constants = parts.constants().map(PackedConstant::read).collect();
        let instructions: Box<[Instruction]> = parts.instructions().collect();
        let exception_table = parts.exception_table();
        let positions = parts.positions(instructions.len());
        Code {
            name: owned(head.name),
            qualified_name: owned(head.qualified_name),
            filename,
            first_line: head.first_line,
            flags: head.flags,
            argument_count: head.argument_count,
            positional_only_count: head.positional_only_count,
            keyword_only_count: head.keyword_only_count,
            locals,
            register_count: head.register_count,
            instructions,
            constants,
            names,
            exception_table,
            positions,
        }
    }
}

/// A name as `Code` has it: the compiler's names have no surrogates.
fn owned(name: &Wtf8) -> Box<str> {
    name.to_str().expect("an image's names are UTF-8").into()
}

impl PackedConstant {
    /// The constant; code stays packed.
    fn read(self) -> Constant {
        match self {
            PackedConstant::Plain(constant) => constant,
            PackedConstant::Str(text) => Constant::Str(Arc::new(text.to_wtf8_buf())),
            PackedConstant::Bytes(bytes) => Constant::Bytes(bytes.into()),
            PackedConstant::Tuple(items) => Constant::Tuple(items.map(PackedConstant::read).collect()),
            PackedConstant::FrozenSet(items) => Constant::FrozenSet(items.map(PackedConstant::read).collect()),
            PackedConstant::Slice(mut items) => {
                let mut next = || items.next().map_or(Constant::None, PackedConstant::read);
                Constant::Slice(Arc::new([next(), next(), next()]))
            }
            PackedConstant::Code(code) => Constant::Packed(code),
        }
    }
}

impl std::fmt::Debug for PackedCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PackedCode({} at {})", self.head().qualified_name, self.place)
    }
}

// Two are equal if they are the same.
impl PartialEq for PackedCode {
    fn eq(&self, other: &PackedCode) -> bool {
        std::ptr::eq(self.image, other.image) && self.place == other.place
    }
}

impl std::hash::Hash for PackedCode {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.image.as_ptr(), self.place).hash(state);
    }
}
