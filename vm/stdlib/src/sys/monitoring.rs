//! `sys.monitoring` (PEP 669): tools, their events and callbacks. The work is done in `interp::monitor`.

use countless_vm::interp::monitor::{Event, USER_TOOLS};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::code::CodeObject;
use countless_vm::types::ids;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

/// The names that PEP 669 reserves.
const TOOL_NUMBERS: &[(&str, i64)] = &[("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)];

/// The events that come with `CALL`.
const ENDS_OF_CALLS: u32 = Event::CReturn.bit() | Event::CRaise.bit();
const BRANCHES: u32 = Event::BranchLeft.bit() | Event::BranchRight.bit();

fn tool_argument(cx: &Cx, value: Value) -> PyResult<usize> {
    let number = cx.c_int_argument(value)?;
    let tool = usize::try_from(number).ok().filter(|&tool| tool < USER_TOOLS);
    tool.ok_or(()).map_err(|()| raise!(cx, ValueError, "invalid tool {number} (must be between 0 and 5)"))
}

fn check_in_use(cx: &Cx, tool: usize) -> PyResult<()> {
    match cx.vm().monitoring.names[tool].get() {
        Some(_) => Ok(()),
        None => Err(raise!(cx, ValueError, "tool {tool} is not in use")),
    }
}

fn use_tool_id(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [tool, name] = args.exactly::<2>(cx, "use_tool_id")?;
    let tool = tool_argument(cx, tool)?;
    if name.downcast::<Str>(cx).is_none() {
        return Err(cx.value_error("tool name must be a str"));
    }
    match cx.vm().monitoring.names[tool].compare_exchange(cx, None, Some(name)) {
        Ok(()) => Ok(Value::NONE),
        Err(_) => Err(raise!(cx, ValueError, "tool {tool} is already in use")),
    }
}

fn clear_tool_id(cx: &Cx, _module: Value, tool: Value) -> PyResult {
    let tool = tool_argument(cx, tool)?;
    if cx.vm().monitoring.names[tool].get().is_some() {
        cx.vm().monitoring.clear_tool(cx, tool);
    }
    Ok(Value::NONE)
}

fn free_tool_id(cx: &Cx, module: Value, tool: Value) -> PyResult {
    clear_tool_id(cx, module, tool)?;
    cx.vm().monitoring.names[tool_argument(cx, tool)?].replace(cx, None);
    Ok(Value::NONE)
}

fn get_tool(cx: &Cx, _module: Value, tool: Value) -> PyResult {
    Ok(cx.vm().monitoring.names[tool_argument(cx, tool)?].get_or_none())
}

fn register_callback(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [tool, event, function] = args.exactly::<3>(cx, "register_callback")?;
    let tool = tool_argument(cx, tool)?;
    let number = cx.c_int_argument(event)?;
    if number <= 0 || number.count_ones() != 1 {
        return Err(cx.value_error("The callback can only be set for one event at a time"));
    }
    let bit = number.trailing_zeros() as usize;
    if bit >= Event::COUNT {
        return Err(raise!(cx, ValueError, "invalid event {number}"));
    }
    let callbacks = &cx.vm().monitoring.callbacks[tool];
    let function = function.not_none();
    if bit == Event::Branch as usize {
        // One callback for both ways.
        callbacks[Event::BranchLeft as usize].replace(cx, function);
        callbacks[Event::BranchRight as usize].replace(cx, function);
    }
    Ok(callbacks[bit].replace(cx, function).unwrap_or(Value::NONE))
}

/// A set of events as it was written, without what other events bring along.
fn event_set(cx: &Cx, value: Value, message: &str) -> PyResult<u32> {
    let events = cx.c_int_argument(value)? as u32;
    if events >= 1 << Event::COUNT {
        return Err(raise!(cx, ValueError, "{message} 0x{events:x}"));
    }
    let mut set = events & !ENDS_OF_CALLS;
    if events & ENDS_OF_CALLS != 0 && events & (ENDS_OF_CALLS | Event::Call.bit()) != ENDS_OF_CALLS | Event::Call.bit()
    {
        return Err(cx.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    if set & Event::Branch.bit() != 0 {
        set = set & !Event::Branch.bit() | BRANCHES;
    }
    Ok(set)
}

fn get_events(cx: &Cx, _module: Value, tool: Value) -> PyResult {
    let tool = tool_argument(cx, tool)?;
    Ok(Value::int(i64::from(cx.vm().monitoring.events(tool))))
}

fn set_events(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [tool, events] = args.exactly::<2>(cx, "set_events")?;
    let tool = tool_argument(cx, tool)?;
    let events = event_set(cx, events, "invalid event set")?;
    check_in_use(cx, tool)?;
    cx.vm().monitoring.set_events(cx, tool, events);
    Ok(Value::NONE)
}

fn code_argument(cx: &Cx, value: Value) -> PyResult<Ref<CodeObject>> {
    value.exact::<CodeObject>().ok_or(()).map_err(|()| cx.type_error("code must be a code object"))
}

fn get_local_events(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [tool, code] = args.exactly::<2>(cx, "get_local_events")?;
    let code = code_argument(cx, code)?;
    let tool = tool_argument(cx, tool)?;
    Ok(Value::int(i64::from(cx.vm().monitoring.local_events(tool, code))))
}

fn set_local_events(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [tool, code, events] = args.exactly::<3>(cx, "set_local_events")?;
    let code = code_argument(cx, code)?;
    let tool = tool_argument(cx, tool)?;
    check_in_use(cx, tool)?;
    let events = event_set(cx, events, "invalid local event set")?;
    if events & !Event::LOCAL != 0 {
        return Err(raise!(cx, ValueError, "invalid local event set 0x{events:x}"));
    }
    cx.vm().monitoring.set_local_events(cx, tool, code, events)?;
    Ok(Value::NONE)
}

fn restart_events(cx: &Cx, _module: Value) -> PyResult {
    cx.vm().monitoring.restart(cx);
    Ok(Value::NONE)
}

/// By event, a number whose bits are the tools that want it everywhere.
fn all_events(cx: &Cx, _module: Value) -> PyResult {
    let result = cx.new_dict();
    for &event in Event::ALL {
        let tools = cx.vm().monitoring.tools_for(event);
        if tools != 0 {
            result.set_name(cx, cx.intern_str(event.name()), Value::int(i64::from(tools)))?;
        }
    }
    Ok(result.value())
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    for &(name, number) in TOOL_NUMBERS {
        cx.add_to_module(module, name, Value::int(number))?;
    }
    let events = cx.new_dict();
    for &event in Event::ALL {
        events.set_name(cx, cx.intern_str(event.name()), Value::int(i64::from(event.bit())))?;
    }
    events.set_name(cx, cx.intern_str("NO_EVENTS"), Value::int(0))?;
    cx.add_to_module(module, "events", cx.new_simple_namespace(events).value())?;
    let monitoring = &cx.vm().monitoring;
    for (name, field) in [("DISABLE", &monitoring.disable), ("MISSING", &monitoring.missing)] {
        let marker = cx.call(cx.builtin_type(ids::OBJECT).value(), &[])?;
        field.set(cx, marker);
        cx.add_to_module(module, name, marker)?;
    }
    Ok(())
}

static FUNCTIONS: &[Method] = &[
    Method::many("use_tool_id", use_tool_id, "use_tool_id($module, tool_id, name, /)\n--\n\n"),
    Method::one("clear_tool_id", clear_tool_id, "clear_tool_id($module, tool_id, /)\n--\n\n"),
    Method::one("free_tool_id", free_tool_id, "free_tool_id($module, tool_id, /)\n--\n\n"),
    Method::one("get_tool", get_tool, "get_tool($module, tool_id, /)\n--\n\n"),
    Method::many("register_callback", register_callback, "register_callback($module, tool_id, event, func, /)\n--\n\n"),
    Method::one("get_events", get_events, "get_events($module, tool_id, /)\n--\n\n"),
    Method::many("set_events", set_events, "set_events($module, tool_id, event_set, /)\n--\n\n"),
    Method::many("get_local_events", get_local_events, "get_local_events($module, tool_id, code, /)\n--\n\n"),
    Method::many(
        "set_local_events",
        set_local_events,
        "set_local_events($module, tool_id, code, event_set, /)\n--\n\n",
    ),
    Method::none("restart_events", restart_events, "restart_events($module, /)\n--\n\n"),
    Method::none("_all_events", all_events, "_all_events($module, /)\n--\n\n"),
];

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "sys.monitoring",
    doc: "Watching the program: tools, events and callbacks.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
