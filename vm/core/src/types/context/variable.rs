//! `contextvars.ContextVar`, and the tokens by which a variable gets back its former value.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Tracer};

use super::{Context, current_context, map};
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol::object::repr as repr_of;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::types::type_object::TypeObject;
use crate::types::{generic_alias, ids};

// ---- variables

/// The cell.
#[repr(C)]
pub struct ContextVar {
    header: Header,
    name: RefField<Str>,
    /// Empty if there is none.
    default: Field,
    /// The key in contexts: no two variables have the same.
    serial: u64,
}

/// The layout of variables.
pub static LAYOUT: Layout =
    Layout::of::<ContextVar>("_contextvars.ContextVar", ids::CONTEXT_VAR, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a variable without a name (never used); all fields are reported.
unsafe impl Cell for ContextVar {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.name.trace(tracer);
        self.default.trace(tracer);
    }
}

/// The number of the next variable.
static NEXT_SERIAL: AtomicU64 = AtomicU64::new(0);

impl ContextVar {
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }
}

impl Ref<ContextVar> {
    /// The value in the thread's present context, or the variable's default.
    pub fn get(self, cx: &Cx) -> Option<Value> {
        map::get(current_context(cx).root(), self).or_else(|| self.default.get())
    }

    /// Sets the value in the thread's present context.
    pub fn set(self, cx: &Cx, value: Value) -> Ref<Token> {
        let context = current_context(cx);
        let old = map::get(context.root(), self);
        context.set_root(cx, Some(map::set(cx, context.root(), self, value)));
        cx.allocate(Token {
            header: Header::default(),
            context: RefField::new(context),
            variable: RefField::new(self),
            old: old.map_or(Field::empty(), Field::new),
            used: AtomicBool::new(false),
        })
    }

    /// Gives the variable the value it had before the token was made.
    pub fn reset(self, cx: &Cx, token: Ref<Token>) -> PyResult<()> {
        if token.used.load(Ordering::Relaxed) {
            return Err(already_used(cx, token));
        }
        if token.variable.get() != Some(self) {
            let shown = repr_of(cx, token.value())?;
            return Err(raise!(cx, ValueError, "{} was created by a different ContextVar", shown.as_wtf8()));
        }
        let context = current_context(cx);
        if token.context.get() != Some(context) {
            let shown = repr_of(cx, token.value())?;
            return Err(raise!(cx, ValueError, "{} was created in a different Context", shown.as_wtf8()));
        }
        if token.used.swap(true, Ordering::Relaxed) {
            return Err(already_used(cx, token));
        }
        let root = match token.old.get() {
            Some(old) => Some(map::set(cx, context.root(), self, old)),
            None => map::remove(cx, context.root(), self),
        };
        context.set_root(cx, root);
        Ok(())
    }
}

#[cold]
fn already_used(cx: &Cx, token: Ref<Token>) -> Raised {
    match repr_of(cx, token.value()) {
        Ok(shown) => raise!(cx, RuntimeError, "{} has already been used once", shown.as_wtf8()),
        Err(raised) => raised,
    }
}

impl Cx {
    /// A context variable.
    pub fn new_context_variable(&self, name: Ref<Str>, default: Option<Value>) -> Ref<ContextVar> {
        self.allocate(ContextVar {
            header: Header::default(),
            name: RefField::new(name),
            default: default.map_or(Field::empty(), Field::new),
            serial: NEXT_SERIAL.fetch_add(1, Ordering::Relaxed),
        })
    }
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let (Some(name), 1) = (args.get(0), args.len()) else {
        let given = args.len();
        let bound = if given == 0 { "exactly" } else { "at most" };
        return Err(raise!(cx, TypeError, "ContextVar() takes {bound} 1 positional argument ({given} given)"));
    };
    let mut default = None;
    for (keyword, value) in args.keywords() {
        if keyword.as_bytes() != b"default" {
            let keyword = keyword.as_wtf8();
            return Err(raise!(cx, TypeError, "ContextVar() got an unexpected keyword argument '{keyword}'"));
        }
        default = Some(value);
    }
    match name.downcast::<Str>(cx) {
        Some(name) => {
            crate::object::protocol::object::hash(cx, name.value())?;
            Ok(cx.new_context_variable(name, default).value())
        }
        None => Err(cx.type_error("context variable name must be a str")),
    }
}

