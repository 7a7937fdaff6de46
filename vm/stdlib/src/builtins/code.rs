//! Compiling and running code, and the namespaces of the running code.

use countless_compiler::bytecode::CodeFlags;
use countless_compiler::syntax::decode::{self, Origin};
use countless_compiler::syntax::{FutureFeatures, Mode, ParseOptions};
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{buffer, number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::compile::SourceOptions;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::cell::CellObject;
use countless_vm::types::code::CodeObject;
use countless_vm::types::dict::Dict;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

/// Flags of `compile()` beside the `__future__` bits.
mod flag {
    /// `ast.PyCF_ONLY_AST`.
    pub const ONLY_AST: i64 = 0x400;
    /// `PyCF_DONT_IMPLY_DEDENT`.
    pub const DONT_IMPLY_DEDENT: i64 = 0x200;
    /// `PyCF_TYPE_COMMENTS`.
    pub const TYPE_COMMENTS: i64 = 0x1000;
    /// `ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`.
    pub const TOP_LEVEL_AWAIT: i64 = 0x2000;
    /// `PyCF_ALLOW_INCOMPLETE_INPUT`.
    pub const INCOMPLETE_INPUT: i64 = 0x4000;
    /// `ast.PyCF_OPTIMIZED_AST`, which includes `ONLY_AST`.
    pub const OPTIMIZED_AST: i64 = 0x8000 | ONLY_AST;
    /// All of these.
    pub const ALL: i64 =
        ONLY_AST | DONT_IMPLY_DEDENT | TYPE_COMMENTS | TOP_LEVEL_AWAIT | INCOMPLETE_INPUT | OPTIMIZED_AST;
}

static COMPILE: Signature<7> =
    Signature::new("compile", ["source", "filename", "mode", "flags", "dont_inherit", "optimize", "_feature_version"])
        .required(3)
        .keyword_only_from(6);

pub(super) fn compile(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, filename, mode, flags, dont_inherit, optimize, _feature_version] = COMPILE.bind(cx, args)?;
    let (source, filename) = (source.unwrap_or(Value::NONE), file_name(cx, filename.unwrap_or(Value::NONE))?);
    let mode = mode_named(cx, mode.unwrap_or(Value::NONE))?;
    let flags = flags.map_or(Ok(0), |flags| number::index_i64(cx, flags))?;
    if flags & !(i64::from(CodeFlags::FUTURE_MASK) | flag::ALL) != 0 {
        return Err(cx.value_error("compile(): unrecognised flags"));
    }
    let optimize = match optimize.map_or(Ok(-1), |optimize| number::index_i64(cx, optimize))? {
        -1 => None,
        level @ 0..=2 => Some(level as u8),
        _ => return Err(cx.value_error("compile(): invalid optimize value")),
    };
    let inherit = !dont_inherit.map_or(Ok(false), |flag| object::is_true(cx, flag))?;
    let future = (flags as u32 & CodeFlags::FUTURE_MASK) | if inherit { inherited_features(cx) } else { 0 };
    if mode == Mode::FunctionType && flags & flag::ONLY_AST == 0 {
        return Err(cx.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
    }
    let options = SourceOptions {
        parse: ParseOptions {
            mode,
            future: FutureFeatures::from_flags(future),
            allow_incomplete_input: flags & flag::INCOMPLETE_INPUT != 0,
            dont_imply_dedent: flags & flag::DONT_IMPLY_DEDENT != 0,
            allow_top_level_await: flags & flag::TOP_LEVEL_AWAIT != 0,
        },
        optimize,
    };
    if flags & flag::ONLY_AST != 0 || crate::ast::is_node(cx, source)? {
        return crate::ast::compile(cx, source, &filename, options, flags & flag::ONLY_AST != 0);
    }
    Ok(compile_source(cx, source, &filename, options, "compile")?.value())
}

fn file_name(cx: &Cx, value: Value) -> PyResult<String> {
    if let Some(text) = value.downcast::<Str>(cx) {
        return Ok(text.as_wtf8().to_string_lossy());
    }
    let path = crate::support::path::fs_encode(cx, value)?;
    Ok(String::from_utf8_lossy(&path).into_owned())
}

fn mode_named(cx: &Cx, value: Value) -> PyResult<Mode> {
    let Some(mode) = value.downcast::<Str>(cx) else {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "compile() argument 'mode' must be str, not {class}"));
    };
    match mode.as_wtf8().as_bytes() {
        b"exec" => Ok(Mode::Exec),
        b"eval" => Ok(Mode::Eval),
        b"single" => Ok(Mode::Single),
        b"func_type" => Ok(Mode::FunctionType),
        _ => Err(cx.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    }
}

