//! Code objects of the packed library, whose bodies stay in the binary until a frame runs them.
//!
//! Most functions of a library are defined and never called: a program that imports `typing` calls a tenth of what it
//! defines. So `def` makes a cell with the head of the code only. [`Ref::load`] does the rest: it makes everything first, then
//! publishes it under the cell's lock, `units` last, so that whoever finds that not null finds all. Threads that load the
//! same code at the same time make it twice, and one wins.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use countless_compiler::bytecode::Code;
use countless_compiler::bytecode::image::{Head, PackedCode, PackedConstant, PackedItems};
use countless_gc::{Header, lock};

use super::{Body, CodeObject, NOT_SIMPLE, first_item, simple_argument_count};
use crate::object::cell::{Ref, RefField};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

impl Cx {
    /// The code object of packed code.
    pub fn new_packed_code(&self, packed: PackedCode, filename: Ref<Str>) -> Ref<CodeObject> {
        let head = packed.head();
        let (name, qualified_name) = (self.intern_text(head.name), self.intern_text(head.qualified_name));
        self.allocate(CodeObject {
            header: Header::default(),
            simple_argument_count: AtomicU32::new(NOT_SIMPLE),
            register_count: head.register_count,
            named_count: head.local_count,
            flags: head.flags.0,
            argument_count: head.argument_count,
            positional_only_count: head.positional_only_count,
            keyword_only_count: head.keyword_only_count,
            free_count: head.free_count,
            has_caches: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            units: AtomicPtr::default(),
            constants_start: AtomicPtr::default(),
            names_start: AtomicPtr::default(),
            body: AtomicPtr::default(),
            code: AtomicPtr::default(),
            packed: Some(packed),
            constants: RefField::empty(),
            names: RefField::empty(),
            local_names: RefField::empty(),
            name: RefField::new(name),
            qualified_name: RefField::new(qualified_name),
            filename: RefField::new(filename),
        })
    }

    /// A packed constant as a value; code in it belongs to the file.
    fn new_packed_constant(&self, constant: PackedConstant, filename: Ref<Str>) -> PyResult {
        Ok(match constant {
            PackedConstant::Plain(constant) => self.new_constant(&constant)?,
            PackedConstant::Str(text) => self.new_constant_text(text),
            PackedConstant::Bytes(bytes) => self.new_bytes(bytes).into(),
            PackedConstant::Tuple(items) => self.new_packed_tuple(items, filename)?.value(),
            PackedConstant::FrozenSet(items) => {
                let set = self.new_frozen_set();
                self.new_packed_tuple(items, filename)?.iter().try_for_each(|item| set.add(self, item).map(drop))?;
                set.value()
            }
            PackedConstant::Slice(items) => {
                let parts = self.new_packed_tuple(items, filename)?;
                self.new_slice(parts.get(0), parts.get(1), parts.get(2)).value()
            }
            PackedConstant::Code(packed) => self.new_packed_code(packed, filename).value(),
        })
    }

    fn new_packed_tuple(&self, items: PackedItems, filename: Ref<Str>) -> PyResult<Ref<Tuple>> {
        self.check_native_stack()?;
        let tuple = self.new_blank_tuple(items.len());
        // Making one constant may collect: the tuple is filled before.
        (0..items.len()).for_each(|index| tuple.init(index, Value::NONE));
        for (index, item) in items.enumerate() {
            tuple.init(index, self.new_packed_constant(item, filename)?);
        }
        Ok(tuple)
    }
}

impl CodeObject {
    /// What [`CodeObject::code`] gives, read from the image. Two threads may read it; one wins.
    #[cold]
    pub(super) fn read_packed(&self) -> *mut Code {
        let packed = self.packed.expect("code without a reading is packed");
        let filename = self.filename().as_wtf8().to_string_lossy();
        let fresh = Arc::into_raw(Arc::new(packed.read(Arc::from(filename)))).cast_mut();
        match self.code.compare_exchange(std::ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => fresh,
            Err(present) => {
                // SAFETY: it came from an `Arc` and was given to nobody.
                drop(unsafe { Arc::from_raw(fresh) });
                present
            }
        }
    }
}

impl Ref<CodeObject> {
    /// Makes the code ready to run, if it is not yet.
    #[inline(always)]
    pub fn load(self, cx: &Cx) -> PyResult<()> {
        if self.units.load(Ordering::Acquire).is_null() { load_packed(cx, self) } else { Ok(()) }
    }

    /// `co_consts`.
    pub fn constants(self, cx: &Cx) -> PyResult<Ref<Tuple>> {
        self.load(cx)?;
        Ok(self.constants.get().expect("loaded code has constants"))
    }

    /// `co_names`.
    pub fn names(self, cx: &Cx) -> PyResult<Ref<Tuple>> {
        self.load(cx)?;
        Ok(self.names.get().expect("loaded code has names"))
    }
}

#[cold]
#[inline(never)]
fn load_packed(cx: &Cx, code: Ref<CodeObject>) -> PyResult<()> {
    let packed = code.packed.expect("code that is not loaded is packed");
    let Head { flags, argument_count, keyword_only_count, .. } = packed.head();
    let mut parts = packed.parts();
    let local_names = cx.interned_names(parts.local_names());
    let names = cx.interned_names(parts.names());
    let constants = cx.new_packed_tuple(parts.constants(), code.filename())?;
    let body = Body::new(parts.instructions());
    let _guard = lock(cx.mutator(), &code.header);
    if !code.units.load(Ordering::Acquire).is_null() {
        return Ok(());
    }
    code.local_names.set(cx, local_names);
    code.names.set(cx, names);
    code.constants.set(cx, constants);
    code.names_start.store(first_item(names), Ordering::Relaxed);
    code.constants_start.store(first_item(constants), Ordering::Relaxed);
    let units = body.units.as_ptr().cast_mut();
    code.body.store(Box::into_raw(Box::new(body)), Ordering::Release);
    cx.register_code(code);
    code.units.store(units, Ordering::Release);
    let simple = simple_argument_count(flags, argument_count, keyword_only_count);
    code.simple_argument_count.store(simple, Ordering::Release);
    Ok(())
}
