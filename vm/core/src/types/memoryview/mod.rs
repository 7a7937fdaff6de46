//! `memoryview`: a window on the memory that another object lends.
//!
//! Views of the same loan share a [`LentBuffer`]; the loan ends when the last of them is released or found dead. A view's
//! memory is only touched under the view's lock, which `release` takes too: while one is held and the view is not
//! released, the loan lasts. Bytes are accessed atomically, since their owner may change them at any time.

mod access;
mod cast;
mod iterator;
mod layout;
pub mod lent;
mod methods;
mod slots;

pub use iterator::TYPE as ITERATOR_TYPE;
pub use layout::gather;
pub use lent::LentBuffer;
pub use methods::TYPE;

use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};

use countless_gc::{Header, Tracer, lock};

use super::ids;
use crate::object::cell::{Cell, Layout, Ref, RefField, drop_cell};
use crate::object::protocol::buffer::{Buffer, get_buffer, request};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use layout::View;

/// More dimensions than this no buffer has.
const MAX_DIMENSIONS: usize = 64;

/// The cell.
#[repr(C)]
pub struct MemoryView {
    header: Header,
    /// The loan; always there in a published cell.
    lent: RefField<LentBuffer>,
    /// What part of the memory is seen, and how. Immutable.
    view: Option<Box<View>>,
    /// The hash, or 0 while it is not known.
    hash: AtomicU64,
    /// Buffers that this view has lent out itself.
    exports: AtomicUsize,
    /// One of the states below.
    state: AtomicU8,
}

/// In use.
const LIVE: u8 = 0;
/// Found dead while buffers were out: to be released when they are back.
const ABANDONED: u8 = 1;
/// Given back.
const RELEASED: u8 = 2;
/// Shown to `__release_buffer__`: cannot be lent on.
const RESTRICTED: u8 = 3;

/// The layout of memoryviews.
pub static LAYOUT: Layout = Layout::of::<MemoryView>("memoryview", ids::MEMORYVIEW, Some(&super::object::LAYOUT))
    .with_drop(drop_cell::<MemoryView>);

// SAFETY: `repr(C)`, header first, all zero is a view of nothing (`Option<Box>` has zero for `None`); the loan is
// reported.
unsafe impl Cell for MemoryView {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.lent.trace(tracer);
    }
}

impl MemoryView {
    /// Whether the view has ended.
    pub fn is_released(&self) -> bool {
        self.state.load(Ordering::Relaxed) == RELEASED
    }

    /// What is seen, if the view is not released. Its memory may only be touched under the lock.
    fn view(&self, cx: &Cx) -> PyResult<&View> {
        match &self.view {
            Some(view) if !self.is_released() => Ok(view),
            _ => Err(released(cx)),
        }
    }
}

#[cold]
fn released(cx: &Cx) -> Raised {
    cx.value_error("operation forbidden on released memoryview object")
}

impl Ref<MemoryView> {
    /// Touches the memory, if the view is not released. `work` must be short, and must not call into the VM.
    fn with_memory<R>(self, cx: &Cx, work: impl FnOnce(&View) -> R) -> PyResult<R> {
        let done = {
            let _guard = lock(cx.mutator(), self.header());
            match &self.view {
                Some(view) if !self.is_released() => Some(work(view)),
                _ => None,
            }
        };
        done.ok_or_else(|| released(cx))
    }

    /// The bytes of what is seen, in C order.
    fn to_vec(self, cx: &Cx) -> PyResult<Vec<u8>> {
        let mut bytes = Vec::new();
        let length = self.view(cx)?.byte_length();
        if bytes.try_reserve_exact(length).is_err() {
            return Err(cx.memory_error());
        }
        bytes.resize(length, 0);
        self.with_memory(cx, |view| view.load(&mut bytes))?;
        Ok(bytes)
    }

    /// Who lends.
    pub fn owner(self) -> Value {
        self.lent.get().map_or(Value::NONE, |lent| lent.owner())
    }

    /// Fails if the view is one that cannot be lent on.
    fn check_unrestricted(self, cx: &Cx) -> PyResult<()> {
        if self.state.load(Ordering::Relaxed) == RESTRICTED {
            return Err(cx.value_error("cannot create new view on restricted memoryview"));
        }
        Ok(())
    }

    /// The loan, with a view more that is still to be made.
    fn share(self, cx: &Cx) -> PyResult<Ref<LentBuffer>> {
        self.check_unrestricted(cx)?;
        let Some(lent) = self.lent.get() else { return Err(released(cx)) };
        // Under the lock the loan cannot end between the check and the count.
        self.with_memory(cx, |_| lent.add_view())?;
        Ok(lent)
    }

