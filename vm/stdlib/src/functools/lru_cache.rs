//! `functools.lru_cache`'s wrapper.
//!
//! A dict maps keys to results, or, when the cache is bounded, to [`Link`]s, which form a list from the result unused for
//! longest to the one used last. The dict has its own rules; the list is changed under the wrapper's lock. Links leave
//! the list before they leave the dict, so a thread that found a link in the dict asks under the lock whether it is
//! still in the list.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use countless_vm::gc::lock;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::attribute::{instance_dict, set_instance_dict};
use countless_vm::object::cell::{Field, Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::number;
use countless_vm::object::protocol::object::{hash, is_true};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{ids, object};
use countless_vm::{native_cell, raise};

native_cell! {
    /// A result in a bounded cache.
    pub struct Link("functools._lru_list_elem", LINK_LAYOUT) {
        traced {
            key: Field,
            result: Field,
            /// The neighbour unused for longer.
            older: RefField<Link>,
            /// The neighbour used later.
            newer: RefField<Link>,
        }
        plain {
            hash: i64,
            /// Whether the link is in the list. Written under the wrapper's lock.
            listed: AtomicBool,
        }
    }
}

/// The class of links, which only the collector sees.
pub static LINK_TYPE: TypeDef = TypeDef {
    module: "functools",
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW,
    ..TypeDef::new("_lru_list_elem", &LINK_LAYOUT)
};

native_cell! {
    /// The wrapper's cell.
    pub struct Wrapper("functools._lru_cache_wrapper", LAYOUT, dictionary dictionary) {
        traced {
            /// The instance's `__dict__`.
            dictionary: Field,
            function: Field,
            cache: RefField<Dict>,
            oldest: RefField<Link>,
            newest: RefField<Link>,
            info_class: Field,
            /// Stands before keywords in keys: an object that nobody else has.
            mark: Field,
        }
        plain {
            /// 0 for no cache, −1 for one without bound.
            bound: i64,
            typed: bool,
            hits: AtomicU64,
            misses: AtomicU64,
        }
    }
}

const UNBOUNDED: i64 = -1;

impl Wrapper {
    /// Takes a link out of the list. Under the lock.
    fn unlink(&self, cx: &Cx, link: Ref<Link>) {
        let (older, newer) = (link.older.get(), link.newer.get());
        match older {
            Some(older) => older.newer.set_option(cx, newer),
            None => self.oldest.set_option(cx, newer),
        }
        match newer {
            Some(newer) => newer.older.set_option(cx, older),
            None => self.newest.set_option(cx, older),
        }
        link.listed.store(false, Ordering::Relaxed);
    }

    /// Puts a link at the end of the list. Under the lock.
    fn append(&self, cx: &Cx, link: Ref<Link>) {
        let last = self.newest.get();
        link.older.set_option(cx, last);
        link.newer.set_option(cx, None);
        match last {
            Some(last) => last.newer.set(cx, link),
            None => self.oldest.set(cx, link),
        }
        self.newest.set(cx, link);
        link.listed.store(true, Ordering::Relaxed);
    }
}

impl Wrapper {
    fn cache(&self, cx: &Cx) -> Ref<Dict> {
        self.cache.get().unwrap_or_else(|| cx.new_dict())
    }

    /// Notes that a result was used.
    fn touch(&self, cx: &Cx, link: Ref<Link>) {
        // The result used last is often used again: then nothing changes.
        if self.newest.get() == Some(link) {
            return;
        }
        let _guard = lock(cx.mutator(), &self.header);
        if link.listed.load(Ordering::Relaxed) {
            self.unlink(cx, link);
            self.append(cx, link);
        }
    }

    /// Takes the result out of the list that is unused for longest.
    fn take_oldest(&self, cx: &Cx) -> Option<Ref<Link>> {
        let _guard = lock(cx.mutator(), &self.header);
        let link = self.oldest.get()?;
        self.unlink(cx, link);
        Some(link)
    }

    /// Removes results until there are fewer than `limit`.
    fn evict(&self, cx: &Cx, cache: Ref<Dict>, limit: usize) -> PyResult<()> {
        while cache.len() >= limit {
            let Some(link) = self.take_oldest(cx) else { return Ok(()) };
            let removed = cache.remove_hashed(cx, link.key.get_or_none(), link.hash)?;
            if let Some(removed) = removed
                && removed != link.value()
            {
                // A newer result for the same key: back with it.
                cache.insert_hashed(cx, link.key.get_or_none(), link.hash, removed)?;
            }
        }
        Ok(())
    }

    fn call_bounded(&self, cx: &Cx, args: Args<'_>) -> PyResult {
        let key = make_key(cx, self, args)?;
        let key_hash = hash(cx, key)?;
        let cache = self.cache(cx);
        if let Some(link) = cache.get_hashed(cx, key, key_hash)?.and_then(|found| found.exact::<Link>()) {
            self.touch(cx, link);
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(link.result.get_or_none());
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let result = cx.call_args(self.function.get_or_none(), args)?;
        if cache.get_hashed(cx, key, key_hash)?.is_some() {
            // The call itself, or another thread, has stored a result meanwhile.
            return Ok(result);
        }
        let bound = self.bound as usize;
        self.evict(cx, cache, bound)?;
        let link = cx.allocate(Link {
            header: Default::default(),
            key: Field::new(key),
            result: Field::new(result),
            older: RefField::empty(),
            newer: RefField::empty(),
            hash: key_hash,
            listed: AtomicBool::new(false),
        });
        let replaced = cache.insert_hashed(cx, key, key_hash, link.value())?;
        {
            let _guard = lock(cx.mutator(), &self.header);
            self.append(cx, link);
            if let Some(replaced) = replaced.and_then(|replaced| replaced.exact::<Link>())
                && replaced.listed.load(Ordering::Relaxed)
            {
                self.unlink(cx, replaced);
            }
        }
        // Others may have stored results at the same time.
        self.evict(cx, cache, bound + 1)?;
        Ok(result)
    }

    fn call_unbounded(&self, cx: &Cx, args: Args<'_>) -> PyResult {
        let key = make_key(cx, self, args)?;
        let key_hash = hash(cx, key)?;
        let cache = self.cache(cx);
        if let Some(result) = cache.get_hashed(cx, key, key_hash)? {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(result);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let result = cx.call_args(self.function.get_or_none(), args)?;
        cache.insert_hashed(cx, key, key_hash, result)?;
        Ok(result)
    }
}

/// The key of a call: its only argument if that is an int or a string, else a tuple.
fn make_key(cx: &Cx, wrapper: &Wrapper, args: Args<'_>) -> PyResult {
    let (positional, keywords) = (args.len(), args.keyword_count());
    if !wrapper.typed && keywords == 0 {
        if let (Some(only), 1) = (args.get(0), positional)
            && matches!(only.type_id(), ids::INT | ids::STR)
        {
            return Ok(only);
        }
        let key = cx.try_new_blank_tuple(positional)?;
        args.iter().enumerate().for_each(|(index, argument)| key.init(index, argument));
        return Ok(if positional == 0 { cx.empty_tuple().value() } else { key.value() });
    }
    let marked = if keywords > 0 { 1 + 2 * keywords } else { 0 };
    let types = if wrapper.typed { positional + keywords } else { 0 };
    let key = cx.try_new_blank_tuple(positional + marked + types)?;
    let mut index = 0;
    let mut push = |value: Value| {
        key.init(index, value);
        index += 1;
    };
    args.iter().for_each(&mut push);
    if keywords > 0 {
        push(wrapper.mark.get_or_none());
    }
    for (name, value) in args.keywords() {
        push(name.value());
        push(value);
    }
    if wrapper.typed {
        let values = args.iter().chain(args.keywords().map(|(_, value)| value));
        values.for_each(|value| push(cx.type_of(value).value()));
    }
    Ok(key.value())
}

static NEW: Signature<4> =
    Signature::new("lru_cache", ["user_function", "maxsize", "typed", "cache_info_type"]).required(4);

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [function, bound, typed, info_class] = NEW.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("the first argument must be callable"));
    }
    let bound = if bound.is_none() {
        UNBOUNDED
    } else if number::is_index(cx, bound) || bound.is_bool() {
        number::index_i64(cx, bound)?.max(0)
    } else {
        return Err(cx.type_error("maxsize should be integer or None"));
    };
    let typed = is_true(cx, typed)?;
    let (cache, mark) = (cx.new_dict(), object::new_instance(cx, cx.builtin_type(ids::OBJECT)));
    let contents = Wrapper {
        header: Default::default(),
        dictionary: Field::empty(),
        function: Field::new(function),
        cache: RefField::new(cache),
        oldest: RefField::empty(),
        newest: RefField::empty(),
        info_class: Field::new(info_class),
        mark: Field::new(mark),
        bound,
        typed,
        hits: AtomicU64::new(0),
        misses: AtomicU64::new(0),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn call(cx: &Cx, value: Value, args: Args<'_>) -> PyResult {
    cx.check_native_stack()?;
    let wrapper = this::<Wrapper>(cx, value);
    match wrapper.bound {
        UNBOUNDED => wrapper.call_unbounded(cx, args),
        0 => {
            wrapper.misses.fetch_add(1, Ordering::Relaxed);
            cx.call_args(wrapper.function.get_or_none(), args)
        }
        _ => wrapper.call_bounded(cx, args),
    }
}

fn descriptor_get(cx: &Cx, value: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    match instance.and_then(Value::not_none) {
        Some(instance) => Ok(cx.new_method(value, instance).value()),
        None => Ok(value),
    }
}

fn cache_info(cx: &Cx, wrapper: Ref<Wrapper>) -> PyResult {
    let count = |counter: &AtomicU64| Value::int(counter.load(Ordering::Relaxed) as i64);
    let bound = if wrapper.bound == UNBOUNDED { Value::NONE } else { cx.new_int(wrapper.bound) };
    let size = Value::length(wrapper.cache(cx).len());
    cx.call(wrapper.info_class.get_or_none(), &[count(&wrapper.hits), count(&wrapper.misses), bound, size])
}

fn cache_clear(cx: &Cx, wrapper: Ref<Wrapper>) -> PyResult {
    // Links of the former list that others still hold are not listed any more.
    while wrapper.take_oldest(cx).is_some() {}
    wrapper.cache(cx).clear(cx);
    wrapper.hits.store(0, Ordering::Relaxed);
    wrapper.misses.store(0, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn get_dict(cx: &Cx, wrapper: Ref<Wrapper>) -> PyResult {
    Ok(instance_dict(cx, wrapper.value())?.value())
}

fn set_dict(cx: &Cx, wrapper: Ref<Wrapper>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("cannot delete __dict__")) };
    match value.downcast::<Dict>(cx) {
        Some(dict) => set_instance_dict(cx, wrapper.value(), dict),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "__dict__ must be set to a dictionary, not a '{class}'"))
        }
    }
}