/// The `__future__` bits of the running code.
fn inherited_features(cx: &Cx) -> u32 {
    cx.current_frame().map_or(0, |frame| frame.code().flags & CodeFlags::FUTURE_MASK)
}

/// Compiles a string or a bytes-like object.
fn compile_source(
    cx: &Cx,
    source: Value,
    filename: &str,
    options: SourceOptions,
    function: &str,
) -> PyResult<Ref<CodeObject>> {
    if let Some(text) = source.downcast::<Str>(cx) {
        let Some(text) = text.to_str() else {
            // What cannot be encoded cannot be source; the codec words the error.
            countless_vm::runtime::codecs::encode(cx, text, None, None)?;
            return Err(cx.value_error("source code string cannot be encoded"));
        };
        return match decode::from_text(filename, text) {
            Ok(text) => cx.compile_text(text, options),
            Err(error) => Err(cx.raise_syntax_error(filename, &error)),
        };
    }
    if cx.type_of(source).slots.buffer().is_none() {
        let what =
            if function == "compile" { "a string, bytes or AST object" } else { "a string, bytes or code object" };
        return Err(raise!(cx, TypeError, "{function}() arg 1 must be {what}"));
    }
    let bytes = buffer::bytes_of(cx, source)?;
    cx.compile_bytes(filename, &bytes, Origin::Bytes, options)
}

pub(super) fn globals(cx: &Cx, _module: Value) -> PyResult {
    match cx.current_globals() {
        Some(globals) => Ok(globals.value()),
        None => Err(cx.runtime_error("globals(): no current frame")),
    }
}

pub(super) fn locals(cx: &Cx, _module: Value) -> PyResult {
    cx.current_locals()
}

/// What `dir()` and `vars()` show.
pub(super) fn current_locals(cx: &Cx) -> PyResult {
    cx.current_locals()
}

/// The namespaces for `eval` and `exec`: those given, or the caller's.
fn namespaces(cx: &Cx, function: &str, globals: Option<Value>, locals: Option<Value>) -> PyResult<(Ref<Dict>, Value)> {
    let (globals, locals) = (globals.and_then(Value::not_none), locals.and_then(Value::not_none));
    if let Some(locals) = locals
        && cx.type_of(locals).slots.subscript().is_none()
    {
        let class = locals.class_name(cx);
        return Err(if function == "eval" {
            cx.type_error("locals must be a mapping")
        } else {
            raise!(cx, TypeError, "locals must be a mapping or None, not {class}")
        });
    }
    let (globals, locals) = match globals {
        Some(globals) => {
            let Some(dict) = globals.downcast::<Dict>(cx) else {
                let class = globals.class_name(cx);
                return Err(if function == "eval" {
                    let is_mapping = cx.type_of(globals).slots.subscript().is_some();
                    cx.type_error(if is_mapping {
                        "globals must be a real dict; try eval(code, {}, mapping)"
                    } else {
                        "globals must be a dict"
                    })
                } else {
                    raise!(cx, TypeError, "exec() globals must be a dict, not {class}")
                });
            };
            (dict, locals.unwrap_or(globals))
        }
        None => {
            let Some(globals) = cx.current_globals() else {
                return Err(raise!(cx, SystemError, "globals and locals cannot be NULL"));
            };
            let locals = match locals {
                Some(locals) => locals,
                None => cx.current_locals()?,
            };
            (globals, locals)
        }
    };
    let builtins = cx.intern_str("__builtins__");
    if globals.get_name(cx, builtins)?.is_none() {
        globals.set_name(cx, builtins, cx.builtins_dict().value())?;
    }
    Ok((globals, locals))
}

