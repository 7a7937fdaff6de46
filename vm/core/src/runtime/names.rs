//! Strings that the VM itself looks up: interned once, found as fields.

use countless_gc::Tracer;

use crate::object::cell::Ref;
use crate::runtime::context::Cx;
use crate::types::str::Str;

macro_rules! define_names {
    ($($name:ident $(= $text:literal)?,)*) => {
        /// The names. A field is named as the string it holds, but for a few that would be keywords.
        #[allow(non_snake_case, missing_docs)]
        pub struct Names { $(pub $name: Ref<Str>,)* }

        impl Names {
            pub(super) fn new(cx: &Cx) -> Names {
                Names { $($name: cx.intern_str(define_names!(@text $name $($text)?)),)* }
            }

            pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
                $(tracer.word(self.$name.value().word());)*
            }
        }
    };
    (@text $name:ident) => { stringify!($name) };
    (@text $name:ident $text:literal) => { $text };
}

// SAFETY: the strings are immutable, and roots for as long as the process lives.
unsafe impl Sync for Names {}
// SAFETY: as above.
unsafe impl Send for Names {}

define_names! {
    empty = "",
    newline = "\n",
    space = " ",
    lambda = "<lambda>",
    module_ = "<module>",
    dot = ".",
    // Special methods (the slots' names among them).
    __new__, __init__, __del__, __repr__, __str__, __hash__, __call__, __getattribute__, __getattr__, __setattr__,
    __delattr__, __lt__, __le__, __eq__, __ne__, __gt__, __ge__, __iter__, __next__, __get__, __set__, __delete__, __len__,
    __getitem__, __setitem__, __delitem__, __contains__, __missing__, __reversed__, __length_hint__, __add__, __radd__, __iadd__,
    __sub__, __rsub__, __isub__, __mul__, __rmul__, __imul__, __matmul__, __rmatmul__, __imatmul__, __truediv__, __rtruediv__,
    __itruediv__, __floordiv__, __rfloordiv__, __ifloordiv__, __mod__, __rmod__, __imod__, __divmod__, __rdivmod__, __pow__, __rpow__,
    __ipow__, __lshift__, __rlshift__, __ilshift__, __rshift__, __rrshift__, __irshift__, __and__, __rand__, __iand__, __xor__,
    __rxor__, __ixor__, __or__, __ror__, __ior__, __neg__, __pos__, __abs__, __invert__, __bool__, __int__, __float__, __complex__,
    __index__, __round__, __trunc__, __floor__, __ceil__, __await__, __aiter__, __anext__, __buffer__, __release_buffer__,
    __enter__, __exit__, __aenter__, __aexit__, __format__, __bytes__, __fspath__, __dir__, __sizeof__, __reduce__, __reduce_ex__,
    __getstate__, __setstate__, __getnewargs__, __getnewargs_ex__, __copy__, __deepcopy__, __replace__, __set_name__,
    __init_subclass__, __class_getitem__, __instancecheck__, __subclasscheck__, __subclasshook__, __mro_entries__, __prepare__,
    __import__, __build_class__, __debug__, __typing_subst__, __typing_unpacked_tuple_args__, __typing_is_unpacked_typevartuple__,
    __typing_prepare_subst__, __parameters__, __origin__, __args__, __unpacked__, __default__, __value__, __bound__, __constraints__,
    // Attributes.
    __class__, __dict__, __doc__, __name__, __qualname__, __module__, __bases__, __base__, __mro__, mro, __slots__, __weakref__,
    __classcell__, __classdict__, __classdictcell__, __static_attributes__, __firstlineno__, __type_params__, __annotations__,
    __annotate__, __annotate_func__, __annotations_cache__, __abstractmethods__, __isabstractmethod__, __match_args__, __text_signature__,
    __wrapped__, __defaults__, __kwdefaults__, __code__, __closure__, __globals__, __builtins__, __func__, __self__, __objclass__,
    __thisclass__, __self_class__, __conditional_annotations__, __orig_bases__, __orig_class__, __notes__, __cause__, __context__,
    __traceback__, __suppress_context__, __path__, __file__, __cached__, __loader__, __package__, __spec__, __all__, __main__, __future__,
    __hello__, __members__, __set_typeparams__, __warningregistry__, __jit__,
    // Modules, attributes of modules, methods called by name.
    builtins, sys, modules, path, meta_path, path_hooks, path_importer_cache, stdin, stdout, stderr, __stdin__, __stdout__, __stderr__,
    displayhook, excepthook, unraisablehook, argv, warnoptions, flags, implementation, last_exc, last_type, last_value, last_traceback,
    ps1, ps2, tracebacklimit, underscore = "_", write, flush, read, readline, readlines, readinto, close, closed, encoding, errors, mode, name, fileno,
    isatty, keys, values, items, get, append, extend, add, update, pop, copy, clear, send, throw, join, sort, key, reverse, default,
    strict, start, stop, step, end, sep, file, msg, obj, value, args, code, errno, strerror, filename, filename2,
    characters_written, lineno, offset, text, print_file_and_line, end_lineno, end_offset, name_from, object, reason, exceptions, message,
    metaclass, level, fromlist, globals, locals, warnings, warn, warn_explicit, _showwarnmsg, importlib, _bootstrap, _bootstrap_external,
    _initializing, _find_and_load, _handle_fromlist, _lock_unlock_module, origin, has_location, decode, encode, big, little, signed,
    source, optimize, dont_inherit, feature_version, closure, type_params, sentinel, namespace, bases, instance, owner, typing, types,
    typing_Generic = "Generic", NamedTuple, TypeVar, utf_8 = "utf-8", ascii, latin_1 = "latin-1", surrogateescape, surrogatepass, ignore,
    replace, backslashreplace, xmlcharrefreplace, namereplace, excel, print, super_ = "super", classdict = ".classdict", type_params_dot = ".type_params", defaults = ".defaults",
    generic_base = ".generic_base", format = "format", None_ = "None", True_ = "True", False_ = "False", float_ = "float", count,
    index, maxsplit, tabsize, keepends, fset, fget, fdel, doc, iterable, initial, real, imag, base, func, partial, n_fields, n_sequence_fields,
    n_unnamed_fields, _fields, _field_defaults, threading, _shutdown, _after_fork, atexit, _run_exitfuncs, io, open, codecs, encodings,
    _abc_impl, __subclasses__, __abc_tpflags__, hash, fillvalue, maxlen, cache_parameters, linecache, _register_code, getlines, traceback, site, zipimport, runpy, _run_module_as_main, posix, os,
}
