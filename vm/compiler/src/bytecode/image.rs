//! The code of a module as bytes that are read piece by piece: a nested code object is not looked at before somebody
//! wants it. The packed library is in the binary in this form, and `marshal` writes it.
//!
//! **Trust.** What is read here is not verified as [`super::verify`] does it, and the interpreter checks no code.
//!
//! 1. Images in the binary are never verified at run time. That is sound because of where the bytes come from: the build of
//!    the packed library makes them by [`write()`] from the compiler's output, verifies that output, reads the image back and
//!    compares ([`check`]), and embeds those very bytes in read-only memory.
//! 2. Bytes from anywhere else pass [`validate`], after which reading any part of them is without panic and within
//!    bounds; and each code object is verified before it runs, when it is loaded.
//!
//! Layout: [`FINGERPRINT`] and the place of the outermost code (u32 each, little-endian), then texts and code objects in
//! any order, inner before outer. Numbers are LEB128; a text is its length and its WTF-8 bytes, stands once in an image,
//! and is referred to by its place. A code object is a [`Head`], then its locals, names, constants, instructions (8 bytes
//! each), exception table and packed positions, each preceded by how many there are (constants by their size in bytes, too).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use countless_common::wtf8::Wtf8;
use dashu_int::{IBig, Sign, UBig};

use super::code::{Code, CodeFlags, Constant, ExceptionEntry, NestedCode};
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

/// How deep code objects and containers may be nested, so that whoever follows them need not look at the native stack.
const MAX_DEPTH: usize = 100;

/// The image of a module's code, with all that is nested in it; `None` if that is nested too deeply, is not there
/// ([`Constant::Nested`]) or is longer than 4 GiB.
pub fn write(code: &Code) -> Option<Vec<u8>> {
    let mut writer = Writer { out: vec![0; 8], texts: HashMap::new() };
    let root = writer.code(code, 0)?;
    u32::try_from(writer.out.len()).ok()?;
    writer.out[..4].copy_from_slice(&FINGERPRINT.to_le_bytes());
    writer.out[4..8].copy_from_slice(&(root as u32).to_le_bytes());
    Some(writer.out)
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
    fn code(&mut self, code: &Code, depth: usize) -> Option<usize> {
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
        self.items(&mut body, &code.constants, depth)?;
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
        Some(place)
    }

    fn constant(&mut self, body: &mut Vec<u8>, constant: &Constant, depth: usize) -> Option<()> {
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
                self.items(body, items, depth + 1)?;
            }
            Constant::FrozenSet(items) => {
                body.push(tag::FROZEN_SET);
                self.items(body, items, depth + 1)?;
            }
            Constant::Slice(parts) => {
                body.push(tag::SLICE);
                self.items(body, &parts[..], depth + 1)?;
            }
            Constant::Code(code) => {
                let place = self.code(code, depth + 1)?;
                body.push(tag::CODE);
                push_number(body, place as u64);
            }
            Constant::Nested(_) => return None,
        }
        Some(())
    }

    /// Writes how many constants there are, how many bytes they take, and the constants.
    fn items(&mut self, body: &mut Vec<u8>, items: &[Constant], depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut content = Vec::new();
        items.iter().try_for_each(|item| self.constant(&mut content, item, depth))?;
        push_number(body, items.len() as u64);
        push_number(body, content.len() as u64);
        body.append(&mut content);
        Some(())
    }
}

/// Whether the image of a code object, read back, says what the code says, down to the innermost.
pub fn check(packed: PackedCode<'_>, code: &Arc<Code>) -> bool {
    let free = code.locals.iter().filter(|local| local.is_free).count();
    let read = packed.read(Arc::clone(&code.filename));
    let mut nested = packed.nested();
    read.has_parts_of(code)
        && packed.head().free_count as usize == free
        && read.constants.iter().zip(&code.constants).all(|pair| match pair {
            (Constant::Nested(_), Constant::Code(code)) => nested.next().is_some_and(|packed| check(packed, code)),
            (read, constant) => read == constant,
        })
}

// ---- reading

/// A code object in an image.
#[derive(Clone, Copy)]
pub struct PackedCode<'image> {
    image: &'image [u8],
    place: u32,
}

/// What a code object's image begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'image> {
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
    pub name: &'image Wtf8,
    /// `co_qualname`.
    pub qualified_name: &'image Wtf8,
    /// How many named registers there are.
    pub local_count: u32,
}

