//! Imports.

use std::sync::Arc;

use ruff_python_ast::{self as ast, Identifier, name::Name};

use super::Compiler;
use super::emit::Register;
use crate::bytecode::{Constant, Op};

impl<'a> Compiler<'a> {
    pub(super) fn import_statement(&mut self, node: &'a ast::StmtImport) {
        let range = node.range;
        for alias in &node.names {
            let mark = self.unit.mark();
            let base = self.unit.temporaries(2);
            self.load_constant(Constant::None, base, range);
            self.load_constant(Constant::Int(0), base.saturating_add(1), range);
            let path = alias.name.as_str();
            let name = self.plain_name_index(path);
            self.emit(Op::ImportName { dst: base, name, base }, range);
            match &alias.asname {
                Some(target) => self.import_as(path, target, base, node),
                None => {
                    let first = path.split('.').next().unwrap_or(path);
                    self.store_name(&Name::new(first), base, range);
                }
            }
            self.unit.release(mark);
        }
    }

    /// `import a.b.c as target`: walks down from `a`.
    fn import_as(&mut self, path: &str, target: &'a Identifier, module: Register, node: &'a ast::StmtImport) {
        let range = node.range;
        for part in path.split('.').skip(1) {
            let name = self.plain_name_index(part);
            self.emit(Op::ImportFrom { dst: module, module, name }, range);
        }
        self.store_name(&target.id, module, range);
    }

    pub(super) fn import_from_statement(&mut self, node: &'a ast::StmtImportFrom) {
        let range = node.range;
        let base = self.unit.temporaries(2);
        let names: Arc<[Constant]> = node.names.iter().map(|alias| Constant::string(alias.name.as_str())).collect();
        self.load_constant(Constant::Tuple(names), base, range);
        self.load_constant(Constant::Int(i64::from(node.level)), base.saturating_add(1), range);
        let name = self.plain_name_index(node.module.as_ref().map_or("", Identifier::as_str));
        self.emit(Op::ImportName { dst: base, name, base }, range);
        for alias in &node.names {
            if alias.name.as_str() == "*" {
                self.emit(Op::ImportStar { module: base }, range);
                return;
            }
            let value = base.saturating_add(1);
            let name = self.plain_name_index(alias.name.as_str());
            self.emit(Op::ImportFrom { dst: value, module: base, name }, range);
            let target = alias.asname.as_ref().unwrap_or(&alias.name);
            self.store_name(&target.id, value, range);
        }
    }
}
