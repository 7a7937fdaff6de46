//! From objects to a tree. What the classes cannot rule out is checked here, with CPython's messages; what the values
//! must be to each other, by the compiler's `validate`.

use countless_common::number::int::Int;
use countless_compiler::ast::{Constant, Count, Field, FieldType, Group, Item, Node, NodeId, NodeKind, Span, Tree};
use countless_compiler::syntax::literal::Integer;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::Bytes;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::{complex, float, ids, int};

use super::classes::Classes;

/// How deep nodes may be nested: as deep as what the compiler takes.
const MAX_DEPTH: u32 = 50_000;

/// The tree of an object, whose class must be (or derive from) that of `root`.
pub fn from_objects(cx: &Cx, object: Value, root: NodeKind) -> PyResult<Tree> {
    let classes = Classes::get(cx)?;
    let mut reader = Reader { cx, classes, nodes: Vec::new(), depth: 0 };
    if reader.classes.kind_of(cx, object)? != Some(root) {
        let (wanted, given) = (root.name(), object.class_name(cx));
        return Err(raise!(cx, TypeError, "expected {wanted} node, got {given}"));
    }
    match reader.node(object, Group::Mod)? {
        Item::Node(root) => Ok(Tree { nodes: reader.nodes, root }),
        _ => Err(cx.type_error("expected some sort of mod, but got None")),
    }
}

struct Reader<'a> {
    cx: &'a Cx,
    classes: Classes,
    nodes: Vec<Node>,
    depth: u32,
}

impl Reader<'_> {
    /// A node of the group; None is nothing.
    fn node(&mut self, object: Value, group: Group) -> PyResult<Item> {
        let cx = self.cx;
        if object.is_none() {
            let is_plain = group.kinds().iter().all(|kind| kind.fields().is_empty());
            return if is_plain { Err(self.wrong_node(object, group)?) } else { Ok(Item::Nothing) };
        }
        // Of what has variants the position is read first.
        let span = match group.is_located() && !group.is_product() {
            true => Some(self.span(object, group)?),
            false => None,
        };
        let kind = self.classes.kind_of(cx, object)?.filter(|kind| kind.group() == group);
        let Some(kind) = kind else { return Err(self.wrong_node(object, group)?) };
        cx.check_native_stack()?;
        if self.depth >= MAX_DEPTH {
            return Err(raise!(cx, RecursionError, "maximum recursion depth exceeded during ast construction"));
        }
        cx.poll()?;
        self.depth += 1;
        let node = self.contents(object, kind, span);
        self.depth -= 1;
        let Ok(id) = u32::try_from(self.nodes.len()) else { return Err(cx.memory_error()) };
        self.nodes.push(node?);
        Ok(Item::Node(NodeId(id)))
    }

    #[cold]
    fn wrong_node(&self, object: Value, group: Group) -> PyResult<Raised> {
        let shown = object::repr(self.cx, object)?;
        let (name, shown) = (group.name(), shown.as_wtf8());
        Ok(raise!(self.cx, TypeError, "expected some sort of {name}, but got {shown}"))
    }

    fn contents(&mut self, object: Value, kind: NodeKind, span: Option<Span>) -> PyResult<Node> {
        let cx = self.cx;
        let mut fields = Vec::with_capacity(kind.fields().len());
        for field in kind.fields() {
            let value = cx.get_attribute_optional(object, cx.intern_str(field.name))?;
            fields.push(self.field(kind, *field, value)?);
        }
        let span = match span {
            Some(span) => span,
            None if kind.group().is_located() => self.span(object, kind.group())?,
            None => Span::default(),
        };
        Ok(Node { kind, span, fields })
    }

    fn field(&mut self, kind: NodeKind, field: Field, value: Option<Value>) -> PyResult<Item> {
        let (cx, name, owner) = (self.cx, field.name, kind.name());
        match (field.count, value) {
            (Count::Many | Count::ManyOptional, None) => Ok(Item::List(Vec::new())),
            (Count::Many | Count::ManyOptional, Some(value)) => self.list(kind, field, value),
            (Count::Optional, None) => Ok(Item::Nothing),
            (Count::Optional, Some(value)) if value.is_none() => Ok(Item::Nothing),
            (Count::One, None) => Err(raise!(cx, TypeError, "required field \"{name}\" missing from {owner}")),
            (_, Some(value)) => match self.item(field.field_type, value)? {
                Item::Nothing if field.count == Count::One => {
                    Err(raise!(cx, ValueError, "field '{name}' is required for {owner}"))
                }
                item => Ok(item),
            },
        }
    }

    fn list(&mut self, kind: NodeKind, field: Field, value: Value) -> PyResult<Item> {
        let (cx, name, owner) = (self.cx, field.name, kind.name());
        let Some(list) = value.downcast::<List>(cx) else {
            let class = value.class_name(cx);
            return Err(raise!(cx, TypeError, "{owner} field \"{name}\" must be a list, not a {class}"));
        };
        let length = list.len();
        let mut items = Vec::new();
        for index in 0..length {
            let Some(value) = list.get(index) else { break };
            items.push(self.item(field.field_type, value)?);
            if list.len() != length {
                return Err(raise!(cx, RuntimeError, "{owner} field \"{name}\" changed size during iteration"));
            }
        }
        Ok(Item::List(items))
    }

    fn item(&mut self, field_type: FieldType, value: Value) -> PyResult<Item> {
        let cx = self.cx;
        match field_type {
            FieldType::Node(group) => self.node(value, group),
            FieldType::Identifier => match value.exact::<Str>() {
                Some(text) => Ok(Item::Identifier(identifier(cx, text)?)),
                None if value.is_none() => Ok(Item::Nothing),
                None => Err(cx.type_error("AST identifier must be of type str")),
            },
            FieldType::Text => {
                if let Some(text) = value.exact::<Str>() {
                    return Ok(Item::Text(text.as_wtf8().to_wtf8_buf()));
                }
                match value.exact::<Bytes>() {
                    Some(bytes) => Ok(Item::Text(String::from_utf8_lossy(bytes.as_bytes()).into_owned().into())),
                    None => Err(cx.type_error("AST string must be of type str")),
                }
            }
            FieldType::Int => Ok(Item::Int(small_int(cx, value)?)),
            FieldType::Constant => Ok(Item::Constant(constant(cx, value)?)),
        }
    }

    fn span(&self, object: Value, group: Group) -> PyResult<Span> {
        let cx = self.cx;
        let read = |name: &str| match cx.get_attribute_optional(object, cx.intern_str(name))? {
            Some(value) if !value.is_none() || !name.starts_with("end_") => Ok(Some(small_int(cx, value)?)),
            _ => Ok(None),
        };
        let required = |name: &str, value: Option<i32>| match value {
            Some(value) => Ok(value),
            None => {
                let owner = group.name();
                Err(raise!(cx, TypeError, "required field \"{name}\" missing from {owner}"))
            }
        };
        let line = required("lineno", read("lineno")?)?;
        let column = required("col_offset", read("col_offset")?)?;
        let end_line = read("end_lineno")?.unwrap_or(line);
        let end_column = read("end_col_offset")?.unwrap_or(column);
        Ok(Span { line, column, end_line, end_column })
    }
}

