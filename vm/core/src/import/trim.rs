//! Tracebacks of failed imports without the machinery's own frames.

use crate::exceptions::ExceptionKind;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::Raised;
use crate::types::exception::BaseException;
use crate::types::traceback::Traceback;

/// How the names of the machinery's files begin.
const MACHINERY: &[u8] = b"<frozen importlib._";
/// The machinery's function that calls what may be the program's: frames up to it are of no interest.
const CALLER: &[u8] = b"_call_with_frames_removed";

/// Takes the machinery's frames out of the pending exception's traceback: all of them for an ImportError, which says all
/// there is to say; of others those runs of frames that end by calling code of the program, so that a failure of the
/// machinery itself can still be seen.
#[cold]
pub(super) fn without_machinery(cx: &Cx, raised: Raised) -> Raised {
    let verbose = cx.vm().config.command_line.flags.verbose > 0;
    if let Some(exception) = cx.pending_exception(&raised).as_exception(cx).filter(|_| !verbose) {
        let is_import_error = exception.value().is_exception_of(cx, ExceptionKind::ImportError);
        trim(cx, exception, is_import_error);
    }
    raised
}

fn trim(cx: &Cx, exception: Ref<BaseException>, all: bool) {
    let entry_of = |value: Option<Value>| value.and_then(|value| value.exact::<Traceback>());
    // What comes before the present entry, and before the run of the machinery's frames that it is in.
    let mut before: Option<Ref<Traceback>> = None;
    let mut before_run = None;
    let mut inside = false;
    let mut current = entry_of(exception.traceback());
    while let Some(entry) = current {
        let code = entry.frame().code();
        let is_machinery = code.filename().as_bytes().starts_with(MACHINERY);
        if is_machinery && !inside {
            before_run = before;
        }
        inside = is_machinery;
        current = entry.next();
        if is_machinery && (all || code.name().as_bytes() == CALLER) {
            match before_run {
                Some(link) => Traceback::relink(&link, cx, current),
                None => exception.set_traceback(cx, current.map_or(Value::NONE, Ref::value)),
            }
            before = before_run;
        } else {
            before = Some(entry);
        }
    }
}
