//! What CPython's code generator refuses, and what it warns of.
//!
//! CPython finds these while it generates code, after the symbol table is complete; so this walk runs
//! after [`SymbolTable::build`], in the order in which CPython compiles. The tree is not changed.

mod doubt;
mod finally;
mod pattern;
mod place;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{ScopeId, ScopeKind, ScopeRole, SymbolTable};
use crate::syntax::error::{SyntaxError, SyntaxWarning};
use crate::syntax::{Module, ModuleBody, SourceText, future, guard_stack};

/// How many loops, `with`s and `try`s may be nested in one code object.
const MAX_BLOCKS: usize = 21;

/// Checks a parsed module as CPython does between parsing and code: `__future__` imports, then the
/// symbol table, then all that code generation would refuse. Warnings are added to the module's.
pub(super) fn check(module: &mut Module) -> Result<SymbolTable, SyntaxError> {
    let mut head = 0;
    if let ModuleBody::Statements(tree) = &module.body {
        let (features, statements) = future::features(&tree.body, &module.source, module.future)?;
        head = statements;
        module.future = features;
        let warnings = finally::warnings(&tree.body, &module.source);
        module.warnings.extend(warnings);
    }
    let table = SymbolTable::build(module)?;
    let mut checker = Checker::new(module, &table, head);
    checker.run(&module.body);
    let Checker { error, warnings, .. } = checker;
    module.warnings.extend(warnings);
    match error {
        Some(error) => Err(*error),
        None => Ok(table),
    }
}

/// What `break`, `continue` and `return` may have to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Loop,
    ExceptStar,
    Other,
}

/// A code object that is being checked.
struct Unit {
    scope: ScopeId,
    blocks: Vec<Block>,
}

/// The walk.
struct Checker<'a> {
    source: &'a SourceText,
    table: &'a SymbolTable,
    allow_top_level_await: bool,
    units: Vec<Unit>,
    /// The statements at the head of the module, where `__future__` imports may stand.
    head: TextRange,
    error: Option<Box<SyntaxError>>,
    warnings: Vec<SyntaxWarning>,
}

