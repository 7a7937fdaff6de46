//! Exceptions: `BaseException` and the cells of all builtin exceptions.
//!
//! Every exception cell is a [`BaseException`] followed by as many [`Field`]s as its layout says; what each means is in
//! the family's file. The classes themselves are made from the table in `crate::exceptions`.

mod base;
mod group;
mod import;
mod name;
mod os;
mod simple;
mod syntax;
mod unicode;

use std::sync::atomic::{AtomicU8, Ordering};

use countless_gc::{Header, Tracer, TypeId};

use super::ids;
use super::str::Str;
use super::tuple::Tuple;
use super::type_object::{TypeObject, flag};
use crate::exceptions::{ExceptionKind, for_each_exception};
use crate::native::definition::{TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

pub use base::add_note;
pub use group::{group_projection, split_by_type};
pub use os::{error_text, kind_of_errno, raise_os_error};

/// The part that all exceptions have.
#[repr(C)]
pub struct BaseException {
    header: Header,
    /// `args`.
    args: RefField<Tuple>,
    /// `__traceback__`.
    traceback: Field,
    /// `__context__`.
    context: Field,
    /// `__cause__`.
    cause: Field,
    /// The dictionary word (see `object::shape`).
    dict: Field,
    /// `__suppress_context__`.
    suppress_context: AtomicU8,
    /// How many fields follow.
    extra_count: u8,
}

// SAFETY: `repr(C)`, header first, zero is an exception without anything; all fields are reported.
unsafe impl Cell for BaseException {
    fn layout() -> &'static Layout {
        &PLAIN
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.args.trace(tracer);
        for field in [&self.traceback, &self.context, &self.cause, &self.dict] {
            field.trace(tracer);
        }
        for index in 0..self.extra_count as usize {
            self.extra(index).trace(tracer);
        }
    }
}

impl BaseException {
    /// A field behind the common part.
    pub(super) fn extra(&self, index: usize) -> &Field {
        assert!(index < self.extra_count as usize);
        // SAFETY: `extra_count` fields follow the common part (`WithExtra`), and zero is an empty field.
        unsafe { &*(&raw const *self).wrapping_add(1).cast::<Field>().add(index) }
    }

    /// `args`.
    pub fn args(&self, cx: &Cx) -> Ref<Tuple> {
        self.args.get().unwrap_or_else(|| cx.new_tuple(&[]))
    }

    /// `__traceback__`.
    pub fn traceback(&self) -> Option<Value> {
        self.traceback.get().and_then(Value::not_none)
    }

    /// Sets `__traceback__`.
    pub fn set_traceback(&self, cx: &Cx, traceback: Value) {
        self.traceback.set(cx, traceback);
    }

    /// `__context__`.
    pub fn context(&self) -> Option<Value> {
        self.context.get().and_then(Value::not_none)
    }

    /// Sets `__context__`.
    pub fn set_context(&self, cx: &Cx, context: Option<Value>) {
        self.context.set(cx, context.unwrap_or(Value::NONE));
    }

    /// `__cause__`.
    pub fn cause(&self) -> Option<Value> {
        self.cause.get().and_then(Value::not_none)
    }

    /// Sets `__cause__`, which suppresses the display of the context.
    pub fn set_cause(&self, cx: &Cx, cause: Option<Value>) {
        self.cause.set(cx, cause.unwrap_or(Value::NONE));
        self.suppress_context.store(1, Ordering::Relaxed);
    }

    /// `__suppress_context__`.
    pub fn suppresses_context(&self) -> bool {
        self.suppress_context.load(Ordering::Relaxed) != 0
    }
}

/// An exception cell with `N` fields behind the common part.
#[repr(C)]
struct WithExtra<const N: usize> {
    base: BaseException,
    extra: [Field; N],
}

