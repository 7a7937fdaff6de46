//! `SyntaxError`: where in which source, and what.
//!
//! Extra fields in order: msg, filename, lineno, offset, text, end_lineno, end_offset, print_file_and_line, _metadata.

use super::SYNTAX;
use super::base::{self, this};
use super::simple::extra;
use crate::native::args::Args;
use crate::native::definition::{GetSet, TypeDef};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::str::Str;

/// The field of the seventh detail.
const METADATA: usize = 8;

fn init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    base::init(cx, exception, args)?;
    let cell = this(exception);
    if let Some(message) = args.get(0) {
        cell.extra(0).set(cx, message);
    }
    if args.len() != 2 {
        return Ok(());
    }
    let details = protocol::iter::to_tuple(cx, args.get(1).unwrap_or(Value::NONE))?;
    let given = details.len();
    if given < 4 {
        return Err(raise!(cx, TypeError, "function takes at least 4 arguments ({given} given)"));
    }
    if given > 7 {
        return Err(raise!(cx, TypeError, "function takes at most 7 arguments ({given} given)"));
    }
    if given == 5 {
        return Err(cx.type_error("end_offset must be provided when end_lineno is provided"));
    }
    for index in 0..given.min(6) {
        cell.extra(index + 1).set(cx, details.get(index));
    }
    if given == 7 {
        cell.extra(METADATA).set(cx, details.get(6));
    }
    Ok(())
}

fn str(cx: &Cx, exception: Value) -> PyResult {
    let cell = this(exception);
    let message = protocol::object::str(cx, cell.extra(0).get_or_none())?;
    let filename = cell.extra(1).get().and_then(|filename| filename.downcast::<Str>(cx));
    let filename = filename.map(|filename| {
        let text = filename.as_wtf8().to_string_lossy();
        text.rsplit('/').next().unwrap_or("").to_owned()
    });
    let line = cell.extra(2).get().filter(|line| line.is_small_int()).and_then(Value::as_small_int);
    let message = message.as_wtf8();
    let text = match (filename, line) {
        (Some(filename), Some(line)) => format!("{message} ({filename}, line {line})"),
        (Some(filename), None) => format!("{message} ({filename})"),
        (None, Some(line)) => format!("{message} (line {line})"),
        (None, None) => return Ok(cx.new_str_wtf8(message).value()),
    };
    Ok(cx.new_str(&text).value())
}

static ATTRIBUTES: &[GetSet] = &[
    extra::<0>("msg"),
    extra::<1>("filename"),
    extra::<2>("lineno"),
    extra::<3>("offset"),
    extra::<4>("text"),
    extra::<5>("end_lineno"),
    extra::<6>("end_offset"),
    extra::<7>("print_file_and_line"),
    extra::<METADATA>("_metadata"),
];

/// The rows of `SyntaxError`.
pub(super) static TYPE: TypeDef = TypeDef {
    slots: Slots { init: Some(init), str: Some(str), ..Slots::NONE },
    attributes: ATTRIBUTES,
    ..TypeDef::new("SyntaxError", &SYNTAX)
};
