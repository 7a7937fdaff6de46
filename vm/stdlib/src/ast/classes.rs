//! The classes of nodes: made from the compiler's table when `_ast` is first imported.

use countless_compiler::ast::{Count, Field, FieldType, Group, NodeKind};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::item::get_item;
use countless_vm::object::protocol::number::{self, BinaryOperator};
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::ids;
use countless_vm::types::module::Module;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;

use super::node;

/// Keys of what the module keeps: the classes of the groups and of the kinds, the nodes that exist once (by kind, None
/// for the others), and which class is which kind.
const GROUPS: &str = "_ast.groups";
const KINDS: &str = "_ast.kinds";
const SINGLETONS: &str = "_ast.singletons";
const INDEX: &str = "_ast.index";

/// The classes.
#[derive(Clone, Copy)]
pub struct Classes {
    kinds: Ref<Tuple>,
    groups: Ref<Tuple>,
    singletons: Ref<Tuple>,
    index: Ref<Dict>,
}

impl Classes {
    /// The classes; the module is imported if need be.
    pub fn get(cx: &Cx) -> PyResult<Classes> {
        if let Some(classes) = Classes::if_made(cx) {
            return Ok(classes);
        }
        cx.import_module("_ast")?;
        Classes::if_made(cx).ok_or(()).map_err(|()| cx.runtime_error("the module _ast is not initialized"))
    }

    fn if_made(cx: &Cx) -> Option<Classes> {
        let tuple = |key: &str| cx.native_state(key)?.downcast::<Tuple>(cx);
        Some(Classes {
            kinds: tuple(KINDS)?,
            groups: tuple(GROUPS)?,
            singletons: tuple(SINGLETONS)?,
            index: cx.native_state(INDEX)?.downcast::<Dict>(cx)?,
        })
    }

    /// The class of a kind.
    pub fn class(&self, cx: &Cx, kind: NodeKind) -> Option<Ref<TypeObject>> {
        self.kinds.item(kind as usize)?.as_class(cx)
    }

    /// The class of a group.
    pub fn group(&self, group: Group) -> Option<Value> {
        self.groups.item(group as usize)
    }

    /// The only node of a kind that has neither fields nor a position.
    pub fn singleton(&self, kind: NodeKind) -> Option<Value> {
        self.singletons.item(kind as usize).and_then(Value::not_none)
    }

    /// The kind of an object: that of the nearest class of the table that its class derives from.
    pub fn kind_of(&self, cx: &Cx, object: Value) -> PyResult<Option<NodeKind>> {
        for class in cx.type_of(object).mro().iter() {
            if let Some(index) = self.index.get(cx, class)?.and_then(Value::as_small_int) {
                return Ok(NodeKind::ALL.get(index as usize).copied());
            }
        }
        Ok(None)
    }
}

/// Whether the value is a node.
pub fn is_node(cx: &Cx, value: Value) -> bool {
    value.downcast::<node::AstNode>(cx).is_some()
}

/// What a class of the table has in its namespace.
struct Namespace(Ref<Dict>);

impl Namespace {
    fn new(cx: &Cx, doc: &str) -> PyResult<Namespace> {
        let namespace = Namespace(cx.new_dict());
        namespace.set(cx, "__module__", cx.intern_str("ast").value())?;
        namespace.set(cx, "__doc__", cx.new_str(doc).value())?;
        Ok(namespace)
    }

    fn set(&self, cx: &Cx, name: &str, value: Value) -> PyResult<()> {
        self.0.set_name(cx, cx.intern_str(name), value)
    }

    /// `_attributes`, with the defaults of those that may be missing.
    fn set_attributes(&self, cx: &Cx, located: bool) -> PyResult<()> {
        let names: &[&str] = if located { &["lineno", "col_offset", "end_lineno", "end_col_offset"] } else { &[] };
        self.set(cx, "_attributes", names_tuple(cx, names.iter().copied())?.value())?;
        if located {
            self.set(cx, "end_lineno", Value::NONE)?;
            self.set(cx, "end_col_offset", Value::NONE)?;
        }
        Ok(())
    }

    fn set_fields(&self, cx: &Cx, fields: &[Field]) -> PyResult<()> {
        let names = names_tuple(cx, fields.iter().map(|field| field.name))?.value();
        self.set(cx, "_fields", names)?;
        self.set(cx, "__match_args__", names)?;
        for field in fields.iter().filter(|field| field.count == Count::Optional) {
            self.set(cx, field.name, Value::NONE)?;
        }
        Ok(())
    }

