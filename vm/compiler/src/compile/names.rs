//! Names: where each lives, and how it is loaded, stored and deleted.

use ruff_python_ast::name::Name;
use ruff_text_size::TextRange;

use super::Compiler;
use super::emit::Register;
use super::unit::{Named, UnitKind, Variable};
use crate::bytecode::Op;
use crate::symtable::SymbolScope;

/// How a name is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// A register of its own, as a value or as a cell.
    Variable(Variable),
    /// The module's globals, then the builtins.
    Global,
    /// The namespace mapping of a module or class body, then globals, then builtins.
    Namespace,
    /// In a class body: the namespace, else the cell of an enclosing function.
    NamespaceOrCell(Register),
    /// In an annotation scope of a class: the class's namespace (in this `__classdict__` cell), else globals.
    ClassOrGlobal(Register),
    /// In an annotation scope of a class: the class's namespace, else the second cell.
    ClassOrCell(Register, Register),
}

impl<'a> Compiler<'a> {
    /// The name as the symbol table knows it.
    pub(super) fn mangle(&self, name: &Name) -> Name {
        match self.table[self.unit.scope].mangled(name.as_str()) {
            std::borrow::Cow::Borrowed(_) => name.clone(),
            std::borrow::Cow::Owned(mangled) => Name::new(mangled),
        }
    }

    /// The index of a name that is not mangled (or is already).
    pub(super) fn plain_name_index(&mut self, name: &str) -> u16 {
        self.unit.names.add(name.into()).min(u32::from(u16::MAX)) as u16
    }

    /// The index of a name in `co_names`.
    pub(super) fn name_index(&mut self, name: &Name) -> u16 {
        let mangled = self.mangle(name);
        self.plain_name_index(mangled.as_str())
    }

    /// The variable of a mangled name, if it lives in a register of this unit.
    pub(super) fn access_variable(&mut self, name: &Name) -> Option<Variable> {
        match self.access(name) {
            Access::Variable(variable) => Some(variable),
            _ => None,
        }
    }

    /// Where a mangled name lives.
    pub(super) fn access(&mut self, name: &Name) -> Access {
        for inlined in self.unit.inlined.iter().rev() {
            if let Some((_, variable)) = inlined.variables.iter().find(|(known, _)| known == name) {
                return Access::Variable(*variable);
            }
            match self.table[inlined.scope].scope_of_name(name) {
                Some(SymbolScope::GlobalExplicit) => return Access::Global,
                Some(SymbolScope::GlobalImplicit) => return self.implicit_global(name),
                // From around the class, whatever the class itself binds under the name.
                Some(SymbolScope::Free) if self.unit.kind == UnitKind::Class => {
                    if let Some(&variable @ Variable::Cell(_)) = self.unit.variables.get(name) {
                        return Access::Variable(variable);
                    }
                }
                _ => {}
            }
        }
        let is_function = matches!(self.unit.kind, UnitKind::Function | UnitKind::Annotation);
        let is_class = self.unit.kind == UnitKind::Class;
        match self.table[self.unit.scope].scope_of_name(name) {
            Some(SymbolScope::GlobalExplicit) => Access::Global,
            Some(SymbolScope::Local) if is_function => Access::Variable(Variable::Local(self.local_register(name))),
            Some(SymbolScope::Local) => Access::Namespace,
            Some(SymbolScope::Cell) => self.unit_variable(name),
            Some(SymbolScope::Free) if is_class && self.unit.inlined.is_empty() => {
                match self.unit.variables.get(name) {
                    Some(&Variable::Cell(register)) => Access::NamespaceOrCell(register),
                    _ => Access::Namespace,
                }
            }
            Some(SymbolScope::Free) => match (self.classdict_cell(name), self.unit.variables.get(name)) {
                (Some(classdict), Some(&Variable::Cell(cell))) => Access::ClassOrCell(classdict, cell),
                _ => self.unit_variable(name),
            },
            Some(SymbolScope::GlobalImplicit) | None => self.implicit_global(name),
        }
    }

    fn implicit_global(&self, name: &Name) -> Access {
        match self.unit.kind {
            UnitKind::Module => Access::Namespace,
            UnitKind::Class if self.unit.inlined.is_empty() => Access::Namespace,
            UnitKind::Class => Access::Global,
            UnitKind::Function | UnitKind::Annotation => match self.classdict_cell(name) {
                Some(cell) => Access::ClassOrGlobal(cell),
                None => Access::Global,
            },
        }
    }

    /// The `__classdict__` cell, if names of this unit are tried in it first.
    fn classdict_cell(&self, name: &Name) -> Option<Register> {
        if !self.table[self.unit.scope].can_see_class_scope || name == "__classdict__" {
            return None;
        }
        match self.unit.variables.get("__classdict__") {
            Some(&Variable::Cell(register)) => Some(register),
            _ => None,
        }
    }

