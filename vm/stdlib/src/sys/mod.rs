//! `sys`.

mod frames;
mod hooks;
mod info;
mod jit;
mod monitoring;
mod settings;
mod tracing;

use countless_vm::import::bootstrap::native_names;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

use crate::support::path;

static FUNCTIONS: &[Method] = &[
    Method::many(
        "addaudithook",
        hooks::addaudithook,
        "addaudithook($module, /, hook)\n--\n\nAdd a hook that is called with audit events.",
    ),
    Method::many("audit", hooks::audit, "audit($module, event, /, *args)\n--\n\nPass an event to the audit hooks."),
    Method::many(
        "breakpointhook",
        hooks::breakpointhook,
        "breakpointhook($module, /, *args, **kwargs)\n--\n\nWhat breakpoint() calls.",
    ),
    Method::none(
        "_clear_internal_caches",
        settings::clear_caches,
        "_clear_internal_caches($module, /)\n--\n\nEmpty the interpreter's caches.",
    ),
    Method::none(
        "_clear_type_cache",
        settings::clear_caches,
        "_clear_type_cache($module, /)\n--\n\nEmpty the caches of class attributes.",
    ),
    Method::one(
        "_clear_type_descriptors",
        settings::clear_type_descriptors,
        "_clear_type_descriptors($module, type, /)\n--\n\nRemove __dict__ and __weakref__ from a class's namespace.",
    ),
    Method::none(
        "_current_exceptions",
        frames::current_exceptions,
        "_current_exceptions($module, /)\n--\n\nEach thread's handled exception, by thread id.",
    ),
    Method::none(
        "_current_frames",
        frames::current_frames,
        "_current_frames($module, /)\n--\n\nEach thread's top frame, by thread id.",
    ),
    Method::one(
        "displayhook",
        hooks::displayhook,
        "displayhook($module, object, /)\n--\n\nShow an object and keep it as builtins._.",
    ),
    Method::none(
        "exc_info",
        frames::exc_info,
        "exc_info($module, /)\n--\n\nClass, instance and traceback of the handled exception.",
    ),
    Method::many(
        "excepthook",
        hooks::excepthook,
        "excepthook($module, exctype, value, traceback, /)\n--\n\nShow an exception on standard error.",
    ),
    Method::none("exception", frames::exception, "exception($module, /)\n--\n\nThe handled exception, or None."),
    Method::optional("exit", settings::exit, "exit($module, status=None, /)\n--\n\nRaise SystemExit(status)."),
    Method::none(
        "_get_cpu_count_config",
        settings::get_cpu_count_config,
        "_get_cpu_count_config($module, /)\n--\n\nThe number of processors that -X cpu_count gives, or -1.",
    ),
    Method::none(
        "get_asyncgen_hooks",
        settings::get_asyncgen_hooks,
        "get_asyncgen_hooks($module, /)\n--\n\nThe hooks of asynchronous generators.",
    ),
    Method::none(
        "get_coroutine_origin_tracking_depth",
        settings::get_origin_depth,
        "get_coroutine_origin_tracking_depth($module, /)\n--\n\nHow many frames a coroutine's origin records.",
    ),
    Method::none(
        "get_int_max_str_digits",
        settings::get_int_max_str_digits,
        "get_int_max_str_digits($module, /)\n--\n\nThe limit for conversions between int and decimal str.",
    ),
    Method::none(
        "getallocatedblocks",
        settings::getallocatedblocks,
        "getallocatedblocks($module, /)\n--\n\nHow many memory blocks are in use.",
    ),
    Method::none(
        "getdefaultencoding",
        settings::getdefaultencoding,
        "getdefaultencoding($module, /)\n--\n\nThe encoding used by default: 'utf-8'.",
    ),
    Method::none(
        "getfilesystemencodeerrors",
        settings::getfilesystemencodeerrors,
        "getfilesystemencodeerrors($module, /)\n--\n\nThe error handler for file names.",
    ),
    Method::none(
        "getfilesystemencoding",
        settings::getfilesystemencoding,
        "getfilesystemencoding($module, /)\n--\n\nThe encoding of file names.",
    ),
    Method::optional("_getframe", frames::getframe, "_getframe($module, depth=0, /)\n--\n\nA frame of the call stack."),
    Method::none(
        "_get_cpu_count_config",
        settings::cpu_count_config,
        "_get_cpu_count_config($module, /)\n--\n\nThe number of processors that -X cpu_count names; −1 if it does not.",
    ),
    Method::many(
        "_getframemodulename",
        frames::getframemodulename,
        "_getframemodulename($module, /, depth=0)\n--\n\nThe name of the module of a frame of the call stack.",
    ),
    Method::none(
        "getrecursionlimit",
        settings::getrecursionlimit,
        "getrecursionlimit($module, /)\n--\n\nThe greatest depth of Python calls.",
    ),
    Method::one(
        "getrefcount",
        settings::getrefcount,
        "getrefcount($module, object, /)\n--\n\nA plausible count of references: nothing is counted here.",
    ),
    Method::many(
        "getsizeof",
        settings::getsizeof,
        "getsizeof(object [, default]) -> int\n\nThe size of an object in bytes.",
    ),
    Method::none(
        "getswitchinterval",
        settings::getswitchinterval,
        "getswitchinterval($module, /)\n--\n\nThe value last set by setswitchinterval(), which has no effect.",
    ),
    Method::optional(
        "getunicodeinternedsize",
        settings::getunicodeinternedsize,
        "getunicodeinternedsize($module, /, *, _only_immortal=False)\n--\n\nHow many strings are interned.",
    ),
    Method::one("intern", settings::intern, "intern($module, string, /)\n--\n\nThe one string of this text."),
    Method::none(
        "is_finalizing",
        settings::is_finalizing,
        "is_finalizing($module, /)\n--\n\nWhether the interpreter is ending.",
    ),
    Method::none("is_stack_trampoline_active", settings::no, "is_stack_trampoline_active($module, /)\n--\n\nFalse."),
    Method::none("is_remote_debug_enabled", settings::no, "is_remote_debug_enabled($module, /)\n--\n\nFalse."),
    Method::none("_is_gil_enabled", settings::no, "_is_gil_enabled($module, /)\n--\n\nFalse: there is none."),
    Method::one(
        "_is_interned",
        settings::is_interned,
        "_is_interned($module, string, /)\n--\n\nWhether the string is interned.",
    ),
    Method::one(
        "_is_immortal",
        settings::is_immortal,
        "_is_immortal($module, op, /)\n--\n\nWhether the object lives as long as the interpreter for sure.",
    ),
    Method::many(
        "set_asyncgen_hooks",
        settings::set_asyncgen_hooks,
        "set_asyncgen_hooks([firstiter] [, finalizer])\n\nSet the hooks of asynchronous generators.",
    ),
    Method::many(
        "set_coroutine_origin_tracking_depth",
        settings::set_origin_depth,
        "set_coroutine_origin_tracking_depth($module, /, depth)\n--\n\nSet how many frames a coroutine's origin records.",
    ),
    Method::many(
        "set_int_max_str_digits",
        settings::set_int_max_str_digits,
        "set_int_max_str_digits($module, /, maxdigits)\n--\n\nSet the limit for conversions between int and decimal str.",
    ),
    Method::one(
        "setrecursionlimit",
        settings::setrecursionlimit,
        "setrecursionlimit($module, limit, /)\n--\n\nSet the greatest depth of Python calls.",
    ),
    Method::one(
        "setswitchinterval",
        settings::setswitchinterval,
        "setswitchinterval($module, interval, /)\n--\n\nAccepted for compatibility: threads need not take turns.",
    ),
    Method::one(
        "unraisablehook",
        hooks::unraisablehook,
        "unraisablehook($module, unraisable, /)\n--\n\nShow an exception that cannot be raised.",
    ),
];