    fn make(self, cx: &Cx, name: &str, base: Value) -> PyResult {
        let bases = cx.new_tuple(&[base]).value();
        cx.call(cx.builtin_type(ids::TYPE).value(), &[cx.intern_str(name).value(), bases, self.0.value()])
    }
}

fn names_tuple<'n>(cx: &Cx, names: impl Iterator<Item = &'n str>) -> PyResult<Ref<Tuple>> {
    let list = cx.new_list();
    for name in names {
        list.push(cx, cx.intern_str(name).value())?;
    }
    list.to_tuple(cx)
}

/// Makes all classes and puts them into the module.
pub fn install(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let classes = match Classes::if_made(cx) {
        Some(classes) => classes,
        None => make_classes(cx)?,
    };
    let root = native_type(cx, &node::TYPE)?;
    cx.add_to_module(module, "AST", root.value())?;
    for (group, class) in Group::ALL.iter().zip(classes.groups.iter()) {
        cx.add_to_module(module, group.name(), class)?;
        if !group.is_product() {
            for kind in group.kinds() {
                cx.add_to_module(module, kind.name(), classes.kinds.get(*kind as usize))?;
            }
        }
    }
    Ok(())
}

fn make_classes(cx: &Cx) -> PyResult<Classes> {
    let root = native_type(cx, &node::TYPE)?.value();
    let (groups, kinds, singletons) = (cx.new_list(), cx.new_list(), cx.new_list());
    for group in Group::ALL {
        let namespace = Namespace::new(cx, &group.documentation())?;
        namespace.set_fields(cx, if group.is_product() { group.kinds()[0].fields() } else { &[] })?;
        namespace.set_attributes(cx, group.is_located())?;
        let class = namespace.make(cx, group.name(), root)?;
        groups.push(cx, class)?;
        for kind in group.kinds() {
            let class = if group.is_product() { class } else { make_kind(cx, *kind, class)? };
            kinds.push(cx, class)?;
            let is_single = kind.fields().is_empty() && !group.is_located();
            let single = if is_single { cx.call(class, &[])? } else { Value::NONE };
            singletons.push(cx, single)?;
        }
    }
    let classes = Classes {
        kinds: kinds.to_tuple(cx)?,
        groups: groups.to_tuple(cx)?,
        singletons: singletons.to_tuple(cx)?,
        index: cx.new_dict(),
    };
    for kind in NodeKind::ALL {
        let class = classes.kinds.get(*kind as usize);
        classes.index.set(cx, class, Value::int(*kind as i64))?;
        set_field_types(cx, &classes, *kind, class)?;
    }
    cx.set_native_state(GROUPS, classes.groups.value())?;
    cx.set_native_state(SINGLETONS, classes.singletons.value())?;
    cx.set_native_state(INDEX, classes.index.value())?;
    cx.set_native_state(KINDS, classes.kinds.value())?;
    Ok(classes)
}

fn make_kind(cx: &Cx, kind: NodeKind, base: Value) -> PyResult {
    let namespace = Namespace::new(cx, &kind.documentation())?;
    namespace.set_fields(cx, kind.fields())?;
    namespace.make(cx, kind.name(), base)
}

/// `_field_types`, which are the annotations too.
fn set_field_types(cx: &Cx, classes: &Classes, kind: NodeKind, class: Value) -> PyResult<()> {
    let types = cx.new_dict();
    for field in kind.fields() {
        let plain = match field.field_type {
            FieldType::Node(group) => classes.group(group).unwrap_or(Value::NONE),
            FieldType::Identifier | FieldType::Text => cx.builtin_type(ids::STR).value(),
            FieldType::Int => cx.builtin_type(ids::INT).value(),
            FieldType::Constant => cx.builtin_type(ids::OBJECT).value(),
        };
        let whole = match field.count {
            Count::One => plain,
            Count::Optional => number::binary(cx, plain, Value::NONE, BinaryOperator::Or)?,
            Count::Many | Count::ManyOptional => get_item(cx, cx.builtin_type(ids::LIST).value(), plain)?,
        };
        types.set_name(cx, cx.intern_str(field.name), whole)?;
    }
    cx.set_attribute(class, cx.intern_str("_field_types"), types.value())?;
    cx.set_attribute(class, cx.names().__annotations__, types.value())
}
