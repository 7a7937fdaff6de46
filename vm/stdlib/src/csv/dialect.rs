//! Dialects: how records are written down.

use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::RefField;
use countless_vm::object::protocol::object;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::int;
use countless_vm::types::str::Str;
use countless_vm::types::type_object::TypeObject;

use super::{DIALECTS, error};

/// "No character".
pub const NOT_SET: u32 = u32::MAX;

native_cell! {
    /// The cell; immutable.
    pub struct Dialect("_csv.Dialect", LAYOUT) {
        traced {
            /// What ends a record.
            pub line_terminator: RefField<Str>,
        }
        plain {
            pub double_quote: bool,
            pub skip_initial_space: bool,
            pub strict: bool,
            pub quoting: u8,
            pub delimiter: u32,
            pub quote_char: u32,
            pub escape_char: u32,
        }
    }
}

/// Values of `quoting`.
#[allow(missing_docs)]
pub mod quoting {
    pub const MINIMAL: u8 = 0;
    pub const ALL: u8 = 1;
    pub const NON_NUMERIC: u8 = 2;
    pub const NONE: u8 = 3;
    pub const STRINGS: u8 = 4;
    pub const NOT_NULL: u8 = 5;
}

const NAMES: [&str; 9] = [
    "dialect",
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

fn character(cx: &Cx, value: Option<Value>, name: &str, default: u32, optional: bool) -> PyResult<u32> {
    let Some(value) = value else { return Ok(default) };
    if optional && value.is_none() {
        return Ok(NOT_SET);
    }
    let kind = if optional { "a unicode character or None" } else { "a unicode character" };
    let Some(text) = value.downcast::<Str>(cx) else {
        let class = cx.type_of(value).display_name();
        return Err(raise!(cx, TypeError, "\"{name}\" must be {kind}, not {class}"));
    };
    match (text.len(), text.code_point(0)) {
        (1, Some(point)) => Ok(point),
        (length, _) => Err(raise!(cx, TypeError, "\"{name}\" must be {kind}, not a string of length {length}")),
    }
}

fn truth(cx: &Cx, value: Option<Value>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| object::is_true(cx, value))
}

fn quoting_of(cx: &Cx, value: Option<Value>) -> PyResult<Option<u8>> {
    let Some(value) = value else { return Ok(None) };
    if !int::is_int(cx, value) {
        let class = cx.type_of(value).display_name();
        return Err(raise!(cx, TypeError, "\"quoting\" must be an integer, not {class}"));
    }
    let number = cx.c_int_argument(value)?;
    match u8::try_from(number).ok().filter(|&number| number <= quoting::NOT_NULL) {
        Some(number) => Ok(Some(number)),
        None => Err(cx.type_error("bad \"quoting\" value")),
    }
}

fn check(cx: &Cx, dialect: &Dialect, terminator: Ref<Str>) -> PyResult<()> {
    let space_allowed = !dialect.skip_initial_space;
    let characters = [
        ("delimiter", dialect.delimiter, true),
        ("escapechar", dialect.escape_char, space_allowed),
        ("quotechar", dialect.quote_char, space_allowed),
    ];
    for (name, point, space_allowed) in characters {
        if point == 10 || point == 13 || (point == 32 && !space_allowed) {
            return Err(raise!(cx, ValueError, "bad {name} value"));
        }
        if point != NOT_SET && terminator.as_wtf8().code_points().any(|other| other == point) {
            return Err(raise!(cx, ValueError, "bad {name} or lineterminator value"));
        }
    }
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
        let ((name, point, _), (other_name, other, _)) = (characters[first], characters[second]);
        if point != NOT_SET && point == other {
            return Err(raise!(cx, ValueError, "bad {name} or {other_name} value"));
        }
    }
    Ok(())
}

/// A dialect from a named, given or described one and changes by keyword.
pub fn make(cx: &Cx, base: Option<Value>, keywords: Args<'_>) -> PyResult<Ref<Dialect>> {
    let mut values: [Option<Value>; 9] = [None; 9];
    values[0] = base;
    for (name, value) in keywords.keywords() {
        let found = NAMES.iter().position(|known| name.as_bytes() == known.as_bytes());
        let Some(index) = found else {
            let name = name.as_wtf8();
            return Err(raise!(cx, TypeError, "this function got an unexpected keyword argument '{name}'"));
        };
        values[index] = Some(value);
    }
    let mut base = values[0];
    if let Some(name) = base.filter(|base| base.downcast::<Str>(cx).is_some()) {
        base = Some(named(cx, name)?);
    }
    if let Some(base) = base {
        let exact = base.exact::<Dialect>();
        if let Some(dialect) = exact.filter(|_| values[1..].iter().all(Option::is_none)) {
            return Ok(dialect);
        }
        for index in 1..NAMES.len() {
            if values[index].is_none() {
                values[index] = cx.get_attribute_optional(base, cx.intern_str(NAMES[index]))?;
            }
        }
    }
    build(cx, values)
}

