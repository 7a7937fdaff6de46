//! Filling dicts: what `dict(…)`, `update`, `|`, `{**a}` and `f(**a)` have in common.

use super::Dict;
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::object::cell::Ref;
use crate::object::protocol::item::get_item;
use crate::object::protocol::iter;
use crate::object::protocol::object::hash;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::list::List;
use crate::types::sequence::poll_at;
use crate::types::type_attribute::dotted_name;
use crate::types::type_object::TypeObject;

/// The hash of a key: TypeError "cannot use '…' as a dict key (…)" if it has none.
#[inline]
pub fn key_hash(cx: &Cx, key: Value) -> PyResult<i64> {
    match hash(cx, key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(unusable(cx, raised, key, "a dict key")),
    }
}

/// The TypeError of a key that cannot be hashed says what it was to be used as.
#[cold]
pub(in crate::types) fn unusable(cx: &Cx, raised: Raised, key: Value, purpose: &str) -> Raised {
    let exception = cx.take_exception(raised);
    if !exception.is_exactly(ExceptionKind::TypeError.type_id()) {
        return cx.raise_unchained(exception);
    }
    let class = match full_name(cx, cx.type_of(key)) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    match crate::object::protocol::object::str(cx, exception) {
        Ok(reason) => raise!(cx, TypeError, "cannot use '{class}' as {purpose} ({})", reason.as_wtf8()),
        Err(raised) => raised,
    }
}

/// The qualified name of a class, with its module unless that is `builtins` or the program itself.
fn full_name(cx: &Cx, class: Ref<TypeObject>) -> PyResult<String> {
    let name = dotted_name(cx, class)?;
    Ok(name.strip_prefix("__main__.").map_or(name.clone(), str::to_owned))
}

/// Whether the dict's entries may be read directly: iterating it is not overridden.
fn reads_directly(cx: &Cx, dict: Ref<Dict>) -> bool {
    let own = super::methods::iter as *const () as usize;
    cx.type_of(dict.value()).slots.iter().is_some_and(|iter| iter as usize == own)
}

impl Ref<Dict> {
    /// Sets every entry of another dict here; with `keep`, only those whose keys are not here yet.
    pub fn merge_dict(self, cx: &Cx, other: Ref<Dict>, keep: bool) -> PyResult<()> {
        if self == other || other.is_empty() {
            return Ok(());
        }
        if self.is_empty() {
            self.reserve(cx, other.len())?;
        }
        let Some(storage) = other.storage() else { return Ok(()) };
        let used = storage.used();
        for index in 0..used {
            let Some((key, value)) = storage.pair(index) else { continue };
            let key_hash = storage.hash_of(index);
            if !keep || self.get_hashed(cx, key, key_hash)?.is_none() {
                self.insert_hashed(cx, key, key_hash, value)?;
            }
            if other.storage() != Some(storage) || storage.used() != used {
                return Err(cx.runtime_error("dict mutated during update"));
            }
            poll_at(cx, index)?;
        }
        Ok(())
    }

    /// Sets an entry for each key of a mapping (anything with `keys` and `[]`).
    pub fn merge_mapping(self, cx: &Cx, mapping: Value) -> PyResult<()> {
        if let Some(other) = mapping.downcast::<Dict>(cx)
            && reads_directly(cx, other)
        {
            return self.merge_dict(cx, other, false);
        }
        let keys = keys_of(cx, mapping)?;
        let mut index = 0;
        while let Some(key) = keys.get(index) {
            let value = get_item(cx, mapping, key)?;
            self.set(cx, key, value)?;
            index += 1;
        }
        Ok(())
    }

