//! The process-wide state of the virtual machine, and the tables outside the heap that refer to cells.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use countless_common::siphash::HashKey;
use countless_gc::{Heap, HeapConfig, HeapHooks, TempRoots, Tracer, WeakTable};

use super::context::Cx;
use super::intern::InternTable;
use super::names::Names;
use crate::import::library::Library;
use crate::object::cell::{Ref, RefField};
use crate::object::value::Value;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::str::SmallStrings;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;
use crate::types::weakref::WeakRegistry;

/// What the embedder decides before the VM starts.
pub struct Config {
    /// The collector's settings.
    pub heap: HeapConfig,
    /// `PYTHONHASHSEED`: `None` for a random one.
    pub hash_seed: Option<u32>,
    /// `-O` given so many times.
    pub optimize: u8,
    /// Native modules, by name: a table that lives as long as the process.
    pub modules: &'static [&'static crate::native::definition::ModuleDef],
    /// The standard library.
    pub library: &'static dyn Library,
    /// What the command line and the environment say, for the module `sys`.
    pub command_line: CommandLine,
}

/// The parts of the command line that programs can see.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// The interpreter's path, as found.
    pub executable: String,
    /// `sys.argv`.
    pub argv: Vec<Vec<u8>>,
    /// `sys.orig_argv`.
    pub orig_argv: Vec<Vec<u8>>,
    /// Where the library seems to be: the packed one's made-up folder, or the folder of `COUNTLESS_LIB`.
    pub library_path: String,
    /// Whether that folder is the packed library.
    pub library_is_packed: bool,
    /// `sys.path` at the start: `PYTHONPATH`'s parts and the library.
    pub path: Vec<Vec<u8>>,
    /// `-W` options and `PYTHONWARNINGS`.
    pub warn_options: Vec<String>,
    /// `-X` options.
    pub x_options: Vec<(String, Option<String>)>,
    /// `-X cpu_count`: what to say instead of the system's number of processors.
    pub cpu_count: Option<i32>,
    /// `-X importtime`: 0, 1, or 2 for modules that are there already, too.
    pub import_time: u8,
    /// `sys.flags`, but for `optimize` and `hash_randomization`.
    pub flags: Flags,
}

/// `sys.flags`.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct Flags {
    pub debug: u8,
    pub inspect: u8,
    pub interactive: u8,
    pub dont_write_bytecode: u8,
    pub no_user_site: u8,
    pub no_site: u8,
    pub ignore_environment: u8,
    pub verbose: u8,
    pub bytes_warning: u8,
    pub quiet: u8,
    pub isolated: u8,
    pub dev_mode: bool,
    pub utf8_mode: u8,
    pub warn_default_encoding: u8,
    pub safe_path: bool,
    pub unbuffered: bool,
    pub thread_inherit_context: u8,
    pub context_aware_warnings: u8,
}

/// The virtual machine.
pub struct Vm {
    heap: &'static Heap,
    /// Names used by the VM.
    names: OnceLock<Names>,
    /// The key of string hashing.
    pub hash_key: HashKey,
    /// The interned strings.
    pub interned: &'static InternTable,
    /// Who derives from whom.
    pub subclasses: &'static SubclassTable,
    /// The weak references by referent.
    pub weak_references: &'static WeakRegistry,
    /// `sys.modules`.
    pub modules: RefField<Dict>,
    /// The module `builtins`.
    pub builtins: RefField<Module>,
    /// The functions `any` and `all` of `builtins` as it was made.
    pub builtin_any: crate::object::cell::Field,
    /// See [`builtin_any`](Self::builtin_any).
    pub builtin_all: crate::object::cell::Field,
    /// The module `sys`.
    pub sys: RefField<Module>,
    /// The module `importlib._bootstrap`.
    pub importlib: RefField<Module>,
    /// The strings of one ASCII character, and the empty one.
    pub small_strings: SmallStrings,
    /// Encodings and error handlers.
    pub codecs: super::codecs::CodecRegistry,
    /// `()`.
    pub empty_tuple: RefField<Tuple>,
    /// `typing.NoDefault`, made when first asked for.
    pub no_default: crate::object::cell::Field,
    /// What native modules keep for their types, by names like "struct.error"; never seen by Python code.
    pub native_state: RefField<Dict>,
    /// The threads that the program started.
    pub threads: super::thread::ThreadRegistry,
    /// Python's signal handlers.
    pub signals: super::signal::SignalTable,
    /// Who watches the program.
    pub monitoring: crate::interp::monitor::Monitoring,
    /// Cells that must live as long as the VM (single-character strings, module state and the like).
    immortal: Mutex<Vec<u64>>,
    /// `sys.set_int_max_str_digits`; 0 for no limit.
    pub int_max_str_digits: AtomicI32,
    /// `sys.setrecursionlimit`.
    pub recursion_limit: AtomicU32,
    /// Whether the VM is ending: daemon threads stop, finalizers are careful.
    pub finalizing: AtomicBool,
    /// What the embedder decided.
    pub config: Config,
    next_class_version: AtomicU32,
    next_keys_id: AtomicU32,
}