/// A constant in an image.
pub enum PackedConstant<'image> {
    /// One without parts.
    Plain(Constant),
    /// A str.
    Str(&'image Wtf8),
    /// A bytes object.
    Bytes(&'image [u8]),
    /// A tuple.
    Tuple(PackedItems<'image>),
    /// A frozenset.
    FrozenSet(PackedItems<'image>),
    /// A slice.
    Slice(PackedItems<'image>),
    /// A nested code object.
    Code(PackedCode<'image>),
}

/// The outermost code of an image, whose bytes are in order (see the top of the file).
pub fn open(image: &[u8]) -> Result<PackedCode<'_>, Problem> {
    let word = |at: usize| image.get(at..at + 4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    match (word(0), word(4)) {
        (Some(FINGERPRINT), Some(place)) => Ok(PackedCode { image, place }),
        _ => Err("code of another version"),
    }
}

/// The bytes of an image from a place on. Everything is `None` where the image ends too early or says what it must not.
#[derive(Clone, Copy)]
struct Reader<'image> {
    image: &'image [u8],
    at: usize,
}

impl<'image> Reader<'image> {
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.image.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn take(&mut self, count: usize) -> Option<&'image [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.image.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    #[inline]
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 { Some(first.into()) } else { self.long_number(first) }
    }

    fn long_number(&mut self, first: u8) -> Option<u64> {
        let (mut number, mut shift) = (u64::from(first & 0x7f), 7);
        loop {
            let byte = self.byte()?;
            if shift > 63 {
                return None;
            }
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Some(number);
            }
        }
    }

    #[inline]
    fn count(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    #[inline]
    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// The bytes of a text that is referred to.
    #[inline]
    fn text(&mut self) -> Option<&'image [u8]> {
        let mut there = Reader { image: self.image, at: self.length()? };
        let length = there.length()?;
        there.take(length)
    }

    /// A name: UTF-8, which [`validate`] checks.
    #[inline]
    fn name(&mut self) -> Option<&'image Wtf8> {
        Some(Wtf8::from_trusted_bytes(self.text()?))
    }

    fn float(&mut self) -> Option<f64> {
        Some(f64::from_bits(u64::from_le_bytes(self.take(8)?.try_into().ok()?)))
    }

    /// A name of an image that is not known to be in order.
    fn checked_name(&mut self) -> Option<&'image Wtf8> {
        std::str::from_utf8(self.text()?).ok().map(Wtf8::new)
    }

    /// A head, whose names are read by `name`.
    fn head(&mut self, name: impl Fn(&mut Self) -> Option<&'image Wtf8>) -> Option<Head<'image>> {
        Some(Head {
            first_line: self.count()?,
            flags: CodeFlags(self.count()?),
            argument_count: self.count()?,
            positional_only_count: self.count()?,
            keyword_only_count: self.count()?,
            register_count: self.count()?,
            free_count: self.count()?,
            name: name(self)?,
            qualified_name: name(self)?,
            local_count: self.count()?,
        })
    }

    fn constant(&mut self) -> Option<PackedConstant<'image>> {
        Some(PackedConstant::Plain(match self.byte()? {
            tag::NONE => Constant::None,
            tag::ELLIPSIS => Constant::Ellipsis,
            tag::FALSE => Constant::Bool(false),
            tag::TRUE => Constant::Bool(true),
            tag::INT => {
                let number = self.number()?;
                Constant::Int((number >> 1) as i64 ^ -((number & 1) as i64))
            }
            tag::BIG_INT => {
                let sign = if self.byte()? == 0 { Sign::Positive } else { Sign::Negative };
                let length = self.length()?;
                let magnitude = UBig::from_le_bytes(self.take(length)?);
                Constant::BigInt(Arc::new(IBig::from_parts(sign, magnitude)))
            }
            tag::FLOAT => Constant::Float(self.float()?),
            tag::COMPLEX => Constant::Complex(self.float()?, self.float()?),
            tag::STR => return Some(PackedConstant::Str(Wtf8::from_trusted_bytes(self.text()?))),
            tag::BYTES => {
                let length = self.length()?;
                return Some(PackedConstant::Bytes(self.take(length)?));
            }
            tag::TUPLE => return Some(PackedConstant::Tuple(self.items()?)),
            tag::FROZEN_SET => return Some(PackedConstant::FrozenSet(self.items()?)),
            tag::SLICE => return Some(PackedConstant::Slice(self.items()?)),
            tag::CODE => return Some(PackedConstant::Code(PackedCode { image: self.image, place: self.count()? })),
            _ => return None,
        }))
    }

    /// The items of a container; the reader goes on behind them.
    fn items(&mut self) -> Option<PackedItems<'image>> {
        let (left, size) = (self.length()?, self.length()?);
        let items = PackedItems { reader: *self, left };
        self.take(size)?;
        Some(items)
    }

    fn instructions(&mut self) -> Option<&'image [u8]> {
        let length = self.length()?;
        self.take(length.checked_mul(8)?)
    }

    fn exception_entry(&mut self) -> Option<ExceptionEntry> {
        let (start, end, handler) = (self.count()?, self.count()?, self.count()?);
        let register = u16::try_from(self.count()?).ok()?;
        Some(ExceptionEntry { start, end, handler, register })
    }

    fn positions(&mut self) -> Option<&'image [u8]> {
        let length = self.length()?;
        self.take(length)
    }
}