static EVAL: Signature<3> = Signature::new("eval", ["source", "globals", "locals"]).required(1).positional_only(1);

pub(super) fn eval(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, globals, locals] = EVAL.bind(cx, args)?;
    let source = source.unwrap_or(Value::NONE);
    let (globals, locals) = namespaces(cx, "eval", globals, locals)?;
    let code = match source.exact::<CodeObject>() {
        Some(code) => {
            if code.free_count() > 0 {
                return Err(cx.type_error("code object passed to eval() may not contain free variables"));
            }
            code
        }
        None => {
            let mut options = SourceOptions::new(Mode::Eval);
            options.parse.future = FutureFeatures::from_flags(inherited_features(cx));
            let source = without_leading_space(cx, source)?;
            compile_source(cx, source, "<string>", options, "eval")?
        }
    };
    cx.run_code(code, globals, locals, None)
}

/// `eval` forgives spaces and tabs before the expression.
fn without_leading_space(cx: &Cx, source: Value) -> PyResult {
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    if let Some(text) = source.downcast::<Str>(cx) {
        let bytes = text.as_wtf8().as_bytes();
        let start = bytes.iter().take_while(|byte| blank(byte)).count();
        if start == 0 {
            return Ok(source);
        }
        return Ok(cx.new_str_wtf8(text.as_wtf8().slice(start..bytes.len())).value());
    }
    if cx.type_of(source).slots.buffer().is_none() {
        return Ok(source);
    }
    let bytes = buffer::bytes_of(cx, source)?;
    let start = bytes.iter().take_while(|byte| blank(byte)).count();
    Ok(cx.new_bytes(&bytes[start..]).value())
}

static EXEC: Signature<4> = Signature::new("exec", ["source", "globals", "locals", "closure"])
    .required(1)
    .positional_only(1)
    .keyword_only_from(3);

pub(super) fn exec(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, globals, locals, closure] = EXEC.bind(cx, args)?;
    let source = source.unwrap_or(Value::NONE);
    let (globals, locals) = namespaces(cx, "exec", globals, locals)?;
    let closure = closure.and_then(Value::not_none);
    match source.exact::<CodeObject>() {
        Some(code) => {
            let closure = closure_cells(cx, code, closure)?;
            cx.run_code(code, globals, locals, closure)?;
        }
        None => {
            if closure.is_some() {
                return Err(cx.type_error("closure can only be used when source is a code object"));
            }
            let mut options = SourceOptions::new(Mode::Exec);
            options.parse.future = FutureFeatures::from_flags(inherited_features(cx));
            let code = compile_source(cx, source, "<string>", options, "exec")?;
            cx.run_code(code, globals, locals, None)?;
        }
    }
    Ok(Value::NONE)
}

fn closure_cells(cx: &Cx, code: Ref<CodeObject>, closure: Option<Value>) -> PyResult<Option<Ref<Tuple>>> {
    let wanted = code.free_count();
    let Some(closure) = closure else {
        if wanted == 0 {
            return Ok(None);
        }
        return Err(raise!(cx, TypeError, "code object requires a closure of exactly length {wanted}"));
    };
    if wanted == 0 {
        return Err(cx.type_error("cannot use a closure with this code object"));
    }
    match closure.exact::<Tuple>() {
        Some(cells) if cells.len() == wanted && cells.iter().all(|cell| cell.exact::<CellObject>().is_some()) => {
            Ok(Some(cells))
        }
        _ => Err(raise!(cx, TypeError, "code object requires a closure of exactly length {wanted}")),
    }
}

pub(super) fn breakpoint(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let hook = cx.sys_attribute("breakpointhook")?;
    match hook {
        Some(hook) => cx.call_args(hook, args),
        None => Err(cx.runtime_error("lost sys.breakpointhook")),
    }
}
