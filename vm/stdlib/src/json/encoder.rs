//! `_json.make_encoder`: objects to JSON text.

use countless_common::number::float as float_algorithms;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, RefField, this};
use countless_vm::object::protocol::{iter as iteration, number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::dict::Dict;
use countless_vm::types::exception;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{float, int};

use super::{QUOTE, QUOTE_ASCII, text};

native_cell! {
    /// The cell; immutable.
    pub struct Encoder("_json.Encoder", LAYOUT) {
        traced {
            markers: Field,
            default: Field,
            encoder: Field,
            indent: Field,
            key_separator: RefField<Str>,
            item_separator: RefField<Str>,
        }
        plain { sort_keys: bool, skip_keys: bool, allow_nan: bool, }
    }
}

static NEW: Signature<9> = Signature::new(
    "make_encoder",
    [
        "markers",
        "default",
        "encoder",
        "indent",
        "key_separator",
        "item_separator",
        "sort_keys",
        "skipkeys",
        "allow_nan",
    ],
)
.required(9);

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let values = NEW.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    let [markers, default, encoder, indent, key_separator, item_separator, sort_keys, skip_keys, allow_nan] = values;
    let text = |value: Value, position: usize| cx.str_argument_at(value, "make_encoder", position);
    let (key_separator, item_separator) = (text(key_separator, 5)?, text(item_separator, 6)?);
    let truth = |value: Value| object::is_true(cx, value);
    if !markers.is_none() && markers.downcast::<Dict>(cx).is_none() {
        let class = markers.class_name(cx);
        return Err(raise!(cx, TypeError, "make_encoder() argument 1 must be dict or None, not {class}"));
    }
    let contents = Encoder {
        header: Default::default(),
        markers: Field::new(markers),
        default: Field::new(default),
        encoder: Field::new(encoder),
        indent: Field::new(indent),
        key_separator: RefField::new(key_separator),
        item_separator: RefField::new(item_separator),
        sort_keys: truth(sort_keys)?,
        skip_keys: truth(skip_keys)?,
        allow_nan: truth(allow_nan)?,
    };
    Ok(cx.allocate_instance(class, contents).value())
}

static CALL: Signature<2> = Signature::new("_iterencode", ["obj", "_current_indent_level"]).required(2);

fn call(cx: &Cx, value: Value, args: Args<'_>) -> PyResult {
    let encoder = this::<Encoder>(cx, value);
    let [value, level] = CALL.bind(cx, args)?;
    let level = number::index_i64(cx, level.unwrap_or(Value::NONE))?;
    let mut writer = Writer::new(cx, encoder);
    writer.value(value.unwrap_or(Value::NONE), usize::try_from(level).unwrap_or(0))?;
    let text = [countless_common::wtf8::Wtf8::from_trusted_bytes(&writer.out)];
    let text = cx.new_str_of_parts(text.into_iter())?;
    Ok(cx.new_tuple(&[text.value()]).value())
}

/// How strings are quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Ascii,
    Plain,
    /// By a Python function.
    Custom,
}

/// One run of an encoder.
struct Writer<'a> {
    cx: &'a Cx,
    encoder: Ref<Encoder>,
    quoting: Quoting,
    out: Vec<u8>,
    /// Identities of the containers that are being written, if circles are looked for.
    active: Option<Vec<u64>>,
    indent: Option<Ref<Str>>,
}

