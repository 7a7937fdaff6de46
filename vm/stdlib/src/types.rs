//! `_types`: names for types that have none among the builtins.

use countless_vm::native::definition::{ModuleDef, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::{self, TypeId, ids};

native_cell! {
    /// The cell of capsules, which only extensions make.
    pub struct Capsule("PyCapsule", CAPSULE_LAYOUT) {
        traced {}
        plain {}
    }
}

/// The type of capsules.
pub static CAPSULE_TYPE: TypeDef = TypeDef {
    doc: "Capsule objects let you wrap a C \"void *\" pointer in a Python object.",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    ..TypeDef::new("PyCapsule", &CAPSULE_LAYOUT)
};

const NAMES: &[(&str, TypeId)] = &[
    ("AsyncGeneratorType", ids::ASYNC_GENERATOR),
    ("BuiltinFunctionType", ids::BUILTIN_FUNCTION),
    ("BuiltinMethodType", ids::BUILTIN_FUNCTION),
    ("CellType", ids::CELL),
    ("ClassMethodDescriptorType", ids::CLASSMETHOD_DESCRIPTOR),
    ("CodeType", ids::CODE),
    ("CoroutineType", ids::COROUTINE),
    ("EllipsisType", ids::ELLIPSIS),
    ("FrameType", ids::FRAME),
    ("FunctionType", ids::FUNCTION),
    ("GeneratorType", ids::GENERATOR),
    ("GenericAlias", ids::GENERIC_ALIAS),
    ("GetSetDescriptorType", ids::GETSET_DESCRIPTOR),
    ("LambdaType", ids::FUNCTION),
    ("MappingProxyType", ids::MAPPING_PROXY),
    ("MemberDescriptorType", ids::MEMBER_DESCRIPTOR),
    ("MethodDescriptorType", ids::METHOD_DESCRIPTOR),
    ("MethodType", ids::METHOD),
    ("MethodWrapperType", ids::METHOD_WRAPPER),
    ("ModuleType", ids::MODULE),
    ("NoneType", ids::NONE),
    ("NotImplementedType", ids::NOT_IMPLEMENTED),
    ("SimpleNamespace", ids::SIMPLE_NAMESPACE),
    ("TracebackType", ids::TRACEBACK),
    ("UnionType", ids::UNION),
    ("WrapperDescriptorType", ids::WRAPPER_DESCRIPTOR),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    for &(name, id) in NAMES {
        cx.add_to_module(module, name, cx.builtin_type(id).value())?;
    }
    let capsule = native_type(cx, &CAPSULE_TYPE)?;
    cx.add_to_module(module, "CapsuleType", capsule.value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_types",
    doc: "Define names for built-in types.",
    functions: &[],
    types: &[],
    execute: Some(execute),
};
