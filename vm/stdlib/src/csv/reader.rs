//! Reading records.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_common::wtf8::Wtf8Buf;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, RefField, this};
use countless_vm::object::protocol::iter;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::float;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;

use super::dialect::{self, Dialect, quoting};
use super::{error, field_limit};

native_cell! {
    /// The cell.
    pub struct Reader("_csv.reader", LAYOUT) {
        traced { input: Field, dialect: RefField<Dialect>, }
        plain { line: AtomicU64, }
    }
}

/// `csv.reader(iterable, dialect='excel', **keywords)`.
pub fn reader(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    if args.is_empty() || args.len() > 2 {
        let (bound, limit, plural) = if args.len() < 2 { ("at least", 1, "") } else { ("at most", 2, "s") };
        return Err(raise!(cx, TypeError, "reader expected {bound} {limit} argument{plural}, got {}", args.len()));
    }
    let input = iter::get_iter(cx, args.get(0).unwrap_or(Value::NONE))?;
    let dialect = dialect::make(cx, args.get(1), args)?;
    native_type(cx, &TYPE)?;
    let contents = Reader {
        header: Default::default(),
        input: Field::new(input),
        dialect: RefField::new(dialect),
        line: AtomicU64::new(0),
    };
    Ok(cx.allocate(contents).value())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    AfterEscapedLineEnd,
    InField,
    InQuoted,
    EscapeInQuoted,
    QuoteInQuoted,
    EatLineEnd,
}

/// The end of a line handed in by the iterator.
const END: u32 = u32::MAX - 1;

/// A record in the making.
struct Parser<'a> {
    cx: &'a Cx,
    dialect: Ref<Dialect>,
    fields: Ref<List>,
    field: Wtf8Buf,
    length: usize,
    unquoted: bool,
    state: State,
    limit: usize,
}

