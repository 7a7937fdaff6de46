//! How native types and modules are described: plain data rows, from which the runtime makes type and module objects.
//!
//! A method row names a Rust function by its calling kind; the receiver's type is checked before the call, so the
//! function gets a typed `Ref<T>` (or a bare [`Value`] for receivers that need not be cells, such as ints):
//!
//! ```ignore
//! pub static METHODS: &[Method] = &[
//!     Method::one("append", append, "append($self, object, /)\n--\n\nAdd an item at the end."),
//!     Method::none("clear", clear, "clear($self, /)\n--\n\nRemove every item."),
//!     Method::many("sort", sort, "sort($self, /, *, key=None, reverse=False)\n--\n\nSort in place."),
//! ];
//! ```

use super::args::Args;
use crate::object::cell::{Layout, Ref};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::type_object::TypeObject;
use countless_gc::TypeId;

/// The type of a native function's receiver: a [`Value`] or a typed [`Ref`].
///
/// # Safety
///
/// Implementors are `repr(transparent)` over [`Value`], and every value of the receiving type is a valid one.
pub unsafe trait Receiver: Copy {}

// SAFETY: it is `Value` itself.
unsafe impl Receiver for Value {}
// SAFETY: `Ref<T>` is `repr(transparent)` over `Value`; the dispatcher checks that the receiver is an instance of the
// type that lists the row, and `runtime::bootstrap` asserts that the type's layout begins with the rows' receivers'.
unsafe impl<T> Receiver for Ref<T> {}

/// A native function by calling kind.
#[derive(Clone, Copy)]
pub enum NativeFn {
    /// No argument beside the receiver.
    None(fn(&Cx, Value) -> PyResult),
    /// One positional argument.
    One(fn(&Cx, Value, Value) -> PyResult),
    /// Two positional arguments.
    Two(fn(&Cx, Value, Value, Value) -> PyResult),
    /// One positional argument, which may be absent.
    Optional(fn(&Cx, Value, Option<Value>) -> PyResult),
    /// Any arguments, keywords included; the function parses them.
    Many(fn(&Cx, Value, Args<'_>) -> PyResult),
}

/// What the function is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The instance (or, for a module's function, the module).
    Instance,
    /// The class (a class method).
    Class,
    /// Nothing: the receiver is unbound (a static method).
    Static,
}

/// A row of a method table.
#[derive(Clone, Copy)]
pub struct Method {
    /// The Python name.
    pub name: &'static str,
    /// The function.
    pub function: NativeFn,
    /// What it is bound to.
    pub binding: Binding,
    /// Text signature line `name(params)\n--\n\n` and documentation, as CPython keeps them in one string.
    pub doc: &'static str,
}

macro_rules! erase {
    ($function:expr, $from:ty => $to:ty) => {
        // SAFETY: the function types differ only in the receiver, which is `repr(transparent)` over `Value` (`Receiver`),
        // so their ABIs agree; the dispatcher passes only receivers of the checked type.
        unsafe { std::mem::transmute::<$from, $to>($function) }
    };
}

impl Method {
    /// A method without arguments.
    pub const fn none<R: Receiver>(name: &'static str, function: fn(&Cx, R) -> PyResult, doc: &'static str) -> Method {
        let function = NativeFn::None(erase!(function, fn(&Cx, R) -> PyResult => fn(&Cx, Value) -> PyResult));
        Method { name, function, binding: Binding::Instance, doc }
    }

    /// A method with one positional argument.
    pub const fn one<R: Receiver>(
        name: &'static str,
        function: fn(&Cx, R, Value) -> PyResult,
        doc: &'static str,
    ) -> Method {
        let function =
            NativeFn::One(erase!(function, fn(&Cx, R, Value) -> PyResult => fn(&Cx, Value, Value) -> PyResult));
        Method { name, function, binding: Binding::Instance, doc }
    }

    /// A method with two positional arguments.
    pub const fn two<R: Receiver>(
        name: &'static str,
        function: fn(&Cx, R, Value, Value) -> PyResult,
        doc: &'static str,
    ) -> Method {
        let function = NativeFn::Two(
            erase!(function, fn(&Cx, R, Value, Value) -> PyResult => fn(&Cx, Value, Value, Value) -> PyResult),
        );
        Method { name, function, binding: Binding::Instance, doc }
    }

    /// A method with one optional positional argument.
    pub const fn optional<R: Receiver>(
        name: &'static str,
        function: fn(&Cx, R, Option<Value>) -> PyResult,
        doc: &'static str,
    ) -> Method {
        let function = NativeFn::Optional(
            erase!(function, fn(&Cx, R, Option<Value>) -> PyResult => fn(&Cx, Value, Option<Value>) -> PyResult),
        );
        Method { name, function, binding: Binding::Instance, doc }
    }

    /// A method with any arguments.
    pub const fn many<R: Receiver>(
        name: &'static str,
        function: fn(&Cx, R, Args<'_>) -> PyResult,
        doc: &'static str,
    ) -> Method {
        let function =
            NativeFn::Many(erase!(function, fn(&Cx, R, Args<'_>) -> PyResult => fn(&Cx, Value, Args<'_>) -> PyResult));
        Method { name, function, binding: Binding::Instance, doc }
    }

    /// The same row as a class method: the receiver is the class.
    pub const fn on_class(mut self) -> Method {
        self.binding = Binding::Class;
        self
    }

    /// The same row as a static method: the receiver is unbound.
    pub const fn on_nothing(mut self) -> Method {
        self.binding = Binding::Static;
        self
    }
}

/// A computed attribute.
#[derive(Clone, Copy)]
pub struct GetSet {
    /// The Python name.
    pub name: &'static str,
    /// Reads it.
    pub get: fn(&Cx, Value) -> PyResult,
    /// Writes it, or deletes it when the value is absent.
    pub set: Option<fn(&Cx, Value, Option<Value>) -> PyResult<()>>,
    /// Documentation.
    pub doc: &'static str,
}

impl GetSet {
    /// An attribute that can only be read.
    pub const fn read_only<R: Receiver>(name: &'static str, get: fn(&Cx, R) -> PyResult, doc: &'static str) -> GetSet {
        GetSet { name, get: erase!(get, fn(&Cx, R) -> PyResult => fn(&Cx, Value) -> PyResult), set: None, doc }
    }