// SAFETY: fields are immutable after start-up, atomics, locks, or `RefField`s (atomic words).
unsafe impl Sync for Vm {}
// SAFETY: as above.
unsafe impl Send for Vm {}

/// The collector's view of the VM.
struct Hooks(Arc<OnceLock<&'static Vm>>);

impl HeapHooks for Hooks {
    fn trace_globals(&self, tracer: &mut Tracer<'_>) {
        if let Some(vm) = self.0.get() {
            vm.trace(tracer);
        }
    }

    fn cycle_finished(&self, finalizable_ready: usize, notifications_ready: usize) {
        if finalizable_ready + notifications_ready > 0
            && let Some(vm) = self.0.get()
        {
            vm.heap.interrupt_all(super::interrupt::FINALIZERS);
        }
    }

    /// # Safety
    ///
    /// The trait's contract.
    unsafe fn trace_thread(&self, thread_data: *const (), tracer: &mut Tracer<'_>) {
        // SAFETY: threads are attached with their `Cx`, which lives as long as they are; the thread does not run.
        unsafe { (*thread_data.cast::<Cx>()).trace(tracer) }
    }
}

impl Vm {
    /// Makes the process's VM, without any object yet (`runtime::bootstrap`). `None` if there is not even address space.
    pub(super) fn create(config: Config) -> Option<&'static Vm> {
        let cell = Arc::new(OnceLock::new());
        let heap = Heap::create(config.heap.clone(), Box::new(Hooks(Arc::clone(&cell)))).ok()?;
        let interned: &'static InternTable = Box::leak(Box::default());
        let subclasses: &'static SubclassTable = Box::leak(Box::default());
        heap.register_weak_table(interned);
        heap.register_weak_table(subclasses);
        let weak_references: &'static WeakRegistry = Box::leak(Box::default());
        heap.register_weak_table(weak_references);
        let hash_key = match config.hash_seed {
            Some(seed) => HashKey::from_seed(seed),
            None => HashKey::from_random(super::system::random_bytes()),
        };
        let vm: &'static Vm = Box::leak(Box::new(Vm {
            heap,
            names: OnceLock::new(),
            hash_key,
            interned,
            subclasses,
            weak_references,
            modules: RefField::empty(),
            builtins: RefField::empty(),
            builtin_any: crate::object::cell::Field::empty(),
            builtin_all: crate::object::cell::Field::empty(),
            sys: RefField::empty(),
            importlib: RefField::empty(),
            small_strings: SmallStrings::new(),
            codecs: super::codecs::CodecRegistry::new(),
            empty_tuple: RefField::empty(),
            no_default: crate::object::cell::Field::empty(),
            native_state: RefField::empty(),
            threads: super::thread::ThreadRegistry::default(),
            signals: super::signal::SignalTable::new(),
            monitoring: crate::interp::monitor::Monitoring::new(),
            immortal: Mutex::default(),
            int_max_str_digits: AtomicI32::new(4300),
            recursion_limit: AtomicU32::new(1000),
            finalizing: AtomicBool::new(false),
            config,
            next_class_version: AtomicU32::new(1),
            next_keys_id: AtomicU32::new(1),
        }));
        cell.set(vm).ok()?;
        Some(vm)
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(names) = self.names.get() {
            names.trace(tracer);
        }
        for id in 1..crate::types::ids::FIRST_DYNAMIC {
            tracer.slot(&self.heap.types().entry(countless_gc::TypeId(id)).owner);
        }
        self.modules.trace(tracer);
        self.builtins.trace(tracer);
        self.builtin_any.trace(tracer);
        self.builtin_all.trace(tracer);
        self.sys.trace(tracer);
        self.importlib.trace(tracer);
        self.signals.trace(tracer);
        self.threads.trace(tracer);
        self.monitoring.trace(tracer);
        self.small_strings.trace(tracer);
        self.codecs.trace(tracer);
        self.empty_tuple.trace(tracer);
        self.no_default.trace(tracer);
        self.native_state.trace(tracer);
        for &word in self.immortal.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter() {
            tracer.word(word);
        }
    }

    /// The heap.
    pub fn heap(&self) -> &'static Heap {
        self.heap
    }

    /// The names that the VM uses.
    #[inline(always)]
    pub fn names(&self) -> &Names {
        self.names.get().expect("names are made before anything asks for them")
    }

    pub(super) fn set_names(&self, names: Names) {
        let _ = self.names.set(names);
    }

    /// Keeps the value alive as long as the VM.
    pub fn keep_forever(&self, value: Value) {
        self.immortal.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(value.word());
    }

    /// A number for a class's version; 0 when there are no more.
    pub(crate) fn next_class_version(&self) -> u32 {
        next_number(&self.next_class_version)
    }

    /// A number below 2^31 for a dict storage's set of keys; 0 when there are no more.
    pub(crate) fn next_keys_id(&self) -> u32 {
        next_number(&self.next_keys_id)
    }
}

