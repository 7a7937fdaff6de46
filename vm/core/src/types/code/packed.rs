//! Code objects of images (`bytecode::image`), whose bodies stay there until a frame runs them: those of the packed library,
//! in the binary, and those that `marshal` reads.
//!
//! Most functions of a library are defined and never called: a program that imports `typing` calls a tenth of what it
//! defines. So `def` makes a cell with the head of the code only. [`Ref::load`] does the rest: it makes everything first, then
//! publishes it under the cell's lock, `units` last, so that whoever finds that not null finds all. Threads that load the
//! same code at the same time make it twice, and one wins.
//!
//! Bytes that `marshal` was given are the content of a bytes object, which each code object from there keeps. They have been
//! validated as a whole; each code object is verified when it is loaded, before it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use countless_compiler::bytecode::image::{self, Head, PackedCode, PackedConstant, PackedItems};
use countless_compiler::bytecode::{Code, serial, verify};
use countless_gc::{Header, lock};

use super::{Body, CodeObject, NOT_SIMPLE, first_item, simple_argument_count};
use crate::object::cell::{Ref, RefField};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// What nested code shares with the code around it.
#[derive(Clone, Copy)]
struct Origin {
    filename: Ref<Str>,
    /// The image, for ever: in the binary, or in `owner`, which whoever has an origin keeps.
    image: &'static [u8],
    owner: Option<Ref<Bytes>>,
}

impl Cx {
    /// The code object of code of the packed library.
    pub fn new_packed_code(&self, packed: PackedCode<'static>, filename: Ref<Str>) -> Ref<CodeObject> {
        self.new_code_at(packed, Origin { filename, image: packed.image(), owner: None })
    }

    /// The code object of an image that comes from outside, or what is wrong with it.
    pub fn restore_image(&self, bytes: &[u8], filename: Ref<Str>) -> Result<Ref<CodeObject>, serial::Problem> {
        image::validate(bytes)?;
        let owner = self.new_bytes(bytes);
        let owned = owner.as_bytes();
        // SAFETY: the bytes do not change and are there as long as their object, which is kept by the code objects that
        // have this slice, and on the way there by the origin.
        let image: &'static [u8] = unsafe { std::slice::from_raw_parts(owned.as_ptr(), owned.len()) };
        let packed = image::open(image)?;
        Ok(self.new_code_at(packed, Origin { filename, image, owner: Some(owner) }))
    }

    fn new_code_at(&self, packed: PackedCode<'_>, origin: Origin) -> Ref<CodeObject> {
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
            place: packed.place(),
            has_own_constants: true,
            image: Some(origin.image),
            image_owner: origin.owner.map_or_else(RefField::empty, RefField::new),
            constants: RefField::empty(),
            names: RefField::empty(),
            local_names: RefField::empty(),
            name: RefField::new(name),
            qualified_name: RefField::new(qualified_name),
            filename: RefField::new(origin.filename),
        })
    }

    fn new_packed_constant(&self, constant: PackedConstant<'_>, origin: Origin) -> PyResult {
        Ok(match constant {
            PackedConstant::Plain(constant) => self.new_constant(&constant)?,
            PackedConstant::Str(text) => self.new_constant_text(text),
            PackedConstant::Bytes(bytes) => self.new_bytes(bytes).into(),
            PackedConstant::Tuple(items) => self.new_packed_tuple(items, origin)?.value(),
            PackedConstant::FrozenSet(items) => {
                let set = self.new_frozen_set();
                self.new_packed_tuple(items, origin)?.iter().try_for_each(|item| set.add(self, item).map(drop))?;
                set.value()
            }
            PackedConstant::Slice(items) => {
                let parts = self.new_packed_tuple(items, origin)?;
                self.new_slice(parts.get(0), parts.get(1), parts.get(2)).value()
            }
            PackedConstant::Code(packed) => self.new_code_at(packed, origin).value(),
        })
    }

    fn new_packed_tuple(&self, items: PackedItems<'_>, origin: Origin) -> PyResult<Ref<Tuple>> {
        self.check_native_stack()?;
        let tuple = self.new_blank_tuple(items.len());
        // Making one constant may collect: the tuple is filled before.
        (0..items.len()).for_each(|index| tuple.init(index, Value::NONE));
        for (index, item) in items.enumerate() {
            tuple.init(index, self.new_packed_constant(item, origin)?);
        }
        Ok(tuple)
    }
}

impl CodeObject {
    /// The code in its image, if it comes from one.
    fn packed(&self) -> Option<PackedCode<'_>> {
        self.image.map(|image| PackedCode::at(image, self.place))
    }

    /// What [`CodeObject::code`] gives, read from the image. Two threads may read it; one wins.
    #[cold]
    pub(super) fn read_packed(&self) -> *mut Code {
        let packed = self.packed().expect("code without a reading is packed");
        let fresh = Arc::into_raw(Arc::new(packed.read(self.shared_filename()))).cast_mut();
        match self.code.compare_exchange(std::ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => fresh,
            Err(present) => {
                // SAFETY: it came from an `Arc` and was given to nobody.
                drop(unsafe { Arc::from_raw(fresh) });
                present
            }
        }
    }

    fn shared_filename(&self) -> Arc<str> {
        Arc::from(self.filename().as_wtf8().to_string_lossy())
    }

    /// The image of this code and what is nested in it. `None` if it has none: its constants were replaced, or it is nested
    /// too deeply.
    pub fn to_image(&self) -> Option<Vec<u8>> {
        if !self.has_own_constants {
            return None;
        }
        match self.packed() {
            Some(packed) => image::write(&packed.read_whole(&self.shared_filename())),
            None => image::write(self.code()),
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
    let image = code.image.expect("code that is not loaded is in an image");
    let owner = code.image_owner.get();
    let packed = PackedCode::at(image, code.place);
    if owner.is_some()
        && let Err(error) = verify(code.code())
    {
        return Err(raise!(cx, SystemError, "bad code in marshal data ({})", error.message));
    }
    let Head { flags, argument_count, keyword_only_count, .. } = packed.head();
    let mut parts = packed.parts();
    let local_names = cx.interned_names(parts.local_names());
    let names = cx.interned_names(parts.names());
    let constants = cx.new_packed_tuple(parts.constants(), Origin { filename: code.filename(), image, owner })?;
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
