//! `re.Pattern`: the methods that search.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, RefField, this};
use countless_vm::object::protocol::{compare, number, object};
use countless_vm::object::slots::{Comparison, Slots};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::dict::Dict;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::{callable_iterator, generic_alias, mapping_proxy};

use super::engine::Mode;
use super::found::new_match;
use super::output::Output;
use super::program::Program;
use super::scanner;
use super::subject::{Session, Source};
use super::template::{self, Template};

native_cell! {
    /// The cell; immutable.
    pub struct Pattern("re.Pattern", LAYOUT) {
        traced {
            /// The source, or None.
            pattern: Field,
            /// Group numbers by name.
            groupindex: RefField<Dict>,
            /// Group names by number.
            indexgroup: RefField<Tuple>,
        }
        plain { program: Option<Box<Program>>, flags: u32, }
    }
}

impl Pattern {
    /// What the engine runs.
    pub fn program(&self, cx: &Cx) -> PyResult<&Program> {
        match &self.program {
            Some(program) => Ok(program),
            None => Err(cx.runtime_error("pattern without code")),
        }
    }

    /// How many groups.
    pub fn group_count(&self) -> usize {
        self.program.as_ref().map_or(0, |program| program.groups)
    }

    /// Whether the pattern is for bytes; `None` if it is for both.
    pub fn is_bytes(&self, cx: &Cx) -> Option<bool> {
        let pattern = self.pattern.get()?.not_none()?;
        Some(pattern.downcast::<Str>(cx).is_none())
    }

    /// Group numbers by name.
    pub fn names(&self, cx: &Cx) -> Ref<Dict> {
        self.groupindex.get().unwrap_or_else(|| cx.new_dict())
    }

    /// The number of a name's group.
    pub fn group_index(&self, cx: &Cx, name: Value) -> PyResult<Option<i64>> {
        let found = self.names(cx).get(cx, name)?;
        Ok(found.and_then(|number| number::as_index_i64(cx, number)))
    }

    /// The name of a group.
    pub fn name_of(&self, group: usize) -> Option<Value> {
        if group == 0 { None } else { self.indexgroup.get()?.item(group) }
    }
}

/// Makes a pattern.
pub fn new_pattern(
    cx: &Cx,
    pattern: Value,
    program: Program,
    flags: u32,
    groupindex: Ref<Dict>,
    indexgroup: Ref<Tuple>,
) -> Ref<Pattern> {
    cx.allocate(Pattern {
        header: Default::default(),
        pattern: Field::new(pattern),
        groupindex: RefField::new(groupindex),
        indexgroup: RefField::new(indexgroup),
        program: Some(Box::new(program)),
        flags,
    })
}

/// Where a search goes on: bounds in characters, and in bytes.
pub struct Bounds {
    /// In characters.
    pub position: usize,
    /// In characters.
    pub end_position: usize,
    /// In bytes.
    pub span: (usize, usize),
}

/// The bounds that `pos` and `endpos` say.
pub fn bounds(cx: &Cx, source: &Source, position: Option<Value>, end_position: Option<Value>) -> PyResult<Bounds> {
    let length = source.len();
    let read = |value: Option<Value>, default: usize| -> PyResult<usize> {
        match value {
            Some(value) => Ok(number::index_i64(cx, value)?.clamp(0, length as i64) as usize),
            None => Ok(default),
        }
    };
    let (position, end_position) = (read(position, 0)?, read(end_position, length)?);
    let end = if end_position == length { source.byte_len() } else { source.byte_offset(end_position) };
    let start = if position == 0 { 0 } else { source.byte_offset(position) };
    Ok(Bounds { position, end_position, span: (start.min(end), end) })
}

fn find(cx: &Cx, pattern: Ref<Pattern>, arguments: [Option<Value>; 3], mode: Mode) -> PyResult {
    let [string, position, end_position] = arguments;
    let string = string.unwrap_or(Value::NONE);
    let source = Source::for_pattern(cx, pattern, string)?;
    let bounds = bounds(cx, &source, position, end_position)?;
    if bounds.position > bounds.end_position {
        return Ok(Value::NONE);
    }
    Session::with(cx, pattern.program(cx)?, &source, bounds.span, |session| {
        Ok(match session.once(mode)? {
            Some(span) => {
                let positions = (bounds.position, bounds.end_position);
                new_match(cx, pattern, string, session, span, positions).value()
            }
            None => Value::NONE,
        })
    })
}

