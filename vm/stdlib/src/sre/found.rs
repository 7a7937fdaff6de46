//! `re.Match`.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, RefField, this};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::generic_alias;
use countless_vm::types::tuple::Tuple;

use super::engine::NONE;
use super::pattern::Pattern;
use super::subject::{Session, Source};
use super::template;

/// Groups (the whole match included) whose marks stand in the cell itself.
const INLINE: usize = 4;

native_cell! {
    /// The cell; immutable but for the cache of `regs`.
    pub struct Match("re.Match", LAYOUT) {
        traced {
            pattern: RefField<Pattern>,
            string: Field,
            /// The marks beyond the inline ones, as ints.
            more: RefField<Tuple>,
            /// `regs`, once asked for.
            regs: Field,
        }
        plain {
            /// Byte offsets of start and end of the first groups.
            marks: [usize; 2 * INLINE],
            /// In characters.
            position: usize,
            end_position: usize,
            last_group: usize,
        }
    }
}

/// Makes a match object of a session's latest match.
pub fn new_match(
    cx: &Cx,
    pattern: Ref<Pattern>,
    string: Value,
    session: &Session<'_>,
    span: (usize, usize),
    (position, end_position): (usize, usize),
) -> Ref<Match> {
    let groups = pattern.group_count();
    let mut marks = [NONE; 2 * INLINE];
    (marks[0], marks[1]) = span;
    for index in 1..=groups.min(INLINE - 1) {
        (marks[2 * index], marks[2 * index + 1]) = session.group(index - 1);
    }
    let more = (groups >= INLINE).then(|| {
        let more = cx.new_blank_tuple(2 * (groups + 1 - INLINE));
        for index in INLINE..=groups {
            let (from, to) = session.group(index - 1);
            let mark = |offset: usize| if offset == NONE { Value::int(-1) } else { Value::length(offset) };
            more.init(2 * (index - INLINE), mark(from));
            more.init(2 * (index - INLINE) + 1, mark(to));
        }
        more
    });
    cx.allocate(Match {
        header: Default::default(),
        pattern: RefField::new(pattern),
        string: Field::new(string),
        more: RefField::from_option(more),
        regs: Field::empty(),
        marks,
        position,
        end_position,
        last_group: session.last_group(),
    })
}

impl Match {
    fn pattern(&self, cx: &Cx) -> PyResult<Ref<Pattern>> {
        self.pattern.get().ok_or(()).map_err(|()| cx.runtime_error("match object without a pattern"))
    }

    /// The subject, as it is now.
    pub fn source(&self, cx: &Cx) -> PyResult<Source> {
        Source::new(cx, self.string.get_or_none())
    }

    /// Byte offsets of a group that exists.
    pub fn span_of(&self, group: usize) -> (usize, usize) {
        if group < INLINE {
            return (self.marks[2 * group], self.marks[2 * group + 1]);
        }
        let mark = |index: usize| {
            let value = self.more.get().and_then(|more| more.item(index)).and_then(Value::as_small_int);
            value.and_then(|offset| usize::try_from(offset).ok()).unwrap_or(NONE)
        };
        (mark(2 * (group - INLINE)), mark(2 * (group - INLINE) + 1))
    }

    /// How many groups, beside the whole match.
    pub fn group_count(&self, cx: &Cx) -> PyResult<usize> {
        Ok(self.pattern(cx)?.group_count())
    }

    /// The number of the group that a key names: IndexError "no such group".
    fn index_of(&self, cx: &Cx, key: Value) -> PyResult<usize> {
        let pattern = self.pattern(cx)?;
        let index = if number::is_index(cx, key) {
            let index = number::index(cx, key)?;
            number::as_index_i64(cx, index)
        } else {
            match pattern.group_index(cx, key) {
                Ok(index) => index,
                Err(raised) => {
                    cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::TypeError)?;
                    None
                }
            }
        };
        match index.and_then(|index| usize::try_from(index).ok()).filter(|&index| index <= pattern.group_count()) {
            Some(index) => Ok(index),
            None => Err(cx.index_error("no such group")),
        }
    }

    /// The text of a group that exists; `absent` if it took no part.
    pub fn text_of(&self, cx: &Cx, group: usize, absent: Value) -> PyResult {
        self.source(cx)?.group(cx, self.span_of(group), absent)
    }

    /// Start and end in characters; −1 if the group took no part.
    fn positions(&self, source: &Source, group: usize) -> (Value, Value) {
        let (from, to) = self.span_of(group);
        if from == NONE || to == NONE {
            return (Value::int(-1), Value::int(-1));
        }
        (Value::length(source.char_index(from)), Value::length(source.char_index(to)))
    }
}