    /// As [`merge_mapping`](Self::merge_mapping), but stops at the first key that is here already and returns it: the arguments of a call.
    pub fn merge_unique(self, cx: &Cx, mapping: Value) -> PyResult<Option<Value>> {
        let keys = match mapping.downcast::<Dict>(cx) {
            Some(other) if reads_directly(cx, other) => {
                let Some(storage) = other.storage() else { return Ok(None) };
                for index in 0..storage.used() {
                    let Some((key, value)) = storage.pair(index) else { continue };
                    let key_hash = storage.hash_of(index);
                    if self.get_hashed(cx, key, key_hash)?.is_some() {
                        return Ok(Some(key));
                    }
                    self.insert_hashed(cx, key, key_hash, value)?;
                }
                return Ok(None);
            }
            _ => keys_of(cx, mapping)?,
        };
        let mut index = 0;
        while let Some(key) = keys.get(index) {
            if self.get(cx, key)?.is_some() {
                return Ok(Some(key));
            }
            let value = get_item(cx, mapping, key)?;
            self.set(cx, key, value)?;
            index += 1;
        }
        Ok(None)
    }

    /// Sets an entry for each pair of an iterable.
    pub fn merge_pairs(self, cx: &Cx, pairs: Value) -> PyResult<()> {
        let mut number = 0;
        iter::for_each(cx, pairs, |pair| {
            let pair = match iter::to_tuple(cx, pair) {
                Ok(pair) => pair,
                Err(raised) => return Err(not_a_pair(cx, raised, number)),
            };
            if pair.len() != 2 {
                let length = pair.len();
                return Err(raise!(
                    cx,
                    ValueError,
                    "dictionary update sequence element #{number} has length {length}; 2 is required"
                ));
            }
            self.set(cx, pair.get(0), pair.get(1))?;
            poll_at(cx, number)?;
            number += 1;
            Ok(())
        })
    }

    /// What `dict.update` does with its positional argument: a mapping if it has `keys`, or else pairs.
    pub fn update(self, cx: &Cx, source: Value) -> PyResult<()> {
        let is_mapping =
            source.is_exactly(crate::types::ids::DICT) || cx.get_attribute_optional(source, cx.names().keys)?.is_some();
        if is_mapping { self.merge_mapping(cx, source) } else { self.merge_pairs(cx, source) }
    }

    /// `update(*args, **kwargs)` and the constructor.
    pub(super) fn update_from_args(self, cx: &Cx, function: &str, args: Args<'_>) -> PyResult<()> {
        if args.len() > 1 {
            return Err(raise!(cx, TypeError, "{function} expected at most 1 argument, got {}", args.len()));
        }
        if let Some(source) = args.get(0) {
            self.update(cx, source)?;
        }
        for (name, value) in args.keywords() {
            self.set_name(cx, name, value)?;
        }
        Ok(())
    }
}

/// Whether the value is a mapping as `{**value}` wants it.
pub fn is_mapping(cx: &Cx, value: Value) -> PyResult<bool> {
    Ok(value.downcast::<Dict>(cx).is_some() || cx.get_attribute_optional(value, cx.names().keys)?.is_some())
}

/// The keys of a mapping as a list of our own.
fn keys_of(cx: &Cx, mapping: Value) -> PyResult<Ref<List>> {
    let keys = cx.call_method(mapping, cx.names().keys, &[])?;
    let class = cx.type_of(keys);
    if class.slots.iter().is_none() && !crate::object::dunder::is_old_style_sequence(cx, class) {
        let (owner, class) = (mapping.class_name(cx), class.display_name());
        return Err(raise!(cx, TypeError, "{owner}.keys() returned a non-iterable (type {class})"));
    }
    iter::to_list(cx, keys)
}

/// The error for an element of an update sequence that is not iterable says which one it was.
#[cold]
fn not_a_pair(cx: &Cx, raised: Raised, number: usize) -> Raised {
    if !cx.pending_is(&raised, ExceptionKind::TypeError) {
        return raised;
    }
    let _ = cx.take_exception(raised);
    let raised = cx.type_error("object is not iterable");
    let exception = cx.take_exception(raised);
    let note = format!("Cannot convert dictionary update sequence element #{number} to a sequence");
    match cx.call_method(exception, cx.intern_str("add_note"), &[cx.new_str(&note).value()]) {
        Ok(_) => cx.raise_unchained(exception),
        Err(raised) => raised,
    }
}
