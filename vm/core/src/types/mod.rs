//! The builtin types: the table of their type ids and definitions, one file per type (or small family).
//!
//! Adding a type: a row in [`for_each_type_id`], a row in [`DEFINITIONS`], a file. Each file keeps the same order:
//! the cell, its Rust API, construction, protocol functions, methods, and at the foot the rows and `TYPE`.

pub use countless_gc::TypeId;

use crate::native::definition::TypeDef;

pub mod bool;
pub mod builtin_function;
pub(crate) mod byte_sequence;
pub mod bytearray;
pub mod bytes;
pub mod callable_iterator;
pub mod cell;
pub mod classmethod;
pub mod code;
pub mod complex;
pub mod context;
pub mod dict;
pub mod enumerate;
pub mod exception;
pub mod filter;
pub mod float;
pub mod frame;
pub mod frame_locals;
pub mod function;
pub mod generator;
pub mod generic_alias;
pub mod getset_descriptor;
pub mod int;
pub mod list;
pub mod map;
pub mod mapping_proxy;
pub mod memoryview;
pub mod method;
pub mod module;
pub mod none;
pub mod object;
pub mod object_reduce;
pub mod property;
pub mod range;
pub mod reversed;
pub mod sequence;
pub mod sequence_iterator;
pub mod set;
pub mod simple_namespace;
pub mod slice;
pub mod staticmethod;
pub mod str;
pub mod structseq;
pub mod super_object;
pub mod template;
pub mod traceback;
pub mod tuple;
pub mod type_attribute;
pub mod type_layout;
pub mod type_mro;
pub mod type_new;
pub mod type_object;
pub mod type_parameter;
pub mod union;
pub mod weak_proxy;
pub mod weakref;
pub mod wrapper_descriptor;
pub mod zip;

/// Calls the macro `$callback` with the names of all fixed type ids, in order from 1.
macro_rules! for_each_type_id {
    ($callback:ident) => { $callback! {
        // The collector's own needs: cells that are never seen by Python code.
        SHAPE, ARRAY, DICT_STORAGE, SET_STORAGE, BYTE_STORAGE, LENT_BUFFER, ATTRIBUTE_OVERFLOW, ATTRIBUTE_RECORD, UNBOUND, NATIVE_STATE,
        // Singletons and numbers.
        OBJECT, TYPE, NONE, ELLIPSIS, NOT_IMPLEMENTED, BOOL, INT, FLOAT, COMPLEX,
        // Text, bytes, containers.
        STR, BYTES, BYTEARRAY, MEMORYVIEW, LIST, TUPLE, DICT, SET, FROZENSET, RANGE, SLICE, MAPPING_PROXY,
        // Callables and descriptors.
        FUNCTION, BUILTIN_FUNCTION, METHOD, METHOD_DESCRIPTOR, CLASSMETHOD_DESCRIPTOR, WRAPPER_DESCRIPTOR, METHOD_WRAPPER,
        GETSET_DESCRIPTOR, MEMBER_DESCRIPTOR, CLASSMETHOD, STATICMETHOD, PROPERTY, SUPER,
        // Code and execution.
        CELL, CODE, FRAME, FRAME_LOCALS_PROXY, TRACEBACK, MODULE, GENERATOR, COROUTINE, COROUTINE_WRAPPER, ASYNC_GENERATOR,
        ASYNC_GENERATOR_SEND, ASYNC_GENERATOR_THROW, ASYNC_GENERATOR_VALUE, ANEXT_AWAITABLE,
        // Iterators.
        LIST_ITERATOR, LIST_REVERSE_ITERATOR, TUPLE_ITERATOR, RANGE_ITERATOR, LONG_RANGE_ITERATOR, STR_ITERATOR,
        STR_ASCII_ITERATOR, BYTES_ITERATOR, BYTEARRAY_ITERATOR, MEMORY_ITERATOR, DICT_KEYS, DICT_VALUES, DICT_ITEMS, DICT_KEY_ITERATOR,
        DICT_VALUE_ITERATOR, DICT_ITEM_ITERATOR, DICT_REVERSE_KEY_ITERATOR, DICT_REVERSE_VALUE_ITERATOR,
        DICT_REVERSE_ITEM_ITERATOR, SET_ITERATOR, CALLABLE_ITERATOR, SEQUENCE_ITERATOR, ENUMERATE, ZIP, MAP, FILTER, REVERSED,
        CODE_POSITIONS_ITERATOR, CODE_LINES_ITERATOR,
        // Others.
        WEAKREF, WEAK_PROXY, WEAK_CALLABLE_PROXY, SIMPLE_NAMESPACE, GENERIC_ALIAS, GENERIC_ALIAS_ITERATOR, UNION, TYPE_VAR, TYPE_VAR_TUPLE, PARAM_SPEC,
        PARAM_SPEC_ARGS, PARAM_SPEC_KWARGS, TYPE_ALIAS, GENERIC, NO_DEFAULT, CONST_EVALUATOR, TEMPLATE, TEMPLATE_ITERATOR,
        INTERPOLATION, CONTEXT, CONTEXT_VAR, CONTEXT_TOKEN, CONTEXT_TOKEN_MISSING, CONTEXT_KEYS, CONTEXT_VALUES, CONTEXT_ITEMS,
        CONTEXT_NODE, ORDERED_DICT, ORDERED_DICT_ITERATOR, ORDERED_DICT_KEYS, ORDERED_DICT_VALUES, ORDERED_DICT_ITEMS,
    } };
}

/// Type ids of the builtin types' exact instances, fixed so that a type check is one comparison with a constant.
pub mod ids {
    use countless_gc::TypeId;