fn group(cx: &Cx, found: Ref<Match>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "re.Match.group")?;
    match (args.get(0), args.len()) {
        (None, _) => found.text_of(cx, 0, Value::NONE),
        (Some(key), 1) => found.text_of(cx, found.index_of(cx, key)?, Value::NONE),
        _ => {
            let texts = cx.new_blank_tuple(args.len());
            for (index, key) in args.iter().enumerate() {
                texts.init(index, found.text_of(cx, found.index_of(cx, key)?, Value::NONE)?);
            }
            Ok(texts.value())
        }
    }
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    let found = this::<Match>(cx, value);
    found.text_of(cx, found.index_of(cx, key)?, Value::NONE)
}

static GROUPS: Signature<1> = Signature::new("groups", ["default"]);

fn groups(cx: &Cx, found: Ref<Match>, args: Args<'_>) -> PyResult {
    let [default] = GROUPS.bind(cx, args)?;
    let (count, source) = (found.group_count(cx)?, found.source(cx)?);
    let texts = cx.new_blank_tuple(count);
    for index in 0..count {
        texts.init(index, source.group(cx, found.span_of(index + 1), default.unwrap_or(Value::NONE))?);
    }
    Ok(if count == 0 { cx.empty_tuple().value() } else { texts.value() })
}

static GROUPDICT: Signature<1> = Signature::new("groupdict", ["default"]);

fn groupdict(cx: &Cx, found: Ref<Match>, args: Args<'_>) -> PyResult {
    let [default] = GROUPDICT.bind(cx, args)?;
    let result = cx.new_dict();
    let names = found.pattern(cx)?.names(cx);
    for (name, number) in names.iter() {
        let group = found.index_of(cx, number)?;
        result.set(cx, name, found.text_of(cx, group, default.unwrap_or(Value::NONE))?)?;
    }
    Ok(result.value())
}

fn side(cx: &Cx, found: Ref<Match>, key: Option<Value>) -> PyResult<(Value, Value)> {
    let group = match key {
        Some(key) => found.index_of(cx, key)?,
        None => 0,
    };
    if found.span_of(group).0 == NONE {
        return Ok((Value::int(-1), Value::int(-1)));
    }
    Ok(found.positions(&found.source(cx)?, group))
}

fn start(cx: &Cx, found: Ref<Match>, key: Option<Value>) -> PyResult {
    Ok(side(cx, found, key)?.0)
}

fn end(cx: &Cx, found: Ref<Match>, key: Option<Value>) -> PyResult {
    Ok(side(cx, found, key)?.1)
}

fn span(cx: &Cx, found: Ref<Match>, key: Option<Value>) -> PyResult {
    let (start, end) = side(cx, found, key)?;
    Ok(cx.new_tuple(&[start, end]).value())
}

static EXPAND: Signature<1> = Signature::new("expand", ["template"]).required(1);

fn expand(cx: &Cx, found: Ref<Match>, args: Args<'_>) -> PyResult {
    let [template] = EXPAND.bind(cx, args)?;
    let template = template::compile(cx, found.pattern(cx)?, template.unwrap_or(Value::NONE))?;
    template::expand(cx, template, found)
}

fn itself(_cx: &Cx, found: Ref<Match>) -> PyResult {
    Ok(found.value())
}