impl<'a> Checker<'a> {
    fn new(module: &'a Module, table: &'a SymbolTable, head: usize) -> Checker<'a> {
        let head_range = match &module.body {
            ModuleBody::Statements(tree) if head > 0 => TextRange::new(0.into(), tree.body[head - 1].end()),
            _ => TextRange::default(),
        };
        Checker {
            source: &module.source,
            table,
            allow_top_level_await: module.allow_top_level_await,
            units: vec![Unit { scope: ScopeId::MODULE, blocks: Vec::new() }],
            head: head_range,
            error: None,
            warnings: Vec::new(),
        }
    }

    fn run(&mut self, body: &'a ModuleBody) {
        match body {
            ModuleBody::Statements(tree) => self.visit_body(&tree.body),
            ModuleBody::Expression(tree) => self.visit_expr(&tree.body),
            ModuleBody::FunctionType { .. } => {}
        }
    }

    fn fail(&mut self, range: TextRange, message: impl Into<String>) {
        if self.error.is_none() {
            let error = SyntaxError::in_compiler(self.source, range, message);
            self.error = Some(Box::new(error));
        }
    }

    fn warn(&mut self, range: TextRange, message: impl Into<String>) {
        let message = message.into();
        self.warnings.push(SyntaxWarning {
            line: self.source.line_of(range.start()),
            error: SyntaxError::in_compiler(self.source, range, message.clone()),
            message,
        });
    }

    fn unit(&mut self) -> &mut Unit {
        self.units.last_mut().expect("the module's unit is never left")
    }

    /// The kind of the code object, not of an inlined comprehension.
    fn unit_kind(&self) -> ScopeKind {
        self.units.last().map_or(ScopeKind::Module, |unit| self.table[unit.scope].kind)
    }

    /// Walks the inside of a scope of its own.
    fn in_unit(&mut self, scope: Option<ScopeId>, walk: impl FnOnce(&mut Self)) {
        let Some(scope) = scope else {
            return walk(self);
        };
        self.units.push(Unit { scope, blocks: Vec::new() });
        walk(self);
        self.units.pop();
    }

    /// Walks the inside of a loop, `with` or `try`.
    fn in_block(&mut self, block: Block, range: TextRange, walk: impl FnOnce(&mut Self)) {
        if self.unit().blocks.len() >= MAX_BLOCKS {
            return self.fail(range, "too many statically nested blocks");
        }
        self.unit().blocks.push(block);
        walk(self);
        self.unit().blocks.pop();
    }

    fn function(&mut self, node: &'a ast::StmtFunctionDef) {
        for decorator in &node.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        for default in node.parameters.iter_non_variadic_params().filter_map(|p| p.default()) {
            self.visit_expr(default);
        }
        let generic = self.table.find_scope(node.range, ScopeRole::TypeParameters);
        self.in_unit(generic, |walk| {
            if let Some(parameters) = &node.type_params {
                walk.visit_type_params(parameters);
            }
            let annotations = walk.table.find_scope(node.range, ScopeRole::Annotations);
            walk.in_unit(annotations, |walk| walk.signature(node));
            let body = walk.table.find_scope(node.range, ScopeRole::Body);
            walk.in_unit(body, |walk| walk.visit_body(&node.body));
        });
    }

    fn signature(&mut self, node: &'a ast::StmtFunctionDef) {
        for parameter in node.parameters.iter() {
            match parameter.annotation() {
                // `*args: *Ts` unpacks.
                Some(Expr::Starred(starred)) => self.visit_expr(&starred.value),
                Some(annotation) => self.visit_expr(annotation),
                None => {}
            }
        }
        if let Some(returns) = &node.returns {
            self.visit_expr(returns);
        }
    }

    fn class(&mut self, node: &'a ast::StmtClassDef) {
        for decorator in &node.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        let generic = self.table.find_scope(node.range, ScopeRole::TypeParameters);
        self.in_unit(generic, |walk| {
            if let Some(parameters) = &node.type_params {
                walk.visit_type_params(parameters);
            }
            let body = walk.table.find_scope(node.range, ScopeRole::Body);
            walk.in_unit(body, |walk| walk.visit_body(&node.body));
            if let Some(arguments) = &node.arguments {
                walk.call_arguments(arguments);
            }
        });
    }

    fn call_arguments(&mut self, arguments: &'a ast::Arguments) {
        self.repeated_keywords(arguments);
        for argument in &arguments.args {
            self.element(argument);
        }
        for keyword in &arguments.keywords {
            self.visit_expr(&keyword.value);
        }
    }

    fn repeated_keywords(&mut self, arguments: &ast::Arguments) {
        let mut seen = std::collections::HashSet::new();
        let mut repeated = Vec::new();
        for keyword in &arguments.keywords {
            if let Some(name) = &keyword.arg
                && !seen.insert(name.as_str())
            {
                repeated.push((name.as_str(), keyword.range));
            }
        }
        // The first name that is repeated counts, not the first repetition.
        let first = arguments.keywords.iter().find_map(|keyword| {
            let name = keyword.arg.as_ref()?.as_str();
            repeated.iter().find(|(repeated, _)| *repeated == name)
        });
        if let Some(&(name, range)) = first {
            self.fail(range, format!("keyword argument repeated: {name}"));
        }
    }

    /// An element of a display or a positional argument: it may be starred.
    fn element(&mut self, element: &'a Expr) {
        match element {
            Expr::Starred(starred) => self.visit_expr(&starred.value),
            _ => self.visit_expr(element),
        }
    }

    fn for_loop(&mut self, node: &'a ast::StmtFor) {
        if node.is_async {
            self.require_async("async for", node.range);
        }
        self.visit_expr(&node.iter);
        self.in_block(Block::Loop, node.range, |walk| {
            walk.visit_expr(&node.target);
            walk.visit_body(&node.body);
        });
        self.visit_body(&node.orelse);
    }

    fn with_items(&mut self, node: &'a ast::StmtWith, items: &'a [ast::WithItem]) {
        let Some((item, rest)) = items.split_first() else {
            return self.visit_body(&node.body);
        };
        if node.is_async {
            self.require_async("async with", node.range);
        }
        self.visit_expr(&item.context_expr);
        self.in_block(Block::Other, item.context_expr.range(), |walk| {
            if let Some(target) = &item.optional_vars {
                walk.visit_expr(target);
            }
            guard_stack(|| walk.with_items(node, rest));
        });
    }

    fn try_statement(&mut self, node: &'a ast::StmtTry) {
        if node.finalbody.is_empty() {
            return self.try_handlers(node);
        }
        self.in_block(Block::Other, node.range, |walk| walk.try_handlers(node));
        self.visit_body(&node.finalbody);
    }

    fn try_handlers(&mut self, node: &'a ast::StmtTry) {
        if node.handlers.is_empty() {
            self.visit_body(&node.body);
            return self.visit_body(&node.orelse);
        }
        self.in_block(Block::Other, node.range, |walk| walk.visit_body(&node.body));
        self.visit_body(&node.orelse);
        let outer = if node.is_star { Block::ExceptStar } else { Block::Other };
        self.in_block(outer, node.range, |walk| {
            for (at, handler) in node.handlers.iter().enumerate() {
                let ast::ExceptHandler::ExceptHandler(handler) = handler;
                match &handler.type_ {
                    None if at + 1 < node.handlers.len() => {
                        walk.fail(handler.range, "default 'except:' must be last");
                    }
                    None => {}
                    Some(kind) => walk.visit_expr(kind),
                }
                walk.in_block(Block::Other, handler.range, |walk| walk.visit_body(&handler.body));
            }
        });
    }

    fn import_from(&mut self, node: &ast::StmtImportFrom) {
        if future::is_future_import(node) && !self.head.contains_range(node.range) {
            let message = "from __future__ imports must occur at the beginning of the file";
            self.fail(node.range, message);
        }
    }

    fn annotated_assignment(&mut self, node: &'a ast::StmtAnnAssign) {
        if let Some(value) = &node.value {
            self.visit_expr(value);
        }
        self.visit_expr(&node.target);
        // Annotations of a block are compiled after it; what they forbid the table has found.
        self.visit_expr(&node.annotation);
    }

    fn assert(&mut self, node: &'a ast::StmtAssert) {
        if let Expr::Tuple(test) = &*node.test
            && !test.elts.is_empty()
        {
            let message = "assertion is always true, perhaps remove parentheses?";
            self.warn(node.range, message);
        }
        self.visit_expr(&node.test);
        if let Some(message) = &node.msg {
            self.visit_expr(message);
        }
    }
}

