//! `str.format` and `str.format_map`.

use countless_common::format_string::{self, Access, AutoNumber, Field, First};
use countless_common::quote;
use countless_common::wtf8::{Wtf8, Wtf8Buf};

use super::Str;
use crate::native::args::Args;
use crate::object::cell::Ref;
use crate::object::protocol::{item, object};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// Where fields find their values.
enum Source<'a> {
    Call(Args<'a>),
    Mapping(Value),
}

/// One call of `format`.
struct Formatter<'a> {
    source: Source<'a>,
    numbering: AutoNumber,
}

/// Specifiers may have fields, whose specifiers may not.
const MAX_DEPTH: usize = 2;

pub(super) fn format(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    run(cx, this, Source::Call(args))
}

pub(super) fn format_map(cx: &Cx, this: Ref<Str>, mapping: Value) -> PyResult {
    run(cx, this, Source::Mapping(mapping))
}

fn run(cx: &Cx, this: Ref<Str>, source: Source<'_>) -> PyResult {
    let mut formatter = Formatter { source, numbering: AutoNumber::default() };
    let mut out = Wtf8Buf::with_capacity(this.byte_length + 16);
    let result = formatter.render(cx, this.as_wtf8(), MAX_DEPTH, &mut out);
    // The template is borrowed while Python code runs.
    std::hint::black_box(this);
    result?;
    Ok(cx.new_str_wtf8(&out).value())
}

/// `repr(value)` with what is not ASCII escaped, as `ascii(value)`.
pub(crate) fn ascii(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    let text = object::repr(cx, value)?;
    if text.is_ascii() {
        return Ok(text);
    }
    match quote::escape_non_ascii(text.as_wtf8()) {
        Ok(escaped) => Ok(cx.new_str(&escaped)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

impl Formatter<'_> {
    fn render(&mut self, cx: &Cx, template: &Wtf8, depth: usize, out: &mut Wtf8Buf) -> PyResult<()> {
        if depth == 0 {
            return Err(cx.value_error("Max string recursion exceeded"));
        }
        for part in format_string::parse(template) {
            let part = part.map_err(|failure| cx.raise_failure(failure))?;
            out.push_wtf8(part.literal);
            if let Some(field) = part.field {
                self.field(cx, field, depth, out)?;
            }
        }
        Ok(())
    }

    fn field(&mut self, cx: &Cx, field: Field<'_>, depth: usize, out: &mut Wtf8Buf) -> PyResult<()> {
        let value = self.value(cx, field.name)?;
        let value = match field.conversion {
            None => value,
            Some(0x72) => object::repr(cx, value)?.value(),
            Some(0x73) => object::str(cx, value)?.value(),
            Some(0x61) => ascii(cx, value)?.value(),
            Some(other) => return Err(cx.raise_failure(format_string::unknown_conversion(other))),
        };
        let spec = if field.nested {
            let mut spec = Wtf8Buf::new();
            self.render(cx, field.spec, depth - 1, &mut spec)?;
            cx.new_str_wtf8(&spec)
        } else {
            cx.new_str_wtf8(field.spec)
        };
        let text = object::format(cx, value, spec)?;
        out.push_wtf8(text.as_wtf8());
        Ok(())
    }

    fn value(&mut self, cx: &Cx, name: &Wtf8) -> PyResult {
        let (first, accesses) = format_string::split_field_name(name).map_err(|failure| cx.raise_failure(failure))?;
        let mut value = self.first(cx, first)?;
        for access in accesses {
            value = match access.map_err(|failure| cx.raise_failure(failure))? {
                Access::Attribute(name) => cx.get_attribute(value, cx.intern_text(name))?,
                Access::Index(index) => item::get_item(cx, value, Value::length(index))?,
                Access::Key(key) => item::get_item(cx, value, cx.new_str_wtf8(key).value())?,
            };
        }
        Ok(value)
    }

    fn first(&mut self, cx: &Cx, first: First<'_>) -> PyResult {
        let index = match first {
            First::Name(name) => return self.named(cx, name),
            First::Auto => self.numbering.auto(),
            First::Index(index) => self.numbering.manual().map(|()| index),
        };
        let index = index.map_err(|failure| cx.raise_failure(failure))?;
        match &self.source {
            Source::Mapping(_) => Err(cx.value_error("Format string contains positional fields")),
            Source::Call(args) => args.get(index).ok_or_else(|| {
                raise!(cx, IndexError, "Replacement index {index} out of range for positional args tuple")
            }),
        }
    }

    fn named(&self, cx: &Cx, name: &Wtf8) -> PyResult {
        match &self.source {
            Source::Mapping(mapping) => item::get_item(cx, *mapping, cx.new_str_wtf8(name).value()),
            Source::Call(args) => match args.keywords().find(|(keyword, _)| keyword.as_wtf8() == name) {
                Some((_, value)) => Ok(value),
                None => Err(cx.key_error(cx.new_str_wtf8(name).value())),
            },
        }
    }
}