fn itself_deeply(_cx: &Cx, found: Ref<Match>, _memo: Value) -> PyResult {
    Ok(found.value())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let found = this::<Match>(cx, value);
    let (start, end) = side(cx, found, None)?;
    let text = object::repr(cx, found.text_of(cx, 0, Value::NONE)?)?;
    let shown = format!(
        "<{} object; span=({}, {}), match=",
        cx.type_of(value).display_name(),
        start.small_int_unchecked(),
        end.small_int_unchecked()
    );
    let mut shown = countless_common::wtf8::Wtf8Buf::from(shown.as_str());
    let limit = text.byte_offset(50);
    shown.push_wtf8(text.as_wtf8().slice(0..limit));
    shown.push_str(">");
    Ok(cx.new_str_wtf8(&shown).value())
}

fn get_regs(cx: &Cx, found: Ref<Match>) -> PyResult {
    if let Some(regs) = found.regs.get() {
        return Ok(regs);
    }
    let (count, source) = (found.group_count(cx)? + 1, found.source(cx)?);
    let regs = cx.new_blank_tuple(count);
    for group in 0..count {
        let (start, end) = found.positions(&source, group);
        regs.init(group, cx.new_tuple(&[start, end]).value());
    }
    found.regs.set(cx, regs.value());
    Ok(regs.value())
}

fn get_lastindex(_cx: &Cx, found: Ref<Match>) -> PyResult {
    Ok(if found.last_group == 0 { Value::NONE } else { Value::length(found.last_group) })
}

fn get_lastgroup(cx: &Cx, found: Ref<Match>) -> PyResult {
    Ok(found.pattern(cx)?.name_of(found.last_group).unwrap_or(Value::NONE))
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    generic_alias::new(cx, class, item)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "re",
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    flags: TypeFlags::NO_NEW,
    slots: Slots { repr: Some(repr), subscript: Some(subscript), ..Slots::NONE },
    methods: &[
        Method::many(
            "group",
            group,
            "group([group1, ...]) -> str or tuple.\n\nThe text of one or more groups, by number or name; group 0 is the whole match.",
        ),
        Method::optional("start", start, "start($self, group=0, /)\n--\n\nWhere the group's text starts."),
        Method::optional("end", end, "end($self, group=0, /)\n--\n\nWhere the group's text ends."),
        Method::optional("span", span, "span($self, group=0, /)\n--\n\nThe pair (start, end) of the group's text."),
        Method::many(
            "groups",
            groups,
            "groups($self, /, default=None)\n--\n\nThe texts of all groups, from 1 on.\n\n  default\n    Stands for groups that took no part.",
        ),
        Method::many(
            "groupdict",
            groupdict,
            "groupdict($self, /, default=None)\n--\n\nThe texts of the named groups, by name.\n\n  default\n    Stands for groups that took no part.",
        ),
        Method::many(
            "expand",
            expand,
            "expand($self, /, template)\n--\n\nThe template with its references replaced, as sub() does.",
        ),
        Method::none("__copy__", itself, "__copy__($self, /)\n--\n\n"),
        Method::one("__deepcopy__", itself_deeply, "__deepcopy__($self, memo, /)\n--\n\n"),
        Method::one("__class_getitem__", class_getitem, "__class_getitem__($type, object, /)\n--\n\nSee PEP 585")
            .on_class(),
    ],
    attributes: &[
        GetSet::member(
            "string",
            |_cx, found: Ref<Match>| Ok(found.string.get_or_none()),
            "The string passed to match() or search().",
        ),
        GetSet::member(
            "re",
            |_cx, found: Ref<Match>| Ok(found.pattern.untyped().get_or_none()),
            "The regular expression object.",
        ),
        GetSet::member(
            "pos",
            |_cx, found: Ref<Match>| Ok(Value::length(found.position)),
            "The index at which the search began.",
        ),
        GetSet::member(
            "endpos",
            |_cx, found: Ref<Match>| Ok(Value::length(found.end_position)),
            "The index beyond which the search did not go.",
        ),
        GetSet::read_only("lastindex", get_lastindex, "The number of the group that was matched last."),
        GetSet::read_only("lastgroup", get_lastgroup, "The name of the group that was matched last."),
        GetSet::read_only("regs", get_regs, ""),
    ],
    ..TypeDef::new("Match", &LAYOUT)
};
