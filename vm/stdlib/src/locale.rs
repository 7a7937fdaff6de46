//! `_locale`: the C library's locales.

use std::ffi::{CStr, CString};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

use crate::posix::path::{Kind, Path};
use crate::posix::process::c_string;
use crate::support::native::{define_exception, optional_str, raise_own};
use crate::support::path::fs_decode;
use crate::support::system::{add_constants, error};

static CONSTANTS: &[(&str, i64)] = &[
    ("ABDAY_1", 131072),
    ("ABDAY_2", 131073),
    ("ABDAY_3", 131074),
    ("ABDAY_4", 131075),
    ("ABDAY_5", 131076),
    ("ABDAY_6", 131077),
    ("ABDAY_7", 131078),
    ("ABMON_1", 131086),
    ("ABMON_10", 131095),
    ("ABMON_11", 131096),
    ("ABMON_12", 131097),
    ("ABMON_2", 131087),
    ("ABMON_3", 131088),
    ("ABMON_4", 131089),
    ("ABMON_5", 131090),
    ("ABMON_6", 131091),
    ("ABMON_7", 131092),
    ("ABMON_8", 131093),
    ("ABMON_9", 131094),
    ("ALT_DIGITS", 131119),
    ("AM_STR", 131110),
    ("CHAR_MAX", 127),
    ("CODESET", 14),
    ("CRNCYSTR", 262159),
    ("DAY_1", 131079),
    ("DAY_2", 131080),
    ("DAY_3", 131081),
    ("DAY_4", 131082),
    ("DAY_5", 131083),
    ("DAY_6", 131084),
    ("DAY_7", 131085),
    ("D_FMT", 131113),
    ("D_T_FMT", 131112),
    ("ERA", 131116),
    ("ERA_D_FMT", 131118),
    ("ERA_D_T_FMT", 131120),
    ("ERA_T_FMT", 131121),
    ("LC_ALL", 6),
    ("LC_COLLATE", 3),
    ("LC_CTYPE", 0),
    ("LC_MESSAGES", 5),
    ("LC_MONETARY", 4),
    ("LC_NUMERIC", 1),
    ("LC_TIME", 2),
    ("MON_1", 131098),
    ("MON_10", 131107),
    ("MON_11", 131108),
    ("MON_12", 131109),
    ("MON_2", 131099),
    ("MON_3", 131100),
    ("MON_4", 131101),
    ("MON_5", 131102),
    ("MON_6", 131103),
    ("MON_7", 131104),
    ("MON_8", 131105),
    ("MON_9", 131106),
    ("NOEXPR", 327681),
    ("PM_STR", 131111),
    ("RADIXCHAR", 65536),
    ("THOUSEP", 65537),
    ("T_FMT", 131114),
    ("T_FMT_AMPM", 131115),
    ("YESEXPR", 327680),
    ("_DATE_FMT", 131180),
];

const ERROR: &str = "locale.Error";

unsafe extern "C" {
    fn strcoll(left: *const libc::c_char, right: *const libc::c_char) -> libc::c_int;
    fn strxfrm(target: *mut libc::c_char, source: *const libc::c_char, size: usize) -> usize;
    fn gettext(message: *const libc::c_char) -> *const libc::c_char;
    fn dgettext(domain: *const libc::c_char, message: *const libc::c_char) -> *const libc::c_char;
    fn dcgettext(
        domain: *const libc::c_char,
        message: *const libc::c_char,
        category: libc::c_int,
    ) -> *const libc::c_char;
    fn textdomain(domain: *const libc::c_char) -> *const libc::c_char;
    fn bindtextdomain(domain: *const libc::c_char, folder: *const libc::c_char) -> *const libc::c_char;
    fn bind_textdomain_codeset(domain: *const libc::c_char, codeset: *const libc::c_char) -> *const libc::c_char;
}

/// The string of what the C library answered; `None` for null.
fn answer(cx: &Cx, text: *const libc::c_char) -> Option<Value> {
    // SAFETY: the C library's answers are null or end with NUL, and stay until the next such call; they are copied here.
    unsafe { text.as_ref().map(|text| fs_decode(cx, CStr::from_ptr(text).to_bytes()).value()) }
}

/// The address of an optional string.
fn pointer(text: &Option<CString>) -> *const libc::c_char {
    text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr())
}

fn optional_string(cx: &Cx, value: Option<Value>) -> PyResult<Option<CString>> {
    value.and_then(Value::not_none).map(|value| c_string(cx, value)).transpose()
}