    /// Another view of the same loan.
    fn derive(self, cx: &Cx, view: View) -> PyResult<Ref<MemoryView>> {
        Ok(new_view(cx, self.share(cx)?, view))
    }

    /// Ends the view; BufferError if it has lent out buffers itself.
    pub fn release(self, cx: &Cx) -> PyResult<()> {
        let exports = {
            let _guard = lock(cx.mutator(), self.header());
            let exports = self.exports.load(Ordering::Relaxed);
            if exports == 0 && self.state.swap(RELEASED, Ordering::Relaxed) == RELEASED {
                return Ok(());
            }
            exports
        };
        if exports > 0 {
            let plural = if exports == 1 { "" } else { "s" };
            return Err(raise!(cx, BufferError, "memoryview has {exports} exported buffer{plural}"));
        }
        if let Some(lent) = self.lent.get() {
            lent.remove_view(cx);
        }
        Ok(())
    }
}

impl Ref<MemoryView> {
    /// What the collector's finding the view dead means: the end, now or when the buffers that are out come back.
    /// (Their holders are dead too, but may be used by finalizers yet.)
    fn abandon(self, cx: &Cx) -> PyResult<()> {
        {
            let _guard = lock(cx.mutator(), self.header());
            if self.exports.load(Ordering::Relaxed) > 0 {
                self.state.store(ABANDONED, Ordering::Relaxed);
                return Ok(());
            }
        }
        self.release(cx)
    }

    /// A buffer that this view has lent comes back.
    pub fn end_loan(self, cx: &Cx) {
        let abandoned = {
            let _guard = lock(cx.mutator(), self.header());
            let before = self.exports.load(Ordering::Relaxed);
            // A restricted view has lent nothing.
            self.exports.store(before.saturating_sub(1), Ordering::Relaxed);
            before == 1 && self.state.load(Ordering::Relaxed) == ABANDONED
        };
        if abandoned && let Err(raised) = self.release(cx) {
            // Somebody borrowed again meanwhile: the last one to come back will end it.
            cx.take_exception(raised);
        }
    }
}

fn allocate_view(cx: &Cx, lent: Ref<LentBuffer>, view: View, state: u8) -> Ref<MemoryView> {
    cx.allocate(MemoryView {
        header: Header::default(),
        lent: RefField::new(lent),
        view: Some(Box::new(view)),
        hash: AtomicU64::new(0),
        exports: AtomicUsize::new(0),
        state: AtomicU8::new(state),
    })
}

fn new_view(cx: &Cx, lent: Ref<LentBuffer>, view: View) -> Ref<MemoryView> {
    let cell = allocate_view(cx, lent, view, LIVE);
    if lent.wants_release() {
        cx.mutator().register_finalizable(cell.value().word());
    }
    cell
}

/// A memoryview of a buffer, which it gives back when it is released.
pub fn from_buffer(cx: &Cx, buffer: Buffer) -> PyResult {
    if buffer.shape.len() > MAX_DIMENSIONS {
        buffer.release(cx);
        return Err(raise!(cx, ValueError, "memoryview: number of dimensions must not exceed {MAX_DIMENSIONS}"));
    }
    let view = View::of_buffer(&buffer);
    let lent = LentBuffer::new(cx, buffer);
    Ok(new_view(cx, lent, view).value())
}

/// A view of a native loan that is to be shown to `__release_buffer__` when it ends. It is not released when it is found
/// dead: what the loan was passed on to is, and releases this view.
pub fn restricted(cx: &Cx, buffer: Buffer) -> Ref<MemoryView> {
    let view = View::of_buffer(&buffer);
    allocate_view(cx, LentBuffer::new(cx, buffer), view, RESTRICTED)
}

/// `memoryview(object)`.
pub fn from_object(cx: &Cx, object: Value, flags: i32) -> PyResult {
    if let Some(view) = object.downcast::<MemoryView>(cx) {
        let copy = view.view(cx)?.clone();
        return Ok(view.derive(cx, copy)?.value());
    }
    if cx.type_of(object).slots.buffer().is_none() {
        let class = object.class_name(cx);
        return Err(raise!(cx, TypeError, "memoryview: a bytes-like object is required, not '{class}'"));
    }
    let buffer = get_buffer(cx, object, flags)?;
    from_buffer(cx, buffer)
}

/// The flags that `memoryview(object)` asks with.
const DEFAULT_REQUEST: i32 = request::FULL_READ_ONLY;