/// The text of a name. Surrogates cannot be in any.
fn identifier(cx: &Cx, text: Ref<Str>) -> PyResult<String> {
    match text.to_str() {
        Some(text) => Ok(text.to_owned()),
        None => {
            // The codec words the error.
            countless_vm::runtime::codecs::encode(cx, text, None, None)?;
            Err(cx.value_error("AST identifier cannot be encoded"))
        }
    }
}

fn small_int(cx: &Cx, value: Value) -> PyResult<i32> {
    if int::is_int(cx, value) {
        return cx.c_int_argument(value);
    }
    let shown = object::repr(cx, value)?;
    Err(raise!(cx, ValueError, "invalid integer value: {}", shown.as_wtf8()))
}

fn constant(cx: &Cx, value: Value) -> PyResult<Constant> {
    if let Some(truth) = value.as_bool() {
        return Ok(Constant::Bool(truth));
    }
    match value {
        Value::NONE => return Ok(Constant::None),
        Value::ELLIPSIS => return Ok(Constant::Ellipsis),
        _ => {}
    }
    let class = cx.type_of(value).instance_id();
    if class == ids::INT
        && let Some(number) = int::to_number(cx, value)
    {
        return Ok(Constant::Integer(match number {
            Int::Small(small) => Integer::Small(small),
            Int::Big(big) => Integer::Big(big),
        }));
    }
    if let Some(text) = value.exact::<Str>() {
        return Ok(Constant::Str(text.as_wtf8().to_wtf8_buf()));
    }
    if let Some(bytes) = value.exact::<Bytes>() {
        return Ok(Constant::Bytes(bytes.as_bytes().to_vec()));
    }
    if class == ids::FLOAT
        && let Some(float) = float::as_f64(cx, value)
    {
        return Ok(Constant::Float(float));
    }
    if class == ids::COMPLEX
        && let Some(pair) = complex::as_pair(cx, value)
    {
        return Ok(Constant::Complex(pair.re, pair.im));
    }
    if let Some(tuple) = value.exact::<Tuple>() {
        cx.check_native_stack()?;
        return Ok(Constant::Tuple(tuple.iter().map(|item| constant(cx, item)).collect::<PyResult<_>>()?));
    }
    if class == ids::FROZENSET {
        return Err(raise!(cx, NotImplementedError, "frozensets in Constant nodes"));
    }
    Err(raise!(cx, TypeError, "got an invalid type in Constant: {}", value.class_name(cx)))
}
