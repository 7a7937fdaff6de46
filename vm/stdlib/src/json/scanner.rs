//! `_json.make_scanner`: JSON text to objects.

use countless_common::wtf8::Wtf8;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, this};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::dict::Dict;
use countless_vm::types::str::Str;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{ids, int};

use super::text::{self, decode_error};

native_cell! {
    /// The cell; immutable.
    pub struct Scanner("_json.Scanner", LAYOUT) {
        traced {
            object_hook: Field,
            object_pairs_hook: Field,
            parse_float: Field,
            parse_int: Field,
            parse_constant: Field,
        }
        plain { strict: bool, }
    }
}

static NEW: Signature<1> = Signature::new("make_scanner", ["context"]).required(1);

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [context] = NEW.bind(cx, args)?;
    let context = context.unwrap_or(Value::NONE);
    let get = |name: &str| cx.get_attribute(context, cx.intern_str(name));
    let strict = object::is_true(cx, get("strict")?)?;
    let contents = Scanner {
        header: Default::default(),
        object_hook: Field::new(get("object_hook")?),
        object_pairs_hook: Field::new(get("object_pairs_hook")?),
        parse_float: Field::new(get("parse_float")?),
        parse_int: Field::new(get("parse_int")?),
        parse_constant: Field::new(get("parse_constant")?),
        strict,
    };
    Ok(cx.allocate_instance(class, contents).value())
}

static CALL: Signature<2> = Signature::new("scan_once", ["string", "idx"]).required(2);

fn call(cx: &Cx, value: Value, args: Args<'_>) -> PyResult {
    let scanner = this::<Scanner>(cx, value);
    let [text, index] = CALL.bind(cx, args)?;
    let text = text::text_argument(cx, text.unwrap_or(Value::NONE))?;
    let index = number::index_i64(cx, index.unwrap_or(Value::NONE))?;
    let Ok(index) = usize::try_from(index) else { return Err(cx.value_error("idx cannot be negative")) };
    if index >= text.len() {
        return Err(cx.stop_iteration(Value::length(index)));
    }
    let mut parser = Parser::new(cx, scanner, text);
    let (value, end) = parser.value(text.byte_offset(index))?;
    Ok(cx.new_tuple(&[value, Value::length(text.char_index(end))]).value())
}

/// One run over a text. Offsets are in bytes.
struct Parser<'a> {
    cx: &'a Cx,
    scanner: Ref<Scanner>,
    text: Ref<Str>,
    /// Keys seen, so that equal ones are one object.
    keys: Ref<Dict>,
    plain_ints: bool,
    plain_floats: bool,
}