fn next_number(counter: &AtomicU32) -> u32 {
    let step = |number: u32| (number != 0 && number < i32::MAX as u32).then_some(number + 1);
    counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or(0)
}

/// Which classes derive directly from which: weak in both directions.
#[derive(Default)]
pub struct SubclassTable(Mutex<HashMap<u64, Vec<u64>>>);

impl SubclassTable {
    /// Records that `subclass` has `base` among its bases.
    pub fn add(&self, base: Ref<TypeObject>, subclass: Ref<TypeObject>) {
        let mut table = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let list = table.entry(base.value().word()).or_default();
        let word = subclass.value().word();
        if !list.contains(&word) {
            list.push(word);
        }
    }

    /// Forgets that.
    pub fn remove(&self, base: Ref<TypeObject>, subclass: Ref<TypeObject>) {
        let mut table = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(list) = table.get_mut(&base.value().word()) {
            list.retain(|&word| word != subclass.value().word());
        }
    }

    /// The direct subclasses that are alive, oldest first.
    pub fn of(&self, cx: &Cx, base: Ref<TypeObject>) -> impl Iterator<Item = Ref<TypeObject>> + use<> {
        let list = cx.new_list();
        let roots = TempRoots::new(cx.mutator());
        // A class that only dead instances reach may be revived with them: nobody changes it while a tracer is at it.
        cx.mutator().finish_clearing();
        {
            let table = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            for &word in table.get(&base.value().word()).into_iter().flatten() {
                cx.mutator().keep_alive(word);
                roots.push(word);
            }
        }
        for value in (0..roots.len()).filter_map(|index| roots.get(index).and_then(Value::from_word)) {
            if let Err(raised) = list.push(cx, value) {
                cx.discard(raised);
                break;
            }
        }
        let mut position = 0;
        std::iter::from_fn(move || {
            let value = list.get(position)?;
            position += 1;
            // SAFETY: the table holds classes only, and purges those that die.
            Some(unsafe { Ref::from_value_unchecked(value) })
        })
    }
}

impl WeakTable for SubclassTable {
    fn purge(&self, _part: usize, is_dead: &dyn Fn(u64) -> bool) -> usize {
        let mut table = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut count = 0;
        table.retain(|&base, list| {
            count += list.len();
            list.retain(|&word| !is_dead(word));
            !is_dead(base) && !list.is_empty()
        });
        count
    }
}