/// What a part of an image that is in order is unwrapped with.
const WHOLE: &str = "an image in order is whole";

/// The items of a tuple, frozenset or slice, or all constants of a code object.
pub struct PackedItems<'image> {
    reader: Reader<'image>,
    left: usize,
}

impl<'image> Iterator for PackedItems<'image> {
    type Item = PackedConstant<'image>;

    fn next(&mut self) -> Option<PackedConstant<'image>> {
        self.left = self.left.checked_sub(1)?;
        Some(self.reader.constant().expect(WHOLE))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for PackedItems<'_> {}

/// A code object's parts, to be taken wholly and in the order of the functions here.
pub struct Parts<'image> {
    reader: Reader<'image>,
    local_count: u32,
}

impl<'image> Parts<'image> {
    /// The named registers: bits for [`local_of`], and names.
    fn locals(&mut self) -> impl ExactSizeIterator<Item = (u8, &'image Wtf8)> {
        (0..self.local_count).map(|_| (self.reader.byte().expect(WHOLE), self.reader.name().expect(WHOLE)))
    }

    /// The names of the named registers.
    pub fn local_names(&mut self) -> impl ExactSizeIterator<Item = &'image Wtf8> {
        self.locals().map(|(_, name)| name)
    }

    /// `co_names`.
    pub fn names(&mut self) -> impl ExactSizeIterator<Item = &'image Wtf8> {
        let count = self.reader.count().expect(WHOLE);
        (0..count).map(|_| self.reader.name().expect(WHOLE))
    }

    /// `co_consts`.
    pub fn constants(&mut self) -> PackedItems<'image> {
        self.reader.items().expect(WHOLE)
    }

    /// The instructions.
    pub fn instructions(&mut self) -> impl ExactSizeIterator<Item = Instruction> + use<'image> {
        let words = self.reader.instructions().expect(WHOLE).chunks_exact(8);
        words.map(|word| Instruction(u64::from_le_bytes(word.try_into().expect("eight bytes"))))
    }
}

impl<'image> PackedCode<'image> {
    fn start(&self) -> (Head<'image>, Parts<'image>) {
        let mut reader = Reader { image: self.image, at: self.place as usize };
        let head = reader.head(Reader::name).expect(WHOLE);
        (head, Parts { reader, local_count: head.local_count })
    }

    /// The image.
    pub fn image(&self) -> &'image [u8] {
        self.image
    }

    /// Where the code begins in the image: what [`PackedCode::at`] takes.
    pub fn place(&self) -> u32 {
        self.place
    }

    /// The code object at a place of an image, both of which are a packed code's.
    pub fn at(image: &'image [u8], place: u32) -> PackedCode<'image> {
        PackedCode { image, place }
    }

    /// What stands before everything else.
    pub fn head(&self) -> Head<'image> {
        self.start().0
    }

    /// Everything else.
    pub fn parts(&self) -> Parts<'image> {
        self.start().1
    }

    /// The code objects that are nested in it directly, in the order of the constants.
    fn nested(&self) -> impl Iterator<Item = PackedCode<'image>> {
        let mut parts = self.parts();
        parts.local_names().for_each(drop);
        parts.names().for_each(drop);
        parts.constants().filter_map(|constant| match constant {
            PackedConstant::Code(code) => Some(code),
            _ => None,
        })
    }

    /// The code object without those nested in it.
    pub fn read(&self, filename: Arc<str>) -> Code {
        let (head, mut parts) = self.start();
        let locals = parts.locals().map(|(bits, name)| local_of(bits, owned(name))).collect();
        let names = parts.names().map(owned).collect();
        let constants = parts.constants().map(PackedConstant::read).collect();
        let instructions: Box<[Instruction]> = parts.instructions().collect();
        let entries = parts.reader.length().expect(WHOLE);
        let exception_table = (0..entries).map(|_| parts.reader.exception_entry().expect(WHOLE)).collect();
        let positions = parts.reader.positions().expect(WHOLE);
        // Bytes that are no positions of these instructions leave too few, which the verifier finds.
        let positions = Positions::from_packed(positions, instructions.len()).unwrap_or_default();
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

    /// The code object with those nested in it.
    pub fn read_whole(&self, filename: &Arc<str>) -> Code {
        let mut code = self.read(Arc::clone(filename));
        let mut nested = self.nested();
        for constant in &mut code.constants {
            if let Constant::Nested(_) = constant {
                let inner = nested.next().expect("as many as there are constants that are code");
                *constant = Constant::Code(Arc::new(inner.read_whole(filename)));
            }
        }
        code
    }
}

