//! From a tree to objects.

use countless_common::number::complex::Complex;
use countless_compiler::ast::{Constant, Item, Node, NodeId, Tree};
use countless_compiler::syntax::literal::Integer;
use countless_vm::object::attribute::instance_set;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

use countless_vm::types::list::List;

use super::classes::Classes;
use super::node::AstNode;

/// Polls after so many nodes.
const NODES_BETWEEN_POLLS: usize = 1000;

/// The object of the tree's root.
pub fn to_objects(cx: &Cx, tree: &Tree) -> PyResult {
    let classes = Classes::get(cx)?;
    // Children stand before their parents, so one pass makes them all.
    let objects = cx.new_list_with_capacity(tree.nodes.len())?;
    for (index, node) in tree.nodes.iter().enumerate() {
        objects.push(cx, object(cx, &classes, node, objects)?)?;
        if index % NODES_BETWEEN_POLLS == 0 {
            cx.poll()?;
        }
    }
    Ok(objects.get(tree.root.0 as usize).unwrap_or(Value::NONE))
}

fn object(cx: &Cx, classes: &Classes, node: &Node, objects: Ref<List>) -> PyResult {
    if let Some(singleton) = classes.singleton(node.kind) {
        return Ok(singleton);
    }
    let Some(class) = classes.class(cx, node.kind) else { return Ok(Value::NONE) };
    let object = cx.allocate_instance(class, AstNode::empty()).value();
    for (field, item) in node.kind.fields().iter().zip(&node.fields) {
        instance_set(cx, object, cx.intern_str(field.name), value(cx, item, objects)?)?;
    }
    if node.kind.group().is_located() {
        let span = node.span;
        let attributes = [
            ("lineno", span.line),
            ("col_offset", span.column),
            ("end_lineno", span.end_line),
            ("end_col_offset", span.end_column),
        ];
        for (name, number) in attributes {
            instance_set(cx, object, cx.intern_str(name), Value::int(number.into()))?;
        }
    }
    Ok(object)
}

fn value(cx: &Cx, item: &Item, objects: Ref<List>) -> PyResult {
    Ok(match item {
        Item::Nothing => Value::NONE,
        Item::Node(NodeId(id)) => objects.get(*id as usize).unwrap_or(Value::NONE),
        Item::List(items) => {
            let list = cx.new_list_with_capacity(items.len())?;
            for item in items {
                list.push(cx, value(cx, item, objects)?)?;
            }
            list.value()
        }
        Item::Identifier(name) => cx.intern_str(name).value(),
        Item::Text(text) => cx.new_str_wtf8(text).value(),
        Item::Int(int) => Value::int((*int).into()),
        Item::Constant(constant) => constant_value(cx, constant)?,
    })
}

fn constant_value(cx: &Cx, constant: &Constant) -> PyResult {
    Ok(match constant {
        Constant::None => Value::NONE,
        Constant::Ellipsis => Value::ELLIPSIS,
        Constant::Bool(value) => Value::bool(*value),
        Constant::Integer(Integer::Small(small)) => cx.new_int_from_i64(*small),
        Constant::Integer(Integer::Big(big)) => cx.new_int_from_big(big.clone()),
        Constant::Float(float) => cx.new_float(*float),
        Constant::Complex(re, im) => cx.new_complex(Complex { re: *re, im: *im }),
        Constant::Str(text) => cx.new_str_wtf8(text).value(),
        Constant::Bytes(bytes) => cx.try_new_bytes(bytes)?.value(),
        Constant::Tuple(items) => {
            let list = cx.new_list();
            for item in items {
                list.push(cx, constant_value(cx, item)?)?;
            }
            list.to_tuple(cx)?.value()
        }
    })
}
