//! Interned strings: a weak table of the strings of which there is one per text.
//!
//! The table is split into shards, each behind its own lock, which is held for a look-up or an insertion only: never
//! across an allocation, a safepoint or a call; the collector purges one shard at a time. Whatever stands in the table is
//! the string of its text, also if it was dead: who finds it keeps it alive.

use std::sync::Mutex;

use countless_common::wtf8::Wtf8;
use countless_gc::WeakTable;
use hashbrown::HashTable;

use super::context::Cx;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::types::str::Str;

const SHARDS: usize = 256;

/// The table.
pub struct InternTable {
    shards: [Mutex<HashTable<Entry>>; SHARDS],
}

struct Entry {
    hash: u64,
    word: u64,
}

impl Default for InternTable {
    fn default() -> InternTable {
        InternTable { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl InternTable {
    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, hash: u64) -> &Mutex<HashTable<Entry>> {
        &self.shards[(hash >> 40) as usize % SHARDS]
    }

    fn find(&self, cx: &Cx, hash: u64, text: &Wtf8) -> Option<Ref<Str>> {
        let shard = self.shard(hash).lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let entry = shard.find(hash, |entry| entry.hash == hash && string(entry.word).as_wtf8() == text)?;
        cx.mutator().keep_from_table(entry.word);
        Some(string(entry.word))
    }

    /// The string of this text that the table has, or `fresh`, which it has from now on.
    fn insert(&self, cx: &Cx, hash: u64, fresh: Ref<Str>) -> Ref<Str> {
        let mut shard = self.shard(hash).lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let text = fresh.as_wtf8();
        if let Some(entry) = shard.find(hash, |entry| entry.hash == hash && string(entry.word).as_wtf8() == text) {
            cx.mutator().keep_from_table(entry.word);
            return string(entry.word);
        }
        fresh.mark_interned();
        shard.insert_unique(hash, Entry { hash, word: fresh.value().word() }, |entry| entry.hash);
        fresh
    }
}

fn string(word: u64) -> Ref<Str> {
    let value = Value::from_word(word).expect("the table holds cells");
    // SAFETY: only strings are inserted; dead ones are purged before their cells are reused.
    unsafe { Ref::from_value_unchecked(value) }
}

impl WeakTable for InternTable {
    fn parts(&self) -> usize {
        SHARDS
    }

    fn purge(&self, part: usize, is_dead: &dyn Fn(u64) -> bool) -> usize {
        let mut shard = self.shards[part].lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let count = shard.len();
        shard.retain(|entry| !is_dead(entry.word));
        count
    }
}

impl Cx {
    /// The interned string of the text.
    pub fn intern_str(&self, text: &str) -> Ref<Str> {
        self.intern_text(Wtf8::new(text))
    }

    /// The interned string of the text.
    pub fn intern_text(&self, text: &Wtf8) -> Ref<Str> {
        let hash = self.vm().hash_key.hash_str(text) as u64;
        match self.vm().interned.find(self, hash, text) {
            Some(found) => found,
            None => {
                let fresh = self.new_str_wtf8(text);
                self.vm().interned.insert(self, hash, fresh)
            }
        }
    }

    /// The interned string equal to this one, which it may become itself. The string is exactly a `str`.
    pub fn intern(&self, text: Ref<Str>) -> Ref<Str> {
        if text.is_interned() {
            return text;
        }
        self.vm().interned.insert(self, text.hash(self) as u64, text)
    }

    /// The names that the VM uses.
    #[inline(always)]
    pub fn names(&self) -> &'static super::names::Names {
        self.vm().names()
    }
}
