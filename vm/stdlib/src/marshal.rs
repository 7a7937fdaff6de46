//! `marshal`: CPython's format, version 5. Code objects have payloads of our own. What the compiler made is `C`, the length and
//! bytes of its image (`bytecode::image`) with all that is nested in it, and the file name; it is verified before it runs. Code
//! whose constants were replaced is `c`, the length and bytes of `bytecode::serial`, the file name (`None`: that of the code
//! around it), the tuple of constants; it is verified when it is read.

use countless_common::number::Complex as Pair;
use countless_common::wtf8::Wtf8;
use countless_compiler::bytecode::serial;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{buffer, number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::Bytes;
use countless_vm::types::code::CodeObject;
use countless_vm::types::complex::Complex;
use countless_vm::types::dict::Dict;
use countless_vm::types::ids;
use countless_vm::types::int::IntView;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::slice::Slice;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use dashu_int::{IBig, Sign, UBig};

const VERSION: i64 = 5;
/// Bit of a type byte: the value gets the next reference number.
const REFERENCE: u8 = 0x80;
/// The deepest nesting, as in CPython.
const MAX_DEPTH: usize = 2000;

// ---- writing

struct Writer<'a> {
    cx: &'a Cx,
    out: Vec<u8>,
    allow_code: bool,
    /// The file name of the code that is being written.
    filename: Option<Ref<Str>>,
}