impl<'a> Parser<'a> {
    fn new(cx: &'a Cx, scanner: Ref<Scanner>, text: Ref<Str>) -> Parser<'a> {
        let is = |field: &Field, id| field.get() == Some(cx.builtin_type(id).value());
        Parser {
            cx,
            scanner,
            text,
            keys: cx.new_dict(),
            plain_ints: is(&scanner.parse_int, ids::INT),
            plain_floats: is(&scanner.parse_float, ids::FLOAT),
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    #[cold]
    fn error(&self, message: &str, at: usize) -> Raised {
        decode_error(self.cx, message, self.text, self.text.char_index(at) as i64)
    }

    #[cold]
    fn nothing(&self, at: usize) -> Raised {
        self.cx.stop_iteration(Value::length(self.text.char_index(at)))
    }

    /// The value that starts at `at`, and the offset behind it.
    fn value(&mut self, at: usize) -> PyResult<(Value, usize)> {
        let cx = self.cx;
        let has = |word: &str| self.text.as_bytes()[at..].starts_with(word.as_bytes());
        match self.byte(at) {
            Some(b'"') => {
                let (text, end) = text::scan(cx, self.text, at + 1, self.scanner.strict)?;
                Ok((text.value(), end))
            }
            Some(b'{') => self.nested(at, Self::object, " while decoding a JSON object from a unicode string"),
            Some(b'[') => self.nested(at, Self::array, " while decoding a JSON array from a unicode string"),
            Some(b'n') if has("null") => Ok((Value::NONE, at + 4)),
            Some(b't') if has("true") => Ok((Value::TRUE, at + 4)),
            Some(b'f') if has("false") => Ok((Value::FALSE, at + 5)),
            Some(b'N') if has("NaN") => self.constant("NaN", at),
            Some(b'I') if has("Infinity") => self.constant("Infinity", at),
            Some(b'-') if has("-Infinity") => self.constant("-Infinity", at),
            Some(b'-' | b'0'..=b'9') => self.number(at),
            _ => Err(self.nothing(at)),
        }
    }

    fn nested(
        &mut self,
        at: usize,
        parse: fn(&mut Self, usize) -> PyResult<(Value, usize)>,
        doing: &'static str,
    ) -> PyResult<(Value, usize)> {
        self.cx.check_native_stack_while(doing)?;
        self.cx.poll()?;
        parse(self, at + 1)
    }

    fn constant(&self, name: &str, at: usize) -> PyResult<(Value, usize)> {
        let function = self.scanner.parse_constant.get_or_none();
        let value = self.cx.call(function, &[self.cx.new_str(name).value()])?;
        Ok((value, at + name.len()))
    }

    fn number(&self, start: usize) -> PyResult<(Value, usize)> {
        let digits = |mut at: usize| {
            while matches!(self.byte(at), Some(b'0'..=b'9')) {
                at += 1;
            }
            at
        };
        let mut end = start + usize::from(self.byte(start) == Some(b'-'));
        end = match self.byte(end) {
            Some(b'0') => end + 1,
            Some(b'1'..=b'9') => digits(end),
            _ => return Err(self.nothing(start)),
        };
        let whole = end;
        if self.byte(end) == Some(b'.') && digits(end + 1) > end + 1 {
            end = digits(end + 1);
        }
        if matches!(self.byte(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'+' | b'-')));
            let exponent = end + 1 + sign;
            if digits(exponent) > exponent {
                end = digits(exponent);
            }
        }
        let bytes = &self.text.as_bytes()[start..end];
        let value = if end == whole { self.int(bytes)? } else { self.float(bytes)? };
        Ok((value, end))
    }

    fn int(&self, bytes: &[u8]) -> PyResult {
        let cx = self.cx;
        if !self.plain_ints {
            return cx.call(self.scanner.parse_int.get_or_none(), &[cx.new_str_ascii(bytes).value()]);
        }
        if bytes.len() <= 18 {
            let (negative, digits) = match bytes {
                [b'-', digits @ ..] => (true, digits),
                digits => (false, digits),
            };
            let magnitude = digits.iter().fold(0i64, |value, &digit| value * 10 + i64::from(digit - b'0'));
            return Ok(cx.new_int_from_i64(if negative { -magnitude } else { magnitude }));
        }
        int::parse_str(cx, Wtf8::from_trusted_bytes(bytes), 10)
    }

    fn float(&self, bytes: &[u8]) -> PyResult {
        let cx = self.cx;
        if !self.plain_floats {
            return cx.call(self.scanner.parse_float.get_or_none(), &[cx.new_str_ascii(bytes).value()]);
        }
        let float = countless_common::number::float::parse_bytes(bytes);
        float.map(|float| cx.new_float(float)).map_err(|failure| cx.raise_failure(failure))
    }

    fn array(&mut self, at: usize) -> PyResult<(Value, usize)> {
        let list = self.cx.new_list();
        let mut at = self.skip_space(at);
        if self.byte(at) == Some(b']') {
            return Ok((list.value(), at + 1));
        }
        loop {
            let (item, end) = self.value(at)?;
            list.push(self.cx, item)?;
            at = self.skip_space(end);
            match self.byte(at) {
                Some(b']') => return Ok((list.value(), at + 1)),
                Some(b',') => {}
                _ => return Err(self.error("Expecting ',' delimiter", at)),
            }
            let comma = at;
            at = self.skip_space(at + 1);
            if self.byte(at) == Some(b']') {
                return Err(self.error("Illegal trailing comma before end of array", comma));
            }
        }
    }

    fn key(&mut self, at: usize) -> PyResult<(Value, usize)> {
        if self.byte(at) != Some(b'"') {
            return Err(self.error("Expecting property name enclosed in double quotes", at));
        }
        let (key, end) = text::scan(self.cx, self.text, at + 1, self.scanner.strict)?;
        let key = self.keys.set_default(self.cx, key.value(), key.value())?;
        let colon = self.skip_space(end);
        if self.byte(colon) != Some(b':') {
            return Err(self.error("Expecting ':' delimiter", colon));
        }
        Ok((key, self.skip_space(colon + 1)))
    }

    fn object(&mut self, at: usize) -> PyResult<(Value, usize)> {
        let cx = self.cx;
        let pairs_hook = self.scanner.object_pairs_hook.get_or_none().not_none();
        let (dict, pairs) = (cx.new_dict(), cx.new_list());
        let mut at = self.skip_space(at);
        if self.byte(at) != Some(b'}') {
            loop {
                let (key, start) = self.key(at)?;
                let (value, end) = self.value(start)?;
                match pairs_hook {
                    Some(_) => pairs.push(cx, cx.new_tuple(&[key, value]).value())?,
                    None => dict.set(cx, key, value)?,
                }
                at = self.skip_space(end);
                match self.byte(at) {
                    Some(b'}') => break,
                    Some(b',') => {}
                    _ => return Err(self.error("Expecting ',' delimiter", at)),
                }
                let comma = at;
                at = self.skip_space(at + 1);
                if self.byte(at) == Some(b'}') {
                    return Err(self.error("Illegal trailing comma before end of object", comma));
                }
            }
        }
        let value = match (pairs_hook, self.scanner.object_hook.get_or_none().not_none()) {
            (Some(hook), _) => cx.call(hook, &[pairs.value()])?,
            (None, Some(hook)) => cx.call(hook, &[dict.value()])?,
            (None, None) => dict.value(),
        };
        Ok((value, at + 1))
    }
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "_json",
    doc: "Scanner(context)\n--\n\nJSON scanner object",
    flags: TypeFlags::BASE.with(TypeFlags::MUTABLE),
    slots: Slots { new: Some(new), call: Some(call), ..Slots::NONE },
    attributes: &[
        GetSet::member("strict", |_cx, scanner: Ref<Scanner>| Ok(Value::bool(scanner.strict)), "strict"),
        GetSet::member(
            "object_hook",
            |_cx, scanner: Ref<Scanner>| Ok(scanner.object_hook.get_or_none()),
            "object_hook",
        ),
        GetSet::member(
            "object_pairs_hook",
            |_cx, scanner: Ref<Scanner>| Ok(scanner.object_pairs_hook.get_or_none()),
            "",
        ),
        GetSet::member(
            "parse_float",
            |_cx, scanner: Ref<Scanner>| Ok(scanner.parse_float.get_or_none()),
            "parse_float",
        ),
        GetSet::member("parse_int", |_cx, scanner: Ref<Scanner>| Ok(scanner.parse_int.get_or_none()), "parse_int"),
        GetSet::member(
            "parse_constant",
            |_cx, scanner: Ref<Scanner>| Ok(scanner.parse_constant.get_or_none()),
            "parse_constant",
        ),
    ],
    ..TypeDef::new("Scanner", &LAYOUT)
};