impl<'a> Writer<'a> {
    fn new(cx: &'a Cx, encoder: Ref<Encoder>) -> Writer<'a> {
        let function = encoder.encoder.get();
        let quoting = match function {
            Some(_) if function == cx.native_state(QUOTE_ASCII) => Quoting::Ascii,
            Some(_) if function == cx.native_state(QUOTE) => Quoting::Plain,
            _ => Quoting::Custom,
        };
        let active = (!encoder.markers.get_or_none().is_none()).then(Vec::new);
        let indent = encoder.indent.get().and_then(|indent| indent.downcast::<Str>(cx));
        Writer { cx, encoder, quoting, out: Vec::new(), active, indent }
    }

    fn string(&mut self, text: Ref<Str>) -> PyResult<()> {
        match self.quoting {
            Quoting::Ascii => text::quote_ascii(&mut self.out, text.as_wtf8()),
            Quoting::Plain => text::quote(&mut self.out, text.as_wtf8()),
            Quoting::Custom => {
                let quoted = self.cx.call(self.encoder.encoder.get_or_none(), &[text.value()])?;
                let Some(quoted) = quoted.downcast::<Str>(self.cx) else {
                    let class = quoted.class_name(self.cx);
                    return Err(raise!(self.cx, TypeError, "encoder() must return a string, not {class}"));
                };
                self.out.extend_from_slice(quoted.as_bytes());
            }
        }
        Ok(())
    }

    fn float_text(&self, value: Value, number: f64) -> PyResult<String> {
        if number.is_finite() {
            return Ok(float_algorithms::repr(number));
        }
        if !self.encoder.allow_nan {
            let shown = object::repr(self.cx, value)?;
            let shown = shown.as_wtf8();
            return Err(raise!(self.cx, ValueError, "Out of range float values are not JSON compliant: {shown}"));
        }
        Ok(match number {
            number if number.is_nan() => "NaN",
            number if number > 0.0 => "Infinity",
            _ => "-Infinity",
        }
        .to_owned())
    }

    fn value(&mut self, value: Value, level: usize) -> PyResult<()> {
        let cx = self.cx;
        if let Some(int) = value.as_small_int() {
            countless_common::number::int::push_decimal(&mut self.out, int);
            return Ok(());
        }
        if let Some(text) = value.exact::<Str>() {
            return self.string(text);
        }
        match value {
            Value::NONE => self.out.extend(b"null"),
            Value::TRUE => self.out.extend(b"true"),
            Value::FALSE => self.out.extend(b"false"),
            _ => {
                if let Some(number) = float::as_f64(cx, value) {
                    let text = self.float_text(value, number)?;
                    self.out.extend(text.as_bytes());
                } else if int::is_int(cx, value) {
                    self.out.extend(int::to_decimal(cx, value)?.as_bytes());
                } else if let Some(text) = value.downcast::<Str>(cx) {
                    return self.string(text);
                } else {
                    return self.nested(value, level);
                }
            }
        }
        Ok(())
    }

    fn nested(&mut self, value: Value, level: usize) -> PyResult<()> {
        let cx = self.cx;
        cx.check_native_stack_while(" while encoding a JSON object")?;
        cx.poll()?;
        let is_sequence = value.downcast::<List>(cx).is_some() || value.downcast::<Tuple>(cx).is_some();
        let dict = value.downcast::<Dict>(cx);
        if let Some(active) = &mut self.active {
            // Empty containers are not marked; it makes no difference.
            if active.contains(&value.identity()) {
                return Err(cx.value_error("Circular reference detected"));
            }
            active.push(value.identity());
        }
        if is_sequence {
            self.sequence(value, level)?;
        } else if let Some(dict) = dict {
            self.mapping(dict, level)?;
        } else {
            self.other(value, level)?;
        }
        if let Some(active) = &mut self.active {
            active.pop();
        }
        Ok(())
    }

    fn other(&mut self, value: Value, level: usize) -> PyResult<()> {
        let cx = self.cx;
        let note = || format!("when serializing {} object", value.class_name(cx));
        let made = cx.call(self.encoder.default.get_or_none(), &[value])?;
        self.value(made, level).map_err(|raised| annotate(cx, raised, note))
    }

    fn new_line(&mut self, level: usize) {
        if let Some(indent) = self.indent {
            self.out.push(b'\n');
            for _ in 0..level {
                self.out.extend_from_slice(indent.as_bytes());
            }
        }
    }

    fn separate(&mut self, level: usize) {
        if let Some(separator) = self.encoder.item_separator.get() {
            self.out.extend_from_slice(separator.as_bytes());
        }
        self.new_line(level);
    }

    fn sequence(&mut self, value: Value, level: usize) -> PyResult<()> {
        let cx = self.cx;
        let list = value.downcast::<List>(cx);
        let tuple = value.downcast::<Tuple>(cx);
        let item_at = |index: usize| match (list, tuple) {
            (Some(list), _) => list.get(index),
            (_, Some(tuple)) => tuple.item(index),
            _ => None,
        };
        let mut index = 0;
        while let Some(item) = item_at(index) {
            if index == 0 {
                self.out.push(b'[');
                self.new_line(level + 1);
            } else {
                self.separate(level + 1);
            }
            let note = || format!("when serializing {} item {index}", value.class_name(cx));
            self.value(item, level + 1).map_err(|raised| annotate(cx, raised, note))?;
            index += 1;
        }
        if index == 0 {
            self.out.extend(b"[]");
            return Ok(());
        }
        self.new_line(level);
        self.out.push(b']');
        Ok(())
    }

    /// The text of a key that is no string; `None` if it is to be skipped.
    fn key_text(&self, key: Value) -> PyResult<Option<Ref<Str>>> {
        let cx = self.cx;
        if let Some(text) = key.downcast::<Str>(cx) {
            return Ok(Some(text));
        }
        let text = match key {
            Value::TRUE => "true".to_owned(),
            Value::FALSE => "false".to_owned(),
            Value::NONE => "null".to_owned(),
            _ => {
                if let Some(number) = float::as_f64(cx, key) {
                    self.float_text(key, number)?
                } else if int::is_int(cx, key) {
                    int::to_decimal(cx, key)?
                } else if self.encoder.skip_keys {
                    return Ok(None);
                } else {
                    let class = key.class_name(cx);
                    return Err(raise!(cx, TypeError, "keys must be str, int, float, bool or None, not {class}"));
                }
            }
        };
        Ok(Some(cx.new_str(&text)))
    }

    fn entry(&mut self, owner: Value, key: Value, value: Value, level: usize, first: &mut bool) -> PyResult<()> {
        let cx = self.cx;
        let Some(text) = self.key_text(key)? else { return Ok(()) };
        if *first {
            *first = false;
            self.new_line(level);
        } else {
            self.separate(level);
        }
        self.string(text)?;
        if let Some(separator) = self.encoder.key_separator.get() {
            self.out.extend_from_slice(separator.as_bytes());
        }
        self.value(value, level).map_err(|raised| {
            annotate(cx, raised, || {
                let shown = match object::repr(cx, key) {
                    Ok(shown) => shown.as_wtf8().to_string_lossy(),
                    Err(raised) => {
                        let _ = cx.take_exception(raised);
                        "?".to_owned()
                    }
                };
                format!("when serializing {} item {shown}", owner.class_name(cx))
            })
        })
    }

    fn mapping(&mut self, dict: Ref<Dict>, level: usize) -> PyResult<()> {
        let cx = self.cx;
        if dict.is_empty() {
            self.out.extend(b"{}");
            return Ok(());
        }
        self.out.push(b'{');
        let mut first = true;
        let plain = dict.value().exact::<Dict>().is_some();
        if plain && !self.encoder.sort_keys {
            let mut position = 0;
            while let Some((key, value)) = dict.next_entry(&mut position) {
                self.entry(dict.value(), key, value, level + 1, &mut first)?;
            }
        } else {
            let items = cx.call_method(dict.value(), cx.intern_str("items"), &[])?;
            let items = iteration::to_list(cx, items)?;
            if self.encoder.sort_keys {
                items.sort(cx, None, false)?;
            }
            for item in items.iter() {
                let Some(pair) = item.downcast::<Tuple>(cx).filter(|pair| pair.len() == 2) else {
                    return Err(cx.value_error("items must return 2-tuples"));
                };
                self.entry(dict.value(), pair.get(0), pair.get(1), level + 1, &mut first)?;
            }
        }
        if !first {
            self.new_line(level);
        }
        self.out.push(b'}');
        Ok(())
    }
}

/// Adds a note to the pending exception.
#[cold]
fn annotate(cx: &Cx, raised: Raised, note: impl FnOnce() -> String) -> Raised {
    let exception = cx.take_exception(raised);
    match exception::add_note(cx, exception, cx.new_str(&note())) {
        Ok(()) => cx.raise_unchained(exception),
        Err(raised) => raised,
    }
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "_json",
    doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)\n--\n\nJSON encoder object",
    flags: TypeFlags::BASE.with(TypeFlags::MUTABLE),
    slots: Slots { new: Some(new), call: Some(call), ..Slots::NONE },
    attributes: &[
        GetSet::member("markers", |_cx, encoder: Ref<Encoder>| Ok(encoder.markers.get_or_none()), "markers"),
        GetSet::member("default", |_cx, encoder: Ref<Encoder>| Ok(encoder.default.get_or_none()), "default"),
        GetSet::member("encoder", |_cx, encoder: Ref<Encoder>| Ok(encoder.encoder.get_or_none()), "encoder"),
        GetSet::member("indent", |_cx, encoder: Ref<Encoder>| Ok(encoder.indent.get_or_none()), "indent"),
        GetSet::member(
            "key_separator",
            |_cx, encoder: Ref<Encoder>| Ok(encoder.key_separator.untyped().get_or_none()),
            "key_separator",
        ),
        GetSet::member(
            "item_separator",
            |_cx, encoder: Ref<Encoder>| Ok(encoder.item_separator.untyped().get_or_none()),
            "item_separator",
        ),
        GetSet::member("sort_keys", |_cx, encoder: Ref<Encoder>| Ok(Value::bool(encoder.sort_keys)), "sort_keys"),
        GetSet::member("skipkeys", |_cx, encoder: Ref<Encoder>| Ok(Value::bool(encoder.skip_keys)), "skipkeys"),
    ],
    ..TypeDef::new("Encoder", &LAYOUT)
};