impl Writer<'_> {
    fn length(&mut self, length: usize) -> PyResult<()> {
        match i32::try_from(length) {
            Ok(length) => {
                self.out.extend_from_slice(&length.to_le_bytes());
                Ok(())
            }
            Err(_) => Err(self.unmarshallable()),
        }
    }

    fn unmarshallable(&self) -> Raised {
        self.cx.value_error("unmarshallable object")
    }

    fn value(&mut self, value: Value, depth: usize) -> PyResult<()> {
        if depth > MAX_DEPTH {
            return Err(self.cx.value_error("object too deeply nested to marshal"));
        }
        self.cx.check_native_stack()?;
        let simple = match value {
            Value::NONE => Some(b'N'),
            Value::TRUE => Some(b'T'),
            Value::FALSE => Some(b'F'),
            Value::ELLIPSIS => Some(b'.'),
            _ => None,
        };
        if let Some(byte) = simple {
            self.out.push(byte);
            return Ok(());
        }
        if let Some(float) = countless_vm::types::float::exact_f64(value) {
            self.out.push(b'g');
            self.out.extend_from_slice(&float.to_le_bytes());
            return Ok(());
        }
        if value.is_small_int() || value.is_exactly(ids::INT) {
            return self.int(value);
        }
        if let Some(number) = value.exact::<Complex>() {
            let number = number.pair();
            self.out.push(b'y');
            self.out.extend_from_slice(&number.re.to_le_bytes());
            self.out.extend_from_slice(&number.im.to_le_bytes());
            return Ok(());
        }
        if let Some(code) = value.exact::<CodeObject>() {
            return self.code(code, depth);
        }
        self.container(value, depth)
    }

    fn int(&mut self, value: Value) -> PyResult<()> {
        if let Some(small) = value.as_small_int().and_then(|int| i32::try_from(int).ok()) {
            self.out.push(b'i');
            self.out.extend_from_slice(&small.to_le_bytes());
            return Ok(());
        }
        let big = match countless_vm::types::int::view(self.cx, &value) {
            Some(IntView::Small(int)) => IBig::from(int),
            Some(IntView::Big(big)) => big.clone(),
            None => return Err(self.unmarshallable()),
        };
        let (sign, magnitude) = big.into_parts();
        let mut digits = Vec::new();
        let bytes = magnitude.to_le_bytes();
        let (mut held, mut bits) = (0u32, 0u32);
        for byte in bytes.iter() {
            held |= u32::from(*byte) << bits;
            bits += 8;
            if bits >= 15 {
                digits.push((held & 0x7fff) as u16);
                held >>= 15;
                bits -= 15;
            }
        }
        if bits > 0 {
            digits.push(held as u16);
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let count = i32::try_from(digits.len()).map_err(|_| self.unmarshallable())?;
        self.out.push(b'l');
        self.out.extend_from_slice(&(if sign == Sign::Negative { -count } else { count }).to_le_bytes());
        for digit in digits {
            self.out.extend_from_slice(&digit.to_le_bytes());
        }
        Ok(())
    }

    fn text(&mut self, text: Ref<Str>) -> PyResult<()> {
        let bytes = text.as_wtf8().as_bytes();
        let interned = text.is_interned();
        match (text.is_ascii(), bytes.len() < 256) {
            (true, true) => {
                self.out.push(if interned { b'Z' } else { b'z' });
                self.out.push(bytes.len() as u8);
            }
            (true, false) => {
                self.out.push(if interned { b'A' } else { b'a' });
                self.length(bytes.len())?;
            }
            (false, _) => {
                self.out.push(if interned { b't' } else { b'u' });
                self.length(bytes.len())?;
            }
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn code(&mut self, code: Ref<CodeObject>, depth: usize) -> PyResult<()> {
        if !self.allow_code {
            return Err(self.cx.value_error("marshalling code objects is disallowed"));
        }
        if let Some(image) = code.to_image() {
            self.out.push(b'C');
            self.length(image.len())?;
            self.out.extend_from_slice(&image);
            return self.text(code.filename());
        }
        let mut bytes = Vec::new();
        serial::write(code.code(), &mut bytes);
        self.out.push(b'c');
        self.length(bytes.len())?;
        self.out.extend_from_slice(&bytes);
        let filename = code.filename();
        let outer = self.filename.replace(filename);
        match outer {
            Some(outer) if outer.as_wtf8() == filename.as_wtf8() => self.out.push(b'N'),
            _ => self.text(filename)?,
        }
        self.value(code.constants(self.cx)?.value(), depth + 1)?;
        self.filename = outer;
        Ok(())
    }

    fn items(&mut self, items: impl Iterator<Item = Value>, depth: usize) -> PyResult<()> {
        for item in items {
            self.value(item, depth + 1)?;
        }
        Ok(())
    }

    fn container(&mut self, value: Value, depth: usize) -> PyResult<()> {
        let cx = self.cx;
        if let Some(text) = value.exact::<Str>() {
            return self.text(text);
        }
        if let Some(bytes) = value.exact::<Bytes>() {
            self.out.push(b's');
            self.length(bytes.len())?;
            self.out.extend_from_slice(bytes.as_bytes());
            return Ok(());
        }
        if let Some(tuple) = value.exact::<Tuple>() {
            match u8::try_from(tuple.len()) {
                Ok(length) => self.out.extend_from_slice(&[b')', length]),
                Err(_) => {
                    self.out.push(b'(');
                    self.length(tuple.len())?;
                }
            }
            return self.items(tuple.iter(), depth);
        }
        if let Some(list) = value.exact::<List>() {
            let tuple = list.to_tuple(cx)?;
            self.out.push(b'[');
            self.length(tuple.len())?;
            return self.items(tuple.iter(), depth);
        }
        if let Some(dict) = value.exact::<Dict>() {
            self.out.push(b'{');
            for (key, value) in dict.iter() {
                self.value(key, depth + 1)?;
                self.value(value, depth + 1)?;
            }
            self.out.push(b'0');
            return Ok(());
        }
        if let Some(slice) = value.exact::<Slice>() {
            self.out.push(b':');
            return self.items([slice.start(), slice.stop(), slice.step()].into_iter(), depth);
        }
        let set_byte = match value.type_id() {
            ids::SET => Some(b'<'),
            ids::FROZENSET => Some(b'>'),
            _ => None,
        };
        if let Some(byte) = set_byte {
            let items = countless_vm::object::protocol::iter::to_list(cx, value)?.to_tuple(cx)?;
            self.out.push(byte);
            self.length(items.len())?;
            return self.items(items.iter(), depth);
        }
        if cx.type_of(value).slots.buffer().is_some() {
            let bytes = buffer::bytes_of(cx, value)?;
            self.out.push(b's');
            self.length(bytes.len())?;
            self.out.extend_from_slice(&bytes);
            return Ok(());
        }
        Err(self.unmarshallable())
    }
}

// ---- reading

struct Reader<'a> {
    cx: &'a Cx,
    data: &'a [u8],
    position: usize,
    /// Values by reference number.
    references: Ref<List>,
    allow_code: bool,
    /// The file name of the code that is being read.
    filename: Option<Ref<Str>>,
}

impl Reader<'_> {
    fn bad(&self, what: &str) -> Raised {
        raise!(self.cx, ValueError, "bad marshal data ({what})")
    }

    fn take(&mut self, count: usize) -> PyResult<&[u8]> {
        let end = self.position.checked_add(count).filter(|&end| end <= self.data.len());
        match end {
            Some(end) => {
                let start = std::mem::replace(&mut self.position, end);
                Ok(&self.data[start..end])
            }
            None => Err(raise!(self.cx, EOFError, "marshal data too short")),
        }
    }

    fn byte(&mut self) -> PyResult<u8> {
        Ok(self.take(1)?[0])
    }

    fn array<const N: usize>(&mut self) -> PyResult<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn length(&mut self, what: &str) -> PyResult<usize> {
        let length = i32::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| self.bad(&format!("{what} size out of range")))
    }

    /// A value; `None` for the mark that ends a dict.
    fn value(&mut self, depth: usize) -> PyResult<Option<Value>> {
        if depth > MAX_DEPTH {
            return Err(self.cx.value_error("recursion limit exceeded"));
        }
        self.cx.check_native_stack()?;
        let Some(&code) = self.data.get(self.position) else {
            return Err(raise!(self.cx, EOFError, "EOF read where object expected"));
        };
        self.position += 1;
        let (kind, keeps) = (code & !REFERENCE, code & REFERENCE != 0);
        // The number is given out before the parts are read.
        let number = self.references.len();
        if keeps {
            self.references.push(self.cx, Value::UNBOUND)?;
        }
        let Some(value) = self.body(kind, depth, keeps.then_some(number))? else { return Ok(None) };
        if keeps {
            self.references.set(self.cx, number, value);
        }
        Ok(Some(value))
    }

    fn required(&mut self, depth: usize) -> PyResult {
        match self.value(depth)? {
            Some(value) => Ok(value),
            None => Err(self.cx.type_error("NULL object in marshal data for object")),
        }
    }

    fn body(&mut self, kind: u8, depth: usize, number: Option<usize>) -> PyResult<Option<Value>> {
        let cx = self.cx;
        Ok(Some(match kind {
            b'0' => return Ok(None),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => cx.builtin("StopIteration")?,
            b'i' => Value::int(i64::from(i32::from_le_bytes(self.array()?))),
            b'I' => cx.new_int(i64::from_le_bytes(self.array()?)),
            b'l' => self.long()?,
            b'g' => cx.new_float(f64::from_le_bytes(self.array()?)),
            b'y' => {
                let (real, imag) = (f64::from_le_bytes(self.array()?), f64::from_le_bytes(self.array()?));
                cx.new_complex(Pair { re: real, im: imag })
            }
            b's' => {
                let length = self.length("bytes object")?;
                let bytes = self.take(length)?.to_vec();
                cx.new_bytes(&bytes).value()
            }
            b'z' | b'Z' => {
                let length = self.byte()? as usize;
                self.string(length, kind == b'Z')?
            }
            b'a' | b'A' | b'u' | b't' => {
                let length = self.length("string")?;
                self.string(length, kind == b'A' || kind == b't')?
            }
            b')' => {
                let length = self.byte()? as usize;
                self.tuple(length, depth)?.value()
            }
            b'(' => {
                let length = self.length("tuple")?;
                self.tuple(length, depth)?.value()
            }
            b'[' | b'<' | b'>' | b'{' => self.collection(kind, depth, number)?,
            b':' => {
                let parts = [self.required(depth + 1)?, self.required(depth + 1)?, self.required(depth + 1)?];
                let class = cx.builtin_type(ids::SLICE).value();
                cx.call(class, &parts)?
            }
            b'r' => {
                let index = self.length("reference")?;
                match self.references.get(index).and_then(Value::bound) {
                    Some(value) => value,
                    None => return Err(self.bad("invalid reference")),
                }
            }
            b'C' => self.image(depth)?,
            b'c' => self.code(depth)?,
            _ => return Err(self.bad("unknown type code")),
        }))
    }

    fn image(&mut self, depth: usize) -> PyResult {
        if !self.allow_code {
            return Err(self.cx.value_error("unmarshalling code objects is disallowed"));
        }
        let length = self.length("code")?;
        self.take(length)?;
        let end = self.position;
        let Some(filename) = self.required(depth + 1)?.exact::<Str>() else {
            return Err(self.bad("code without file name"));
        };
        match self.cx.restore_image(&self.data[end - length..end], filename) {
            Ok(code) => Ok(code.value()),
            Err(problem) => Err(self.bad(problem)),
        }
    }

    fn code(&mut self, depth: usize) -> PyResult {
        if !self.allow_code {
            return Err(self.cx.value_error("unmarshalling code objects is disallowed"));
        }
        let length = self.length("code")?;
        let bytes = self.take(length)?.to_vec();
        let name = self.required(depth + 1)?;
        let outer = self.filename;
        let filename = if name == Value::NONE { outer } else { name.exact::<Str>() };
        let Some(filename) = filename else { return Err(self.bad("code without file name")) };
        self.filename = Some(filename);
        let Some(constants) = self.required(depth + 1)?.exact::<Tuple>() else {
            return Err(self.bad("constants of code are not a tuple"));
        };
        self.filename = outer;
        match self.cx.restore_code(&bytes, filename, constants) {
            Ok(code) => Ok(code.value()),
            Err(problem) => Err(self.bad(problem)),
        }
    }

    fn long(&mut self) -> PyResult {
        let count = i32::from_le_bytes(self.array()?);
        let digits = self.take(count.unsigned_abs() as usize * 2)?.to_vec();
        let mut magnitude = UBig::ZERO;
        for (index, digit) in digits.chunks_exact(2).enumerate() {
            let digit = u16::from_le_bytes([digit[0], digit[1]]);
            if digit > 0x7fff {
                return Err(self.bad("digit out of range in long"));
            }
            magnitude += UBig::from(digit) << (15 * index);
        }
        let sign = if count < 0 { Sign::Negative } else { Sign::Positive };
        Ok(self.cx.new_int_from_big(IBig::from_parts(sign, magnitude)))
    }

    fn string(&mut self, length: usize, interned: bool) -> PyResult {
        let bytes = self.take(length)?.to_vec();
        let Some(text) = Wtf8::from_bytes(&bytes) else { return Err(self.bad("invalid string")) };
        Ok(if interned { self.cx.intern_text(text).value() } else { self.cx.new_str_wtf8(text).value() })
    }

    fn tuple(&mut self, length: usize, depth: usize) -> PyResult<Ref<Tuple>> {
        // Read one by one: the length may be a lie.
        let list = self.cx.new_list();
        for _ in 0..length {
            let item = self.required(depth + 1)?;
            list.push(self.cx, item)?;
        }
        list.to_tuple(self.cx)
    }

    fn collection(&mut self, kind: u8, depth: usize, number: Option<usize>) -> PyResult {
        let cx = self.cx;
        let remember = |reader: &Reader<'_>, value: Value| {
            if let Some(number) = number {
                reader.references.set(cx, number, value);
            }
        };
        if kind == b'{' {
            let dict = cx.new_dict();
            remember(self, dict.value());
            while let Some(key) = self.value(depth + 1)? {
                let Some(value) = self.value(depth + 1)? else { break };
                dict.set(cx, key, value)?;
            }
            return Ok(dict.value());
        }
        if kind == b'[' {
            let length = self.length("list")?;
            let list = cx.new_list();
            remember(self, list.value());
            for _ in 0..length {
                let item = self.required(depth + 1)?;
                list.push(cx, item)?;
            }
            return Ok(list.value());
        }
        let length = self.length("set")?;
        let items = self.tuple(length, depth)?;
        let id = if kind == b'<' { ids::SET } else { ids::FROZENSET };
        cx.call(cx.builtin_type(id).value(), &[items.value()])
    }
}