impl Parser<'_> {
    fn add(&mut self, point: u32) -> PyResult<()> {
        if self.length >= self.limit {
            return Err(error(self.cx, format_args!("field larger than field limit ({})", self.limit)));
        }
        self.length += 1;
        self.field.push(point);
        Ok(())
    }

    fn save(&mut self) -> PyResult<()> {
        let cx = self.cx;
        let quoting = self.dialect.quoting;
        let empty = self.length == 0;
        let mut value = cx.new_str_wtf8(&self.field).value();
        if self.unquoted {
            if empty && matches!(quoting, quoting::NOT_NULL | quoting::STRINGS) {
                value = Value::NONE;
            } else if !empty && matches!(quoting, quoting::NON_NUMERIC | quoting::STRINGS) {
                value = cx.new_float(float::from_object(cx, value)?);
            }
        }
        self.field.clear();
        self.length = 0;
        self.fields.push(cx, value)
    }

    /// The end of a field at the end of a line.
    fn save_at_line_end(&mut self, point: u32) -> PyResult<()> {
        self.save()?;
        self.state = if point == END { State::StartRecord } else { State::EatLineEnd };
        Ok(())
    }

    fn feed(&mut self, point: u32) -> PyResult<()> {
        let is_line_end = matches!(point, 10 | 13 | END);
        match self.state {
            State::StartRecord if point == END => Ok(()),
            State::StartRecord if is_line_end => {
                self.state = State::EatLineEnd;
                Ok(())
            }
            State::StartRecord | State::StartField => self.start_field(point, is_line_end),
            State::Escaped if matches!(point, 10 | 13) => {
                self.add(point)?;
                self.state = State::AfterEscapedLineEnd;
                Ok(())
            }
            State::Escaped => {
                self.add(if point == END { 10 } else { point })?;
                self.state = State::InField;
                Ok(())
            }
            State::AfterEscapedLineEnd if point == END => Ok(()),
            State::AfterEscapedLineEnd | State::InField => self.in_field(point, is_line_end),
            State::InQuoted => self.in_quoted(point),
            State::EscapeInQuoted => {
                self.add(if point == END { 10 } else { point })?;
                self.state = State::InQuoted;
                Ok(())
            }
            State::QuoteInQuoted => self.after_quote(point, is_line_end),
            State::EatLineEnd => match point {
                10 | 13 => Ok(()),
                END => {
                    self.state = State::StartRecord;
                    Ok(())
                }
                _ => Err(error(
                    self.cx,
                    "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                )),
            },
        }
    }

    fn start_field(&mut self, point: u32, is_line_end: bool) -> PyResult<()> {
        let dialect = self.dialect;
        self.unquoted = true;
        if is_line_end {
            return self.save_at_line_end(point);
        }
        self.state = State::StartField;
        if point == dialect.quote_char && dialect.quoting != quoting::NONE {
            self.unquoted = false;
            self.state = State::InQuoted;
        } else if point == dialect.escape_char {
            self.state = State::Escaped;
        } else if point == 32 && dialect.skip_initial_space {
        } else if point == dialect.delimiter {
            self.save()?;
        } else {
            self.add(point)?;
            self.state = State::InField;
        }
        Ok(())
    }

    fn in_field(&mut self, point: u32, is_line_end: bool) -> PyResult<()> {
        if is_line_end {
            return self.save_at_line_end(point);
        }
        if point == self.dialect.escape_char {
            self.state = State::Escaped;
        } else if point == self.dialect.delimiter {
            self.save()?;
            self.state = State::StartField;
        } else {
            self.add(point)?;
            self.state = State::InField;
        }
        Ok(())
    }

    fn in_quoted(&mut self, point: u32) -> PyResult<()> {
        let dialect = self.dialect;
        if point == END {
        } else if point == dialect.escape_char {
            self.state = State::EscapeInQuoted;
        } else if point == dialect.quote_char && dialect.quoting != quoting::NONE {
            self.state = if dialect.double_quote { State::QuoteInQuoted } else { State::InField };
        } else {
            self.add(point)?;
        }
        Ok(())
    }

    fn after_quote(&mut self, point: u32, is_line_end: bool) -> PyResult<()> {
        let dialect = self.dialect;
        if dialect.quoting != quoting::NONE && point == dialect.quote_char {
            self.add(point)?;
            self.state = State::InQuoted;
        } else if point == dialect.delimiter {
            self.save()?;
            self.state = State::StartField;
        } else if is_line_end {
            return self.save_at_line_end(point);
        } else if !dialect.strict {
            self.add(point)?;
            self.state = State::InField;
        } else {
            let shown = |point: u32| char::from_u32(point).unwrap_or('?');
            let (delimiter, quote) = (shown(dialect.delimiter), shown(dialect.quote_char));
            return Err(error(self.cx, format_args!("'{delimiter}' expected after '{quote}'")));
        }
        Ok(())
    }
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let reader = this::<Reader>(cx, value);
    let Some(dialect) = reader.dialect.get() else { return Ok(None) };
    let mut parser = Parser {
        cx,
        dialect,
        fields: cx.new_list(),
        field: Wtf8Buf::new(),
        length: 0,
        unquoted: true,
        state: State::StartRecord,
        limit: field_limit(cx),
    };
    loop {
        let Some(line) = iter::next(cx, reader.input.get_or_none())? else {
            if parser.length == 0 && parser.state != State::InQuoted {
                return Ok(None);
            }
            if dialect.strict {
                return Err(error(cx, "unexpected end of data"));
            }
            parser.save()?;
            return Ok(Some(parser.fields.value()));
        };
        let Some(line) = line.downcast::<Str>(cx) else {
            let class = line.class_name(cx);
            return Err(error(
                cx,
                format_args!("iterator should return strings, not {class} (the file should be opened in text mode)"),
            ));
        };
        reader.line.fetch_add(1, Ordering::Relaxed);
        for point in line.as_wtf8().code_points() {
            parser.feed(point)?;
        }
        parser.feed(END)?;
        if parser.state == State::StartRecord {
            return Ok(Some(parser.fields.value()));
        }
        cx.poll()?;
    }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "_csv",
    doc: "CSV reader\n\nAn iterator over the records of a CSV file, lists of strings, as they come\nfrom an iterable of lines.",
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    attributes: &[
        GetSet::member("dialect", |_cx, reader: Ref<Reader>| Ok(reader.dialect.untyped().get_or_none()), ""),
        GetSet::member(
            "line_num",
            |cx, reader: Ref<Reader>| Ok(cx.new_int_from_u64(reader.line.load(Ordering::Relaxed))),
            "",
        ),
    ],
    ..TypeDef::new("reader", &LAYOUT)
};
