//! Scopes of small programs.

use std::sync::Arc;

use super::{Scope, SymbolScope, SymbolTable};
use crate::syntax::{Mode, ParseOptions, SourceText, parse};

fn table(text: &str) -> SymbolTable {
    let source = Arc::new(SourceText::new("m.py", text));
    let mut module = parse(source, ParseOptions::new(Mode::Exec)).unwrap();
    SymbolTable::check(&mut module).unwrap()
}

/// The only scope of a name.
fn scope<'a>(table: &'a SymbolTable, name: &str) -> &'a Scope {
    let mut found = table.iter().filter(|(_, scope)| scope.name == name);
    let only = found.next().unwrap().1;
    assert!(found.next().is_none(), "{name}");
    only
}

fn where_is(table: &SymbolTable, scope_name: &str, name: &str) -> Option<SymbolScope> {
    scope(table, scope_name).scope_of_name(name)
}

#[test]
fn closures() {
    let table = table("g = 1\ndef f(a):\n    def h():\n        nonlocal b\n        return a, g, len\n    b = 1\n");
    assert_eq!(where_is(&table, "f", "a"), Some(SymbolScope::Cell));
    assert_eq!(where_is(&table, "h", "a"), Some(SymbolScope::Free));
    assert_eq!(where_is(&table, "h", "b"), Some(SymbolScope::Free));
    assert_eq!(where_is(&table, "h", "g"), Some(SymbolScope::GlobalImplicit));
    assert_eq!(where_is(&table, "top", "g"), Some(SymbolScope::Local));
}

#[test]
fn classes() {
    let table = table(
        "class A:\n    x = 1\n    def f(self):\n        self.__y = super().z\n        self.w = x\n        return __class__\n",
    );
    let class = scope(&table, "A");
    assert!(class.needs_class_closure && !class.needs_classdict);
    let attributes: Vec<_> = class.static_attributes.iter().map(|name| name.as_str()).collect();
    assert_eq!(attributes, ["__y", "w"]);
    assert!(scope(&table, "f").is_method);
    assert_eq!(where_is(&table, "f", "x"), Some(SymbolScope::GlobalImplicit));
    assert_eq!(where_is(&table, "f", "__class__"), Some(SymbolScope::Free));
}

#[test]
fn private_names_are_mangled() {
    let table = table("class _A:\n    __x = 1\n    def f(self, __y, __z__): return __x\n");
    assert_eq!(where_is(&table, "_A", "_A__x"), Some(SymbolScope::Local));
    let parameters: Vec<_> = scope(&table, "f").parameters.iter().map(|p| p.as_str()).collect();
    assert_eq!(parameters, ["self", "_A__y", "__z__"]);
}

#[test]
fn comprehensions_are_inlined() {
    let table = table("def f(y):\n    return [lambda: x for x in y], (z for z in y)\n");
    let list = scope(&table, "<listcomp>");
    assert!(list.inlined);
    assert_eq!(list.scope_of_name("x"), Some(SymbolScope::Cell));
    assert_eq!(where_is(&table, "f", "x"), Some(SymbolScope::Cell));
    assert!(!scope(&table, "<genexpr>").inlined);
    assert_eq!(scope(&table, "f").children.len(), 2);
}

#[test]
fn walrus_binds_around_comprehensions() {
    let table = table("def f(y):\n    [(last := x) for x in y]\n    return last\n");
    assert_eq!(where_is(&table, "f", "last"), Some(SymbolScope::Local));
}

#[test]
fn generics_and_annotations() {
    let table =
        table("class A[T: int = str]:\n    y: T\n    if y:\n        z: int\n    def f(self, a: T) -> y: pass\n");
    let class = table.iter().find(|(_, scope)| scope.needs_classdict).unwrap().1;
    assert!(class.has_conditional_annotations && class.annotations.is_some());
    let annotation = &table[class.annotations.unwrap()];
    assert!(annotation.can_see_class_scope);
    assert_eq!(annotation.scope_of_name("T"), Some(SymbolScope::Free));
    assert_eq!(annotation.scope_of_name("__classdict__"), Some(SymbolScope::Free));
}

#[test]
fn future_annotations_are_never_run() {
    let table = table("from __future__ import annotations\ndef f(a: b): pass\n");
    assert!(table.future.annotations);
    assert_eq!(table.module().children.len(), 1);
}