fn variable(value: Value) -> Ref<ContextVar> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let this = variable(value);
    cx.guard_repr(value, "...", || {
        let mut out = Wtf8Buf::from("<ContextVar name=");
        let name = this.name.get().unwrap_or(cx.names().empty);
        out.push_wtf8(repr_of(cx, name.value())?.as_wtf8());
        if let Some(default) = this.default.get() {
            out.push_str(" default=");
            out.push_wtf8(repr_of(cx, default)?.as_wtf8());
        }
        out.push_str(&format!(" at {:#x}>", value.identity()));
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn get(cx: &Cx, this: Ref<ContextVar>, default: Option<Value>) -> PyResult {
    if let Some(value) = map::get(current_context(cx).root(), this) {
        return Ok(value);
    }
    match default.or_else(|| this.default.get()) {
        Some(value) => Ok(value),
        None => Err(cx.raise_with_args(ExceptionKind::LookupError, &[this.value()])),
    }
}

fn reset(cx: &Cx, this: Ref<ContextVar>, token: Value) -> PyResult {
    let Some(token) = token.exact::<Token>() else {
        let shown = repr_of(cx, token)?;
        return Err(raise!(cx, TypeError, "expected an instance of Token, got {}", shown.as_wtf8()));
    };
    this.reset(cx, token)?;
    Ok(Value::NONE)
}

static METHODS: &[Method] = &[
    Method::optional(
        "get",
        get,
        "get($self, default=<unrepresentable>, /)\n--\n\nThe value in the present context, or the default given here, or the\n\
         variable's own; LookupError if there is none of them.",
    ),
    Method::one(
        "set",
        |cx, this: Ref<ContextVar>, value| Ok(this.set(cx, value).value()),
        "set($self, value, /)\n--\n\nSet the value in the present context. The token that is returned can undo it.",
    ),
    Method::one(
        "reset",
        reset,
        "reset($self, token, /)\n--\n\nGive the variable the value it had before the set() that made the token.",
    ),
    Method::one(
        "__class_getitem__",
        generic_alias::class_getitem,
        "__class_getitem__($type, object, /)\n--\n\nContextVars are generic over the type of their contained values",
    )
    .on_class(),
];

static ATTRIBUTES: &[GetSet] =
    &[GetSet::member("name", |cx, this: Ref<ContextVar>| Ok(this.name.get().unwrap_or(cx.names().empty).value()), "")];

/// `contextvars.ContextVar`.
pub static TYPE: TypeDef = TypeDef {
    module: "_contextvars",
    base: Some(&crate::types::object::TYPE),
    slots: Slots { new: Some(new), repr: Some(repr), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("ContextVar", &LAYOUT)
};

// ---- tokens

/// The cell.
#[repr(C)]
pub struct Token {
    header: Header,
    context: RefField<Context>,
    variable: RefField<ContextVar>,
    /// Empty if the variable had no value.
    old: Field,
    used: AtomicBool,
}

/// The layout of tokens.
pub static TOKEN_LAYOUT: Layout =
    Layout::of::<Token>("_contextvars.Token", ids::CONTEXT_TOKEN, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a token of nothing (never used); all fields are reported.
unsafe impl Cell for Token {
    fn layout() -> &'static Layout {
        &TOKEN_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.context.trace(tracer);
        self.variable.trace(tracer);
        self.old.trace(tracer);
    }
}

fn new_token(cx: &Cx, _class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Err(cx.runtime_error("Tokens can only be created by ContextVars"))
}

fn token(value: Value) -> Ref<Token> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn repr_token(cx: &Cx, value: Value) -> PyResult {
    let this = token(value);
    let used = if this.used.load(Ordering::Relaxed) { " used" } else { "" };
    let mut out = Wtf8Buf::from(format!("<Token{used} var=").as_str());
    let variable = this.variable.get().map_or(Value::NONE, Ref::value);
    out.push_wtf8(repr_of(cx, variable)?.as_wtf8());
    out.push_str(&format!(" at {:#x}>", value.identity()));
    Ok(cx.new_str_wtf8(&out).value())
}

/// Tokens compare by identity, and cannot be hashed.
fn compare_token(_cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    Ok(match comparison {
        Comparison::Equal if left == right => Value::TRUE,
        Comparison::NotEqual if left == right => Value::FALSE,
        _ => Value::NOT_IMPLEMENTED,
    })
}

fn old_value(cx: &Cx, this: Ref<Token>) -> PyResult {
    match this.old.get() {
        Some(old) => Ok(old),
        None => {
            let class = cx.builtin_type(ids::CONTEXT_TOKEN);
            Ok(class.dict().get_name(cx, cx.intern_str("MISSING"))?.unwrap_or(Value::NONE))
        }
    }
}

fn exit(cx: &Cx, this: Ref<Token>, args: Args<'_>) -> PyResult {
    args.exactly::<3>(cx, "__exit__")?;
    if let Some(variable) = this.variable.get() {
        variable.reset(cx, this)?;
    }
    Ok(Value::NONE)
}

fn finish_token(cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    let missing = cx.allocate(Missing { header: Header::default() });
    class.dict().set_name(cx, cx.intern_str("MISSING"), missing.value())
}

/// `contextvars.Token`.
pub static TOKEN_TYPE: TypeDef = TypeDef {
    module: "_contextvars",
    base: Some(&crate::types::object::TYPE),
    slots: Slots {
        new: Some(new_token),
        repr: Some(repr_token),
        hash: Some(crate::object::dunder::unhashable),
        compare: Some(compare_token),
        ..Slots::NONE
    },
    methods: &[
        Method::one(
            "__class_getitem__",
            generic_alias::class_getitem,
            "__class_getitem__($type, object, /)\n--\n\nTokens are generic over the same type as the ContextVar which created them.",
        )
        .on_class(),
        Method::none(
            "__enter__",
            |_cx, this: Ref<Token>| Ok(this.value()),
            "__enter__($self, /)\n--\n\nEnter into Token context manager.",
        ),
        Method::many(
            "__exit__",
            exit,
            "__exit__($self, type, val, tb, /)\n--\n\nExit from Token context manager, restore the linked ContextVar.",
        ),
    ],
    attributes: &[
        GetSet::read_only("var", |_cx, this: Ref<Token>| Ok(this.variable.get().map_or(Value::NONE, Ref::value)), ""),
        GetSet::read_only("old_value", old_value, ""),
    ],
    finish: Some(finish_token),
    ..TypeDef::new("Token", &TOKEN_LAYOUT)
};

/// The cell of `Token.MISSING`.
#[repr(C)]
pub struct Missing {
    header: Header,
}

/// The layout of `Token.MISSING`.
pub static MISSING_LAYOUT: Layout =
    Layout::of::<Missing>("Token.MISSING", ids::CONTEXT_TOKEN_MISSING, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, only a header; there is nothing to report.
unsafe impl Cell for Missing {
    fn layout() -> &'static Layout {
        &MISSING_LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

/// The type of `Token.MISSING`.
pub static MISSING_TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { repr: Some(|cx, _missing| Ok(cx.new_str("<Token.MISSING>").value())), ..Slots::NONE },
    ..TypeDef::new("Token.MISSING", &MISSING_LAYOUT)
};
