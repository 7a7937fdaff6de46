//! State of a cell that lives outside the heap and is only ever held for moments.
//!
//! What runs under the lock cannot reach the context: nothing there allocates cells, polls, waits, detaches or calls
//! Python. So no thread is ever stopped while it holds one (`fork` and the process's end find it free), no signal handler
//! runs inside, and the order of two such locks never matters, because the second cannot be asked for.

use std::sync::Mutex;

use countless_vm::runtime::context::Cx;

use super::native::lock;

/// State behind such a lock. All zero is no state yet.
pub struct ShortLock<T>(Option<Box<Mutex<T>>>);

impl<T: Send + Default> ShortLock<T> {
    /// State that nobody holds.
    pub fn new(state: T) -> ShortLock<T> {
        ShortLock(Some(Box::new(Mutex::new(state))))
    }

    /// Runs `body` on the state. `Send` keeps the context out of it.
    pub fn with<R>(&self, cx: &Cx, body: impl FnOnce(&mut T) -> R + Send) -> R {
        match &self.0 {
            Some(state) => body(&mut lock(cx, state)),
            // A cell that was never made: whatever is done to its state is done to nothing.
            None => body(&mut T::default()),
        }
    }
}