/// A name as `Code` has it.
fn owned(name: &Wtf8) -> Box<str> {
    name.to_str().expect("an image's names are UTF-8").into()
}

impl PackedConstant<'_> {
    /// The constant; of code only what the code around it must know.
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
            PackedConstant::Code(code) => {
                let head = code.head();
                let free_count = head.free_count;
                Constant::Nested(Arc::new(NestedCode { qualified_name: owned(head.qualified_name), free_count }))
            }
        }
    }
}

// ---- validating

/// Checks bytes from outside: afterwards every part of the image can be read, and sums of its counts do not overflow. That the
/// code in it is valid is not said.
pub fn validate(image: &[u8]) -> Result<(), Problem> {
    let root = open(image)?;
    let mut validator = Validator { image, pending: vec![(root.place, 0)], seen: HashSet::new() };
    while let Some((place, depth)) = validator.pending.pop() {
        // Each code object stands in one other, so that what is nested ends.
        if depth > MAX_DEPTH || !validator.seen.insert(place) {
            return Err("code is nested wrongly");
        }
        validator.code(place, depth).ok_or("code is damaged")?;
    }
    Ok(())
}

struct Validator<'image> {
    image: &'image [u8],
    /// Places of code objects that are still to be looked at, and how deep they are nested.
    pending: Vec<(u32, usize)>,
    seen: HashSet<u32>,
}

impl<'image> Validator<'image> {
    fn code(&mut self, place: u32, depth: usize) -> Option<()> {
        const MOST: u32 = 1 << 16;
        let mut reader = Reader { image: self.image, at: place as usize };
        let head = reader.head(Reader::checked_name)?;
        let counts = [
            head.argument_count,
            head.positional_only_count,
            head.keyword_only_count,
            head.register_count,
            head.local_count,
        ];
        let are_small = counts.iter().all(|&count| count <= MOST);
        let mut free_count = 0;
        for _ in 0..head.local_count {
            free_count += u32::from(local_of(reader.byte()?, Box::default()).is_free);
            reader.checked_name()?;
        }
        for _ in 0..reader.count()? {
            reader.checked_name()?;
        }
        self.items(&mut reader, depth)?;
        reader.instructions()?;
        for _ in 0..reader.length()? {
            reader.exception_entry()?;
        }
        reader.positions()?;
        (are_small && free_count == head.free_count).then_some(())
    }

    fn items(&mut self, reader: &mut Reader<'image>, depth: usize) -> Option<()> {
        let mut items = reader.items()?;
        if depth > MAX_DEPTH {
            return None;
        }
        for _ in 0..items.left {
            self.constant(&mut items.reader, depth)?;
        }
        (items.reader.at == reader.at).then_some(())
    }

    fn constant(&mut self, reader: &mut Reader<'image>, depth: usize) -> Option<()> {
        let mut ahead = *reader;
        match ahead.byte()? {
            tag::STR => {
                *reader = ahead;
                Wtf8::from_bytes(reader.text()?).map(drop)
            }
            kind @ (tag::TUPLE | tag::FROZEN_SET | tag::SLICE) => {
                *reader = ahead;
                let has_three = kind != tag::SLICE || ahead.length()? == 3;
                self.items(reader, depth + 1).filter(|()| has_three)
            }
            tag::CODE => {
                *reader = ahead;
                self.pending.push((reader.count()?, depth + 1));
                Some(())
            }
            _ => reader.constant().map(drop),
        }
    }
}

impl std::fmt::Debug for PackedCode<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PackedCode({} at {})", self.head().qualified_name, self.place)
    }
}
