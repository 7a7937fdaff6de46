//! The first walk: enters scopes and records what happens to each name, in CPython's order.
//!
//! Here: the builder's state, definitions, and statements. Expressions are in `expression.rs`,
//! what is peculiar to generics and annotations in `annotation.rs`.

use std::collections::{HashMap, HashSet};

use ruff_python_ast as ast;
use ruff_python_ast::name::Name;
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::scope::{Scope, ScopeKind, Symbol, SymbolFlags, SymbolScope, mangle};
use super::{ScopeId, ScopeRole, SymbolTable};
use crate::syntax::error::SyntaxError;
use crate::syntax::{Module, ModuleBody, guard_stack};

pub(super) type Walk = Result<(), SyntaxError>;

/// State of the first walk.
pub(super) struct Builder<'a> {
    pub(super) module: &'a Module,
    pub(super) scopes: Vec<Scope>,
    pub(super) states: Vec<WalkState>,
    by_node: HashMap<(TextRange, ScopeRole), ScopeId>,
    /// The scopes around the current one, innermost last, the current one included.
    pub(super) stack: Vec<ScopeId>,
    /// The class name that mangles names here.
    pub(super) private: Option<Name>,
    pub(super) allow_top_level_await: bool,
}

/// What the walk must remember of a scope, and nobody afterwards.
#[derive(Debug, Default)]
pub(super) struct WalkState {
    /// `global` and `nonlocal` statements: mangled name and where it was declared.
    pub(super) directives: Vec<(Name, TextRange)>,
    /// Inside the target of a comprehension's `for`.
    pub(super) in_iteration_target: bool,
    /// How many comprehension iterables are around.
    pub(super) iterable_depth: u32,
    /// Under a condition, loop, `try`, `with` or `match`.
    pub(super) in_conditional_block: bool,
    /// Where only some names are mangled (the type parameters of a class): those names.
    pub(super) mangled_names: Option<HashSet<Name>>,
    /// How an error calls this scope: `a TypeVar bound`.
    pub(super) description: &'static str,
}