// ---- functions

static DUMPS: Signature<3> =
    Signature::new("dumps", ["value", "version", "allow_code"]).required(1).positional_only(2).keyword_only_from(2);

fn is_allowed(cx: &Cx, allow_code: Option<Value>) -> PyResult<bool> {
    allow_code.map_or(Ok(true), |value| object::is_true(cx, value))
}

fn write(cx: &Cx, value: Value, allow_code: Option<Value>) -> PyResult<Vec<u8>> {
    let mut writer = Writer { cx, out: Vec::new(), allow_code: is_allowed(cx, allow_code)?, filename: None };
    writer.value(value, 0)?;
    Ok(writer.out)
}

fn dumps(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [value, _version, allow_code] = DUMPS.bind(cx, args)?;
    Ok(cx.new_bytes(&write(cx, value.unwrap_or(Value::NONE), allow_code)?).value())
}

static DUMP: Signature<4> = Signature::new("dump", ["value", "file", "version", "allow_code"])
    .required(2)
    .positional_only(3)
    .keyword_only_from(3);

fn dump(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [value, file, _version, allow_code] = DUMP.bind(cx, args)?;
    let bytes = cx.new_bytes(&write(cx, value.unwrap_or(Value::NONE), allow_code)?);
    cx.call_method(file.unwrap_or(Value::NONE), cx.names().write, &[bytes.value()])
}

