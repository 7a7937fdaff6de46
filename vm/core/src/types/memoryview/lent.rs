//! The loan that views share.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::buffer::Buffer;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::types::ids;

/// The cell.
#[repr(C)]
pub struct LentBuffer {
    header: Header,
    /// Who lends.
    owner: Field,
    /// Views that are not released yet.
    views: AtomicUsize,
    /// What to call with the lender when there are none. Immutable.
    release: Option<fn(&Cx, Value)>,
    /// Who is told.
    lender: Field,
}

/// The layout of loans.
pub static LAYOUT: Layout = Layout::of::<LentBuffer>("lent buffer", ids::LENT_BUFFER, None);

// SAFETY: `repr(C)`, header first, all zero is a loan of nobody; owner and lender are reported.
unsafe impl Cell for LentBuffer {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.owner.trace(tracer);
        self.lender.trace(tracer);
    }
}

impl LentBuffer {
    /// Takes over a buffer, for one view.
    pub(super) fn new(cx: &Cx, buffer: Buffer) -> Ref<LentBuffer> {
        cx.allocate(LentBuffer {
            header: Header::default(),
            owner: Field::new(buffer.owner),
            views: AtomicUsize::new(1),
            release: buffer.release,
            lender: Field::new(buffer.lender.unwrap_or(buffer.owner)),
        })
    }

    /// Who lends.
    pub(super) fn owner(&self) -> Value {
        self.owner.get_or_none()
    }

    /// Whether somebody must be told of the end.
    pub(super) fn wants_release(&self) -> bool {
        self.release.is_some()
    }

    /// One more view. The caller has one that is not released.
    pub(super) fn add_view(&self) {
        self.views.fetch_add(1, Ordering::Relaxed);
    }

    /// One view less; the last one ends the loan.
    pub(super) fn remove_view(&self, cx: &Cx) {
        if self.views.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(release) = self.release
        {
            release(cx, self.lender.get_or_none());
        }
    }
}
