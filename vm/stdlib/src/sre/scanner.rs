//! `_sre.SRE_Scanner`: one match after the other; also what `finditer` runs on.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{Field, RefField};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

use super::engine::{Mode, NONE};
use super::found::new_match;
use super::pattern::{Bounds, Pattern};
use super::subject::{Session, Source};

/// Bit of `next`: an empty match there does not count.
const MUST_ADVANCE: usize = 1 << 63;

native_cell! {
    /// The cell. Threads that share one may get the same match.
    pub struct Scanner("_sre.SRE_Scanner", LAYOUT) {
        traced { pattern: RefField<Pattern>, string: Field, }
        plain {
            position: usize,
            end_position: usize,
            /// The end, as a byte offset.
            end: usize,
            /// Where to go on, as a byte offset; [`NONE`] at the end.
            next: AtomicUsize,
        }
    }
}

/// Makes a scanner.
pub fn new_scanner(cx: &Cx, pattern: Ref<Pattern>, string: Value, bounds: Bounds) -> Ref<Scanner> {
    let none_left = bounds.position > bounds.end_position;
    cx.allocate(Scanner {
        header: Default::default(),
        pattern: RefField::new(pattern),
        string: Field::new(string),
        position: bounds.position,
        end_position: bounds.end_position,
        end: bounds.span.1,
        next: AtomicUsize::new(if none_left { NONE } else { bounds.span.0 }),
    })
}

fn advance(cx: &Cx, scanner: Ref<Scanner>, mode: Mode) -> PyResult {
    let next = scanner.next.load(Ordering::Relaxed);
    let Some(pattern) = scanner.pattern.get().filter(|_| next != NONE) else { return Ok(Value::NONE) };
    let string = scanner.string.get_or_none();
    let source = Source::for_pattern(cx, pattern, string)?;
    // A mutable subject may have become shorter.
    let end = scanner.end.min(source.byte_len());
    let start = next & !MUST_ADVANCE;
    Session::with(cx, pattern.program(cx)?, &source, (start, end), |session| {
        session.set_start(start, next & MUST_ADVANCE != 0);
        let Some((from, to)) = session.once(mode)? else {
            scanner.next.store(NONE, Ordering::Relaxed);
            return Ok(Value::NONE);
        };
        scanner.next.store(if from == to { to | MUST_ADVANCE } else { to }, Ordering::Relaxed);
        let positions = (scanner.position, scanner.end_position);
        Ok(new_match(cx, pattern, string, session, (from, to), positions).value())
    })
}

fn match_(cx: &Cx, scanner: Ref<Scanner>) -> PyResult {
    advance(cx, scanner, Mode::Match)
}

fn search(cx: &Cx, scanner: Ref<Scanner>) -> PyResult {
    advance(cx, scanner, Mode::Search)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "_sre",
    flags: TypeFlags::NO_NEW,
    methods: &[
        Method::none("match", match_, "match($self, /)\n--\n\n"),
        Method::none("search", search, "search($self, /)\n--\n\n"),
    ],
    attributes: &[GetSet::member(
        "pattern",
        |_cx, scanner: Ref<Scanner>| Ok(scanner.pattern.untyped().get_or_none()),
        "",
    )],
    ..TypeDef::new("SRE_Scanner", &LAYOUT)
};