static LOADS: Signature<2> =
    Signature::new("loads", ["bytes", "allow_code"]).required(1).positional_only(1).keyword_only_from(1);

/// The first value in the data, and how many bytes it took.
fn read(cx: &Cx, data: &[u8], allow_code: Option<Value>) -> PyResult<(Value, usize)> {
    let allow_code = is_allowed(cx, allow_code)?;
    let mut reader = Reader { cx, data, position: 0, references: cx.new_list(), allow_code, filename: None };
    match reader.value(0)? {
        Some(value) => Ok((value, reader.position)),
        None => Err(cx.type_error("NULL object in marshal data for object")),
    }
}

fn loads(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, allow_code] = LOADS.bind(cx, args)?;
    let data = buffer::bytes_of(cx, data.unwrap_or(Value::NONE))?;
    Ok(read(cx, &data, allow_code)?.0)
}

static LOAD: Signature<2> =
    Signature::new("load", ["file", "allow_code"]).required(1).positional_only(1).keyword_only_from(1);

fn load(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [file, allow_code] = LOAD.bind(cx, args)?;
    let file = file.unwrap_or(Value::NONE);
    let names = cx.names();
    // The whole rest is read; what is not used is given back by seeking.
    let start = cx.call_method(file, cx.intern_str("tell"), &[])?;
    let data = cx.call_method(file, names.read, &[])?;
    if data.downcast::<Bytes>(cx).is_none() {
        let class = data.class_name(cx);
        return Err(raise!(cx, TypeError, "file.read() returned not bytes but {class}"));
    }
    let (value, used) = read(cx, &buffer::bytes_of(cx, data)?, allow_code)?;
    let end = number::index_i64(cx, start)? + used as i64;
    cx.call_method(file, cx.intern_str("seek"), &[cx.new_int(end)])?;
    Ok(value)
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "dump",
        dump,
        "dump($module, value, file, version=version, /, *, allow_code=True)\n--\n\nWrite the value to a file.",
    ),
    Method::many("load", load, "load($module, file, /, *, allow_code=True)\n--\n\nRead one value from a file."),
    Method::many(
        "dumps",
        dumps,
        "dumps($module, value, version=version, /, *, allow_code=True)\n--\n\nThe bytes that load() makes the value of.",
    ),
    Method::many("loads", loads, "loads($module, bytes, /, *, allow_code=True)\n--\n\nThe value of the bytes."),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "version", Value::int(VERSION))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "marshal",
    doc: "Values to bytes and back, in CPython's internal format.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
