//! The simple methods of str, and the definition of the type.

use countless_common::Outcome;
use countless_common::format_spec;
use countless_common::strings;
use countless_common::wtf8::{Wtf8, Wtf8Buf};

use super::{Str, convert, encode, format, iterator, percent, search, slots, split, translate};
use crate::native::args::{Args, Signature};
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::protocol::{number, object};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

fn made(cx: &Cx, text: Outcome<Wtf8Buf>) -> PyResult {
    match text {
        Ok(text) => Ok(cx.new_str_wtf8(&text).value()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

macro_rules! cases {
    ($($name:ident: $function:ident,)*) => {$(
        fn $name(cx: &Cx, this: Ref<Str>) -> PyResult {
            made(cx, strings::$function(this.as_wtf8()))
        }
    )*};
}

cases! {
    capitalize: capitalize,
    casefold: case_fold,
    title: title,
    lower: lower,
    upper: upper,
    swapcase: swap_case,
}

macro_rules! predicates {
    ($($name:ident: $function:ident,)*) => {$(
        fn $name(_: &Cx, this: Ref<Str>) -> PyResult {
            Ok(Value::bool(strings::$function(this.as_wtf8())))
        }
    )*};
}

predicates! {
    islower: is_lower,
    isupper: is_upper,
    istitle: is_title,
    isspace: is_space,
    isdecimal: is_decimal,
    isdigit: is_digit,
    isnumeric: is_numeric,
    isalpha: is_alpha,
    isalnum: is_alnum,
    isidentifier: is_identifier,
    isprintable: is_printable,
}

fn isascii(_: &Cx, this: Ref<Str>) -> PyResult {
    Ok(Value::bool(this.is_ascii()))
}

/// The arguments of `center`, `ljust` and `rjust`: width and fill character.
fn padding(cx: &Cx, args: Args<'_>, name: &str) -> PyResult<(usize, u32)> {
    let [width, fill] = args.between::<2>(cx, name, 1)?;
    let width = number::index_i64(cx, width.unwrap_or(Value::NONE))?;
    let fill = match fill {
        None => u32::from(b' '),
        Some(fill) => {
            let Some(text) = fill.downcast::<Str>(cx) else {
                let class = fill.class_name(cx);
                return Err(raise!(cx, TypeError, "The fill character must be a unicode character, not {class}"));
            };
            match text.code_point(0).filter(|_| text.len() == 1) {
                Some(point) => point,
                None => return Err(cx.type_error("The fill character must be exactly one character long")),
            }
        }
    };
    Ok((usize::try_from(width).unwrap_or(0), fill))
}

fn justified(
    cx: &Cx,
    this: Ref<Str>,
    args: Args<'_>,
    name: &str,
    justify: fn(&Wtf8, usize, u32) -> Outcome<Wtf8Buf>,
) -> PyResult {
    let (width, fill) = padding(cx, args, name)?;
    if width <= this.len() {
        return Ok(this.to_exact(cx).value());
    }
    made(cx, justify(this.as_wtf8(), width, fill))
}

fn center(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    justified(cx, this, args, "center", strings::center::<Wtf8>)
}

fn ljust(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    justified(cx, this, args, "ljust", strings::left_justify::<Wtf8>)
}

fn rjust(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    justified(cx, this, args, "rjust", strings::right_justify::<Wtf8>)
}

fn zfill(cx: &Cx, this: Ref<Str>, width: Value) -> PyResult {
    let width = usize::try_from(number::index_i64(cx, width)?).unwrap_or(0);
    if width <= this.len() {
        return Ok(this.to_exact(cx).value());
    }
    made(cx, strings::zero_fill::<Wtf8>(this.as_wtf8(), width))
}

static EXPANDTABS: Signature<1> = Signature::new("expandtabs", ["tabsize"]);

fn expandtabs(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let [tab_size] = EXPANDTABS.bind(cx, args)?;
    let tab_size = tab_size.map_or(Ok(8), |size| cx.c_int_argument(size))?;
    made(cx, strings::expand_tabs::<Wtf8>(this.as_wtf8(), tab_size as isize))
}

fn dunder_format(cx: &Cx, this: Ref<Str>, spec: Value) -> PyResult {
    let spec = cx.str_argument(spec, "__format__")?;
    if spec.is_empty() {
        return object::str(cx, this.value()).map(Value::from);
    }
    made(cx, format_spec::format_str(this.as_wtf8(), spec.as_wtf8(), &this.value().class_name(cx)))
}

fn sizeof(cx: &Cx, this: Ref<Str>) -> PyResult {
    // SAFETY: the receiver is a live cell.
    Ok(Value::length(unsafe { cx.mutator().heap().cell_size(this.as_ptr().cast()) }))
}

fn getnewargs(cx: &Cx, this: Ref<Str>) -> PyResult {
    let text = this.to_exact(cx).value();
    Ok(cx.new_tuple(&[text]).value())
}

fn modulo(cx: &Cx, left: Value, right: Value) -> PyResult {
    match left.downcast::<Str>(cx) {
        Some(template) => percent::percent_format(cx, template, right),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

static METHODS: &[Method] = &[
    Method::many(
        "encode",
        encode::encode,
        "encode($self, /, encoding='utf-8', errors='strict')\n--\n\nReturn the bytes that stand for the text in an encoding.",
    ),
    Method::many(
        "replace",
        search::replace,
        "replace($self, old, new, /, count=-1)\n--\n\nReturn a copy with occurrences of old replaced by new, all or the first count.",
    ),
    Method::many(
        "split",
        split::split,
        "split($self, /, sep=None, maxsplit=-1)\n--\n\nReturn the parts between separators, or between white space.",
    ),
    Method::many(
        "rsplit",
        split::rsplit,
        "rsplit($self, /, sep=None, maxsplit=-1)\n--\n\nReturn the parts between separators, split from the right if limited.",
    ),
    Method::one(
        "join",
        split::join,
        "join($self, iterable, /)\n--\n\nReturn the strings of the iterable with this one between them.",
    ),
    Method::none(
        "capitalize",
        capitalize,
        "capitalize($self, /)\n--\n\nReturn a copy that starts with a capital and goes on in lower case.",
    ),
    Method::none(
        "casefold",
        casefold,
        "casefold($self, /)\n--\n\nReturn a copy for comparison without regard to case.",
    ),
    Method::none(
        "title",
        title,
        "title($self, /)\n--\n\nReturn a copy whose words start with capitals and go on in lower case.",
    ),
    Method::many("center", center, "center($self, width, fillchar=' ', /)\n--\n\nReturn the text centered in a width."),
    Method::many(
        "count",
        search::count,
        "count($self, sub[, start[, end]], /)\n--\n\nHow many times the substring occurs, without overlaps.",
    ),
    Method::many(
        "expandtabs",
        expandtabs,
        "expandtabs($self, /, tabsize=8)\n--\n\nReturn a copy with tabs expanded to spaces.",
    ),
    Method::many(
        "find",
        search::find,
        "find($self, sub[, start[, end]], /)\n--\n\nThe lowest index where the substring is, or -1.",
    ),
    Method::one(
        "partition",
        split::partition,
        "partition($self, sep, /)\n--\n\nReturn what is before the first separator, the separator, and what is after.",
    ),
    Method::many(
        "index",
        search::index,
        "index($self, sub[, start[, end]], /)\n--\n\nThe lowest index where the substring is; ValueError if there is none.",
    ),
    Method::many("ljust", ljust, "ljust($self, width, fillchar=' ', /)\n--\n\nReturn the text at the left of a width."),
    Method::none("lower", lower, "lower($self, /)\n--\n\nReturn a copy in lower case."),
    Method::optional(
        "lstrip",
        split::lstrip,
        "lstrip($self, chars=None, /)\n--\n\nReturn a copy without white space, or the given characters, at its start.",
    ),
    Method::many(
        "rfind",
        search::rfind,
        "rfind($self, sub[, start[, end]], /)\n--\n\nThe highest index where the substring is, or -1.",
    ),
    Method::many(
        "rindex",
        search::rindex,
        "rindex($self, sub[, start[, end]], /)\n--\n\nThe highest index where the substring is; ValueError if there is none.",
    ),
    Method::many(
        "rjust",
        rjust,
        "rjust($self, width, fillchar=' ', /)\n--\n\nReturn the text at the right of a width.",
    ),
    Method::optional(
        "rstrip",
        split::rstrip,
        "rstrip($self, chars=None, /)\n--\n\nReturn a copy without white space, or the given characters, at its end.",
    ),
    Method::one(
        "rpartition",
        split::rpartition,
        "rpartition($self, sep, /)\n--\n\nReturn what is before the last separator, the separator, and what is after.",
    ),
    Method::many(
        "splitlines",
        split::splitlines,
        "splitlines($self, /, keepends=False)\n--\n\nReturn the lines, with their ends if keepends is true.",
    ),
    Method::optional(
        "strip",
        split::strip,
        "strip($self, chars=None, /)\n--\n\nReturn a copy without white space, or the given characters, at both ends.",
    ),
    Method::none("swapcase", swapcase, "swapcase($self, /)\n--\n\nReturn a copy with upper and lower case exchanged."),
    Method::one(
        "translate",
        translate::translate,
        "translate($self, table, /)\n--\n\nReturn a copy with each character replaced by what the table maps its ordinal to.",
    ),
    Method::none("upper", upper, "upper($self, /)\n--\n\nReturn a copy in upper case."),
    Method::many(
        "startswith",
        search::startswith,
        "startswith($self, prefix[, start[, end]], /)\n--\n\nWhether the text starts with the prefix, or with one of a tuple.",
    ),
    Method::many(
        "endswith",
        search::endswith,
        "endswith($self, suffix[, start[, end]], /)\n--\n\nWhether the text ends with the suffix, or with one of a tuple.",
    ),
    Method::one(
        "removeprefix",
        search::removeprefix,
        "removeprefix($self, prefix, /)\n--\n\nReturn a copy without the prefix, if it is there.",
    ),
    Method::one(
        "removesuffix",
        search::removesuffix,
        "removesuffix($self, suffix, /)\n--\n\nReturn a copy without the suffix, if it is there.",
    ),
    Method::none("isascii", isascii, "isascii($self, /)\n--\n\nWhether all characters are ASCII."),
    Method::none(
        "islower",
        islower,
        "islower($self, /)\n--\n\nWhether cased characters are there, and all in lower case.",
    ),
    Method::none(
        "isupper",
        isupper,
        "isupper($self, /)\n--\n\nWhether cased characters are there, and all in upper case.",
    ),
    Method::none(
        "istitle",
        istitle,
        "istitle($self, /)\n--\n\nWhether every word starts with a capital and goes on in lower case.",
    ),
    Method::none("isspace", isspace, "isspace($self, /)\n--\n\nWhether the text is white space, and not empty."),
    Method::none(
        "isdecimal",
        isdecimal,
        "isdecimal($self, /)\n--\n\nWhether all characters are decimal digits, and there is one.",
    ),
    Method::none("isdigit", isdigit, "isdigit($self, /)\n--\n\nWhether all characters are digits, and there is one."),
    Method::none(
        "isnumeric",
        isnumeric,
        "isnumeric($self, /)\n--\n\nWhether all characters are numeric, and there is one.",
    ),
    Method::none("isalpha", isalpha, "isalpha($self, /)\n--\n\nWhether all characters are letters, and there is one."),
    Method::none(
        "isalnum",
        isalnum,
        "isalnum($self, /)\n--\n\nWhether all characters are letters or numeric, and there is one.",
    ),
    Method::none(
        "isidentifier",
        isidentifier,
        "isidentifier($self, /)\n--\n\nWhether the text could be a name; see also keyword.iskeyword.",
    ),
    Method::none(
        "isprintable",
        isprintable,
        "isprintable($self, /)\n--\n\nWhether repr() would show all characters as they are.",
    ),
    Method::one(
        "zfill",
        zfill,
        "zfill($self, width, /)\n--\n\nReturn the text padded with zeros on the left, behind a sign.",
    ),
    Method::many(
        "format",
        format::format,
        "format($self, /, *args, **kwargs)\n--\n\nReturn the text with its replacement fields filled in.",
    ),
    Method::one(
        "format_map",
        format::format_map,
        "format_map($self, mapping, /)\n--\n\nReturn the text with its replacement fields filled in from a mapping.",
    ),
    Method::one(
        "__format__",
        dunder_format,
        "__format__($self, format_spec, /)\n--\n\nFormat the text as the spec says.",
    ),
    Method::many(
        "maketrans",
        translate::maketrans,
        "maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)\n--\n\nMake a table for translate().",
    )
    .on_nothing(),
    Method::none("__sizeof__", sizeof, "__sizeof__($self, /)\n--\n\nBytes of memory that the text takes."),
    Method::none("__getnewargs__", getnewargs, "__getnewargs__($self, /)\n--\n\n"),
];

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nReturn the text of an object: what its \
          __str__ says, or, given an encoding\nor an error handler, what its bytes stand for.",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(convert::new),
        repr: Some(slots::repr),
        str: Some(slots::str),
        hash: Some(slots::hash),
        compare: Some(slots::compare),
        iter: Some(iterator::iter),
        length: Some(slots::length),
        subscript: Some(slots::subscript),
        contains: Some(slots::contains),
        concatenate: Some(slots::concatenate),
        repeat: Some(slots::repeat),
        modulo: Some(modulo),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("str", &super::LAYOUT)
};