static MATCH: Signature<3> = Signature::new("match", ["string", "pos", "endpos"]).required(1);
static FULLMATCH: Signature<3> = Signature::new("fullmatch", ["string", "pos", "endpos"]).required(1);
static SEARCH: Signature<3> = Signature::new("search", ["string", "pos", "endpos"]).required(1);
static FINDALL: Signature<3> = Signature::new("findall", ["string", "pos", "endpos"]).required(1);
static FINDITER: Signature<3> = Signature::new("finditer", ["string", "pos", "endpos"]).required(1);
static SCANNER: Signature<3> = Signature::new("scanner", ["string", "pos", "endpos"]).required(1);
static SPLIT: Signature<2> = Signature::new("split", ["string", "maxsplit"]).required(1);
static SUB: Signature<3> = Signature::new("sub", ["repl", "string", "count"]).required(2);
static SUBN: Signature<3> = Signature::new("subn", ["repl", "string", "count"]).required(2);

fn match_(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    find(cx, pattern, MATCH.bind(cx, args)?, Mode::Match)
}

fn fullmatch(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    find(cx, pattern, FULLMATCH.bind(cx, args)?, Mode::Full)
}

fn search(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    find(cx, pattern, SEARCH.bind(cx, args)?, Mode::Search)
}

fn findall(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    let [string, position, end_position] = FINDALL.bind(cx, args)?;
    let source = Source::for_pattern(cx, pattern, string.unwrap_or(Value::NONE))?;
    let bounds = bounds(cx, &source, position, end_position)?;
    let (list, empty, groups) = (cx.new_list(), source.empty(cx), pattern.group_count());
    if bounds.position > bounds.end_position {
        return Ok(list.value());
    }
    Session::with(cx, pattern.program(cx)?, &source, bounds.span, |session| {
        while let Some((from, to)) = session.next(Mode::Search)? {
            let item = match groups {
                0 => source.slice(cx, from, to)?,
                1 => source.group(cx, session.group(0), empty)?,
                _ => {
                    let texts = cx.new_blank_tuple(groups);
                    for index in 0..groups {
                        texts.init(index, source.group(cx, session.group(index), empty)?);
                    }
                    texts.value()
                }
            };
            list.push(cx, item)?;
        }
        Ok(list.value())
    })
}

fn new_scanner(cx: &Cx, pattern: Ref<Pattern>, arguments: [Option<Value>; 3]) -> PyResult {
    let [string, position, end_position] = arguments;
    let string = string.unwrap_or(Value::NONE);
    let source = Source::for_pattern(cx, pattern, string)?;
    let bounds = bounds(cx, &source, position, end_position)?;
    Ok(scanner::new_scanner(cx, pattern, string, bounds).value())
}

fn scanner_method(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    new_scanner(cx, pattern, SCANNER.bind(cx, args)?)
}

fn finditer(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    let scanner = new_scanner(cx, pattern, FINDITER.bind(cx, args)?)?;
    let search = cx.get_attribute(scanner, cx.intern_str("search"))?;
    Ok(callable_iterator::new(cx, search, Value::NONE))
}

fn split(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    let [string, limit] = SPLIT.bind(cx, args)?;
    let limit = match limit {
        Some(limit) => number::index_i64(cx, limit)?,
        None => 0,
    };
    let source = Source::for_pattern(cx, pattern, string.unwrap_or(Value::NONE))?;
    let (list, groups, end) = (cx.new_list(), pattern.group_count(), source.byte_len());
    Session::with(cx, pattern.program(cx)?, &source, (0, end), |session| {
        let (mut last, mut count) = (0, 0);
        while limit == 0 || count < limit {
            let Some((from, to)) = session.next(Mode::Search)? else { break };
            list.push(cx, source.slice(cx, last, from)?)?;
            for index in 0..groups {
                list.push(cx, source.group(cx, session.group(index), Value::NONE)?)?;
            }
            count += 1;
            last = to;
        }
        list.push(cx, source.slice(cx, last, end)?)?;
        Ok(list.value())
    })
}

