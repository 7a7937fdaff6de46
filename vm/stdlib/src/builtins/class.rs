//! What class and import statements call.

use countless_vm::native::args::Args;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::cell::CellObject;
use countless_vm::types::dict::Dict;
use countless_vm::types::function::Function;
use countless_vm::types::ids;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_new;

/// The keyword arguments of a class statement: the metaclass apart, the others as values and names.
struct Keywords {
    metaclass: Option<Value>,
    values: Ref<List>,
    names: Ref<List>,
}

fn split_keywords(cx: &Cx, args: Args<'_>) -> PyResult<Keywords> {
    let (values, names) = (cx.new_list(), cx.new_list());
    let mut metaclass = None;
    for (name, value) in args.keywords() {
        if name.as_wtf8().as_bytes() == b"metaclass" {
            metaclass = Some(value);
        } else {
            values.push(cx, value)?;
            names.push(cx, name.value())?;
        }
    }
    Ok(Keywords { metaclass, values, names })
}

/// Replaces bases that have `__mro_entries__`; a new tuple if there was one.
fn resolve_bases(cx: &Cx, bases: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
    let resolved = cx.new_list();
    let mut changed = false;
    for base in bases.iter() {
        if base.as_class(cx).is_none()
            && let Some(entries) = cx.get_attribute_optional(base, cx.names().__mro_entries__)?
        {
            let entries = cx.call(entries, &[bases.value()])?;
            let Some(entries) = entries.downcast::<Tuple>(cx) else {
                return Err(cx.type_error("__mro_entries__ must return a tuple"));
            };
            changed = true;
            for entry in entries.iter() {
                resolved.push(cx, entry)?;
            }
            continue;
        }
        resolved.push(cx, base)?;
    }
    if changed { resolved.to_tuple(cx) } else { Ok(bases) }
}

fn choose_metaclass(cx: &Cx, given: Option<Value>, bases: Ref<Tuple>) -> PyResult {
    let start = match given {
        Some(given) => given,
        None if bases.is_empty() => return Ok(cx.builtin_type(ids::TYPE).value()),
        None => cx.type_of(bases.get(0)).value(),
    };
    match start.as_class(cx) {
        Some(class) => Ok(type_new::most_derived_metaclass(cx, class, bases)?.value()),
        None => Ok(start),
    }
}

/// Calls with positional arguments and the class statement's keywords.
fn call_with(cx: &Cx, callable: Value, positional: &[Value], keywords: &Keywords) -> PyResult {
    let count = positional.len() + keywords.values.len();
    let all = cx.new_blank_tuple(count);
    for (index, &value) in positional.iter().enumerate() {
        all.init(index, value);
    }
    for (index, value) in keywords.values.iter().enumerate() {
        all.init(positional.len() + index, value);
    }
    let names = keywords.names.to_tuple(cx)?;
    cx.call_args(callable, countless_vm::interp::call::tuple_args(&all, Some(names)))
}

/// `__build_class__(function, name, *bases, metaclass=…, **keywords)`.
pub(super) fn build_class(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let (Some(body), Some(name)) = (args.get(0), args.get(1)) else {
        return Err(cx.type_error("__build_class__: not enough arguments"));
    };
    let Some(body) = body.exact::<Function>() else {
        return Err(cx.type_error("__build_class__: func must be a function"));
    };
    if name.downcast::<Str>(cx).is_none() {
        return Err(cx.type_error("__build_class__: name is not a string"));
    }
    let given = cx.new_blank_tuple(args.len() - 2);
    for (index, base) in args.iter().skip(2).enumerate() {
        given.init(index, base);
    }
    let bases = resolve_bases(cx, given)?;
    let keywords = split_keywords(cx, args)?;
    let metaclass = choose_metaclass(cx, keywords.metaclass, bases)?;
    let namespace = match cx.get_attribute_optional(metaclass, cx.names().__prepare__)? {
        Some(prepare) => call_with(cx, prepare, &[name, bases.value()], &keywords)?,
        None => cx.new_dict().value(),
    };
    if cx.type_of(namespace).slots.subscript().is_none() {
        let shown = match metaclass.as_class(cx) {
            Some(class) => class.display_name(),
            None => "<metaclass>".to_owned(),
        };
        let class = namespace.class_name(cx);
        return Err(raise!(cx, TypeError, "{shown}.__prepare__() must return a mapping, not {class}"));
    }
    let cell = cx.run_with_locals(body, namespace)?;
    if bases != given {
        countless_vm::object::protocol::item::set_item(
            cx,
            namespace,
            cx.names().__orig_bases__.value(),
            given.value(),
        )?;
    }
    let class = call_with(cx, metaclass, &[name, bases.value(), namespace], &keywords)?;
    check_class_cell(cx, cell, name, class)?;
    Ok(class)
}

/// The body's `__class__` cell must have been set by `type.__new__`, to the class itself.
fn check_class_cell(cx: &Cx, cell: Value, name: Value, class: Value) -> PyResult<()> {
    let (Some(cell), Some(_)) = (cell.exact::<CellObject>(), class.as_class(cx)) else { return Ok(()) };
    let shown = countless_vm::object::protocol::object::repr(cx, name)?;
    match cell.get() {
        None => Err(raise!(
            cx,
            RuntimeError,
            "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
            shown.as_wtf8(),
            countless_vm::object::protocol::object::repr(cx, class)?.as_wtf8()
        )),
        Some(set) if set != class => Err(raise!(
            cx,
            TypeError,
            "__class__ set to {} defining {} as {}",
            countless_vm::object::protocol::object::repr(cx, set)?.as_wtf8(),
            shown.as_wtf8(),
            countless_vm::object::protocol::object::repr(cx, class)?.as_wtf8()
        )),
        Some(_) => Ok(()),
    }
}

static IMPORT: countless_vm::native::args::Signature<5> =
    countless_vm::native::args::Signature::new("__import__", ["name", "globals", "locals", "fromlist", "level"])
        .required(1);

/// `__import__(name, globals, locals, fromlist, level)`.
pub(super) fn import(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name, globals, _locals, from_list, level] = IMPORT.bind(cx, args)?;
    let name = name.unwrap_or(Value::NONE);
    let level = match level {
        Some(level) => number::index_i64(cx, level)?,
        None => 0,
    };
    let globals = globals.and_then(|globals| globals.downcast::<Dict>(cx));
    cx.import_name(name, globals, from_list.and_then(Value::not_none), level)
}