macro_rules! layouts {
    ($($static_name:ident, $cell:ident, $count:literal, $name:literal, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[repr(C)]
        pub(super) struct $cell(WithExtra<$count>);

        #[doc = $doc]
        pub(super) static $static_name: Layout = Layout::of::<$cell>($name, TypeId::FREE, Some(&PLAIN));

        // SAFETY: `repr(C)`, begins with `BaseException`, which reports its extra fields too.
        unsafe impl Cell for $cell {
            fn layout() -> &'static Layout {
                &$static_name
            }

            fn trace(&self, tracer: &mut Tracer<'_>) {
                self.0.base.trace(tracer);
            }
        }
    )*};
}

/// The layout of exceptions without attributes of their own.
pub static PLAIN: Layout = Layout::of::<BaseException>("BaseException", TypeId::FREE, Some(&super::object::LAYOUT))
    .with_dictionary(std::mem::offset_of!(BaseException, dict));

layouts! {
    STOP_ITERATION, StopIterationCell, 1, "StopIteration", "value";
    SYSTEM_EXIT, SystemExitCell, 1, "SystemExit", "code";
    GROUP, GroupCell, 2, "BaseExceptionGroup", "message, exceptions";
    IMPORT, ImportCell, 4, "ImportError", "msg, name, path, name_from";
    ATTRIBUTE, AttributeCell, 2, "AttributeError", "name, obj";
    NAME, NameCell, 1, "NameError", "name";
    OS, OsCell, 5, "OSError", "errno, strerror, filename, filename2, characters_written";
    SYNTAX, SyntaxCell, 9, "SyntaxError", "msg, filename, lineno, offset, text, end_lineno, end_offset, print_file_and_line, _metadata";
    UNICODE, UnicodeCell, 5, "UnicodeError", "encoding, object, start, end, reason";
}

/// The families of exception cells, as the table in `crate::exceptions` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Plain,
    StopIteration,
    SystemExit,
    Group,
    Import,
    Attribute,
    Name,
    Os,
    Syntax,
    Unicode,
}

impl Family {
    const fn layout(self) -> &'static Layout {
        match self {
            Family::Plain => &PLAIN,
            Family::StopIteration => &STOP_ITERATION,
            Family::SystemExit => &SYSTEM_EXIT,
            Family::Group => &GROUP,
            Family::Import => &IMPORT,
            Family::Attribute => &ATTRIBUTE,
            Family::Name => &NAME,
            Family::Os => &OS,
            Family::Syntax => &SYNTAX,
            Family::Unicode => &UNICODE,
        }
    }
}

macro_rules! families {
    ($($name:ident: $base:ident, $layout:ident, $doc:literal;)*) => {
        const fn family_of(kind: ExceptionKind) -> Family {
            match kind { $(ExceptionKind::$name => Family::$layout,)* }
        }

        fn base_of(kind: ExceptionKind) -> Option<ExceptionKind> {
            match kind { $(ExceptionKind::$name => named(stringify!($base)),)* }
        }

        /// The documentation of a builtin exception class.
        pub(crate) const fn doc_of(kind: ExceptionKind) -> &'static str {
            match kind { $(ExceptionKind::$name => $doc,)* }
        }
    };
}

for_each_exception!(families);

fn named(name: &str) -> Option<ExceptionKind> {
    ExceptionKind::ALL.iter().copied().find(|kind| kind.name() == name)
}

/// The base class of a builtin exception: another one, or none for BaseException (whose base is object).
pub(crate) fn base_kind(kind: ExceptionKind) -> Option<ExceptionKind> {
    base_of(kind)
}

/// The layout of a builtin exception's cells.
pub(crate) fn layout_of(kind: ExceptionKind) -> &'static Layout {
    family_of(kind).layout()
}

