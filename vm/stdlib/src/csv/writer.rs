//! Writing records.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, RefField};
use countless_vm::object::protocol::{iter, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::complex;
use countless_vm::types::str::Str;

use super::dialect::{self, Dialect, NOT_SET, quoting};
use super::error;

native_cell! {
    /// The cell.
    pub struct Writer("_csv.writer", LAYOUT) {
        traced {
            /// The file's `write`.
            write: Field,
            dialect: RefField<Dialect>,
        }
        plain {}
    }
}

/// `csv.writer(file, dialect='excel', **keywords)`.
pub fn writer(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    if args.is_empty() || args.len() > 2 {
        let (bound, limit, plural) = if args.len() < 2 { ("at least", 1, "") } else { ("at most", 2, "s") };
        return Err(raise!(cx, TypeError, "writer expected {bound} {limit} argument{plural}, got {}", args.len()));
    }
    let file = args.get(0).unwrap_or(Value::NONE);
    let write = cx.get_attribute_optional(file, cx.intern_str("write"))?;
    let Some(write) = write.filter(|&write| cx.type_of(write).slots.call().is_some()) else {
        return Err(cx.type_error("argument 1 must have a \"write\" method"));
    };
    let dialect = dialect::make(cx, args.get(1), args)?;
    native_type(cx, &TYPE)?;
    let contents = Writer { header: Default::default(), write: Field::new(write), dialect: RefField::new(dialect) };
    Ok(cx.allocate(contents).value())
}

/// A record in the making, in WTF-8.
struct Record<'a> {
    cx: &'a Cx,
    dialect: Ref<Dialect>,
    out: Vec<u8>,
    fields: usize,
}

impl Record<'_> {
    fn push(&mut self, point: u32) {
        countless_common::wtf8::push_code_point(&mut self.out, point);
    }

    fn field(&mut self, text: Option<Ref<Str>>, quoted: bool) -> PyResult<()> {
        let dialect = self.dialect;
        if self.fields > 0 {
            self.push(dialect.delimiter);
        }
        self.fields += 1;
        let start = self.out.len();
        let mut quoted = quoted;
        let empty = text.is_none_or(|text| text.is_empty());
        if empty && dialect.delimiter == 32 && dialect.skip_initial_space {
            let null = text.is_none() && matches!(dialect.quoting, quoting::STRINGS | quoting::NOT_NULL);
            if dialect.quoting == quoting::NONE || null {
                let message = "empty field must be quoted if delimiter is a space and skipinitialspace is true";
                return Err(error(self.cx, message));
            }
            quoted = true;
        }
        if let Some(text) = text {
            for point in text.as_wtf8().code_points() {
                quoted |= self.character(point)?;
            }
        }
        if quoted {
            let body = self.out.split_off(start);
            self.push(dialect.quote_char);
            self.out.extend(body);
            self.push(dialect.quote_char);
        }
        Ok(())
    }

    /// Adds a character, escaped if need be: whether the field has to be quoted for it.
    fn character(&mut self, point: u32) -> PyResult<bool> {
        let dialect = self.dialect;
        let in_terminator = || {
            let terminator = dialect.line_terminator.get();
            terminator.is_some_and(|text| text.as_wtf8().code_points().any(|other| other == point))
        };
        let special = point == dialect.delimiter
            || point == dialect.escape_char
            || point == dialect.quote_char
            || point == 10
            || point == 13
            || in_terminator();
        let mut quoted = false;
        if special {
            let mut escape = dialect.quoting == quoting::NONE;
            if !escape {
                if point == dialect.quote_char {
                    if dialect.double_quote {
                        self.push(dialect.quote_char);
                    } else {
                        escape = true;
                    }
                } else if point == dialect.escape_char {
                    escape = true;
                }
                quoted = !escape;
            }
            if escape {
                if dialect.escape_char == NOT_SET {
                    return Err(error(self.cx, "need to escape, but no escapechar set"));
                }
                self.push(dialect.escape_char);
            }
        }
        self.push(point);
        Ok(quoted)
    }
}

fn is_number(cx: &Cx, value: Value) -> bool {
    let slots = &cx.type_of(value).slots;
    slots.int().is_some() || slots.float().is_some() || slots.index().is_some() || complex::as_pair(cx, value).is_some()
}

fn record_of(cx: &Cx, dialect: Ref<Dialect>, row: Value) -> PyResult<Vec<u8>> {
    let iterator = iter::get_iter(cx, row).or_else(|raised| {
        cx.ignore_if(raised, ExceptionKind::TypeError)?;
        Err(error(cx, format_args!("iterable expected, not {}", row.class_name(cx))))
    })?;
    let mut record = Record { cx, dialect, out: Vec::new(), fields: 0 };
    let mut null_field = false;
    while let Some(value) = iter::next(cx, iterator)? {
        let quoted = match dialect.quoting {
            quoting::NON_NUMERIC => !is_number(cx, value),
            quoting::ALL => true,
            quoting::STRINGS => value.downcast::<Str>(cx).is_some(),
            quoting::NOT_NULL => !value.is_none(),
            _ => false,
        };
        null_field = value.is_none();
        let text = if null_field { None } else { Some(object::str(cx, value)?) };
        record.field(text, quoted)?;
    }
    if record.fields > 0 && record.out.is_empty() {
        let null = null_field && matches!(dialect.quoting, quoting::STRINGS | quoting::NOT_NULL);
        if dialect.quoting == quoting::NONE || null {
            return Err(error(cx, "single empty field record must be quoted"));
        }
        record.fields -= 1;
        record.field(None, true)?;
    }
    if let Some(terminator) = dialect.line_terminator.get() {
        record.out.extend_from_slice(terminator.as_bytes());
    }
    Ok(record.out)
}

fn writerow(cx: &Cx, writer: Ref<Writer>, row: Value) -> PyResult {
    let Some(dialect) = writer.dialect.get() else { return Ok(Value::NONE) };
    let record = record_of(cx, dialect, row)?;
    let text = cx.new_str_wtf8(countless_common::wtf8::Wtf8::from_trusted_bytes(&record));
    cx.call(writer.write.get_or_none(), &[text.value()])
}

fn writerows(cx: &Cx, writer: Ref<Writer>, rows: Value) -> PyResult {
    let iterator = iter::get_iter(cx, rows)?;
    while let Some(row) = iter::next(cx, iterator)? {
        writerow(cx, writer, row)?;
    }
    Ok(Value::NONE)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "_csv",
    doc: "CSV writer\n\nWrites records to a file in CSV format.",
    flags: TypeFlags::NO_NEW,
    methods: &[
        Method::one(
            "writerow",
            writerow,
            "writerow($self, row, /)\n--\n\nWrite a record: an iterable of fields.\n\nFields that are no strings are converted.",
        ),
        Method::one("writerows", writerows, "writerows($self, rows, /)\n--\n\nWrite many records."),
    ],
    attributes: &[GetSet::member("dialect", |_cx, writer: Ref<Writer>| Ok(writer.dialect.untyped().get_or_none()), "")],
    ..TypeDef::new("writer", &LAYOUT)
};