fn setlocale(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [category, name] = args.between::<2>(cx, "setlocale", 1)?;
    let category = cx.c_int_argument(category.unwrap_or(Value::NONE))?;
    optional_str(cx, name, "setlocale", 2)?;
    if !(libc::LC_CTYPE..=libc::LC_ALL.max(12)).contains(&category) {
        return Err(raise_own(cx, ERROR, "invalid locale category"));
    }
    let name = optional_string(cx, name)?;
    // SAFETY: the name is null or ends with NUL. As in every Python, the locale must not be changed while other threads
    // use it.
    let result = unsafe { libc::setlocale(category, pointer(&name)) };
    match answer(cx, result) {
        Some(result) => Ok(result),
        None if name.is_some() => Err(raise_own(cx, ERROR, "unsupported locale setting")),
        None => Err(raise_own(cx, ERROR, "locale query failed")),
    }
}

fn grouping(cx: &Cx, text: *const libc::c_char) -> PyResult {
    let list = cx.new_list();
    // SAFETY: the record's strings are null or end with NUL.
    let sizes = unsafe { text.as_ref().map_or(&[][..], |text| CStr::from_ptr(text).to_bytes()) };
    for &size in sizes {
        list.push(cx, Value::int(size.into()))?;
        if size == libc::c_char::MAX as u8 {
            break;
        }
    }
    if !list.is_empty() && sizes.last() != Some(&(libc::c_char::MAX as u8)) {
        list.push(cx, Value::int(0))?;
    }
    Ok(list.value())
}

fn localeconv(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the record is the C library's; see `setlocale`.
    let Some(record) = (unsafe { libc::localeconv().as_ref() }) else { return Ok(cx.new_dict().value()) };
    let text = |text: *const libc::c_char| answer(cx, text).unwrap_or_else(|| cx.new_str("").value());
    let number = |number: libc::c_char| Value::int(number.into());
    let dict = cx.new_dict();
    let fields = [
        ("int_curr_symbol", text(record.int_curr_symbol)),
        ("currency_symbol", text(record.currency_symbol)),
        ("mon_decimal_point", text(record.mon_decimal_point)),
        ("mon_thousands_sep", text(record.mon_thousands_sep)),
        ("mon_grouping", grouping(cx, record.mon_grouping)?),
        ("positive_sign", text(record.positive_sign)),
        ("negative_sign", text(record.negative_sign)),
        ("int_frac_digits", number(record.int_frac_digits)),
        ("frac_digits", number(record.frac_digits)),
        ("p_cs_precedes", number(record.p_cs_precedes)),
        ("p_sep_by_space", number(record.p_sep_by_space)),
        ("n_cs_precedes", number(record.n_cs_precedes)),
        ("n_sep_by_space", number(record.n_sep_by_space)),
        ("p_sign_posn", number(record.p_sign_posn)),
        ("n_sign_posn", number(record.n_sign_posn)),
        ("decimal_point", text(record.decimal_point)),
        ("thousands_sep", text(record.thousands_sep)),
        ("grouping", grouping(cx, record.grouping)?),
    ];
    for (name, value) in fields {
        dict.set_name(cx, cx.intern_str(name), value)?;
    }
    Ok(dict.value())
}

fn collate(cx: &Cx, _module: Value, left: Value, right: Value) -> PyResult {
    cx.str_argument_at(left, "strcoll", 1)?;
    cx.str_argument_at(right, "strcoll", 2)?;
    let (left, right) = (c_string(cx, left)?, c_string(cx, right)?);
    // SAFETY: the strings end with NUL.
    Ok(Value::int(unsafe { strcoll(left.as_ptr(), right.as_ptr()) }.into()))
}

fn transform(cx: &Cx, _module: Value, text: Value) -> PyResult {
    cx.str_argument(text, "strxfrm")?;
    let text = c_string(cx, text)?;
    // SAFETY: the string ends with NUL; the first call only measures, the second has as much room as it was told.
    let bytes = unsafe {
        let length = strxfrm(std::ptr::null_mut(), text.as_ptr(), 0);
        let mut buffer = vec![0u8; length + 1];
        strxfrm(buffer.as_mut_ptr().cast(), text.as_ptr(), buffer.len());
        buffer.truncate(length);
        buffer
    };
    // A string that compares as its bytes do.
    Ok(cx.new_str_wtf8(&countless_common::wtf8::Wtf8Buf::from_code_points(bytes.into_iter().map(u32::from))).value())
}

fn langinfo(cx: &Cx, _module: Value, key: Value) -> PyResult {
    let key = cx.c_int_argument(key)?;
    let known = CONSTANTS
        .iter()
        .any(|&(name, number)| number == i64::from(key) && !name.starts_with("LC_") && name != "CHAR_MAX");
    if !known {
        return Err(cx.value_error("unsupported langinfo constant"));
    }
    // SAFETY: the answer ends with NUL.
    let text = unsafe { CStr::from_ptr(libc::nl_langinfo(key)) }.to_bytes();
    Ok(fs_decode(cx, text).value())
}

