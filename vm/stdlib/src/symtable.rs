//! `_symtable`: the compiler's symbol tables for the library's `symtable`.

use std::sync::Arc;

use countless_compiler::symtable::{
    Scope, ScopeId, ScopeKind, ScopeRole, Symbol, SymbolFlags, SymbolScope, SymbolTable,
};
use countless_compiler::syntax::{Mode, ParseOptions, SyntaxError, parse};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, ModuleDef, TypeDef};
use countless_vm::object::cell::{Field, Ref};
use countless_vm::object::native_cell::this;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::{native_cell, raise};

use crate::ast::source_text;

native_cell! {
    /// A scope.
    struct Entry("symtable entry", LAYOUT) {
        traced { name: Field, symbols: Field, parameters: Field, children: Field }
        plain { kind: u32, line: u32, nested: bool }
    }
}

/// Where the scope's number is among a symbol's flags.
const SCOPE_SHIFT: i64 = 12;

/// The number of a scope's kind (`TYPE_…`).
fn kind_number(kind: ScopeKind) -> u32 {
    match kind {
        ScopeKind::Class => 1,
        ScopeKind::Module => 2,
        ScopeKind::Annotation => 3,
        ScopeKind::TypeAlias => 4,
        ScopeKind::TypeParameters => 5,
        ScopeKind::TypeVariable => 6,
        _ => 0,
    }
}

fn scope_number(scope: SymbolScope) -> i64 {
    match scope {
        SymbolScope::Local => 1,
        SymbolScope::GlobalExplicit => 2,
        SymbolScope::GlobalImplicit => 3,
        SymbolScope::Free => 4,
        SymbolScope::Cell => 5,
    }
}

/// CPython's name of a scope: without the angle brackets of `co_name`.
fn shown_name(scope: &Scope) -> &str {
    match scope.kind {
        ScopeKind::Module => "top",
        _ => scope.name.as_str().trim_start_matches('<').trim_end_matches('>'),
    }
}

/// What a scope says of itself, without references to the table.
struct Described {
    name: String,
    kind: u32,
    line: u32,
    nested: bool,
    symbols: Vec<(String, i64)>,
    parameters: Vec<String>,
    children: Vec<usize>,
}

fn add_symbol(symbols: &mut Vec<(String, i64)>, symbol: &Symbol) {
    if symbols.iter().all(|(name, _)| *name != symbol.name.as_str()) {
        let flags = i64::from(symbol.flags.0) | scope_number(symbol.scope) << SCOPE_SHIFT;
        symbols.push((symbol.name.to_string(), flags));
    }
}

/// Adds what an inlined comprehension brings into the scope around it.
fn add_inlined(table: &SymbolTable, scope: &Scope, symbols: &mut Vec<(String, i64)>, children: &mut Vec<usize>) {
    for &id in &scope.children {
        let child = &table[id];
        if !child.inlined {
            children.push(id.0 as usize);
            continue;
        }
        for symbol in child.symbols().iter().filter(|symbol| !symbol.flags.has(SymbolFlags::PARAMETER)) {
            add_symbol(symbols, symbol);
        }
        add_inlined(table, child, symbols, children);
    }
}

fn describe(table: &SymbolTable, line_of: impl Fn(ScopeId) -> u32) -> Vec<Described> {
    let mut extra = Vec::new();
    let count = table.iter().count();
    let describe_one = |(id, scope): (ScopeId, &Scope)| {
        let mut described = Described {
            name: shown_name(scope).to_owned(),
            kind: kind_number(scope.kind),
            line: if scope.kind == ScopeKind::Module { 0 } else { line_of(id) },
            nested: scope.nested,
            symbols: Vec::new(),
            parameters: scope.parameters.iter().map(|name| name.to_string()).collect(),
            children: Vec::new(),
        };
        scope.symbols().iter().for_each(|symbol| add_symbol(&mut described.symbols, symbol));
        add_inlined(table, scope, &mut described.symbols, &mut described.children);
        add_empty_annotations(table, scope, &mut described.children, |child| {
            extra.push(empty_annotations(scope, line_of(child)));
            count + extra.len() - 1
        });
        described
    };
    let mut described: Vec<Described> = table.iter().map(describe_one).collect();
    described.append(&mut extra);
    described
}

