//! One scope: its kind, its symbols in order of first mention, and what the code generator asks.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ruff_python_ast::name::Name;
use ruff_text_size::TextRange;

use super::ScopeId;

/// What a scope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// A module, an `eval` expression or an interactive statement.
    Module,
    /// A class body.
    Class,
    /// A `def`.
    Function,
    /// A `lambda`.
    Lambda,
    /// A generator expression.
    GeneratorExpression,
    /// `[x for …]`.
    ListComprehension,
    /// `{x for …}`.
    SetComprehension,
    /// `{k: v for …}`.
    DictComprehension,
    /// The `__annotate__` function of a module, class or signature (PEP 649).
    Annotation,
    /// The value of a `type` statement, evaluated on demand.
    TypeAlias,
    /// The scope around a generic function, class or `type` statement (PEP 695).
    TypeParameters,
    /// A type variable's bound, constraints or default, evaluated on demand.
    TypeVariable,
}

impl ScopeKind {
    /// Whether names here are those of a function: fast locals, cells, free variables.
    pub fn is_function_like(self) -> bool {
        !matches!(self, ScopeKind::Module | ScopeKind::Class)
    }

    /// Whether this is one of the four comprehensions.
    pub fn is_comprehension(self) -> bool {
        matches!(
            self,
            ScopeKind::GeneratorExpression
                | ScopeKind::ListComprehension
                | ScopeKind::SetComprehension
                | ScopeKind::DictComprehension
        )
    }
}

/// Where a name of a scope lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolScope {
    /// A local that no inner scope captures; in a module or class a key of the namespace.
    Local,
    /// A local that an inner scope captures.
    Cell,
    /// A variable of an enclosing function-like scope.
    Free,
    /// Declared `global`.
    GlobalExplicit,
    /// Bound nowhere around: module globals, then builtins.
    GlobalImplicit,
}

/// What happens to a name in a scope. The bits are those of CPython's `_symtable`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct SymbolFlags(pub u16);

impl SymbolFlags {
    /// Declared `global`.
    pub const GLOBAL: SymbolFlags = SymbolFlags(1);
    /// Bound here: assignment, `del`, `for` target, `def`, `class`, walrus.
    pub const LOCAL: SymbolFlags = SymbolFlags(1 << 1);
    /// A parameter.
    pub const PARAMETER: SymbolFlags = SymbolFlags(1 << 2);
    /// Declared `nonlocal`.
    pub const NONLOCAL: SymbolFlags = SymbolFlags(1 << 3);
    /// Read here.
    pub const USE: SymbolFlags = SymbolFlags(1 << 4);
    /// Free in a class body that also binds the name: methods see the outer one.
    pub const FREE_CLASS: SymbolFlags = SymbolFlags(1 << 6);
    /// Bound by an import.
    pub const IMPORT: SymbolFlags = SymbolFlags(1 << 7);
    /// Annotated.
    pub const ANNOTATED: SymbolFlags = SymbolFlags(1 << 8);
    /// The target of a comprehension's `for`.
    pub const COMPREHENSION_ITERATION: SymbolFlags = SymbolFlags(1 << 9);
    /// A type parameter.
    pub const TYPE_PARAMETER: SymbolFlags = SymbolFlags(1 << 10);
    /// A cell of an inlined comprehension only.
    pub const COMPREHENSION_CELL: SymbolFlags = SymbolFlags(1 << 11);
    /// Any way of being bound.
    pub const BOUND: SymbolFlags =
        SymbolFlags(Self::LOCAL.0 | Self::PARAMETER.0 | Self::IMPORT.0 | Self::TYPE_PARAMETER.0);

    /// Whether any bit of `other` is set.
    pub fn has(self, other: SymbolFlags) -> bool {
        self.0 & other.0 != 0
    }

    /// Sets the bits of `other`.
    pub fn insert(&mut self, other: SymbolFlags) {
        self.0 |= other.0;
    }

    /// Clears the bits of `other`.
    pub fn remove(&mut self, other: SymbolFlags) {
        self.0 &= !other.0;
    }
}

/// A name in a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// The name, mangled and normalised.
    pub name: Name,
    /// What happens to it here.
    pub flags: SymbolFlags,
    /// Where it lives. In an inlined comprehension: where it would live in a function of its own.
    pub scope: SymbolScope,
}