fn getencoding(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.new_str(&crate::support::locale::codeset()).value())
}

fn translate(cx: &Cx, _module: Value, message: Value) -> PyResult {
    let message = c_string(cx, message)?;
    // SAFETY: the string ends with NUL.
    Ok(answer(cx, unsafe { gettext(message.as_ptr()) }).unwrap_or(Value::NONE))
}

fn translate_in(cx: &Cx, _module: Value, domain: Value, message: Value) -> PyResult {
    let (domain, message) = (optional_string(cx, Some(domain))?, c_string(cx, message)?);
    // SAFETY: the strings are null or end with NUL.
    Ok(answer(cx, unsafe { dgettext(pointer(&domain), message.as_ptr()) }).unwrap_or(Value::NONE))
}

fn translate_of(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [domain, message, category] = args.exactly::<3>(cx, "dcgettext")?;
    let (domain, message) = (optional_string(cx, Some(domain))?, c_string(cx, message)?);
    let category = cx.c_int_argument(category)?;
    // SAFETY: the strings are null or end with NUL.
    Ok(answer(cx, unsafe { dcgettext(pointer(&domain), message.as_ptr(), category) }).unwrap_or(Value::NONE))
}

fn set_domain(cx: &Cx, _module: Value, domain: Value) -> PyResult {
    let domain = optional_string(cx, Some(domain))?;
    // SAFETY: the string is null or ends with NUL.
    match answer(cx, unsafe { textdomain(pointer(&domain)) }) {
        Some(domain) => Ok(domain),
        None => Err(crate::support::system::last_error(cx)),
    }
}

fn bind_domain(cx: &Cx, _module: Value, domain: Value, folder: Value) -> PyResult {
    let domain = c_string(cx, domain)?;
    if domain.is_empty() {
        return Err(raise_own(cx, ERROR, "domain must be a non-empty string"));
    }
    let folder = match folder.not_none() {
        Some(folder) => Some(Path::new(cx, Some(folder), Kind::name("bindtextdomain").called("dir"))?.name),
        None => None,
    };
    // SAFETY: the strings are null or end with NUL.
    match answer(cx, unsafe { bindtextdomain(domain.as_ptr(), pointer(&folder)) }) {
        Some(folder) => Ok(folder),
        None => Err(error(cx, libc::ENOENT)),
    }
}

fn bind_codeset(cx: &Cx, _module: Value, domain: Value, codeset: Value) -> PyResult {
    let (domain, codeset) = (c_string(cx, domain)?, optional_string(cx, Some(codeset))?);
    // SAFETY: the strings are null or end with NUL.
    Ok(answer(cx, unsafe { bind_textdomain_codeset(domain.as_ptr(), pointer(&codeset)) }).unwrap_or(Value::NONE))
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, CONSTANTS)?;
    define_exception(cx, module, ERROR, ("locale", "Error"), ExceptionKind::Exception, "")
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_locale",
    doc: "The C library's locales.",
    functions: &[
        Method::many(
            "setlocale",
            setlocale,
            "setlocale($module, category, locale=None, /)\n--\n\nSet the locale, or ask for it.",
        ),
        Method::none(
            "localeconv",
            localeconv,
            "localeconv($module, /)\n--\n\nThe locale's conventions for numbers and money.",
        ),
        Method::two("strcoll", collate, "strcoll($module, os1, os2, /)\n--\n\nCompare two strings as the locale does."),
        Method::one(
            "strxfrm",
            transform,
            "strxfrm($module, string, /)\n--\n\nA string that compares as the locale has the given one compare.",
        ),
        Method::one("nl_langinfo", langinfo, "nl_langinfo($module, key, /)\n--\n\nA text of the locale."),
        Method::none("getencoding", getencoding, "getencoding($module, /)\n--\n\nThe locale's encoding."),
        Method::one("gettext", translate, "gettext($module, msg, /)\n--\n\nThe message in the locale's language."),
        Method::two(
            "dgettext",
            translate_in,
            "dgettext($module, domain, msg, /)\n--\n\nThe message of a domain in the locale's language.",
        ),
        Method::many(
            "dcgettext",
            translate_of,
            "dcgettext($module, domain, msg, category, /)\n--\n\nThe message of a domain and category.",
        ),
        Method::one(
            "textdomain",
            set_domain,
            "textdomain($module, domain, /)\n--\n\nSet the domain of messages; its name.",
        ),
        Method::two(
            "bindtextdomain",
            bind_domain,
            "bindtextdomain($module, domain, dir, /)\n--\n\nSet the folder of a domain.",
        ),
        Method::two(
            "bind_textdomain_codeset",
            bind_codeset,
            "bind_textdomain_codeset($module, domain, codeset, /)\n--\n\nSet the encoding of a domain.",
        ),
    ],
    types: &[],
    execute: Some(execute),
};
