//! What is said of arguments that do not fit a Python function.

use std::ops::Range;

use super::frame::Frame;
use crate::native::args::Args;
use crate::object::cell::Ref;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::Raised;
use crate::types::function::Function;
use crate::types::str::Str;

fn name_of(function: Ref<Function>) -> String {
    function.qualified_name().as_wtf8().to_string_lossy()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cold]
pub(super) fn multiple_values(cx: &Cx, function: Ref<Function>, name: Ref<Str>) -> Raised {
    let (function, name) = (name_of(function), name.as_wtf8());
    raise!(cx, TypeError, "{function}() got multiple values for argument '{name}'")
}

#[cold]
pub(super) fn unexpected_keyword(
    cx: &Cx,
    frame: &Frame,
    function: Ref<Function>,
    args: Args<'_>,
    name: Ref<Str>,
) -> Raised {
    let code = frame.code();
    let body = code.code();
    let positional_only = &body.locals[..body.positional_only_count as usize];
    let given_by_name: Vec<&str> = positional_only
        .iter()
        .map(|local| &*local.name)
        .filter(|local| args.keywords().any(|(keyword, _)| keyword.as_wtf8().as_bytes() == local.as_bytes()))
        .collect();
    let function = name_of(function);
    if !given_by_name.is_empty() {
        let names = given_by_name.join(", ");
        return raise!(
            cx,
            TypeError,
            "{function}() got some positional-only arguments passed as keyword arguments: '{names}'"
        );
    }
    let range = body.positional_only_count as usize..(body.argument_count + body.keyword_only_count) as usize;
    let candidates: Vec<&str> = body.locals[range].iter().map(|local| &*local.name).collect();
    let wrong = name.as_wtf8().to_string_lossy();
    super::suggest::unexpected_keyword(cx, &function, &wrong, &candidates)
}

#[cold]
pub(super) fn too_many_positional(cx: &Cx, frame: &Frame, function: Ref<Function>, given: usize) -> Raised {
    let code = frame.code();
    let body = code.code();
    let most = body.argument_count as usize;
    let keyword_only = most..most + body.keyword_only_count as usize;
    let defaults = function.defaults().map_or(0, |defaults| defaults.len()).min(most);
    let by_keyword = keyword_only.filter(|&register| !frame.get(register as u16).is_unbound()).count();
    let function = name_of(function);
    let takes = if defaults > 0 {
        let least = most - defaults;
        format!("from {least} to {most} positional arguments")
    } else {
        format!("{most} positional argument{}", plural(most))
    };
    if by_keyword > 0 {
        return raise!(
            cx,
            TypeError,
            "{function}() takes {takes} but {given} positional argument{} (and {by_keyword} keyword-only argument{}) were given",
            plural(given),
            plural(by_keyword)
        );
    }
    let were = if given == 1 { "was" } else { "were" };
    raise!(cx, TypeError, "{function}() takes {takes} but {given} {were} given")
}

#[cold]
pub(super) fn missing_positional(cx: &Cx, frame: &Frame, function: Ref<Function>, range: Range<usize>) -> Raised {
    missing(cx, frame, function, range, "positional")
}

#[cold]
pub(super) fn missing_keyword_only(cx: &Cx, frame: &Frame, function: Ref<Function>, range: Range<usize>) -> Raised {
    missing(cx, frame, function, range, "keyword-only")
}

fn missing(cx: &Cx, frame: &Frame, function: Ref<Function>, range: Range<usize>, kind: &str) -> Raised {
    let code = frame.code();
    let names: Vec<String> = range
        .filter(|&register| frame.get(register as u16).is_unbound())
        .map(|register| format!("'{}'", code.local_name(register)))
        .collect();
    let list = match &names[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
    };
    let (function, count) = (name_of(function), names.len());
    raise!(cx, TypeError, "{function}() missing {count} required {kind} argument{}: {list}", plural(count))
}
