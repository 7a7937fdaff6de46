//! `str.translate` and `str.maketrans`.

use countless_common::wtf8::Wtf8Buf;

use super::Str;
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::object::cell::Ref;
use crate::object::protocol::{item, number};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::int::is_int;
use crate::types::sequence::poll_at;

/// What a table says of a character.
#[derive(Clone, Copy)]
enum Mapping {
    Unknown,
    Keep,
    Delete,
    Point(u32),
}

/// Appends what the table makes of a code point; the answer can be remembered unless it is a string.
fn translate_one(cx: &Cx, table: Value, point: u32, out: &mut Wtf8Buf) -> PyResult<Mapping> {
    let found = match item::get_item(cx, table, Value::int(point.into())) {
        Ok(found) => found,
        Err(raised) => {
            cx.ignore_if(raised, ExceptionKind::LookupError)?;
            out.push(point);
            return Ok(Mapping::Keep);
        }
    };
    if found.is_none() {
        return Ok(Mapping::Delete);
    }
    if is_int(cx, found) {
        return match number::as_index_i64(cx, found) {
            Some(mapped @ 0..0x11_0000) => {
                out.push(mapped as u32);
                Ok(Mapping::Point(mapped as u32))
            }
            _ => Err(cx.value_error("character mapping must be in range(0x110000)")),
        };
    }
    let Some(text) = found.downcast::<Str>(cx) else {
        return Err(cx.type_error("character mapping must return integer, None or str"));
    };
    out.push_wtf8(text.as_wtf8());
    if text.len() == 1 {
        return Ok(text.code_point(0).map_or(Mapping::Unknown, Mapping::Point));
    }
    Ok(Mapping::Unknown)
}

/// `this.translate(table)`. ASCII characters are looked up once each, as CPython does.
pub(super) fn translate(cx: &Cx, this: Ref<Str>, table: Value) -> PyResult {
    let mut known = [Mapping::Unknown; 128];
    let mut out = Wtf8Buf::with_capacity(this.byte_length);
    for (number, point) in this.as_wtf8().code_points().enumerate() {
        poll_at(cx, number)?;
        match known.get(point as usize).copied().unwrap_or(Mapping::Unknown) {
            Mapping::Unknown => {
                let mapping = translate_one(cx, table, point, &mut out)?;
                if let Some(slot) = known.get_mut(point as usize) {
                    *slot = mapping;
                }
            }
            Mapping::Keep => out.push(point),
            Mapping::Delete => {}
            Mapping::Point(mapped) => out.push(mapped),
        }
    }
    Ok(cx.new_str_wtf8(&out).value())
}

/// `str.maketrans(x, y, z)`.
pub(super) fn maketrans(cx: &Cx, _: Value, args: Args<'_>) -> PyResult {
    let [x, y, z] = args.between::<3>(cx, "maketrans", 1)?;
    let (x, table) = (x.unwrap_or(Value::NONE), cx.new_dict());
    match y {
        Some(y) => from_strings(cx, table, x, y, z)?,
        None => {
            let Some(given) = x.exact::<Dict>() else {
                return Err(cx.type_error("if you give only one argument to maketrans it must be a dict"));
            };
            from_dict(cx, table, given)?;
        }
    }
    Ok(table.value())
}

fn from_strings(cx: &Cx, table: Ref<Dict>, x: Value, y: Value, z: Option<Value>) -> PyResult<()> {
    let y = cx.str_argument_at(y, "maketrans", 2)?;
    let z = z.map(|z| cx.str_argument_at(z, "maketrans", 3)).transpose()?;
    let Some(x) = x.downcast::<Str>(cx) else {
        return Err(cx.type_error("first maketrans argument must be a string if there is a second argument"));
    };
    if x.len() != y.len() {
        return Err(cx.value_error("the first two maketrans arguments must have equal length"));
    }
    for (from, to) in x.as_wtf8().code_points().zip(y.as_wtf8().code_points()) {
        table.set(cx, Value::int(from.into()), Value::int(to.into()))?;
    }
    for point in z.iter().flat_map(|z| z.as_wtf8().code_points()) {
        table.set(cx, Value::int(point.into()), Value::NONE)?;
    }
    Ok(())
}

fn from_dict(cx: &Cx, table: Ref<Dict>, given: Ref<Dict>) -> PyResult<()> {
    for (key, value) in given.iter() {
        if let Some(text) = key.downcast::<Str>(cx) {
            let Some(point) = text.code_point(0).filter(|_| text.len() == 1) else {
                return Err(cx.value_error("string keys in translatetable must be of length 1"));
            };
            table.set(cx, Value::int(point.into()), value)?;
        } else if is_int(cx, key) {
            table.set(cx, key, value)?;
        } else {
            return Err(raise!(cx, TypeError, "keys in translate table mustbe strings or integers"));
        }
    }
    Ok(())
}
