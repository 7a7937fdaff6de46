//! The second pass: resolves names from the module downwards and decides what is inlined.
//!
//! Each scope hands its children the set of names bound around them and the set of names declared
//! global around them, and gets back the names that are free in them. The sets are shared until
//! somebody changes them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use ruff_python_ast::name::Name;

use super::build::WalkState;
use super::scope::{Scope, ScopeKind, Symbol, SymbolFlags, SymbolScope};
use super::{ScopeId, SymbolTable};
use crate::syntax::error::SyntaxError;
use crate::syntax::{SourceText, guard_stack};

type Names = Rc<HashSet<Name>>;

/// Resolves every scope of the table.
pub(super) fn analyze(table: &mut SymbolTable, states: &[WalkState], source: &SourceText) -> Result<(), SyntaxError> {
    let mut analysis = Analysis { scopes: &mut table.scopes, states, source };
    let around = Around { bound: None, global: Names::default(), type_parameters: Names::default(), class: None };
    analysis.block(ScopeId::MODULE, around)?;
    Ok(())
}

struct Analysis<'a> {
    scopes: &'a mut Vec<Scope>,
    states: &'a [WalkState],
    source: &'a SourceText,
}

/// What a scope learns of the scopes around it.
#[derive(Clone)]
struct Around {
    /// Names bound in function-like scopes around; `None` in the module.
    bound: Option<Names>,
    /// Names declared global around.
    global: Names,
    /// Names that are type parameters around.
    type_parameters: Names,
    /// The class whose namespace this scope can look into.
    class: Option<ScopeId>,
}

/// What is found out about one scope while its names are resolved.
#[derive(Default)]
struct Found {
    local: HashSet<Name>,
    free: BTreeSet<Name>,
    scopes: HashMap<Name, SymbolScope>,
    inlined_cells: HashSet<Name>,
}