/// What stands for a match.
enum Replacement {
    /// Always the same.
    Literal(Value),
    /// Text with the match's groups in it.
    Template(Ref<Template>),
    /// What the function answers.
    Function(Value),
}

fn replacement(cx: &Cx, pattern: Ref<Pattern>, value: Value) -> PyResult<Replacement> {
    if cx.type_of(value).slots.call().is_some() {
        return Ok(Replacement::Function(value));
    }
    let is_literal = match (value.downcast::<Str>(cx), value.downcast::<Bytes>(cx)) {
        (Some(text), _) => !text.as_bytes().contains(&b'\\'),
        (_, Some(bytes)) => !bytes.as_bytes().contains(&b'\\'),
        _ => match countless_vm::types::bytes::ByteView::of_buffer(cx, value)? {
            Some(bytes) => !bytes.contains(&b'\\'),
            None => false,
        },
    };
    if is_literal {
        return Ok(Replacement::Literal(value));
    }
    let compiled = template::compile(cx, pattern, value)?;
    if let Some(text) = template::literal(cx, compiled) {
        return Ok(Replacement::Literal(text));
    }
    Ok(match compiled.downcast::<Template>(cx) {
        Some(template) => Replacement::Template(template),
        None => Replacement::Literal(compiled),
    })
}

fn replace(cx: &Cx, pattern: Ref<Pattern>, arguments: [Option<Value>; 3]) -> PyResult<(Value, usize)> {
    let [replacement_value, string, limit] = arguments;
    let limit = match limit {
        Some(limit) => number::index_i64(cx, limit)?,
        None => 0,
    };
    let string = string.unwrap_or(Value::NONE);
    let replacement = replacement(cx, pattern, replacement_value.unwrap_or(Value::NONE))?;
    let source = Source::for_pattern(cx, pattern, string)?;
    let (end, groups) = (source.byte_len(), pattern.group_count());
    Session::with(cx, pattern.program(cx)?, &source, (0, end), |session| {
        let mut out = Output::new(&source);
        let (mut last, mut count) = (0, 0usize);
        while limit == 0 || (count as i64) < limit {
            let Some((from, to)) = session.next(Mode::Search)? else { break };
            if last < from {
                out.push_slice(cx, &source, last, from)?;
            }
            match replacement {
                Replacement::Literal(text) => out.push(cx, text)?,
                Replacement::Template(template) => {
                    let span_of = |group: usize| if group == 0 { (from, to) } else { session.group(group - 1) };
                    template::write(cx, &mut out, template, &source, groups, span_of)?;
                }
                Replacement::Function(function) => {
                    let found = new_match(cx, pattern, string, session, (from, to), (0, source.len()));
                    if let Some(text) = cx.call(function, &[found.value()])?.not_none() {
                        out.push(cx, text)?;
                    }
                }
            }
            last = to;
            count += 1;
        }
        if count == 0 {
            return Ok((source.slice(cx, 0, end)?, 0));
        }
        if last < end {
            out.push_slice(cx, &source, last, end)?;
        }
        Ok((out.finish(cx)?, count))
    })
}

fn sub(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    Ok(replace(cx, pattern, SUB.bind(cx, args)?)?.0)
}

fn subn(cx: &Cx, pattern: Ref<Pattern>, args: Args<'_>) -> PyResult {
    let (result, count) = replace(cx, pattern, SUBN.bind(cx, args)?)?;
    Ok(cx.new_tuple(&[result, Value::length(count)]).value())
}

// ---- what every object has

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    let pattern = this::<Pattern>(cx, value);
    let own = object::hash(cx, pattern.pattern.get_or_none())?;
    let hash = own ^ i64::from(pattern.flags) ^ (pattern.group_count() as i64) << 8;
    Ok(if hash == -1 { -2 } else { hash })
}