/// The rows that the class itself brings along (its family's, in the class that introduces the family).
pub(crate) fn definition_of(kind: ExceptionKind) -> Option<&'static TypeDef> {
    Some(match kind {
        ExceptionKind::BaseException => &base::TYPE,
        ExceptionKind::BaseExceptionGroup => &group::TYPE,
        ExceptionKind::StopIteration => &simple::STOP_ITERATION_TYPE,
        ExceptionKind::SystemExit => &simple::SYSTEM_EXIT_TYPE,
        ExceptionKind::KeyError => &simple::KEY_ERROR_TYPE,
        ExceptionKind::ImportError => &import::TYPE,
        ExceptionKind::AttributeError => &name::ATTRIBUTE_ERROR_TYPE,
        ExceptionKind::NameError => &name::NAME_ERROR_TYPE,
        ExceptionKind::OSError => &os::TYPE,
        ExceptionKind::SyntaxError => &syntax::TYPE,
        ExceptionKind::UnicodeDecodeError => &unicode::DECODE_TYPE,
        ExceptionKind::UnicodeEncodeError => &unicode::ENCODE_TYPE,
        ExceptionKind::UnicodeTranslateError => &unicode::TRANSLATE_TYPE,
        _ => return None,
    })
}

/// A fresh exception of the class, with nothing but its `args`.
pub(super) fn allocate(cx: &Cx, class: Ref<TypeObject>, args: Ref<Tuple>) -> Ref<BaseException> {
    let layout = class.layout();
    let extra = (layout.size as usize - size_of::<BaseException>()) / size_of::<Field>();
    let contents = BaseException {
        header: Header::default(),
        args: RefField::new(args),
        traceback: Field::empty(),
        context: Field::empty(),
        cause: Field::empty(),
        dict: Field::empty(),
        suppress_context: AtomicU8::new(0),
        extra_count: extra as u8,
    };
    // The shape's placement has room for the layout's extra fields, which start out empty (zero).
    cx.allocate_instance(class, contents)
}

impl Value {
    /// The value as an exception.
    pub fn as_exception(self, cx: &Cx) -> Option<Ref<BaseException>> {
        self.downcast::<BaseException>(cx)
    }

    /// Whether the value is an exception class.
    pub fn as_exception_class(self, cx: &Cx) -> Option<Ref<TypeObject>> {
        self.as_class(cx).filter(|class| class.has_flags(flag::EXCEPTION))
    }

    /// Whether the value is an exception of the builtin class (or of a class derived from it).
    pub fn is_exception_of(self, cx: &Cx, kind: ExceptionKind) -> bool {
        self.is_instance(cx, cx.builtin_type(kind.type_id()))
    }
}

impl Cx {
    /// An exception of a builtin class, made as a call of the class would.
    pub fn new_exception(&self, kind: ExceptionKind, args: &[Value]) -> Value {
        let class = self.builtin_type(kind.type_id());
        match self.call(class.value(), args) {
            Ok(exception) => exception,
            // The constructor itself failed (recursion, memory): that is the exception then.
            Err(raised) => self.take_exception(raised),
        }
    }

    /// Sets `exception.__context__` to the handled exception, cutting cycles, as `raise` does.
    pub(crate) fn chain_context(&self, exception: Value) {
        let Some(handled) = self.handled_exception() else { return };
        if handled == exception {
            return;
        }
        let (Some(raised), Some(mut current)) = (exception.as_exception(self), handled.as_exception(self)) else {
            return;
        };
        // If the exception is in the chain already, the chain ends before it.
        let mut slow = current;
        let mut odd = false;
        while let Some(next) = current.context() {
            if next == exception {
                current.set_context(self, None);
                break;
            }
            let Some(next) = next.as_exception(self) else { break };
            current = next;
            if current == slow {
                // A cycle that was there before.
                break;
            }
            if odd {
                slow = slow.context().and_then(|next| next.as_exception(self)).unwrap_or(slow);
            }
            odd = !odd;
        }
        raised.set_context(self, Some(handled));
    }

    /// Takes the pending exception if it is of the builtin class; otherwise it stays pending.
    pub fn ignore_if(&self, raised: Raised, kind: ExceptionKind) -> PyResult<()> {
        let exception = self.take_exception(raised);
        if exception.is_exception_of(self, kind) { Ok(()) } else { Err(self.raise_unchained(exception)) }
    }