/// A block of code with its own names.
#[derive(Debug)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// `co_name`: the function's, class's or type's name, `<lambda>`, `<genexpr>`, `__annotate__`…
    pub name: Name,
    /// The node's range.
    pub range: TextRange,
    /// The scope around it; `None` for the module.
    pub parent: Option<ScopeId>,
    /// The scopes inside, in CPython's order of visit. Inlined comprehensions stay listed.
    pub children: Vec<ScopeId>,
    /// Names in order of first mention.
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) index: HashMap<Name, u32>,
    /// Parameter names in the order of registers: positional-only, positional, keyword-only,
    /// `*args`, `**kwargs`.
    pub parameters: Vec<Name>,
    /// The name that mangles `__private` names here.
    pub private: Option<Name>,
    /// The only names that it mangles: the type parameters of a class, around that class.
    pub(crate) mangled_names: Option<HashSet<Name>>,
    /// Inside a function-like scope.
    pub nested: bool,
    /// Has free variables itself.
    pub has_free: bool,
    /// Some scope inside has free variables.
    pub child_has_free: bool,
    /// Contains `yield`, or is a generator expression.
    pub is_generator: bool,
    /// Is `async def`, or awaits (top-level await, asynchronous comprehension).
    pub is_coroutine: bool,
    /// Is an `async def`.
    pub is_async_definition: bool,
    /// Takes `*args`.
    pub has_varargs: bool,
    /// Takes `**kwargs`.
    pub has_varkeywords: bool,
    /// A comprehension that is compiled into its parent (PEP 709). Its bound names (see
    /// [`Scope::bound_in_comprehension`]) are isolated from the parent's of the same name.
    pub inlined: bool,
    /// A `def` directly in a class body (or in the type parameters of one).
    pub is_method: bool,
    /// A class whose methods use `__class__` (or `super`): it needs the `__class__` cell.
    pub needs_class_closure: bool,
    /// A class whose annotation-like scopes look names up in its namespace: it needs the
    /// `__classdict__` cell.
    pub needs_classdict: bool,
    /// A class or module with an annotation under a condition (modules: with any annotation): it
    /// keeps a `__conditional_annotations__` set.
    pub has_conditional_annotations: bool,
    /// An annotation-like scope directly inside a class: names are tried in `__classdict__` first.
    pub can_see_class_scope: bool,
    /// The `__annotate__` scope of this module, class or function, if it has any annotation.
    pub annotations: Option<ScopeId>,
    /// Whether an annotation in `annotations` is ever evaluated (local annotations never are).
    pub annotations_used: bool,
    /// A function whose body starts with a string.
    pub has_docstring: bool,
    /// A class: attribute names assigned as `self.x` in its methods (`__static_attributes__`).
    pub static_attributes: Vec<Name>,
}

impl Scope {
    /// The name under which `name` is stored here.
    pub(crate) fn mangled<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match &self.mangled_names {
            Some(names) if !names.contains(name) => Cow::Borrowed(name),
            _ => mangle(self.private.as_deref(), name),
        }
    }

    /// All symbols in order of first mention.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The symbol of a (mangled) name.
    pub fn symbol(&self, name: &str) -> Option<&Symbol> {
        self.index.get(name).map(|&at| &self.symbols[at as usize])
    }

    /// Where a (mangled) name lives here, if it is mentioned.
    pub fn scope_of_name(&self, name: &str) -> Option<SymbolScope> {
        self.symbol(name).map(|symbol| symbol.scope)
    }

    /// Names that become cells of this scope's frame.
    pub fn cells(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter().filter(|symbol| symbol.scope == SymbolScope::Cell)
    }

    /// Names whose cells this scope receives from around it.
    pub fn free_variables(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols
            .iter()
            .filter(|symbol| symbol.scope == SymbolScope::Free || symbol.flags.has(SymbolFlags::FREE_CLASS))
    }

    /// Of an inlined comprehension: the names that it binds itself, which the code around it must
    /// not see.
    pub fn bound_in_comprehension(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols
            .iter()
            .filter(|symbol| symbol.flags.has(SymbolFlags::LOCAL) && !symbol.flags.has(SymbolFlags::NONLOCAL))
    }
}

/// The name under which `name` is stored in code whose innermost class is `private`.
pub fn mangle<'a>(private: Option<&str>, name: &'a str) -> Cow<'a, str> {
    let Some(private) = private else {
        return Cow::Borrowed(name);
    };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return Cow::Borrowed(name);
    }
    let class_name = private.trim_start_matches('_');
    if class_name.is_empty() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("_{class_name}{name}"))
}
