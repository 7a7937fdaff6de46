//! Hooks: how values and exceptions are shown, audit events, the debugger's way in.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

/// `sys.displayhook`: shows anything but None on standard output, and keeps it as `builtins._`.
pub(super) fn displayhook(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let Some(builtins) = cx.vm().builtins.get() else { return Err(cx.runtime_error("lost builtins module")) };
    if value.is_none() {
        return Ok(Value::NONE);
    }
    let names = cx.names();
    builtins.dict().set_name(cx, names.underscore, Value::NONE)?;
    let stdout = match cx.sys_attribute("stdout")? {
        Some(stdout) if !stdout.is_none() => stdout,
        _ => return Err(cx.runtime_error("lost sys.stdout")),
    };
    let text = object::repr(cx, value)?;
    if let Err(raised) = cx.call_method(stdout, names.write, &[text.value()]) {
        cx.ignore_if(raised, ExceptionKind::UnicodeEncodeError)?;
        let escaped = countless_common::quote::escape_non_ascii(text.as_wtf8());
        let escaped = escaped.map_err(|failure| cx.raise_failure(failure))?;
        cx.call_method(stdout, names.write, &[cx.new_str(&escaped).value()])?;
    }
    cx.call_method(stdout, names.write, &[names.newline.value()])?;
    builtins.dict().set_name(cx, names.underscore, value)?;
    Ok(Value::NONE)
}

/// `sys.excepthook(type, value, traceback)`.
pub(super) fn excepthook(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [_class, value, traceback] = args.exactly::<3>(cx, "excepthook")?;
    let Some(exception) = value.as_exception(cx) else {
        let class = value.class_name(cx);
        let text = format!("TypeError: print_exception(): Exception expected for value, {class} found\n");
        cx.write_to_stderr(&text);
        return Ok(Value::NONE);
    };
    if exception.traceback().is_none() && !traceback.is_none() {
        exception.set_traceback(cx, traceback);
    }
    cx.show_exception(value);
    Ok(Value::NONE)
}

/// `sys.unraisablehook(unraisable)`.
pub(super) fn unraisablehook(cx: &Cx, _module: Value, unraisable: Value) -> PyResult {
    let attribute = |name: &str| cx.get_attribute(unraisable, cx.intern_str(name));
    let (message, object_value, exception) = (attribute("err_msg")?, attribute("object")?, attribute("exc_value")?);
    let head = match (message.not_none(), object_value.not_none()) {
        (None, None) => None,
        (None, Some(object_value)) => Some(format!("Exception ignored in: {}\n", shown(cx, object_value))),
        (Some(message), object_value) => {
            let message = object::str(cx, message)?.as_wtf8().to_string_lossy();
            Some(match object_value {
                Some(object_value) => format!("{message}: {}\n", shown(cx, object_value)),
                None => format!("{message}:\n"),
            })
        }
    };
    if let Some(head) = head {
        cx.write_to_stderr(&head);
    }
    if !exception.is_none() {
        cx.show_unraisable(exception);
    }
    Ok(Value::NONE)
}

fn shown(cx: &Cx, value: Value) -> String {
    match object::repr(cx, value) {
        Ok(text) => text.as_wtf8().to_string_lossy(),
        Err(raised) => {
            cx.discard(raised);
            "<object repr() failed>".to_owned()
        }
    }
}

/// The audit hooks, kept by the module.
fn audit_hooks(module: Ref<Module>) -> Option<Ref<List>> {
    module.state()?.exact::<List>()
}

static ADD_HOOK: Signature<1> = Signature::new("addaudithook", ["hook"]).required(1);

pub(super) fn addaudithook(cx: &Cx, module: Ref<Module>, args: Args<'_>) -> PyResult {
    let [hook] = ADD_HOOK.bind(cx, args)?;
    let hooks = match audit_hooks(module) {
        Some(hooks) => hooks,
        None => {
            let hooks = cx.new_list();
            module.set_state(cx, hooks.value());
            hooks
        }
    };
    hooks.push(cx, hook.unwrap_or(Value::NONE))?;
    Ok(Value::NONE)
}

pub(super) fn audit(cx: &Cx, module: Ref<Module>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "sys.audit")?;
    let Some(event) = args.get(0) else {
        return Err(cx.type_error("audit expected at least 1 argument, got 0"));
    };
    if event.downcast::<Str>(cx).is_none() {
        let class = event.class_name(cx);
        return Err(raise!(cx, TypeError, "expected str for argument 'event', not {class}"));
    }
    let Some(hooks) = audit_hooks(module) else { return Ok(Value::NONE) };
    let details = cx.new_blank_tuple(args.len() - 1);
    for (index, value) in args.iter().skip(1).enumerate() {
        details.init(index, value);
    }
    let mut index = 0;
    while let Some(hook) = hooks.get(index) {
        cx.call(hook, &[event, details.value()])?;
        index += 1;
    }
    Ok(Value::NONE)
}

/// `sys.breakpointhook`: calls what `PYTHONBREAKPOINT` names, `pdb.set_trace` by default.
pub(super) fn breakpointhook(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let named = std::env::var("PYTHONBREAKPOINT").unwrap_or_default();
    let target = match named.as_str() {
        "0" => return Ok(Value::NONE),
        "" => "pdb.set_trace",
        other => other,
    };
    let (module, attribute) = target.rsplit_once('.').unwrap_or(("builtins", target));
    match cx.import_attribute(module, attribute) {
        Ok(function) => cx.call_args(function, args),
        Err(raised) => {
            cx.discard(raised);
            let message = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{target}\"");
            cx.warn(ExceptionKind::RuntimeWarning, &message, 1)?;
            Ok(Value::NONE)
        }
    }
}