/// CPython has a scope for the annotations of each `def`, also if there are none: it stands before the function's.
fn add_empty_annotations(
    table: &SymbolTable,
    scope: &Scope,
    children: &mut Vec<usize>,
    mut make: impl FnMut(ScopeId) -> usize,
) {
    let mut all = Vec::with_capacity(children.len());
    for &index in children.iter() {
        let id = ScopeId(index as u32);
        let child = &table[id];
        if child.kind == ScopeKind::Function
            && scope.kind != ScopeKind::TypeParameters
            && table.find_scope(child.range, ScopeRole::Annotations).is_none()
        {
            all.push(make(id));
        }
        all.push(index);
    }
    *children = all;
}

fn empty_annotations(parent: &Scope, line: u32) -> Described {
    let (format, class_namespace) = (".format".to_owned(), "__classdict__".to_owned());
    let local =
        i64::from(SymbolFlags::PARAMETER.0 | SymbolFlags::USE.0) | scope_number(SymbolScope::Local) << SCOPE_SHIFT;
    let free = i64::from(SymbolFlags::USE.0) | scope_number(SymbolScope::Free) << SCOPE_SHIFT;
    let mut symbols = vec![(format.clone(), local)];
    if parent.kind == ScopeKind::Class {
        symbols.push((class_namespace, free));
    }
    Described {
        name: "__annotate__".to_owned(),
        kind: kind_number(ScopeKind::Annotation),
        line,
        nested: parent.nested || parent.kind.is_function_like(),
        symbols,
        parameters: vec![format],
        children: Vec::new(),
    }
}

fn build(source: countless_compiler::syntax::SourceText, mode: Mode) -> Result<Vec<Described>, SyntaxError> {
    let mut module = parse(Arc::new(source), ParseOptions::new(mode))?;
    // What only the code generator refuses has a table all the same.
    let table = SymbolTable::check(&mut module).or_else(|_| SymbolTable::build(&module))?;
    Ok(describe(&table, |id| table.line_of(&module, id)))
}

fn symtable(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, filename, mode] = args.exactly::<3>(cx, "symtable")?;
    let Some(mode) = mode.downcast::<Str>(cx) else {
        let class = mode.class_name(cx);
        return Err(raise!(cx, TypeError, "symtable() argument 3 must be str, not {class}"));
    };
    let mode = match mode.as_wtf8().as_bytes() {
        b"exec" => Mode::Exec,
        b"eval" => Mode::Eval,
        b"single" => Mode::Single,
        _ => return Err(cx.value_error("symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
    };
    let filename = String::from_utf8_lossy(&crate::support::path::fs_encode(cx, filename)?).into_owned();
    let source = source_text(cx, source, &filename, "symtable", "string or bytes")?;
    let described = cx.mutator().detached(|| build(source, mode));
    let described = described.map_err(|error| cx.raise_syntax_error(&filename, &error))?;
    entries(cx, &described)
}

/// The entries of all scopes; gives the module's. Children have larger numbers than their parents.
fn entries(cx: &Cx, described: &[Described]) -> PyResult {
    let made = cx.new_list();
    for _ in described {
        made.push(cx, Value::NONE)?;
    }
    for (index, scope) in described.iter().enumerate().rev() {
        let (symbols, parameters, children): (Ref<Dict>, Ref<List>, Ref<List>) =
            (cx.new_dict(), cx.new_list(), cx.new_list());
        for (name, flags) in &scope.symbols {
            symbols.set_name(cx, cx.intern_str(name), Value::int(*flags))?;
        }
        for name in &scope.parameters {
            parameters.push(cx, cx.intern_str(name).value())?;
        }
        for child in &scope.children {
            children.push(cx, made.get(*child).unwrap_or(Value::NONE))?;
        }
        let entry = cx.allocate(Entry {
            header: Default::default(),
            name: Field::new(cx.intern_str(&scope.name).value()),
            symbols: Field::new(symbols.value()),
            parameters: Field::new(parameters.value()),
            children: Field::new(children.value()),
            kind: scope.kind,
            line: scope.line,
            nested: scope.nested,
        });
        made.set(cx, index, entry.value());
    }
    Ok(made.get(0).unwrap_or(Value::NONE))
}

fn repr(cx: &Cx, receiver: Value) -> PyResult {
    let entry = this::<Entry>(cx, receiver);
    let name = countless_vm::object::protocol::object::str(cx, entry.name.get_or_none())?;
    let (name, id, line) = (name.as_wtf8(), receiver.identity(), entry.line);
    Ok(cx.new_str(&format!("<symtable entry {name}({id}), line {line}>")).value())
}

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("id", |cx, entry: Ref<Entry>| Ok(cx.new_int_from_u64(entry.value().identity())), ""),
    GetSet::read_only("name", |_, entry: Ref<Entry>| Ok(entry.name.get_or_none()), ""),
    GetSet::read_only("symbols", |_, entry: Ref<Entry>| Ok(entry.symbols.get_or_none()), ""),
    GetSet::read_only("varnames", |_, entry: Ref<Entry>| Ok(entry.parameters.get_or_none()), ""),
    GetSet::read_only("children", |_, entry: Ref<Entry>| Ok(entry.children.get_or_none()), ""),
    GetSet::read_only("nested", |_, entry: Ref<Entry>| Ok(Value::int(entry.nested.into())), ""),
    GetSet::read_only("type", |_, entry: Ref<Entry>| Ok(Value::int(entry.kind.into())), ""),
    GetSet::read_only("lineno", |_, entry: Ref<Entry>| Ok(Value::int(entry.line.into())), ""),
];