impl<'a> Builder<'a> {
    pub(super) fn new(module: &'a Module) -> Builder<'a> {
        Builder {
            module,
            scopes: Vec::new(),
            states: Vec::new(),
            by_node: HashMap::new(),
            stack: Vec::new(),
            private: None,
            allow_top_level_await: module.allow_top_level_await,
        }
    }

    /// Walks the whole tree; the result still lacks the resolved scopes.
    pub(super) fn run(mut self) -> Result<(SymbolTable, Vec<WalkState>), SyntaxError> {
        let module = self.module;
        let end = module.source.text().len() as u32;
        let range = TextRange::new(0.into(), end.into());
        self.enter(ScopeKind::Module, "top", range, None);
        match &module.body {
            ModuleBody::Statements(body) => self.statements(&body.body)?,
            ModuleBody::Expression(body) => self.expression(&body.body)?,
            ModuleBody::FunctionType { arguments, returns } => {
                self.expressions(arguments)?;
                self.expression(returns)?;
            }
        }
        self.leave();
        let table = SymbolTable { scopes: self.scopes, by_node: self.by_node, future: module.future };
        Ok((table, self.states))
    }

    pub(super) fn current_id(&self) -> ScopeId {
        *self.stack.last().expect("the walk is inside the module")
    }

    pub(super) fn current(&mut self) -> &mut Scope {
        let id = self.current_id();
        &mut self.scopes[id.0 as usize]
    }

    pub(super) fn state(&mut self) -> &mut WalkState {
        let id = self.current_id();
        &mut self.states[id.0 as usize]
    }

    pub(super) fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// An error over a node.
    pub(super) fn error(&self, range: TextRange, message: impl Into<String>) -> SyntaxError {
        SyntaxError::in_compiler(&self.module.source, range, message)
    }

    /// Enters a new scope.
    pub(super) fn enter(&mut self, kind: ScopeKind, name: &str, range: TextRange, role: Option<ScopeRole>) -> ScopeId {
        let id = self.create(kind, name, range, role);
        self.enter_existing(id);
        if matches!(kind, ScopeKind::Annotation | ScopeKind::TypeVariable | ScopeKind::TypeAlias) {
            self.define_in(id, ".format", SymbolFlags::PARAMETER, range).expect("a new scope");
            self.define_in(id, ".format", SymbolFlags::USE, range).expect("a new scope");
        }
        id
    }

    /// Makes a scope inside the current one without entering it.
    fn create(&mut self, kind: ScopeKind, name: &str, range: TextRange, role: Option<ScopeRole>) -> ScopeId {
        let id = ScopeId(self.scopes.len() as u32);
        let parent = self.stack.last().copied();
        let mut scope = Scope::new(kind, Name::new(name), range);
        scope.parent = parent;
        scope.private = self.private.clone();
        if let Some(parent) = parent.map(|parent| self.scope(parent)) {
            scope.nested = parent.nested || parent.kind.is_function_like();
            scope.is_method = kind == ScopeKind::Function && parent.kind == ScopeKind::Class;
        }
        self.scopes.push(scope);
        self.states.push(WalkState::default());
        if let Some(role) = role {
            self.by_node.insert((range, role), id);
        }
        id
    }

    /// Enters a scope made before.
    pub(super) fn enter_existing(&mut self, id: ScopeId) {
        if let Some(&outer) = self.stack.last() {
            let state = &self.states[outer.0 as usize];
            let iterable_depth = state.iterable_depth;
            let kind = self.scope(id).kind;
            let mangled_names = if kind == ScopeKind::Class { None } else { state.mangled_names.clone() };
            let inner = &mut self.states[id.0 as usize];
            inner.iterable_depth = iterable_depth;
            if mangled_names.is_some() {
                inner.mangled_names = mangled_names;
            }
            let hidden = kind == ScopeKind::Annotation && self.module.future.annotations;
            let children = &mut self.scopes[outer.0 as usize].children;
            if !hidden && !children.contains(&id) {
                children.push(id);
            }
        }
        self.stack.push(id);
    }

    pub(super) fn leave(&mut self) {
        if let Some(id) = self.stack.pop() {
            self.scopes[id.0 as usize].mangled_names = self.states[id.0 as usize].mangled_names.clone();
        }
    }

    /// The name as it is stored in a scope.
    pub(super) fn mangle_in(&self, id: ScopeId, name: &str) -> Name {
        if let Some(mangled_names) = &self.states[id.0 as usize].mangled_names
            && !mangled_names.contains(name)
        {
            return Name::new(name);
        }
        Name::new(mangle(self.private.as_deref(), name))
    }

    /// What has been recorded of a name in a scope.
    pub(super) fn flags_in(&self, id: ScopeId, name: &str) -> SymbolFlags {
        let mangled = self.mangle_in(id, name);
        self.scope(id).symbol(&mangled).map_or(SymbolFlags::default(), |symbol| symbol.flags)
    }

    /// Records something about a name in the current scope.
    pub(super) fn define(&mut self, name: &str, flags: SymbolFlags, range: TextRange) -> Walk {
        if flags.has(SymbolFlags::TYPE_PARAMETER)
            && let Some(mangled_names) = &mut self.state().mangled_names
        {
            mangled_names.insert(Name::new(name));
        }
        self.define_in(self.current_id(), name, flags, range)
    }

    /// As `define`, for a place where source code binds the name.
    pub(super) fn bind(&mut self, name: &str, flags: SymbolFlags, range: TextRange) -> Walk {
        self.check_name(name, ExprContext::Store, range)?;
        self.define(name, flags, range)
    }

    /// `__debug__` can be neither assigned nor deleted.
    pub(super) fn check_name(&self, name: &str, context: ExprContext, range: TextRange) -> Walk {
        if name != "__debug__" {
            return Ok(());
        }
        match context {
            ExprContext::Store => Err(self.error(range, "cannot assign to __debug__")),
            ExprContext::Del => Err(self.error(range, "cannot delete __debug__")),
            _ => Ok(()),
        }
    }

    /// Records something about a name in any scope of the stack.
    pub(super) fn define_in(&mut self, id: ScopeId, name: &str, flags: SymbolFlags, range: TextRange) -> Walk {
        let mangled = self.mangle_in(id, name);
        let previous = self.scope(id).symbol(&mangled).map_or(SymbolFlags::default(), |s| s.flags);
        for (flag, what) in
            [(SymbolFlags::PARAMETER, "duplicate argument"), (SymbolFlags::TYPE_PARAMETER, "duplicate type parameter")]
        {
            if flags.has(flag) && previous.has(flag) {
                let message = match flag {
                    SymbolFlags::PARAMETER => {
                        format!("duplicate argument '{name}' in function definition")
                    }
                    _ => format!("{what} '{name}'"),
                };
                return Err(self.error(range, message));
            }
        }
        let mut flags_now = flags;
        if self.states[id.0 as usize].in_iteration_target {
            if previous.has(SymbolFlags::GLOBAL) || previous.has(SymbolFlags::NONLOCAL) {
                let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
                return Err(self.error(range, message));
            }
            flags_now.insert(SymbolFlags::COMPREHENSION_ITERATION);
        }
        let scope = &mut self.scopes[id.0 as usize];
        scope.add(mangled.clone(), flags_now);
        if flags.has(SymbolFlags::PARAMETER) {
            scope.parameters.push(mangled);
        } else if flags.has(SymbolFlags::GLOBAL) {
            self.scopes[0].add(mangled, flags);
        }
        Ok(())
    }

    pub(super) fn statements(&mut self, body: &[Stmt]) -> Walk {
        body.iter().try_for_each(|statement| self.statement(statement))
    }

    /// Statements that may not run.
    fn conditional(&mut self, walk: impl FnOnce(&mut Self) -> Walk) -> Walk {
        let saved = std::mem::replace(&mut self.state().in_conditional_block, true);
        walk(self)?;
        self.state().in_conditional_block = saved;
        Ok(())
    }

    pub(super) fn statement(&mut self, statement: &Stmt) -> Walk {
        guard_stack(|| match statement {
            Stmt::FunctionDef(node) => self.function_definition(node),
            Stmt::ClassDef(node) => self.class_definition(node),
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Return(node) => self.optional_expression(node.value.as_deref()),
            Stmt::Delete(node) => self.expressions(&node.targets),
            Stmt::Assign(node) => {
                self.expressions(&node.targets)?;
                self.expression(&node.value)
            }
            Stmt::AugAssign(node) => {
                self.in_augmented_target(&node.target)?;
                self.expression(&node.value)
            }
            Stmt::AnnAssign(node) => self.annotated_assignment(node),
            Stmt::For(node) => self.for_loop(node),
            Stmt::While(node) => {
                self.expression(&node.test)?;
                self.conditional(|walk| {
                    walk.statements(&node.body)?;
                    walk.statements(&node.orelse)
                })
            }
            Stmt::If(node) => self.if_statement(node),
            Stmt::With(node) => self.with_statement(node),
            Stmt::Match(node) => {
                self.expression(&node.subject)?;
                self.conditional(|walk| {
                    node.cases.iter().try_for_each(|case| {
                        walk.pattern(&case.pattern)?;
                        walk.optional_expression(case.guard.as_deref())?;
                        walk.statements(&case.body)
                    })
                })
            }
            Stmt::Raise(node) => {
                self.optional_expression(node.exc.as_deref())?;
                self.optional_expression(node.cause.as_deref())
            }
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Assert(node) => {
                self.expression(&node.test)?;
                self.optional_expression(node.msg.as_deref())
            }
            Stmt::Import(node) => node.names.iter().try_for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(node) => node.names.iter().try_for_each(|alias| self.import(alias)),
            Stmt::Global(node) => self.declare(node.range, &node.names, SymbolFlags::GLOBAL),
            Stmt::Nonlocal(node) => self.declare(node.range, &node.names, SymbolFlags::NONLOCAL),
            Stmt::Expr(node) => self.expression(&node.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => Ok(()),
        })
    }

    /// The target of an augmented assignment is not counted as `self.x = …`.
    fn in_augmented_target(&mut self, target: &Expr) -> Walk {
        match target {
            Expr::Attribute(node) => {
                self.check_name(&node.attr, node.ctx, node.range)?;
                self.expression(&node.value)
            }
            _ => self.expression(target),
        }
    }

    fn for_loop(&mut self, node: &ast::StmtFor) -> Walk {
        if node.is_async {
            self.mark_module_coroutine();
        }
        self.expression(&node.target)?;
        self.expression(&node.iter)?;
        self.conditional(|walk| {
            walk.statements(&node.body)?;
            walk.statements(&node.orelse)
        })
    }

    fn if_statement(&mut self, node: &ast::StmtIf) -> Walk {
        self.expression(&node.test)?;
        self.conditional(|walk| {
            walk.statements(&node.body)?;
            node.elif_else_clauses.iter().try_for_each(|clause| {
                walk.optional_expression(clause.test.as_ref())?;
                walk.statements(&clause.body)
            })
        })
    }

    fn with_statement(&mut self, node: &ast::StmtWith) -> Walk {
        if node.is_async {
            self.mark_module_coroutine();
        }
        self.conditional(|walk| {
            for item in &node.items {
                walk.expression(&item.context_expr)?;
                walk.optional_expression(item.optional_vars.as_deref())?;
            }
            walk.statements(&node.body)
        })
    }

    fn try_statement(&mut self, node: &ast::StmtTry) -> Walk {
        self.conditional(|walk| {
            walk.statements(&node.body)?;
            for handler in &node.handlers {
                let ExceptHandler::ExceptHandler(handler) = handler;
                walk.optional_expression(handler.type_.as_deref())?;
                if let Some(name) = &handler.name {
                    walk.bind(name, SymbolFlags::LOCAL, handler.range)?;
                }
                walk.statements(&handler.body)?;
            }
            walk.statements(&node.orelse)?;
            walk.statements(&node.finalbody)
        })
    }

    /// With top-level await, an `async` statement makes the module a coroutine.
    fn mark_module_coroutine(&mut self) {
        if self.allow_top_level_await && self.current().kind == ScopeKind::Module {
            self.current().is_coroutine = true;
        }
    }

    fn import(&mut self, alias: &ast::Alias) -> Walk {
        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        if name == "*" {
            if self.current().kind != ScopeKind::Module {
                return Err(self.error(alias.range, "import * only allowed at module level"));
            }
            return Ok(());
        }
        let first = name.split_once('.').map_or(name, |(first, _)| first);
        self.bind(first, SymbolFlags::IMPORT, alias.range)
    }

    /// `global` and `nonlocal`.
    fn declare(&mut self, range: TextRange, names: &[ast::Identifier], flag: SymbolFlags) -> Walk {
        let word = if flag == SymbolFlags::GLOBAL { "global" } else { "nonlocal" };
        for name in names {
            let flags = self.flags_in(self.current_id(), name);
            let problem = if flags.has(SymbolFlags::PARAMETER) {
                Some(format!("name '{name}' is parameter and {word}"))
            } else if flags.has(SymbolFlags::USE) {
                Some(format!("name '{name}' is used prior to {word} declaration"))
            } else if flags.has(SymbolFlags::ANNOTATED) {
                Some(format!("annotated name '{name}' can't be {word}"))
            } else if flags.has(SymbolFlags::LOCAL) {
                Some(format!("name '{name}' is assigned to before {word} declaration"))
            } else {
                None
            };
            if let Some(message) = problem {
                return Err(self.error(range, message));
            }
            self.define(name, flag, range)?;
            self.record_directive(name, range);
        }
        Ok(())
    }

    /// Remembers where a name was declared, for errors found when it is resolved.
    pub(super) fn record_directive(&mut self, name: &str, range: TextRange) {
        let mangled = self.mangle_in(self.current_id(), name);
        self.state().directives.push((mangled, range));
    }

    pub(super) fn pattern(&mut self, pattern: &Pattern) -> Walk {
        guard_stack(|| match pattern {
            Pattern::MatchValue(node) => self.expression(&node.value),
            Pattern::MatchSingleton(_) => Ok(()),
            Pattern::MatchSequence(node) => node.patterns.iter().try_for_each(|inner| self.pattern(inner)),
            Pattern::MatchMapping(node) => {
                self.expressions(&node.keys)?;
                node.patterns.iter().try_for_each(|inner| self.pattern(inner))?;
                self.capture(node.rest.as_ref(), node.range)
            }
            Pattern::MatchClass(node) => {
                self.expression(&node.cls)?;
                node.arguments.patterns.iter().try_for_each(|inner| self.pattern(inner))?;
                for keyword in &node.arguments.keywords {
                    let range = keyword.pattern.range();
                    self.check_name(&keyword.attr, ExprContext::Store, range)?;
                }
                node.arguments.keywords.iter().try_for_each(|inner| self.pattern(&inner.pattern))
            }
            Pattern::MatchStar(node) => self.capture(node.name.as_ref(), node.range),
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner)?;
                }
                self.capture(node.name.as_ref(), node.range)
            }
            Pattern::MatchOr(node) => node.patterns.iter().try_for_each(|inner| self.pattern(inner)),
        })
    }

    /// A name bound by a pattern; `_` is the wildcard and binds nothing.
    fn capture(&mut self, name: Option<&ast::Identifier>, range: TextRange) -> Walk {
        match name {
            Some(name) => self.bind(name, SymbolFlags::LOCAL, range),
            None => Ok(()),
        }
    }
}

impl Scope {
    fn new(kind: ScopeKind, name: Name, range: TextRange) -> Scope {
        Scope {
            kind,
            name,
            range,
            parent: None,
            children: Vec::new(),
            symbols: Vec::new(),
            index: HashMap::new(),
            parameters: Vec::new(),
            private: None,
            mangled_names: None,
            nested: false,
            has_free: false,
            child_has_free: false,
            is_generator: false,
            is_coroutine: false,
            is_async_definition: false,
            has_varargs: false,
            has_varkeywords: false,
            inlined: false,
            is_method: false,
            needs_class_closure: false,
            needs_classdict: false,
            has_conditional_annotations: false,
            can_see_class_scope: false,
            annotations: None,
            annotations_used: false,
            has_docstring: false,
            static_attributes: Vec::new(),
        }
    }

    /// Adds flags to a symbol, making it if it is new.
    pub(super) fn add(&mut self, name: Name, flags: SymbolFlags) {
        match self.index.get(&name) {
            Some(&at) => self.symbols[at as usize].flags.insert(flags),
            None => {
                self.index.insert(name.clone(), self.symbols.len() as u32);
                self.symbols.push(Symbol { name, flags, scope: SymbolScope::GlobalImplicit });
            }
        }
    }
}