    fn unit_variable(&self, name: &Name) -> Access {
        match self.unit.variables.get(name) {
            Some(&variable) => Access::Variable(variable),
            None => Access::Global,
        }
    }

    /// The register of a local of this unit, given out on first mention.
    pub(super) fn local_register(&mut self, name: &Name) -> Register {
        if let Some(&(Variable::Local(register) | Variable::Cell(register))) = self.unit.variables.get(name) {
            return register;
        }
        let register = self.unit.add_named(Named {
            name: name.clone(),
            is_parameter: false,
            is_cell: false,
            is_free: false,
            is_inlined: false,
        });
        self.unit.variables.insert(name.clone(), Variable::Local(register));
        register
    }

    /// The register of a local variable that is read without a copy, checked to be bound.
    pub(super) fn bound_local(&mut self, name: &Name, range: TextRange) -> Option<Register> {
        let mangled = self.mangle(name);
        let Access::Variable(Variable::Local(register)) = self.access(&mangled) else {
            return None;
        };
        self.check_bound(register, range);
        Some(register)
    }

    /// Makes sure that a local is bound.
    pub(super) fn check_bound(&mut self, register: Register, range: TextRange) {
        if !self.unit.emit.is_bound(register) {
            self.emit(Op::CheckBound { src: register }, range);
            self.unit.emit.bind(register);
        }
    }

    /// Loads a name into `dst`.
    pub(super) fn load_name(&mut self, name: &Name, dst: Register, range: TextRange) {
        let mangled = self.mangle(name);
        match self.access(&mangled) {
            Access::Variable(Variable::Local(register)) => {
                self.check_bound(register, range);
                self.move_register(dst, register, range);
            }
            Access::Variable(Variable::Cell(cell)) => self.emit(Op::LoadDeref { dst, cell }, range),
            Access::Global => {
                let name = self.plain_name_index(&mangled);
                self.emit(Op::LoadGlobal { dst, name }, range);
            }
            Access::Namespace => {
                let name = self.plain_name_index(&mangled);
                self.emit(Op::LoadName { dst, name }, range);
            }
            Access::NamespaceOrCell(cell) => self.with_temporary(|this, mapping| {
                this.emit(Op::LoadLocals { dst: mapping }, range);
                this.emit(Op::LoadFromDictOrDeref { dst, mapping, cell }, range);
            }),
            Access::ClassOrGlobal(classdict) => self.with_temporary(|this, mapping| {
                let name = this.plain_name_index(&mangled);
                this.emit(Op::LoadDeref { dst: mapping, cell: classdict }, range);
                this.emit(Op::LoadFromDictOrGlobals { dst, mapping, name }, range);
            }),
            Access::ClassOrCell(classdict, cell) => self.with_temporary(|this, mapping| {
                this.emit(Op::LoadDeref { dst: mapping, cell: classdict }, range);
                this.emit(Op::LoadFromDictOrDeref { dst, mapping, cell }, range);
            }),
        }
    }

    /// Stores a register under a name.
    pub(super) fn store_name(&mut self, name: &Name, src: Register, range: TextRange) {
        let mangled = self.mangle(name);
        match self.access(&mangled) {
            Access::Variable(Variable::Local(register)) => {
                self.move_register(register, src, range);
                self.unit.emit.bind(register);
            }
            Access::Variable(Variable::Cell(cell)) | Access::NamespaceOrCell(cell) | Access::ClassOrCell(_, cell) => {
                self.emit(Op::StoreDeref { cell, src }, range)
            }
            Access::Global | Access::ClassOrGlobal(_) => {
                let name = self.plain_name_index(&mangled);
                self.emit(Op::StoreGlobal { src, name }, range);
            }
            Access::Namespace => {
                let name = self.plain_name_index(&mangled);
                self.emit(Op::StoreName { src, name }, range);
            }
        }
    }

    /// Deletes a name.
    pub(super) fn delete_name(&mut self, name: &Name, range: TextRange) {
        let mangled = self.mangle(name);
        match self.access(&mangled) {
            Access::Variable(Variable::Local(register)) => {
                self.emit(Op::DeleteLocal { src: register }, range);
                self.unit.emit.unbind(register);
            }
            Access::Variable(Variable::Cell(cell)) | Access::NamespaceOrCell(cell) | Access::ClassOrCell(_, cell) => {
                self.emit(Op::DeleteDeref { cell }, range)
            }
            Access::Global | Access::ClassOrGlobal(_) => {
                let name = self.plain_name_index(&mangled);
                self.emit(Op::DeleteGlobal { name }, range);
            }
            Access::Namespace => {
                let name = self.plain_name_index(&mangled);
                self.emit(Op::DeleteName { name }, range);
            }
        }
    }
}