    macro_rules! define_ids {
        ($($name:ident,)*) => {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Ordinal { Zero, $($name,)* COUNT }
            $(#[allow(missing_docs)] pub const $name: TypeId = TypeId(Ordinal::$name as u32);)*
            const _: () = assert!((Ordinal::Zero as u32) == 0);
            /// The first id after these; the exceptions' follow (`exceptions::ExceptionKind`).
            pub const FIRST_EXCEPTION: u32 = Ordinal::COUNT as u32;
        };
    }
    for_each_type_id!(define_ids);

    /// The first id that is given out at run time.
    pub const FIRST_DYNAMIC: u32 = 512;
    const _: () = assert!(FIRST_EXCEPTION + 128 < FIRST_DYNAMIC);
}

/// The definitions of the builtin types, bases before subclasses. Exceptions follow from their own table.
pub static DEFINITIONS: &[&TypeDef] = &[
    // The roots, singletons, numbers, text and bytes.
    &object::TYPE,
    &type_attribute::TYPE,
    &none::NONE_TYPE,
    &none::ELLIPSIS_TYPE,
    &none::NOT_IMPLEMENTED_TYPE,
    &int::TYPE,
    &bool::TYPE,
    &float::TYPE,
    &complex::TYPE,
    &str::TYPE,
    &str::iterator::TYPE,
    &str::iterator::ASCII_TYPE,
    &bytes::TYPE,
    &bytes::ITERATOR_TYPE,
    &bytearray::TYPE,
    &bytearray::ITERATOR_TYPE,
    &memoryview::TYPE,
    &memoryview::ITERATOR_TYPE,
    // Descriptors and native functions.
    &builtin_function::TYPE,
    &builtin_function::DESCRIPTOR_TYPE,
    &builtin_function::CLASS_DESCRIPTOR_TYPE,
    &wrapper_descriptor::TYPE,
    &wrapper_descriptor::METHOD_TYPE,
    &getset_descriptor::TYPE,
    &getset_descriptor::MEMBER_TYPE,
    &classmethod::TYPE,
    &staticmethod::TYPE,
    &property::TYPE,
    &super_object::TYPE,
    &module::TYPE,
    &weakref::TYPE,
    // Containers, their iterators and views.
    &list::TYPE,
    &list::iterator::TYPE,
    &list::iterator::REVERSE_TYPE,
    &tuple::TYPE,
    &tuple::ITERATOR_TYPE,
    &dict::TYPE,
    &dict::iterator::KEYS_TYPE,
    &dict::iterator::VALUES_TYPE,
    &dict::iterator::ITEMS_TYPE,
    &dict::iterator::REVERSE_KEYS_TYPE,
    &dict::iterator::REVERSE_VALUES_TYPE,
    &dict::iterator::REVERSE_ITEMS_TYPE,
    &dict::view::KEYS_TYPE,
    &dict::view::VALUES_TYPE,
    &dict::view::ITEMS_TYPE,
    &dict::ordered::TYPE,
    &dict::ordered::iterator::TYPE,
    &dict::ordered::iterator::KEYS_TYPE,
    &dict::ordered::iterator::VALUES_TYPE,
    &dict::ordered::iterator::ITEMS_TYPE,
    &mapping_proxy::TYPE,
    &set::TYPE,
    &set::FROZEN_TYPE,
    &set::iterator::TYPE,
    &range::TYPE,
    &range::ITERATOR_TYPE,
    &range::LONG_ITERATOR_TYPE,
    &slice::TYPE,
    // Iterators over other things.
    &enumerate::TYPE,
    &zip::TYPE,
    &map::TYPE,
    &filter::TYPE,
    &reversed::TYPE,
    &sequence_iterator::TYPE,
    &callable_iterator::TYPE,
    // Functions, code and execution.
    &function::TYPE,
    &method::TYPE,
    &cell::TYPE,
    &code::TYPE,
    &frame::TYPE,
    &frame_locals::TYPE,
    &traceback::TYPE,
    &generator::TYPE,
    &generator::coroutine::TYPE,
    &generator::coroutine::WRAPPER_TYPE,
    &generator::async_generator::TYPE,
    &generator::async_generator::VALUE_TYPE,
    &generator::async_awaitable::SEND_TYPE,
    &generator::async_awaitable::THROW_TYPE,
    &generator::async_awaitable::ANEXT_TYPE,
    // Namespaces and types of types.
    &simple_namespace::TYPE,
    &generic_alias::TYPE,
    &generic_alias::ITERATOR_TYPE,
    &union::TYPE,
    // Type parameters, templates, context variables, weak proxies.
    &type_parameter::type_var::TYPE,
    &type_parameter::param_spec::TYPE,
    &type_parameter::param_spec::ARGS_TYPE,
    &type_parameter::param_spec::KWARGS_TYPE,
    &type_parameter::type_var_tuple::TYPE,
    &type_parameter::alias::TYPE,
    &type_parameter::generic::TYPE,
    &type_parameter::generic::NO_DEFAULT_TYPE,
    &type_parameter::generic::EVALUATOR_TYPE,
    &template::TYPE,
    &template::INTERPOLATION_TYPE,
    &template::ITERATOR_TYPE,
    &context::TYPE,
    &context::KEYS_TYPE,
    &context::VALUES_TYPE,
    &context::ITEMS_TYPE,
    &context::variable::TYPE,
    &context::variable::TOKEN_TYPE,
    &context::variable::MISSING_TYPE,
    &weak_proxy::TYPE,
    &weak_proxy::CALLABLE_TYPE,
];

/// Whether the id is one of the fixed ones.
pub fn is_builtin(id: TypeId) -> bool {
    id.0 < ids::FIRST_DYNAMIC
}
