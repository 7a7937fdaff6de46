//! What the compiler knows about the code object it is writing: its variables, pools, temporaries and open blocks.
//!
//! Invariants: temporaries are a stack ([`Unit::mark`] and [`Unit::release`]); a variable's register is given out when
//! the code first mentions it, which is the order CPython's `co_varnames` has.

use std::collections::HashMap;

use ruff_python_ast as ast;
use ruff_python_ast::name::Name;
use ruff_text_size::TextRange;

use super::block::Block;
use super::emit::{BoundSet, Emitter, HandlerId, Register, TEMPORARY};
use crate::bytecode::{CodeFlags, Constant};
use crate::symtable::ScopeId;

/// What kind of code object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    /// A module, an expression or interactive input.
    Module,
    /// A class body.
    Class,
    /// A function, lambda or generator expression.
    Function,
    /// A type parameter scope, annotation function or lazily evaluated type expression.
    Annotation,
}

/// A variable that lives in a register, as a value or as a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// The register holds the value.
    Local(Register),
    /// The register holds the cell.
    Cell(Register),
}

/// A named register.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: Name,
    pub(super) is_parameter: bool,
    pub(super) is_cell: bool,
    pub(super) is_free: bool,
    /// A variable of an inlined comprehension.
    pub(super) is_inlined: bool,
}

/// A comprehension being compiled into this unit.
pub(super) struct Inlined {
    pub(super) scope: ScopeId,
    /// The names that it binds.
    pub(super) variables: Vec<(Name, Variable)>,
}

/// What is to be done when an exception leaves an inlined comprehension.
pub(super) struct Unwinding {
    pub(super) handler: HandlerId,
    pub(super) outer: HandlerId,
    pub(super) caught: Register,
    pub(super) registers: Vec<Register>,
    /// What is bound when it is raised.
    pub(super) entry: BoundSet,
    pub(super) range: TextRange,
}

/// A code object in the making.
pub(super) struct Unit<'a> {
    pub(super) kind: UnitKind,
    pub(super) scope: ScopeId,
    pub(super) name: Name,
    pub(super) qualified_name: String,
    pub(super) first_line: u32,
    pub(super) flags: CodeFlags,
    pub(super) argument_count: u32,
    pub(super) positional_only_count: u32,
    pub(super) keyword_only_count: u32,
    pub(super) emit: Emitter,
    pub(super) named: Vec<Named>,
    pub(super) variables: HashMap<Name, Variable>,
    /// Registers of inlined comprehensions' variables that are not in use now, by name and whether they are cells.
    pub(super) idle_hidden: HashMap<(Name, bool), Vec<Register>>,
    pub(super) inlined: Vec<Inlined>,
    pub(super) unwinding: Vec<Unwinding>,
    pub(super) names: Pool<Box<str>>,
    /// Constants that 16-bit operands name: the docstring, code objects, keyword names.
    pub(super) narrow_constants: Pool<Constant>,
    /// Constants that are only loaded.
    pub(super) constants: Pool<Constant>,
    pub(super) blocks: Vec<Block<'a>>,
    /// Annotations to evaluate in `__annotate__`, with their index if conditional.
    pub(super) annotations: Vec<(&'a ast::StmtAnnAssign, Option<u32>)>,
    /// When each named register was first mentioned.
    pub(super) order: Vec<u32>,
    /// Where sequences are unpacked by assignments: indices of instructions.
    pub(super) unpacks: Vec<u32>,
    mentions: u32,
    top: u32,
    highest: u32,
}

/// Things in order of first use, without repetitions.
pub(super) struct Pool<T> {
    index: HashMap<T, u32>,
    pub(super) items: Vec<T>,
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    pub(super) fn new() -> Pool<T> {
        Pool { index: HashMap::new(), items: Vec::new() }
    }

    /// The item's number.
    pub(super) fn add(&mut self, item: T) -> u32 {
        if let Some(&at) = self.index.get(&item) {
            return at;
        }
        let at = self.items.len() as u32;
        self.index.insert(item.clone(), at);
        self.items.push(item);
        at
    }
}

impl<'a> Unit<'a> {
    pub(super) fn new(kind: UnitKind, scope: ScopeId, name: Name, qualified_name: String, first_line: u32) -> Unit<'a> {
        Unit {
            kind,
            scope,
            name,
            qualified_name,
            first_line,
            flags: CodeFlags::default(),
            argument_count: 0,
            positional_only_count: 0,
            keyword_only_count: 0,
            emit: Emitter::new(),
            named: Vec::new(),
            variables: HashMap::new(),
            idle_hidden: HashMap::new(),
            inlined: Vec::new(),
            unwinding: Vec::new(),
            names: Pool::new(),
            narrow_constants: Pool::new(),
            constants: Pool::new(),
            blocks: Vec::new(),
            annotations: Vec::new(),
            order: Vec::new(),
            unpacks: Vec::new(),
            mentions: 0,
            top: 0,
            highest: 0,
        }
    }

    /// Adds a named register.
    pub(super) fn add_named(&mut self, named: Named) -> Register {
        self.named.push(named);
        self.mentions += 1;
        self.order.push(self.mentions);
        (self.named.len() - 1).min(TEMPORARY as usize - 1) as Register
    }

    /// The number of the next named register.
    pub(super) fn named_count(&self) -> usize {
        self.named.len()
    }

    /// A variable counts as first mentioned here.
    pub(super) fn mention(&mut self, register: Register) {
        self.mentions += 1;
        self.order[register as usize] = self.mentions;
    }

    /// The stack of temporaries as it is.
    pub(super) fn mark(&self) -> u32 {
        self.top
    }

    /// Gives back the temporaries taken since `mark`.
    pub(super) fn release(&mut self, mark: u32) {
        debug_assert!(mark <= self.top);
        self.top = mark;
    }

    /// A new temporary.
    pub(super) fn temporary(&mut self) -> Register {
        self.temporaries(1)
    }

    /// The first of `count` new temporaries that follow each other.
    pub(super) fn temporaries(&mut self, count: u32) -> Register {
        let first = self.top;
        self.top = self.top.saturating_add(count);
        self.highest = self.highest.max(self.top);
        TEMPORARY + first.min(u32::from(TEMPORARY) - 1) as Register
    }

    /// Whether `register` is the last temporary taken.
    pub(super) fn is_top(&self, register: Register) -> bool {
        register >= TEMPORARY && u32::from(register - TEMPORARY) + 1 == self.top
    }

    /// How many temporaries were in use at most.
    pub(super) fn temporary_count(&self) -> u32 {
        self.highest
    }
}