fn build(cx: &Cx, values: [Option<Value>; 9]) -> PyResult<Ref<Dialect>> {
    let [_, delimiter, double_quote, escape_char, terminator, quote_char, quoting, skip_initial_space, strict] = values;
    let quote_given = quote_char.is_some();
    let delimiter = character(cx, delimiter, "delimiter", b','.into(), false)?;
    let double_quote = truth(cx, double_quote, true)?;
    let escape_char = character(cx, escape_char, "escapechar", NOT_SET, true)?;
    let terminator = match terminator {
        None => cx.new_str("\r\n"),
        Some(value) => match value.downcast::<Str>(cx) {
            Some(text) => text,
            None => {
                let class = cx.type_of(value).display_name();
                return Err(raise!(cx, TypeError, "\"lineterminator\" must be a string, not {class}"));
            }
        },
    };
    let quote_char = character(cx, quote_char, "quotechar", b'"'.into(), true)?;
    let chosen = quoting_of(cx, quoting)?;
    let skip_initial_space = truth(cx, skip_initial_space, false)?;
    let strict = truth(cx, strict, false)?;
    let quoting = match chosen {
        None if quote_given && quote_char == NOT_SET => quoting::NONE,
        chosen => chosen.unwrap_or(quoting::MINIMAL),
    };
    if quoting != quoting::NONE && quote_char == NOT_SET {
        return Err(cx.type_error("quotechar must be set if quoting enabled"));
    }
    let line_terminator = RefField::new(terminator);
    let contents = Dialect {
        header: Default::default(),
        line_terminator,
        double_quote,
        skip_initial_space,
        strict,
        quoting,
        delimiter,
        quote_char,
        escape_char,
    };
    check(cx, &contents, terminator)?;
    native_type(cx, &TYPE)?;
    Ok(cx.allocate(contents))
}

/// The registered dialects.
pub fn registry(cx: &Cx) -> PyResult<Ref<Dict>> {
    let found = cx.native_state(DIALECTS).and_then(|dialects| dialects.downcast::<Dict>(cx));
    found.ok_or(()).map_err(|()| cx.runtime_error("the dialects are gone"))
}

/// A registered dialect.
pub fn named(cx: &Cx, name: Value) -> PyResult {
    match registry(cx)?.get(cx, name)? {
        Some(dialect) => Ok(dialect),
        None => Err(error(cx, "unknown dialect")),
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "function takes at most 1 argument ({} given)", args.len()));
    }
    let dialect = make(cx, args.get(0), args)?;
    if class == native_type(cx, &TYPE)? {
        return Ok(dialect.value());
    }
    let copy = Dialect {
        header: Default::default(),
        line_terminator: RefField::from_option(dialect.line_terminator.get()),
        double_quote: dialect.double_quote,
        skip_initial_space: dialect.skip_initial_space,
        strict: dialect.strict,
        quoting: dialect.quoting,
        delimiter: dialect.delimiter,
        quote_char: dialect.quote_char,
        escape_char: dialect.escape_char,
    };
    Ok(cx.allocate_instance(class, copy).value())
}

fn char_value(cx: &Cx, point: u32) -> PyResult {
    Ok(if point == NOT_SET { Value::NONE } else { cx.new_char(point).value() })
}

fn no_pickle(cx: &Cx, dialect: Ref<Dialect>, _args: Args<'_>) -> PyResult {
    let class = cx.type_of(dialect.value()).display_name();
    Err(raise!(cx, TypeError, "cannot pickle '{class}' instances"))
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "_csv",
    doc: "CSV dialect\n\nThe Dialect type records CSV dialect options.",
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        Method::many("__reduce__", no_pickle, "raises an exception to avoid pickling"),
        Method::many("__reduce_ex__", no_pickle, "raises an exception to avoid pickling"),
    ],
    attributes: &[
        GetSet::read_only("delimiter", |cx, dialect: Ref<Dialect>| char_value(cx, dialect.delimiter), ""),
        GetSet::read_only("escapechar", |cx, dialect: Ref<Dialect>| char_value(cx, dialect.escape_char), ""),
        GetSet::read_only("quotechar", |cx, dialect: Ref<Dialect>| char_value(cx, dialect.quote_char), ""),
        GetSet::read_only(
            "lineterminator",
            |_cx, dialect: Ref<Dialect>| Ok(dialect.line_terminator.untyped().get_or_none()),
            "",
        ),
        GetSet::read_only("quoting", |_cx, dialect: Ref<Dialect>| Ok(Value::int(dialect.quoting.into())), ""),
        GetSet::member(
            "skipinitialspace",
            |_cx, dialect: Ref<Dialect>| Ok(Value::bool(dialect.skip_initial_space)),
            "",
        ),
        GetSet::member("doublequote", |_cx, dialect: Ref<Dialect>| Ok(Value::bool(dialect.double_quote)), ""),
        GetSet::member("strict", |_cx, dialect: Ref<Dialect>| Ok(Value::bool(dialect.strict)), ""),
    ],
    ..TypeDef::new("Dialect", &LAYOUT)
};