impl Analysis<'_> {
    fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }

    /// Resolves a scope and all inside it; gives back the names free in it.
    fn block(&mut self, id: ScopeId, around: Around) -> Result<BTreeSet<Name>, SyntaxError> {
        guard_stack(|| self.block_inner(id, around))
    }

    fn block_inner(&mut self, id: ScopeId, mut around: Around) -> Result<BTreeSet<Name>, SyntaxError> {
        let kind = self.scope(id).kind;
        let class_view = (kind == ScopeKind::Class).then(|| around.clone());
        let mut found = Found::default();
        for at in 0..self.scope(id).symbols.len() {
            self.name(id, at, &mut around, &mut found)?;
        }
        let for_children = match class_view {
            Some(mut view) => {
                let bound = Rc::make_mut(view.bound.get_or_insert_default());
                for name in ["__class__", "__classdict__", "__conditional_annotations__"] {
                    bound.insert(Name::new_static(name));
                }
                view.type_parameters = around.type_parameters.clone();
                view
            }
            None => {
                let mut view = around.clone();
                let bound = view.bound.get_or_insert_default();
                if kind.is_function_like() && !found.local.is_empty() {
                    Rc::make_mut(bound).extend(found.local.iter().cloned());
                }
                view
            }
        };
        let child_free = self.children(id, for_children, &mut found)?;
        let mut unresolved = child_free;
        if kind.is_function_like() {
            capture_cells(&mut found, &mut unresolved);
        } else if kind == ScopeKind::Class {
            self.drop_class_free(id, &mut unresolved);
        }
        self.record(id, &found, &unresolved, around.bound.as_deref());
        found.free.append(&mut unresolved);
        Ok(found.free)
    }

    /// Analyses the children in order and collects what is free in them.
    fn children(&mut self, id: ScopeId, view: Around, found: &mut Found) -> Result<BTreeSet<Name>, SyntaxError> {
        let mut all_free = BTreeSet::new();
        let children = self.scope(id).children.clone();
        for &child in &children {
            let mut view = view.clone();
            view.class = if !self.scope(child).can_see_class_scope {
                None
            } else if self.scope(id).kind == ScopeKind::Class {
                Some(id)
            } else {
                view.class
            };
            let inlined = self.scope(child).kind.is_comprehension()
                && !self.scope(child).is_generator
                && !self.scope(id).can_see_class_scope;
            let mut child_free = self.block(child, view)?;
            if inlined {
                self.inline(id, child, found, &mut child_free);
                self.scope_mut(child).inlined = true;
            }
            all_free.append(&mut child_free);
            if self.scope(child).has_free || self.scope(child).child_has_free {
                self.scope_mut(id).child_has_free = true;
            }
        }
        let spliced = children.iter().flat_map(|&child| match self.scope(child).inlined {
            true => self.scope(child).children.clone(),
            false => vec![child],
        });
        let spliced = spliced.collect();
        self.scope_mut(id).children = spliced;
        Ok(all_free)
    }

    /// Resolves one name of a scope by what is known around it.
    fn name(&mut self, id: ScopeId, at: usize, around: &mut Around, found: &mut Found) -> Result<(), SyntaxError> {
        let Symbol { name, flags, .. } = self.scope(id).symbols[at].clone();
        let scope = self.resolve(id, &name, flags, around, found)?;
        found.scopes.insert(name, scope);
        Ok(())
    }

    fn resolve(
        &mut self,
        id: ScopeId,
        name: &Name,
        flags: SymbolFlags,
        around: &mut Around,
        found: &mut Found,
    ) -> Result<SymbolScope, SyntaxError> {
        if flags.has(SymbolFlags::GLOBAL) {
            if flags.has(SymbolFlags::NONLOCAL) {
                return Err(self.directive_error(id, name, format!("name '{name}' is nonlocal and global")));
            }
            insert(&mut around.global, name);
            if let Some(bound) = &mut around.bound {
                discard(bound, name);
            }
            return Ok(SymbolScope::GlobalExplicit);
        }
        if flags.has(SymbolFlags::NONLOCAL) {
            let problem = match &around.bound {
                None => Some("nonlocal declaration not allowed at module level".to_string()),
                Some(bound) if !bound.contains(name) => Some(format!("no binding for nonlocal '{name}' found")),
                _ if around.type_parameters.contains(name) => {
                    Some(format!("nonlocal binding not allowed for type parameter '{name}'"))
                }
                _ => None,
            };
            if let Some(message) = problem {
                return Err(self.directive_error(id, name, message));
            }
            return Ok(self.free(id, name, found));
        }
        if flags.has(SymbolFlags::BOUND) {
            found.local.insert(name.clone());
            discard(&mut around.global, name);
            if flags.has(SymbolFlags::TYPE_PARAMETER) {
                insert(&mut around.type_parameters, name);
            } else {
                discard(&mut around.type_parameters, name);
            }
            return Ok(SymbolScope::Local);
        }
        Ok(self.resolve_use(id, name, around, found))
    }

    /// Resolves a name that the scope only reads.
    fn resolve_use(&mut self, id: ScopeId, name: &Name, around: &Around, found: &mut Found) -> SymbolScope {
        if let Some(symbol) = around.class.and_then(|class| self.scope(class).symbol(name)) {
            // Bound in the class and perhaps also around it: at run time the class's namespace is
            // tried, then the globals, never what is around the class.
            if symbol.flags.has(SymbolFlags::GLOBAL) {
                return SymbolScope::GlobalExplicit;
            }
            if symbol.flags.has(SymbolFlags::BOUND) && !symbol.flags.has(SymbolFlags::NONLOCAL) {
                return SymbolScope::GlobalImplicit;
            }
        }
        if around.bound.as_ref().is_some_and(|bound| bound.contains(name)) {
            return self.free(id, name, found);
        }
        SymbolScope::GlobalImplicit
    }

    fn free(&mut self, id: ScopeId, name: &Name, found: &mut Found) -> SymbolScope {
        found.free.insert(name.clone());
        self.scope_mut(id).has_free = true;
        SymbolScope::Free
    }

    /// An error at the `global` or `nonlocal` statement that named a name.
    fn directive_error(&self, id: ScopeId, name: &Name, message: String) -> SyntaxError {
        let directives = &self.states[id.0 as usize].directives;
        let range = directives.iter().find(|(declared, _)| declared == name).map(|found| found.1);
        SyntaxError::in_compiler(self.source, range.unwrap_or(self.scope(id).range), message)
    }

    /// Merges a comprehension's names into the scope that it is compiled into (PEP 709).
    fn inline(&mut self, id: ScopeId, child: ScopeId, found: &mut Found, child_free: &mut BTreeSet<Name>) {
        let in_class = self.scope(id).kind == ScopeKind::Class;
        let mut dropped = Vec::new();
        for at in 0..self.scope(child).symbols.len() {
            let Symbol { name, flags, mut scope } = self.scope(child).symbols[at].clone();
            if flags.has(SymbolFlags::PARAMETER) {
                continue;
            }
            if scope == SymbolScope::Cell || flags.has(SymbolFlags::COMPREHENSION_CELL) {
                found.inlined_cells.insert(name.clone());
            }
            let implicit = ["__class__", "__classdict__", "__conditional_annotations__"];
            if scope == SymbolScope::Free && in_class && implicit.contains(&name.as_str()) {
                // A class body cannot see its own implicit cells.
                scope = SymbolScope::GlobalImplicit;
                // What a function inside the comprehension sees is the class's cell all the same.
                if !self.is_free_in_any_child(child, &name) {
                    child_free.remove(&name);
                }
                if name == "__class__" {
                    dropped.push(name.clone());
                }
            }
            match self.scope(id).symbol(&name).map(|symbol| symbol.flags) {
                None => {
                    self.scope_mut(id).add(name.clone(), flags);
                    found.scopes.insert(name, scope);
                }
                Some(existing) => {
                    let local_here = existing.has(SymbolFlags::BOUND) && !in_class;
                    if local_here && !self.is_free_in_any_child(child, &name) {
                        child_free.remove(&name);
                    }
                    if flags.has(SymbolFlags::USE) && scope == SymbolScope::Free {
                        self.scope_mut(id).add(name, SymbolFlags::USE);
                    }
                }
            }
        }
        for name in dropped {
            let comprehension = self.scope_mut(child);
            if let Some(&at) = comprehension.index.get(&name) {
                comprehension.symbols[at as usize].scope = SymbolScope::GlobalImplicit;
            }
        }
    }

    fn is_free_in_any_child(&self, id: ScopeId, name: &Name) -> bool {
        self.scope(id).children.iter().any(|&child| self.scope(child).scope_of_name(name) == Some(SymbolScope::Free))
    }

    /// The implicit cells of a class satisfy what its methods left open.
    fn drop_class_free(&mut self, id: ScopeId, free: &mut BTreeSet<Name>) {
        let scope = self.scope_mut(id);
        scope.needs_class_closure |= free.remove("__class__");
        scope.needs_classdict |= free.remove("__classdict__");
        scope.has_conditional_annotations |= free.remove("__conditional_annotations__");
    }

    /// Writes the results into the scope, and passes on what is free inside it.
    fn record(&mut self, id: ScopeId, found: &Found, unresolved: &BTreeSet<Name>, bound: Option<&HashSet<Name>>) {
        let scope = self.scope_mut(id);
        let class_like = scope.kind == ScopeKind::Class || scope.can_see_class_scope;
        for symbol in &mut scope.symbols {
            if found.inlined_cells.contains(&symbol.name) {
                symbol.flags.insert(SymbolFlags::COMPREHENSION_CELL);
            }
            if let Some(&resolved) = found.scopes.get(&symbol.name) {
                symbol.scope = resolved;
            }
        }
        for name in unresolved {
            match scope.index.get(name) {
                Some(&at) => {
                    if class_like {
                        scope.symbols[at as usize].flags.insert(SymbolFlags::FREE_CLASS);
                    }
                }
                None => {
                    if bound.is_some_and(|bound| !bound.contains(name)) {
                        continue;
                    }
                    scope.index.insert(name.clone(), scope.symbols.len() as u32);
                    scope.symbols.push(Symbol {
                        name: name.clone(),
                        flags: SymbolFlags::default(),
                        scope: SymbolScope::Free,
                    });
                }
            }
        }
    }
}

/// Locals that something inside captures become cells.
fn capture_cells(found: &mut Found, free: &mut BTreeSet<Name>) {
    for (name, scope) in &mut found.scopes {
        if *scope != SymbolScope::Local {
            continue;
        }
        let captured = free.remove(name);
        if captured || found.inlined_cells.contains(name) {
            *scope = SymbolScope::Cell;
        }
    }
}

fn insert(names: &mut Names, name: &Name) {
    if !names.contains(name) {
        Rc::make_mut(names).insert(name.clone());
    }
}

fn discard(names: &mut Names, name: &Name) {
    if names.contains(name) {
        Rc::make_mut(names).remove(name);
    }
}