impl<'a> Visitor<'a> for Checker<'a> {
    fn visit_body(&mut self, body: &'a [Stmt]) {
        body.iter().for_each(|statement| self.visit_stmt(statement));
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.error.is_some() {
            return;
        }
        guard_stack(|| match statement {
            Stmt::FunctionDef(node) => self.function(node),
            Stmt::ClassDef(node) => self.class(node),
            Stmt::TypeAlias(node) => {
                let generic = self.table.find_scope(node.range, ScopeRole::TypeParameters);
                self.in_unit(generic, |walk| {
                    if let Some(parameters) = &node.type_params {
                        walk.visit_type_params(parameters);
                    }
                    let body = walk.table.find_scope(node.range, ScopeRole::Body);
                    walk.in_unit(body, |walk| walk.visit_expr(&node.value));
                });
            }
            Stmt::Return(node) => self.return_statement(node),
            Stmt::Break(node) => self.leave_loop(node.range, "'break' outside loop"),
            Stmt::Continue(node) => self.leave_loop(node.range, "'continue' not properly in loop"),
            Stmt::For(node) => self.for_loop(node),
            Stmt::While(node) => {
                self.in_block(Block::Loop, node.range, |walk| {
                    walk.visit_expr(&node.test);
                    walk.visit_body(&node.body);
                });
                self.visit_body(&node.orelse);
            }
            Stmt::With(node) => self.with_items(node, &node.items),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::AnnAssign(node) => self.annotated_assignment(node),
            Stmt::Assert(node) => self.assert(node),
            Stmt::Match(node) => self.match_statement(node),
            _ => visitor::walk_stmt(self, statement),
        });
    }

    fn visit_type_params(&mut self, parameters: &'a ast::TypeParams) {
        let mut seen_default = false;
        for parameter in &parameters.type_params {
            if parameter.default().is_some() {
                seen_default = true;
            } else if seen_default {
                let name = parameter.name();
                let message = format!("non-default type parameter '{name}' follows default type parameter");
                self.fail(parameter.range(), message);
            }
            let range = parameter.range();
            if let ast::TypeParam::TypeVar(variable) = parameter
                && let Some(bound) = &variable.bound
            {
                let scope = self.table.find_scope(range, ScopeRole::Bound);
                self.in_unit(scope, |walk| walk.visit_expr(bound));
            }
            if let Some(default) = parameter.default() {
                let scope = self.table.find_scope(range, ScopeRole::Default);
                self.in_unit(scope, |walk| match parameter {
                    ast::TypeParam::TypeVarTuple(_) => walk.element(default),
                    _ => walk.visit_expr(default),
                });
            }
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.error.is_some() {
            return;
        }
        guard_stack(|| match expression {
            Expr::Lambda(node) => {
                let parameters = node.parameters.iter();
                let defaults = parameters.flat_map(|list| list.iter_non_variadic_params());
                for default in defaults.filter_map(|parameter| parameter.default()) {
                    self.visit_expr(default);
                }
                let scope = self.table.find_scope(node.range, ScopeRole::Body);
                self.in_unit(scope, |walk| walk.visit_expr(&node.body));
            }
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(expression);
            }
            Expr::Yield(node) => {
                self.check_yield(node.range, "yield");
                visitor::walk_expr(self, expression);
            }
            Expr::YieldFrom(node) => {
                self.check_yield(node.range, "yield from");
                visitor::walk_expr(self, expression);
            }
            Expr::Starred(node) => {
                let message = match node.ctx {
                    ExprContext::Store => "starred assignment target must be in a list or tuple",
                    _ => "can't use starred expression here",
                };
                self.fail(node.range, message);
            }
            Expr::List(node) => self.display(&node.elts, node.ctx, node.range),
            Expr::Tuple(node) => self.display(&node.elts, node.ctx, node.range),
            Expr::Set(node) => node.elts.iter().for_each(|element| self.element(element)),
            Expr::Call(node) => {
                self.repeated_keywords(&node.arguments);
                self.check_caller(&node.func);
                self.visit_expr(&node.func);
                self.call_arguments(&node.arguments);
            }
            Expr::Subscript(node) => {
                if node.ctx == ExprContext::Load {
                    self.check_subscript(node);
                }
                visitor::walk_expr(self, expression);
            }
            Expr::Compare(node) => {
                self.check_identity(node);
                visitor::walk_expr(self, expression);
            }
            _ => visitor::walk_expr(self, expression),
        });
    }
}
