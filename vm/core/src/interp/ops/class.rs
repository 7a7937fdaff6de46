//! Functions, classes and type parameters.

use countless_compiler::bytecode::{Instruction, TypeParameterKind};

use crate::interp::bind::{Given, push_call_at};
use crate::interp::frame::{Frame, flag};
use crate::interp::{Flow, operands};
use crate::native::args::Args;
use crate::object::cell::Ref;
use crate::object::protocol::item;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::code::CodeObject;
use crate::types::function::Function;
use crate::types::ids;
use crate::types::tuple::Tuple;
use crate::types::type_object::{TypeObject, flag as flags};

/// `dst =` a function.
#[inline(never)]
pub fn make_function(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MakeFunction { n, dst, base, code } = operands::MakeFunction::decode(word);
    // SAFETY: the verifier proves the constant to be a code object.
    let code: Ref<CodeObject> = unsafe { Ref::from_value_unchecked(frame.constant(code as usize)) };
    let function = cx.new_function_with(code, frame.globals(), frame.builtins());
    let part = |bit: u16| (n >> bit & 1 == 1).then_some(base + bit);
    let defaults = part(0).map(|register| frame.operand(cx, register)).transpose()?;
    let keyword_defaults = part(1).map(|register| frame.operand(cx, register)).transpose()?;
    let closure: Option<Ref<Tuple>> = part(3).map(|register| frame.operand(cx, register)).transpose()?;
    if let Some(closure) = closure
        && (closure.len() != code.free_count() || !closure.iter().all(|cell| cell.is_exactly(ids::CELL)))
    {
        return Err(frame.wrong_operand(cx));
    }
    function.set_defaults(cx, defaults, keyword_defaults);
    function.set_closure(cx, closure);
    if let Some(annotate) = part(2) {
        function.set_annotate(cx, frame.get(annotate));
    }
    frame.set(dst, function.value());
    Ok(Flow::Next)
}

/// Calls a class whose metaclass is `type`: if its instances are plain and `__init__` is a Python function, that runs in a
/// frame of this loop.
pub(super) fn call_class(cx: &Cx, frame: &Frame, callee: Value, args: Args<'_>, dst: u16) -> PyResult<Flow> {
    // SAFETY: the type id of the callee is that of `type`'s instances.
    let class: Ref<TypeObject> = unsafe { Ref::from_value_unchecked(callee) };
    if let Some(init) = plain_init(cx, class) {
        let instance = crate::types::object::new_instance(cx, class);
        push_init(cx, init, instance, args, dst)?;
        return Ok(Flow::Reload);
    }
    let result = crate::types::type_new::call(cx, class.value(), args)?;
    frame.set(dst, result);
    Ok(Flow::Next)
}

/// The class's `__init__`, if that is a Python function and `__new__` is object's.
fn plain_init(cx: &Cx, class: Ref<TypeObject>) -> Option<Ref<Function>> {
    if !class.has_flags(flags::HEAP) || class.has_flags(flags::ABSTRACT) || !crate::types::object::is_plain_new(class) {
        return None;
    }
    let init = crate::object::attribute::lookup(cx, class, cx.names().__init__)?;
    init.exact::<Function>()
}

/// Pushes the frame of an `__init__` so that the instance lies below its window.
pub(super) fn push_init<'cx>(
    cx: &'cx Cx,
    function: Ref<Function>,
    instance: Value,
    args: Args<'_>,
    dst: u16,
) -> PyResult<&'cx Frame> {
    let free = cx.stack.free();
    if !cx.stack.has_room(cx.stack.top_record(), free, 1) {
        return Err(cx.recursion_error());
    }
    // SAFETY: there is room for the word.
    unsafe { crate::interp::frame::store(free, 0, instance) };
    push_call_at(cx, function, Given { receiver: Some(instance), args }, free.wrapping_add(1), dst, flag::INIT)
}

/// `dst =` a type parameter.
#[inline(never)]
pub fn type_parameter(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MakeTypeParameter { n, dst, base } = operands::MakeTypeParameter::decode(word);
    let (name, evaluator, default) = (frame.get(base), frame.get(base + 1).bound(), frame.get(base + 2).bound());
    let kind = TypeParameterKind::from_number(n).unwrap_or(TypeParameterKind::TypeVar);
    let parameter = crate::types::type_parameter::make(cx, kind, name, evaluator, default)?;
    frame.set(dst, parameter);
    Ok(Flow::Next)
}

/// `dst =` a type alias.
#[inline(never)]
pub fn type_alias(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MakeTypeAlias { dst, base } = operands::MakeTypeAlias::decode(word);
    let alias =
        crate::types::type_parameter::make_alias(cx, frame.get(base), frame.get(base + 1), frame.get(base + 2))?;
    frame.set(dst, alias);
    Ok(Flow::Next)
}

/// `dst = Generic[*src]`.
#[inline(never)]
pub fn subscript_generic(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::SubscriptGeneric { dst, src } = operands::SubscriptGeneric::decode(word);
    let base = crate::types::type_parameter::subscript_generic(cx, frame.get(src))?;
    frame.set(dst, base);
    Ok(Flow::Next)
}

/// Sets `function.__type_params__`.
#[inline(never)]
pub fn set_type_parameters(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::SetTypeParameters { function, src } = operands::SetTypeParameters::decode(word);
    if let (Some(function), Some(parameters)) =
        (frame.get(function).exact::<Function>(), frame.get(src).exact::<Tuple>())
    {
        function.set_type_parameters(cx, parameters);
    }
    Ok(Flow::Next)
}

/// Makes `__annotations__` in the local namespace if it is not there.
#[inline(never)]
pub fn setup_annotations(cx: &Cx, frame: &Frame, _word: Instruction) -> PyResult<Flow> {
    let namespace = super::load::namespace(frame);
    let name = cx.names().__annotations__;
    if crate::interp::globals::lookup_in_mapping(cx, namespace, name)?.is_none() {
        item::set_item(cx, namespace, name.value(), cx.new_dict().value())?;
    }
    Ok(Flow::Next)
}
