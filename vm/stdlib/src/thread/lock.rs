//! `_thread.lock` and `_thread.RLock`.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Layout, Ref};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::thread::current_ident;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_attribute::dotted_name;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{self, TypeId};

use crate::support::futex::RawLock;
use crate::support::system::{Rounding, monotonic, nanoseconds};

/// The cell of locks.
#[repr(C)]
pub struct Lock {
    header: Header,
    raw: RawLock,
}

static LAYOUT: Layout = Layout::of::<Lock>("_thread.lock", TypeId::FREE, Some(&types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a free lock; there is nothing to report.
unsafe impl Cell for Lock {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

/// How long an `acquire` waits.
enum Patience {
    None,
    Until(i64),
    Forever,
}

/// The most that a lock can be waited for, in nanoseconds.
pub(super) const MAX_TIMEOUT: i64 = i64::MAX / 1000 * 1000;

static ACQUIRE: Signature<2> = Signature::new("acquire", ["blocking", "timeout"]);

fn patience(cx: &Cx, args: Args<'_>) -> PyResult<Patience> {
    let [blocking, timeout] = ACQUIRE.bind(cx, args)?;
    let blocking = match blocking {
        Some(value) => object::is_true(cx, value)?,
        None => true,
    };
    let timeout = match timeout {
        Some(value) => nanoseconds(cx, value, Rounding::Up)?,
        None => -1_000_000_000,
    };
    match (blocking, timeout) {
        (true, -1_000_000_000) => Ok(Patience::Forever),
        (false, -1_000_000_000) => Ok(Patience::None),
        (false, _) => Err(cx.value_error("can't specify a timeout for a non-blocking call")),
        (true, ..0) => Err(cx.value_error("timeout value must be a non-negative number")),
        (true, 0) => Ok(Patience::None),
        (true, timeout) => Ok(Patience::Until(monotonic().saturating_add(timeout))),
    }
}

fn wait(cx: &Cx, raw: &RawLock, patience: Patience) -> PyResult<bool> {
    match patience {
        Patience::None => Ok(raw.try_acquire()),
        Patience::Until(deadline) => raw.acquire(cx, Some(deadline)),
        Patience::Forever => raw.acquire(cx, None),
    }
}

/// A new lock.
pub(super) fn new_lock(cx: &Cx) -> PyResult<Ref<Lock>> {
    countless_vm::runtime::bootstrap::native_type(cx, &TYPE)?;
    Ok(cx.allocate(Lock { header: Header::default(), raw: RawLock::new() }))
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.exactly::<0>(cx, "lock")?;
    Ok(cx.allocate_instance(class, Lock { header: Header::default(), raw: RawLock::new() }).value())
}

fn acquire(cx: &Cx, lock: Ref<Lock>, args: Args<'_>) -> PyResult {
    let patience = if args.are_none() { Patience::Forever } else { patience(cx, args)? };
    Ok(Value::bool(wait(cx, &lock.raw, patience)?))
}

fn enter(cx: &Cx, lock: Ref<Lock>) -> PyResult {
    Ok(Value::bool(lock.raw.acquire(cx, None)?))
}

fn release(cx: &Cx, lock: Ref<Lock>) -> PyResult {
    if lock.raw.release() { Ok(Value::NONE) } else { Err(cx.runtime_error("release unlocked lock")) }
}

fn exit(cx: &Cx, lock: Ref<Lock>, _args: Args<'_>) -> PyResult {
    release(cx, lock)
}

fn locked(_cx: &Cx, lock: Ref<Lock>) -> PyResult {
    Ok(Value::bool(lock.raw.is_held()))
}

fn reinit(_cx: &Cx, lock: Ref<Lock>) -> PyResult {
    lock.raw.reset();
    Ok(Value::NONE)
}

fn state_word(held: bool) -> &'static str {
    if held { "locked" } else { "unlocked" }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    // SAFETY: called from slots of the type only.
    let lock: Ref<Lock> = unsafe { Ref::from_value_unchecked(value) };
    let name = dotted_name(cx, cx.type_of(value))?;
    let (state, address) = (state_word(lock.raw.is_held()), lock.as_ptr());
    Ok(cx.new_str(&format!("<{state} {name} object at {address:p}>")).value())
}

const ACQUIRE_DOC: &str = "acquire($self, /, blocking=True, timeout=-1)\n--\n\nTake the lock, waiting for it unless told otherwise; whether it was taken.";
const RELEASE_DOC: &str =
    "release($self, /)\n--\n\nFree the lock, for another thread that waits for it or to be taken again.";
const LOCKED_DOC: &str = "locked($self, /)\n--\n\nWhether the lock is held.";

/// `_thread.lock`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_thread",
    doc: "lock()\n--\n\nA lock: held by one thread at a time, and freed by any.",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::WEAK_REFERENCES,
    slots: Slots { new: Some(new), repr: Some(repr), ..Slots::NONE },
    methods: &[
        Method::many(
            "acquire_lock",
            acquire,
            "acquire_lock($self, /, blocking=True, timeout=-1)\n--\n\nAn obsolete synonym of acquire().",
        ),
        Method::many("acquire", acquire, ACQUIRE_DOC),
        Method::none("release_lock", release, "release_lock($self, /)\n--\n\nAn obsolete synonym of release()."),
        Method::none("release", release, RELEASE_DOC),
        Method::none("locked_lock", locked, "locked_lock($self, /)\n--\n\nAn obsolete synonym of locked()."),
        Method::none("locked", locked, LOCKED_DOC),
        Method::none("__enter__", enter, "__enter__($self, /)\n--\n\nTake the lock."),
        Method::many("__exit__", exit, "__exit__($self, /, *exc_info)\n--\n\nFree the lock."),
        Method::none(
            "_at_fork_reinit",
            reinit,
            "_at_fork_reinit($self, /)\n--\n\nFree the lock in the child of a fork.",
        ),
    ],
    ..TypeDef::new("lock", &LAYOUT)
};

/// The cell of re-entrant locks. Owner and count are written by the holder only.
#[repr(C)]
pub struct RLock {
    header: Header,
    /// The holder's identity; 0 for none.
    owner: AtomicU64,
    count: AtomicU64,
    raw: RawLock,
}

static RLOCK_LAYOUT: Layout = Layout::of::<RLock>("_thread.RLock", TypeId::FREE, Some(&types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a free lock; there is nothing to report.
unsafe impl Cell for RLock {
    fn layout() -> &'static Layout {
        &RLOCK_LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl RLock {
    fn is_mine(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == current_ident()
    }

    fn take(&self, cx: &Cx, patience: Patience) -> PyResult<bool> {
        if self.is_mine() {
            self.count.fetch_add(1, Ordering::Relaxed);
            return Ok(true);
        }
        let taken = wait(cx, &self.raw, patience)?;
        if taken {
            self.owner.store(current_ident(), Ordering::Relaxed);
            self.count.store(1, Ordering::Relaxed);
        }
        Ok(taken)
    }

    fn free(&self) {
        self.owner.store(0, Ordering::Relaxed);
        self.count.store(0, Ordering::Relaxed);
        self.raw.release();
    }
}

fn rlock_new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents =
        RLock { header: Header::default(), owner: AtomicU64::new(0), count: AtomicU64::new(0), raw: RawLock::new() };
    Ok(cx.allocate_instance(class, contents).value())
}

fn rlock_acquire(cx: &Cx, lock: Ref<RLock>, args: Args<'_>) -> PyResult {
    let patience = if args.are_none() { Patience::Forever } else { patience(cx, args)? };
    Ok(Value::bool(lock.take(cx, patience)?))
}

fn rlock_enter(cx: &Cx, lock: Ref<RLock>) -> PyResult {
    Ok(Value::bool(lock.take(cx, Patience::Forever)?))
}

fn rlock_release(cx: &Cx, lock: Ref<RLock>) -> PyResult {
    if !lock.is_mine() {
        return Err(cx.runtime_error("cannot release un-acquired lock"));
    }
    if lock.count.load(Ordering::Relaxed) > 1 {
        lock.count.fetch_sub(1, Ordering::Relaxed);
    } else {
        lock.free();
    }
    Ok(Value::NONE)
}

fn rlock_exit(cx: &Cx, lock: Ref<RLock>, _args: Args<'_>) -> PyResult {
    rlock_release(cx, lock)
}

fn rlock_locked(_cx: &Cx, lock: Ref<RLock>) -> PyResult {
    Ok(Value::bool(lock.raw.is_held()))
}

fn is_owned(_cx: &Cx, lock: Ref<RLock>) -> PyResult {
    Ok(Value::bool(lock.is_mine()))
}

fn recursion_count(_cx: &Cx, lock: Ref<RLock>) -> PyResult {
    Ok(Value::int(if lock.is_mine() { lock.count.load(Ordering::Relaxed) as i64 } else { 0 }))
}

fn release_save(cx: &Cx, lock: Ref<RLock>) -> PyResult {
    if !lock.is_mine() {
        return Err(cx.runtime_error("cannot release un-acquired lock"));
    }
    let (count, owner) = (lock.count.load(Ordering::Relaxed), lock.owner.load(Ordering::Relaxed));
    lock.free();
    Ok(cx.new_tuple(&[cx.new_int_from_u64(count), cx.new_int_from_u64(owner)]).value())
}

fn acquire_restore(cx: &Cx, lock: Ref<RLock>, state: Value) -> PyResult {
    let Some(state) = state.downcast::<Tuple>(cx).filter(|state| state.len() == 2) else {
        return Err(cx.type_error("_acquire_restore() argument 1 must be 2-item tuple"));
    };
    let (count, owner) = (number::index_i64(cx, state.get(0))?, number::index_i64(cx, state.get(1))?);
    lock.raw.acquire(cx, None)?;
    lock.owner.store(owner as u64, Ordering::Relaxed);
    lock.count.store(count as u64, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn rlock_reinit(_cx: &Cx, lock: Ref<RLock>) -> PyResult {
    lock.raw.reset();
    lock.owner.store(0, Ordering::Relaxed);
    lock.count.store(0, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn rlock_repr(cx: &Cx, value: Value) -> PyResult {
    // SAFETY: called from slots of the type only.
    let lock: Ref<RLock> = unsafe { Ref::from_value_unchecked(value) };
    let name = dotted_name(cx, cx.type_of(value))?;
    let (state, address) = (state_word(lock.raw.is_held()), lock.as_ptr());
    let (owner, count) = (lock.owner.load(Ordering::Relaxed), lock.count.load(Ordering::Relaxed));
    Ok(cx.new_str(&format!("<{state} {name} object owner={owner} count={count} at {address:p}>")).value())
}

/// `_thread.RLock`.
pub(super) static RLOCK_TYPE: TypeDef = TypeDef {
    module: "_thread",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(rlock_new), repr: Some(rlock_repr), ..Slots::NONE },
    methods: &[
        Method::many(
            "acquire",
            rlock_acquire,
            "acquire($self, /, blocking=True, timeout=-1)\n--\n\nTake the lock once more, waiting while another thread holds it; whether it was taken.",
        ),
        Method::none(
            "release",
            rlock_release,
            "release($self, /)\n--\n\nUndo one acquire(); the last one frees the lock.",
        ),
        Method::none("locked", rlock_locked, LOCKED_DOC),
        Method::none("_is_owned", is_owned, "_is_owned($self, /)\n--\n\nWhether this thread holds the lock."),
        Method::one(
            "_acquire_restore",
            acquire_restore,
            "_acquire_restore($self, state, /)\n--\n\nTake the lock as often as _release_save() says.",
        ),
        Method::none(
            "_release_save",
            release_save,
            "_release_save($self, /)\n--\n\nFree the lock; what _acquire_restore() needs.",
        ),
        Method::none(
            "_recursion_count",
            recursion_count,
            "_recursion_count($self, /)\n--\n\nHow often this thread has taken the lock.",
        ),
        Method::none("__enter__", rlock_enter, "__enter__($self, /)\n--\n\nTake the lock."),
        Method::many("__exit__", rlock_exit, "__exit__($self, /, *exc_info)\n--\n\nFree the lock."),
        Method::none(
            "_at_fork_reinit",
            rlock_reinit,
            "_at_fork_reinit($self, /)\n--\n\nFree the lock in the child of a fork.",
        ),
    ],
    ..TypeDef::new("RLock", &RLOCK_LAYOUT)
};