    /// An attribute that can only be read and says so as a member of CPython's does: "readonly attribute".
    pub const fn member<R: Receiver>(name: &'static str, get: fn(&Cx, R) -> PyResult, doc: &'static str) -> GetSet {
        let get = erase!(get, fn(&Cx, R) -> PyResult => fn(&Cx, Value) -> PyResult);
        GetSet { name, get, set: Some(refuse_store), doc }
    }

    /// An attribute that can be read and written.
    pub const fn read_write<R: Receiver>(
        name: &'static str,
        get: fn(&Cx, R) -> PyResult,
        set: fn(&Cx, R, Option<Value>) -> PyResult<()>,
        doc: &'static str,
    ) -> GetSet {
        GetSet {
            name,
            get: erase!(get, fn(&Cx, R) -> PyResult => fn(&Cx, Value) -> PyResult),
            set: Some(erase!(
                set,
                fn(&Cx, R, Option<Value>) -> PyResult<()> => fn(&Cx, Value, Option<Value>) -> PyResult<()>
            )),
            doc,
        }
    }
}

fn refuse_store(cx: &Cx, _object: Value, _value: Option<Value>) -> PyResult<()> {
    Err(crate::raise!(cx, AttributeError, "readonly attribute"))
}

/// Flags of a native type's definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeFlags(pub u32);

impl TypeFlags {
    /// Nothing special: not subclassable, instantiable if it has `new`.
    pub const NONE: TypeFlags = TypeFlags(0);
    /// Python classes may derive from it.
    pub const BASE: TypeFlags = TypeFlags(1);
    /// Matches sequence patterns.
    pub const SEQUENCE: TypeFlags = TypeFlags(1 << 1);
    /// Matches mapping patterns.
    pub const MAPPING: TypeFlags = TypeFlags(1 << 2);
    /// `cls()` raises "cannot create '…' instances"; `new` is not inherited from object.
    pub const NO_NEW: TypeFlags = TypeFlags(1 << 3);
    /// Instances have a `__dict__` (exceptions, functions, modules keep theirs in the cell and say so themselves).
    pub const HAS_DICT: TypeFlags = TypeFlags(1 << 4);
    /// In `case Class(x)`, the subject itself is the one positional attribute.
    pub const MATCH_SELF: TypeFlags = TypeFlags(1 << 5);
    /// Functions of this type bind without a bound-method object when called (`LoadMethod`).
    pub const METHOD_DESCRIPTOR: TypeFlags = TypeFlags(1 << 6);
    /// A heap type in CPython: attributes of the class may be set.
    pub const MUTABLE: TypeFlags = TypeFlags(1 << 7);
    /// Instances may be referenced weakly.
    pub const WEAK_REFERENCES: TypeFlags = TypeFlags(1 << 8);
    /// `finalize` is no `__del__`: in CPython it is part of giving the memory back.
    pub const HIDDEN_FINALIZER: TypeFlags = TypeFlags(1 << 9);

    /// Both sets of flags.
    pub const fn with(self, other: TypeFlags) -> TypeFlags {
        TypeFlags(self.0 | other.0)
    }

    /// Whether all of `other`'s flags are set.
    pub const fn contains(self, other: TypeFlags) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The definition of a native type.
pub struct TypeDef {
    /// The Python name.
    pub name: &'static str,
    /// `__module__`.
    pub module: &'static str,
    /// Text signature and documentation, as in [`Method::doc`]; empty for none.
    pub doc: &'static str,
    /// The cells' layout; its id is the type's.
    pub layout: &'static Layout,
    /// The base class's definition; `None` for `object`.
    pub base: Option<&'static TypeDef>,
    /// Flags.
    pub flags: TypeFlags,
    /// Slots.
    pub slots: Slots,
    /// Methods.
    pub methods: &'static [Method],
    /// Computed attributes.
    pub attributes: &'static [GetSet],
    /// What rows cannot say: constants in the class's dictionary.
    pub finish: Option<fn(&Cx, Ref<TypeObject>) -> PyResult<()>>,
}

impl TypeDef {
    /// Type id of exact instances.
    pub fn id(&self) -> TypeId {
        self.layout.id()
    }

    /// A definition with everything empty, to be filled in with `..TypeDef::new(…)`.
    pub const fn new(name: &'static str, layout: &'static Layout) -> TypeDef {
        TypeDef {
            name,
            module: "builtins",
            doc: "",
            layout,
            base: None,
            flags: TypeFlags::NONE,
            slots: Slots::NONE,
            methods: &[],
            attributes: &[],
            finish: None,
        }
    }
}

/// The definition of a native module.
pub struct ModuleDef {
    /// The full name.
    pub name: &'static str,
    /// Documentation.
    pub doc: &'static str,
    /// Functions; their receiver is the module.
    pub functions: &'static [Method],
    /// Types that become attributes of the module.
    pub types: &'static [&'static TypeDef],
    /// Runs once per import, after functions and types are there: constants and state.
    pub execute: Option<fn(&Cx, Ref<crate::types::module::Module>) -> PyResult<()>>,
}
