//! Globals and builtins by name, and the cache word of the instructions that look them up.
//!
//! The word is zero, or `keys id: 31 | in builtins: 1 | entry: 31`. As long as the globals' storage has the keys of this id
//! (`DictStorage::keys_id`), a name of the globals is at the entry, or was deleted: entries are never reused within a
//! storage. A name of the builtins is not among those keys, and is at the entry of the builtins if that entry's key is
//! this very name.

use std::sync::atomic::{AtomicU64, Ordering};

use super::frame::Frame;
use crate::object::cell::Ref;
use crate::object::protocol::item::get_item;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::str::Str;

const IN_BUILTINS: u64 = 1 << 31;
const INDEX_MASK: u64 = IN_BUILTINS - 1;

/// The value if the cache word knows where it is.
#[inline(always)]
pub fn cached(frame: &Frame, word: u64, name: u16) -> Option<Value> {
    if word == 0 {
        return None;
    }
    let (index, keys) = ((word & INDEX_MASK) as usize, (word >> 32) as u32);
    let storage = frame.globals().storage()?;
    if word & IN_BUILTINS == 0 {
        // SAFETY: `lookup` has made the word of an entry of the storage with these keys.
        return unsafe { storage.value_under(keys, index) };
    }
    if storage.current_keys_id() != keys {
        return None;
    }
    let builtins: Ref<Dict> = frame.builtins().exact()?;
    builtins.storage()?.value_if_key(index, frame.name(name).value())
}

/// Sets a name of a dict, through and into a cache word of the same form (never `in builtins`).
#[inline]
pub fn store(cx: &Cx, dict: Ref<Dict>, name: Ref<Str>, value: Value, cache: &AtomicU64) -> PyResult<()> {
    let word = cache.load(Ordering::Relaxed);
    // SAFETY: `store_slow` has made the word of an entry of the storage with these keys.
    if word != 0 && unsafe { dict.overwrite_under(cx, (word >> 32) as u32, (word & INDEX_MASK) as usize, value) } {
        return Ok(());
    }
    store_slow(cx, dict, name, value, cache)
}

#[inline(never)]
fn store_slow(cx: &Cx, dict: Ref<Dict>, name: Ref<Str>, value: Value, cache: &AtomicU64) -> PyResult<()> {
    dict.set_name(cx, name, value)?;
    if let Some((storage, index)) = dict.find_name(cx, name)? {
        let keys = storage.keys_id(cx);
        if keys != 0 {
            cache.store((keys as u64) << 32 | index as u64, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// The global or builtin, filling the cache of the frame's current instruction; `None` if there is none.
pub fn lookup(cx: &Cx, frame: &Frame, name: Ref<Str>) -> PyResult<Option<Value>> {
    let globals = frame.globals();
    let cache = frame.cache();
    if let Some((storage, index)) = globals.find_name(cx, name)? {
        let keys = storage.keys_id(cx);
        if keys != 0 {
            cache.store((keys as u64) << 32 | index as u64, Ordering::Relaxed);
        }
        return match storage.value_if_key(index, name.value()) {
            Some(value) => Ok(Some(value)),
            None => globals.get_name(cx, name),
        };
    }
    if globals.value().exact::<Dict>().is_none() {
        return lookup_missing(cx, frame, name);
    }
    let Some(builtins) = frame.builtins().exact::<Dict>() else {
        return lookup_in_mapping(cx, frame.builtins(), name);
    };
    let Some((storage, index)) = builtins.find_name(cx, name)? else { return Ok(None) };
    let value = storage.value_if_key(index, name.value());
    if value.is_none() {
        return builtins.get_name(cx, name);
    }
    let keys = globals.storage().map_or(0, |storage| storage.keys_id(cx));
    // The id was given after the name was missed: it counts only if the name is still missing under it.
    if keys != 0 && globals.find_name(cx, name)?.is_none() {
        cache.store((keys as u64) << 32 | IN_BUILTINS | index as u64, Ordering::Relaxed);
    }
    Ok(value)
}

/// The global or builtin, without a cache.
pub fn lookup_uncached(cx: &Cx, frame: &Frame, name: Ref<Str>) -> PyResult<Option<Value>> {
    match frame.globals().get_name(cx, name)? {
        Some(value) => Ok(Some(value)),
        None if frame.globals().value().exact::<Dict>().is_none() => lookup_missing(cx, frame, name),
        None => lookup_builtin(cx, frame, name),
    }
}

/// A name that globals of a subclass of dict do not contain: their class may have `__missing__`.
#[cold]
fn lookup_missing(cx: &Cx, frame: &Frame, name: Ref<Str>) -> PyResult<Option<Value>> {
    match lookup_in_mapping(cx, frame.globals().value(), name)? {
        Some(value) => Ok(Some(value)),
        None => lookup_builtin(cx, frame, name),
    }
}

/// The builtin of the frame.
pub fn lookup_builtin(cx: &Cx, frame: &Frame, name: Ref<Str>) -> PyResult<Option<Value>> {
    match frame.builtins().exact::<Dict>() {
        Some(builtins) => builtins.get_name(cx, name),
        None => lookup_in_mapping(cx, frame.builtins(), name),
    }
}

/// `mapping[name]`, or `None` on KeyError.
pub fn lookup_in_mapping(cx: &Cx, mapping: Value, name: Ref<Str>) -> PyResult<Option<Value>> {
    if let Some(dict) = mapping.exact::<Dict>() {
        return dict.get_name(cx, name);
    }
    match get_item(cx, mapping, name.value()) {
        Ok(value) => Ok(Some(value)),
        Err(raised) => {
            cx.ignore_if(raised, crate::exceptions::ExceptionKind::KeyError)?;
            Ok(None)
        }
    }
}

/// NameError: "name '…' is not defined".
#[cold]
pub fn undefined(cx: &Cx, name: Ref<Str>) -> Raised {
    let message = format!("name '{}' is not defined", name.as_wtf8());
    cx.raise_name_error(crate::exceptions::ExceptionKind::NameError, &message, name)
}