static METHODS: &[Method] = &[
    Method::none("cache_info", cache_info, "cache_info($self, /)\n--\n\nReport cache statistics"),
    Method::none("cache_clear", cache_clear, "cache_clear($self, /)\n--\n\nClear the cache and cache statistics"),
    Method::none(
        "__reduce__",
        |cx, wrapper: Ref<Wrapper>| cx.get_attribute(wrapper.value(), cx.names().__qualname__),
        "__reduce__($self, /)\n--\n\n",
    ),
    Method::many("__copy__", |_cx, wrapper: Ref<Wrapper>, _args| Ok(wrapper.value()), ""),
    Method::many("__deepcopy__", |_cx, wrapper: Ref<Wrapper>, _args| Ok(wrapper.value()), ""),
];

/// `functools._lru_cache_wrapper`.
pub static TYPE: TypeDef = TypeDef {
    module: "functools",
    doc: "Create a cached callable that wraps another function.\n\n\
          user_function:      the function being cached\n\n\
          maxsize:  0         for no caching\n          None      for unlimited cache size\n          n         for a bounded cache\n\n\
          typed:    False     cache f(3) and f(3.0) as identical calls\n          True      cache f(3) and f(3.0) as distinct calls\n\n\
          cache_info_type:    namedtuple class with the fields:\n                        hits misses currsize maxsize\n",
    base: Some(&object::TYPE),
    flags: TypeFlags::HAS_DICT
        .with(TypeFlags::BASE)
        .with(TypeFlags::WEAK_REFERENCES)
        .with(TypeFlags::METHOD_DESCRIPTOR),
    slots: Slots { new: Some(new), call: Some(call), descriptor_get: Some(descriptor_get), ..Slots::NONE },
    methods: METHODS,
    attributes: &[GetSet::read_write("__dict__", get_dict, set_dict, "")],
    ..TypeDef::new("_lru_cache_wrapper", &LAYOUT)
};