/// The module and what its attributes are made of.
struct Filler<'a> {
    cx: &'a Cx,
    module: Ref<Module>,
}

impl Filler<'_> {
    fn add(&self, name: &str, value: Value) -> PyResult<()> {
        self.cx.add_to_module(self.module, name, value)
    }

    fn add_str(&self, name: &str, text: &str) -> PyResult<()> {
        self.add(name, self.cx.new_str(text).value())
    }

    fn strings(&self, items: &[String]) -> PyResult {
        let list = self.cx.new_list();
        for item in items {
            list.push(self.cx, self.cx.new_str(item).value())?;
        }
        Ok(list.value())
    }

    fn paths(&self, items: &[Vec<u8>]) -> PyResult {
        let list = self.cx.new_list();
        for item in items {
            list.push(self.cx, path::fs_decode(self.cx, item).value())?;
        }
        Ok(list.value())
    }

    fn functions(&self, rows: &'static [Method]) -> PyResult<()> {
        let name = self.cx.intern_str("sys").value();
        rows.iter().try_for_each(|row| {
            let function = self.cx.new_builtin_function(row, self.module.value(), Some(name), None);
            self.add(row.name, function.value())
        })
    }

    fn hooks(&self) -> PyResult<()> {
        let dict = self.module.dict();
        for name in ["displayhook", "excepthook", "breakpointhook", "unraisablehook"] {
            if let Some(hook) = dict.get_name(self.cx, self.cx.intern_str(name))? {
                self.add(&format!("__{name}__"), hook)?;
            }
        }
        Ok(())
    }

    fn paths_and_options(&self) -> PyResult<()> {
        let cx = self.cx;
        let line = &cx.vm().config.command_line;
        self.add("argv", self.paths(&line.argv)?)?;
        self.add("orig_argv", self.paths(&line.orig_argv)?)?;
        self.add("path", self.paths(&line.path)?)?;
        for name in ["meta_path", "path_hooks"] {
            self.add(name, cx.new_list().value())?;
        }
        self.add("path_importer_cache", cx.new_dict().value())?;
        self.add("builtin_module_names", native_names(cx)?)?;
        self.add("stdlib_module_names", info::library_names(cx)?)?;
        self.add("warnoptions", self.strings(&line.warn_options)?)?;
        let options = cx.new_dict();
        for (name, value) in &line.x_options {
            let value = value.as_ref().map_or(Value::TRUE, |value| cx.new_str(value).value());
            options.set_name(cx, cx.intern_str(name), value)?;
        }
        self.add("_xoptions", options.value())?;
        self.add_str("executable", &line.executable)?;
        self.add_str("_base_executable", &line.executable)?;
        self.add_str("_stdlib_dir", &line.library_path)?;
        self.add("_home", Value::NONE)?;
        let prefix = info::prefix(&line.library_path);
        for name in ["prefix", "base_prefix", "exec_prefix", "base_exec_prefix"] {
            self.add_str(name, &prefix)?;
        }
        self.add("dont_write_bytecode", Value::bool(line.flags.dont_write_bytecode != 0))?;
        self.add("pycache_prefix", Value::NONE)
    }
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let filler = Filler { cx, module };
    filler.functions(tracing::FUNCTIONS)?;
    filler.hooks()?;
    filler.paths_and_options()?;
    info::fill(cx, module)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "sys",
    doc: "What belongs to the interpreter: its settings, its state, and the program's view of the world.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
