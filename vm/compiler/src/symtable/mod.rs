//! The symbol table: which scope every name of a syntax tree belongs to.
//!
//! The semantics are CPython 3.14's. A first walk enters blocks and records definitions and uses;
//! a second pass resolves every name from the module downwards and decides which comprehensions are
//! inlined (PEP 709). Scopes are owned by the table and named by [`ScopeId`]; a scope created for a
//! syntax node is found again by the node's range and the scope's role ([`SymbolTable::scope_of`]).
//!
//! Invariants: `scopes[0]` is the module; a child has a larger id than its parent; names are
//! mangled and NFKC-normalised; `children` are in the order in which CPython visits them.

mod analyze;
mod build;
mod check;
mod definition;
mod expression;
mod scope;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Index;

use ruff_text_size::TextRange;

use crate::syntax::{FutureFeatures, Module, SyntaxError};
pub use scope::{Scope, ScopeKind, Symbol, SymbolFlags, SymbolScope, mangle};

/// Names a scope of a [`SymbolTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// The module's scope.
    pub const MODULE: ScopeId = ScopeId(0);
}

/// What a scope is to the node it was made for.
///
/// One node may own several: a generic function has type parameters, annotations and a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeRole {
    /// The body of a function, lambda, class or comprehension; the value of a `type` statement.
    Body,
    /// The type parameters of a generic function, class or `type` statement (the statement's range).
    TypeParameters,
    /// The signature's annotations (the function's range). A module's or class's own annotations
    /// are found through [`Scope::annotations`] instead.
    Annotations,
    /// The bound or constraints of a type variable (the type parameter's range).
    Bound,
    /// The default of a type parameter (the type parameter's range).
    Default,
}

/// All scopes of one module.
#[derive(Debug)]
pub struct SymbolTable {
    scopes: Vec<Scope>,
    by_node: HashMap<(TextRange, ScopeRole), ScopeId>,
    /// The `__future__` features in force.
    pub future: FutureFeatures,
}

impl SymbolTable {
    /// Checks a parsed module as CPython does after parsing: `__future__` imports, the symbol table,
    /// and what code generation refuses. Warnings are added to the module's; what the code
    /// generator warns of is among them.
    pub fn check(module: &mut Module) -> Result<SymbolTable, SyntaxError> {
        check::check(module)
    }

    /// Builds the table alone.
    pub fn build(module: &Module) -> Result<SymbolTable, SyntaxError> {
        let (mut table, states) = build::Builder::new(module).run()?;
        analyze::analyze(&mut table, &states, &module.source)?;
        Ok(table)
    }

    /// The module's scope.
    pub fn module(&self) -> &Scope {
        &self[ScopeId::MODULE]
    }

    /// The scope made for a node.
    ///
    /// # Panics
    /// If the walk made none: the caller asks for a node that is not of this tree.
    pub fn scope_of(&self, range: TextRange, role: ScopeRole) -> ScopeId {
        self.by_node[&(range, role)]
    }

    /// The scope made for a node, if there is one (a signature without annotations has none).
    pub fn find_scope(&self, range: TextRange, role: ScopeRole) -> Option<ScopeId> {
        self.by_node.get(&(range, role)).copied()
    }

    /// The line on which a scope's node begins.
    pub fn line_of(&self, module: &Module, id: ScopeId) -> u32 {
        module.source.line_of(self[id].range.start())
    }

    /// All scopes with their names, parents before children.
    pub fn iter(&self) -> impl Iterator<Item = (ScopeId, &Scope)> {
        self.scopes.iter().enumerate().map(|(at, scope)| (ScopeId(at as u32), scope))
    }
}

impl Index<ScopeId> for SymbolTable {
    type Output = Scope;

    fn index(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }
}