    /// Sets fields of a new exception, unless it is another: one that says why the one wanted could not be made.
    fn fill_extra(&self, kind: ExceptionKind, exception: Value, first: usize, values: &[Value]) {
        if let Some(cell) = exception.as_exception(self).filter(|_| exception.is_exception_of(self, kind)) {
            for (index, value) in values.iter().enumerate() {
                cell.extra(first + index).set(self, *value);
            }
        }
    }

    /// Raises AttributeError with `name` and `obj`.
    #[cold]
    pub fn raise_attribute_error(&self, message: &str, object: Value, name: Ref<Str>) -> Raised {
        let text = self.new_str(message);
        let kind = ExceptionKind::AttributeError;
        let exception = self.new_exception(kind, &[text.value()]);
        self.fill_extra(kind, exception, 0, &[name.value(), object]);
        self.raise(exception)
    }

    /// Raises NameError (or UnboundLocalError) with `name`.
    #[cold]
    pub fn raise_name_error(&self, kind: ExceptionKind, message: &str, name: Ref<Str>) -> Raised {
        let text = self.new_str(message);
        let exception = self.new_exception(kind, &[text.value()]);
        self.fill_extra(kind, exception, 0, &[name.value()]);
        self.raise(exception)
    }

    /// Raises ImportError or ModuleNotFoundError with `name`, `path` and `name_from`.
    #[cold]
    pub fn raise_import_error(
        &self,
        kind: ExceptionKind,
        message: &str,
        name: Value,
        path: Value,
        name_from: Value,
    ) -> Raised {
        let text = self.new_str(message);
        let exception = self.new_exception(kind, &[text.value()]);
        self.fill_extra(kind, exception, 1, &[name, path, name_from]);
        self.raise(exception)
    }

    /// The exception that `raise value` raises: an instance as it is, a class called; TypeError for anything else.
    pub fn exception_of(&self, value: Value) -> PyResult {
        if value.as_exception(self).is_some() {
            return Ok(value);
        }
        let Some(class) = value.as_exception_class(self) else {
            return Err(self.type_error("exceptions must derive from BaseException"));
        };
        let exception = self.call(value, &[])?;
        if exception.as_exception(self).is_none() {
            let given = exception.class_name(self);
            let class = super::type_attribute::dotted_name(self, class)?;
            return Err(raise!(
                self,
                TypeError,
                "calling <class '{class}'> should have returned an instance of BaseException, not <class '{given}'>"
            ));
        }
        Ok(exception)
    }
}

/// Sets `name` and `obj` of a pending AttributeError that has neither.
pub fn tell_attribute_error(cx: &Cx, raised: &Raised, object: Value, name: Ref<Str>) {
    let exception = cx.pending_exception(raised);
    if !exception.is_exception_of(cx, ExceptionKind::AttributeError) {
        return;
    }
    if let Some(cell) = exception.as_exception(cx)
        && cell.extra(0).get_or_none().is_none()
        && cell.extra(1).get_or_none().is_none()
    {
        cell.extra(0).set(cx, name.value());
        cell.extra(1).set(cx, object);
    }
}

/// The value that a StopIteration carries.
pub fn stop_value(cx: &Cx, exception: Value) -> Value {
    match exception.as_exception(cx) {
        Some(cell) if cell.extra_count > 0 => cell.extra(0).get_or_none(),
        _ => Value::NONE,
    }
}

/// Flags of exception classes.
pub(crate) const FLAGS: TypeFlags = TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES);

/// Whether the id is that of an exact builtin exception.
pub fn is_builtin_exception(id: TypeId) -> bool {
    (ids::FIRST_EXCEPTION..ids::FIRST_EXCEPTION + ExceptionKind::ALL.len() as u32).contains(&id.0)
}