static ENTRY: TypeDef = TypeDef {
    base: Some(&countless_vm::types::object::TYPE),
    flags: countless_vm::native::definition::TypeFlags::NO_NEW,
    slots: Slots { repr: Some(repr), ..Slots::NONE },
    attributes: ATTRIBUTES,
    ..TypeDef::new("symtable entry", &LAYOUT)
};

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    countless_vm::runtime::bootstrap::native_type(cx, &ENTRY)?;
    let constants = [
        ("USE", SymbolFlags::USE.0),
        ("DEF_GLOBAL", SymbolFlags::GLOBAL.0),
        ("DEF_NONLOCAL", SymbolFlags::NONLOCAL.0),
        ("DEF_LOCAL", SymbolFlags::LOCAL.0),
        ("DEF_PARAM", SymbolFlags::PARAMETER.0),
        ("DEF_TYPE_PARAM", SymbolFlags::TYPE_PARAMETER.0),
        ("DEF_FREE_CLASS", SymbolFlags::FREE_CLASS.0),
        ("DEF_IMPORT", SymbolFlags::IMPORT.0),
        ("DEF_BOUND", 134),
        ("DEF_ANNOT", SymbolFlags::ANNOTATED.0),
        ("DEF_COMP_ITER", SymbolFlags::COMPREHENSION_ITERATION.0),
        ("DEF_COMP_CELL", SymbolFlags::COMPREHENSION_CELL.0),
        ("TYPE_FUNCTION", 0),
        ("TYPE_CLASS", 1),
        ("TYPE_MODULE", 2),
        ("TYPE_ANNOTATION", 3),
        ("TYPE_TYPE_ALIAS", 4),
        ("TYPE_TYPE_PARAMETERS", 5),
        ("TYPE_TYPE_VARIABLE", 6),
        ("LOCAL", 1),
        ("GLOBAL_EXPLICIT", 2),
        ("GLOBAL_IMPLICIT", 3),
        ("FREE", 4),
        ("CELL", 5),
        ("SCOPE_OFF", SCOPE_SHIFT as u16),
        ("SCOPE_MASK", 15),
    ];
    for (name, value) in constants {
        cx.add_to_module(module, name, Value::int(value.into()))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_symtable",
    doc: "",
    functions: &[Method::many(
        "symtable",
        symtable,
        "symtable($module, source, filename, startstr, /)\n--\n\n\
         The table of the module's scope, with those of all scopes in it below.",
    )],
    types: &[],
    execute: Some(execute),
};