fn compare_patterns(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (Some(a), Some(b)) = (left.downcast::<Pattern>(cx), right.downcast::<Pattern>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equal = a == b
        || (a.flags == b.flags
            && a.is_bytes(cx) == b.is_bytes(cx)
            && a.group_count() == b.group_count()
            && a.program(cx)?.code == b.program(cx)?.code
            && compare::equal(cx, a.pattern.get_or_none(), b.pattern.get_or_none())?);
    Ok(Value::bool(equal == (comparison == Comparison::Equal)))
}

const FLAG_NAMES: &[(u32, &str)] = &[
    (2, "re.IGNORECASE"),
    (8, "re.MULTILINE"),
    (16, "re.DOTALL"),
    (64, "re.VERBOSE"),
    (128, "re.DEBUG"),
    (256, "re.ASCII"),
    (4, "re.LOCALE"),
    (32, "re.UNICODE"),
];

fn repr(cx: &Cx, value: Value) -> PyResult {
    let pattern = this::<Pattern>(cx, value);
    let text = object::repr(cx, pattern.pattern.get_or_none())?;
    let mut shown = countless_common::wtf8::Wtf8Buf::from("re.compile(");
    shown.push_wtf8(text.as_wtf8().slice(0..text.byte_offset(200)));
    let mut flags = pattern.flags;
    // What text patterns have anyway is not shown.
    if pattern.is_bytes(cx) == Some(false) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let mut parts = Vec::new();
    for &(flag, name) in FLAG_NAMES {
        if flags & flag != 0 {
            parts.push(name.to_owned());
            flags &= !flag;
        }
    }
    if flags != 0 {
        parts.push(format!("0x{flags:x}"));
    }
    if !parts.is_empty() {
        shown.push_str(", ");
        shown.push_str(&parts.join("|"));
    }
    shown.push_str(")");
    Ok(cx.new_str_wtf8(&shown).value())
}

fn itself(_cx: &Cx, pattern: Ref<Pattern>) -> PyResult {
    Ok(pattern.value())
}

fn itself_deeply(_cx: &Cx, pattern: Ref<Pattern>, _memo: Value) -> PyResult {
    Ok(pattern.value())
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    generic_alias::new(cx, class, item)
}

fn get_groupindex(cx: &Cx, pattern: Ref<Pattern>) -> PyResult {
    Ok(mapping_proxy::new(cx, pattern.names(cx).value()))
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "re",
    doc: "Compiled regular expression object.",
    flags: TypeFlags::NO_NEW.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { repr: Some(repr), hash: Some(hash), compare: Some(compare_patterns), ..Slots::NONE },
    methods: &[
        Method::many(
            "match",
            match_,
            "match($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nA match at the beginning of the string, or None.",
        ),
        Method::many(
            "fullmatch",
            fullmatch,
            "fullmatch($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nA match of the whole string, or None.",
        ),
        Method::many(
            "search",
            search,
            "search($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nThe first match anywhere in the string, or None.",
        ),
        Method::many(
            "sub",
            sub,
            "sub($self, /, repl, string, count=0)\n--\n\nThe string with the leftmost non-overlapping matches replaced.",
        ),
        Method::many(
            "subn",
            subn,
            "subn($self, /, repl, string, count=0)\n--\n\nThe tuple (new_string, number_of_replacements).",
        ),
        Method::many(
            "findall",
            findall,
            "findall($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nA list of the texts of all non-overlapping matches.",
        ),
        Method::many("split", split, "split($self, /, string, maxsplit=0)\n--\n\nThe string split at the matches."),
        Method::many(
            "finditer",
            finditer,
            "finditer($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nAn iterator over all non-overlapping matches.",
        ),
        Method::many("scanner", scanner_method, "scanner($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n"),
        Method::none("__copy__", itself, "__copy__($self, /)\n--\n\n"),
        Method::one("__deepcopy__", itself_deeply, "__deepcopy__($self, memo, /)\n--\n\n"),
        Method::one("__class_getitem__", class_getitem, "__class_getitem__($type, object, /)\n--\n\nSee PEP 585")
            .on_class(),
    ],
    attributes: &[
        GetSet::member(
            "pattern",
            |_cx, pattern: Ref<Pattern>| Ok(pattern.pattern.get_or_none()),
            "The pattern string from which the RE object was compiled.",
        ),
        GetSet::member(
            "flags",
            |_cx, pattern: Ref<Pattern>| Ok(Value::int(pattern.flags.into())),
            "The regex matching flags.",
        ),
        GetSet::member(
            "groups",
            |_cx, pattern: Ref<Pattern>| Ok(Value::length(pattern.group_count())),
            "The number of capturing groups in the pattern.",
        ),
        GetSet::read_only("groupindex", get_groupindex, "A dictionary mapping group names to group numbers."),
    ],
    ..TypeDef::new("Pattern", &LAYOUT)
};
