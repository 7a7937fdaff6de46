//! Starting the VM, and running a program in it: `-c`, `-m`, a file, a folder or archive, standard input.
//!
//! The order of start-up is CPython's: core and import machinery, path hooks, `encodings`, signals, standard streams,
//! warnings, `site`, and only then the program's own entry in `sys.path`.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use countless_compiler::bytecode::disasm;
use countless_compiler::syntax::decode::{self, Origin};
use countless_compiler::syntax::{Mode, SourceText};
use countless_vm::import::bootstrap as import;
use countless_vm::import::library::Library;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap;
use countless_vm::runtime::compile::SourceOptions;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::process::{self, CharacterLocale};
use countless_vm::runtime::vm::{CommandLine, Config};
use countless_vm::types::list::List;
use countless_vm::types::module::Module;

use crate::args::Program;
use crate::report::{self, Ending, settle};
use crate::settings::Settings;
use crate::stdio::Streams;
use crate::{fatal, finish, library, place, session, text};

/// The version that this language is, for `-V`.
const VERSION: &str = "3.14.10";

/// The answer to `-V`.
pub fn version(detailed: bool) -> String {
    let own = env!("CARGO_PKG_VERSION");
    if detailed {
        format!("Python {VERSION} (Countless {own}, {})\n", std::env::consts::ARCH)
    } else {
        format!("Python {VERSION} (Countless {own})\n")
    }
}

/// Runs what the settings ask for; the answer is the process's status.
pub fn run(mut settings: Settings, words: &[Vec<u8>]) -> ExitCode {
    let locale = process::set_character_locale(settings.coerce_locale);
    if settings.utf8_mode.is_none() && process::is_plain(&locale.name) {
        settings.flags.utf8_mode = 1;
    }
    let interactive = settings.options.inspect
        || (settings.options.program == Program::Input && process::was_open(0) && process::is_terminal(0));
    if process::was_open(0) && process::is_folder(0) {
        return fatal("init_sys_streams: <stdin> is a directory, cannot continue");
    }
    let Some(cx) = bootstrap::start(configuration(&settings, words)) else {
        return fatal("no memory to start with");
    };
    // The process ends with it: taking the VM apart would be for nothing.
    let cx: &'static Cx = Box::leak(cx);
    if let Some(limit) = settings.int_max_str_digits {
        cx.vm().int_max_str_digits.store(limit, std::sync::atomic::Ordering::Relaxed);
    }
    let runner = Runner { cx, settings: &settings, locale: &locale, interactive };
    let ending = match runner.whole() {
        Ok(ending) => ending,
        Err(status) => return status,
    };
    let flushed = finish::finish(cx);
    if settings.collector_log {
        finish::print_statistics(&cx.vm().heap().stats());
    }
    match ending {
        Ending::Interrupted => process::die_of_interrupt(),
        Ending::Status(_) if !flushed => ExitCode::from(120),
        Ending::Status(status) => ExitCode::from(status as u8),
    }
}

/// What the VM is told.
fn configuration(settings: &Settings, words: &[Vec<u8>]) -> Config {
    let executable = place::executable(words.first().map_or(b"countless".as_slice(), Vec::as_slice));
    let (library, library_path): (&'static dyn Library, _) = match &settings.library_folder {
        Some(folder) => {
            let root = std::path::absolute(folder).unwrap_or_else(|_| folder.into());
            (Box::leak(Box::new(library::Folder { root: root.clone() })), root)
        }
        None => (&library::PACKED, place::packed_library(&executable, settings.home.as_deref())),
    };
    let current = || std::env::current_dir().map(|folder| folder.as_os_str().as_bytes().to_vec()).unwrap_or_default();
    let absolute = |folder: &Vec<u8>| if folder.is_empty() { current() } else { place::absolute(folder) };
    let mut path: Vec<Vec<u8>> = settings.python_path.iter().map(absolute).collect();
    path.push(library_path.as_os_str().as_bytes().to_vec());
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Config {
        heap: settings.heap.clone(),
        hash_seed: settings.hash_seed,
        optimize: settings.optimize,
        modules: countless_stdlib::MODULES,
        library,
        command_line: CommandLine {
            executable: text(&executable),
            argv: settings.options.argv.clone(),
            orig_argv: words.to_vec(),
            library_path: text(&library_path),
            library_is_packed: settings.library_folder.is_none(),
            path,
            warn_options: settings.warn_options.clone(),
            x_options: settings.x_options.clone(),
            import_time: settings.import_time,
            cpu_count: settings.cpu_count,
            flags: settings.flags,
        },
    }
}

/// Start-up and the program.
struct Runner<'a> {
    cx: &'a Cx,
    settings: &'a Settings,
    locale: &'a CharacterLocale,
    /// Whether a session follows, or standard input is one.
    interactive: bool,
}

impl Runner<'_> {
    // ---- start-up

    fn start(&self) -> PyResult<()> {
        let cx = self.cx;
        import::install_core(cx)?;
        self.make_main()?;
        self.make_preliminary_stderr()?;
        import::install_machinery(cx)?;
        self.set_machinery_options()?;
        self.install_path_hooks()?;
        cx.import_module("encodings")?;
        self.handle_signals()?;
        cx.import_module("io")?;
        if let Some(builtins) = cx.vm().builtins.get() {
            cx.add_to_module(builtins, "open", cx.import_attribute("_io", "open")?)?;
        }
        Streams { cx, settings: self.settings, locale: self.locale }.install()?;
        if !self.settings.warn_options.is_empty() {
            cx.import_module("warnings")?;
        }
        if self.settings.fault_handler {
            self.enable_fault_handler()?;
        }
        if self.settings.flags.no_site == 0 {
            cx.import_module("site")?;
        }
        Ok(())
    }

    /// The module `__main__`, before anything could import it.
    fn make_main(&self) -> PyResult<()> {
        let cx = self.cx;
        let module = cx.new_module("__main__")?;
        if let Some(builtins) = cx.vm().builtins.get() {
            cx.add_to_module(module, "__builtins__", builtins.value())?;
        }
        cx.sys_modules()?.set_name(cx, cx.names().__main__, module.value())
    }

    /// What is told before there are streams (`-v`) goes to the descriptor.
    fn make_preliminary_stderr(&self) -> PyResult<()> {
        let Some(sys) = self.cx.vm().sys.get().filter(|_| process::was_open(2)) else { return Ok(()) };
        self.cx.add_to_module(sys, "stderr", countless_stdlib::make_printer(self.cx, 2)?)
    }

    fn set_machinery_options(&self) -> PyResult<()> {
        let cx = self.cx;
        let importer = cx.import_attribute("_frozen_importlib", "BuiltinImporter")?;
        cx.add_to_module(self.main()?, "__loader__", importer)?;
        let imp = cx.import_module("_imp")?;
        let check = cx.new_str(self.settings.options.check_pycs.word()).value();
        cx.set_attribute(imp, cx.intern_str("check_hash_based_pycs"), check)?;
        if let (Some(prefix), Some(sys)) = (&self.settings.pycache_prefix, cx.vm().sys.get()) {
            cx.add_to_module(sys, "pycache_prefix", text::decode(cx, prefix).value())?;
        }
        Ok(())
    }

    /// The packed library's hook and that of archives, before that of folders.
    fn install_path_hooks(&self) -> PyResult<()> {
        let cx = self.cx;
        let name = "_packed_library";
        let module = import::run_frozen(cx, name, "importlib._packed_library", "_packed_library.py")?;
        let hooks = cx.sys_attribute("path_hooks")?.and_then(|hooks| hooks.exact::<List>());
        let Some(hooks) = hooks else { return Err(cx.runtime_error("lost sys.path_hooks")) };
        for (index, attribute) in ["PackedFinder", "archive_hook"].into_iter().enumerate() {
            hooks.insert(cx, index, cx.get_attribute(module.value(), cx.intern_str(attribute))?)?;
        }
        Ok(())
    }

    /// Ctrl-C raises KeyboardInterrupt, unless whoever started the process had it ignored.
    fn handle_signals(&self) -> PyResult<()> {
        let cx = self.cx;
        if import::native_definition(cx, "_signal").is_none() {
            return Ok(());
        }
        let signals = cx.import_module("_signal")?;
        let attribute = |name: &str| cx.get_attribute(signals, cx.intern_str(name));
        let number = attribute("SIGINT")?;
        let present = cx.call_method(signals, cx.intern_str("getsignal"), &[number])?;
        if present == attribute("SIG_DFL")? {
            let handler = attribute("default_int_handler")?;
            cx.call_method(signals, cx.intern_str("signal"), &[number, handler])?;
        }
        Ok(())
    }

    fn enable_fault_handler(&self) -> PyResult<()> {
        let enable = self.cx.import_attribute("faulthandler", "enable")?;
        self.cx.call(enable, &[]).map(drop)
    }

    /// Nothing runs without what start-up makes.
    fn failed_to_start(&self, exception: Value) -> ExitCode {
        if let Some(status) = report::exit_status(self.cx, exception) {
            return ExitCode::from(status as u8);
        }
        eprintln!("Fatal Python error: the interpreter cannot be started\nPython runtime state: core initialized");
        self.cx.show_exception(exception);
        ExitCode::from(1)
    }

    fn main(&self) -> PyResult<Ref<Module>> {
        let found = self.cx.sys_modules()?.get_name(self.cx, self.cx.names().__main__)?;
        match found.and_then(|module| module.downcast::<Module>(self.cx)) {
            Some(module) => Ok(module),
            None => Err(self.cx.runtime_error("lost __main__")),
        }
    }

    // ---- the program

    /// All from start-up to the session that may follow the program; the process's status if it cannot even start. The frame
    /// goes away before the interpreter ends, because what it has held must not live on.
    #[inline(never)]
    fn whole(&self) -> Result<Ending, ExitCode> {
        if let Err(raised) = self.start() {
            let exception = self.cx.take_exception(raised);
            return Err(self.failed_to_start(exception));
        }
        let ending = self.program();
        let of_session = if self.wants_session() { session::run(self.cx, self.settings) } else { None };
        Ok(of_session.unwrap_or(ending))
    }

    /// Runs the program to its end.
    fn program(&self) -> Ending {
        let outcome = match &self.settings.options.program {
            Program::Command(source) => self.command(source),
            Program::Module(name) => self.module(name),
            Program::Script(script) => match self.script(script) {
                Ok(ending) => return ending.unwrap_or(Ending::Status(0)),
                Err(raised) => Err(raised),
            },
            Program::Input => self.input(),
        };
        let ending = match outcome {
            Ok(()) => Ending::Status(0),
            Err(raised) => {
                let exception = self.cx.take_exception(raised);
                report::ending(self.cx, exception, self.settings.flags.inspect > 0)
            }
        };
        report::flush(self.cx, "stderr");
        report::flush(self.cx, "stdout");
        ending
    }

    /// Whether a session follows the program. `PYTHONINSPECT` may have been set by the program itself.
    fn wants_session(&self) -> bool {
        if self.settings.options.program == Program::Input && self.interactive {
            return true;
        }
        let set_by_program = || {
            let cx = self.cx;
            let environment = cx.import_attribute("os", "environ").and_then(|environment| {
                cx.call_method(environment, cx.intern_str("get"), &[cx.new_str("PYTHONINSPECT").value()])
            });
            let ignored = self.settings.flags.ignore_environment > 0;
            !ignored
                && settle(cx, environment).is_some_and(|value| !value.is_none() && value != cx.names().empty.value())
        };
        self.settings.flags.inspect > 0 || set_by_program()
    }

    /// Puts the program's own place before all others.
    fn prepend_path(&self, folder: &[u8]) -> PyResult<()> {
        let path = self.cx.sys_attribute("path")?.and_then(|path| path.exact::<List>());
        match path {
            Some(path) if !self.settings.flags.safe_path => {
                path.insert(self.cx, 0, text::decode(self.cx, folder).value())
            }
            _ => Ok(()),
        }
    }

    fn command(&self, source: &[u8]) -> PyResult<()> {
        let cx = self.cx;
        self.prepend_path(b"")?;
        let Ok(source) = std::str::from_utf8(source) else {
            cx.write_to_stderr("Unable to decode the command from the command line:\n");
            let source = text::decode(cx, source).value();
            return cx.call_method(source, cx.intern_str("encode"), &[cx.names().utf_8.value()]).map(drop);
        };
        let source = text::dedent(source);
        self.run_text("<string>", &source)
    }

    fn module(&self, name: &[u8]) -> PyResult<()> {
        let current = std::env::current_dir().map(|folder| folder.as_os_str().as_bytes().to_vec());
        self.prepend_path(&current.unwrap_or_default())?;
        self.run_as_main(text::decode(self.cx, name).value(), true)
    }

    fn run_as_main(&self, name: Value, set_argv: bool) -> PyResult<()> {
        let run = self.cx.import_attribute("runpy", "_run_module_as_main")?;
        self.cx.call(run, &[name, Value::bool(set_argv)]).map(drop)
    }

    /// A file, or what has a `__main__`. A file that cannot be read gives the ending at once.
    fn script(&self, script: &[u8]) -> PyResult<Option<Ending>> {
        let cx = self.cx;
        let shown = place::absolute(script);
        let file = Path::new(std::ffi::OsStr::from_bytes(&shown)).to_owned();
        if is_container(&file) && self.has_importer(&shown)? {
            let path = cx.sys_attribute("path")?.and_then(|path| path.exact::<List>());
            if let Some(path) = path {
                path.insert(cx, 0, text::decode(cx, &shown).value())?;
            }
            let outcome = self.run_as_main(cx.new_str("__main__").value(), false);
            return Ok(Some(self.ending_of(outcome)));
        }
        let content = match cx.mutator().detached(|| std::fs::read(&file)) {
            Ok(content) => content,
            Err(error) => {
                self.cannot_open(&shown, &error);
                return Ok(Some(Ending::Status(2)));
            }
        };
        self.prepend_path(&place::script_folder(script))?;
        let outcome = self.run_file(&shown, &content);
        Ok(Some(self.ending_of(outcome)))
    }

    fn ending_of(&self, outcome: PyResult<()>) -> Ending {
        match outcome {
            Ok(()) => Ending::Status(0),
            Err(raised) => {
                let exception = self.cx.take_exception(raised);
                report::ending(self.cx, exception, self.settings.flags.inspect > 0)
            }
        }
    }

    /// Whether a path hook takes the path.
    fn has_importer(&self, script: &[u8]) -> PyResult<bool> {
        let cx = self.cx;
        let finder = cx.import_attribute("_frozen_importlib_external", "PathFinder")?;
        let path = text::decode(cx, script).value();
        let importer = cx.call_method(finder, cx.intern_str("_path_importer_cache"), &[path])?;
        Ok(!importer.is_none())
    }

    fn cannot_open(&self, file: &[u8], error: &std::io::Error) {
        let cx = self.cx;
        let word = cx.vm().config.command_line.orig_argv.first().cloned().unwrap_or_default();
        let program = String::from_utf8_lossy(&word).into_owned();
        let shown = settle(cx, countless_vm::object::protocol::object::repr(cx, text::decode(cx, file).value()));
        let shown = shown.map_or_else(String::new, |text| text.as_wtf8().to_string_lossy());
        let number = error.raw_os_error().unwrap_or(0);
        let reason = countless_vm::types::exception::error_text(number);
        cx.write_to_stderr(&format!("{program}: can't open file {shown}: [Errno {number}] {reason}\n"));
    }

    fn run_file(&self, shown: &[u8], content: &[u8]) -> PyResult<()> {
        let cx = self.cx;
        let main = self.main()?;
        let file = text::decode(cx, shown).value();
        cx.add_to_module(main, "__file__", file)?;
        cx.add_to_module(main, "__cached__", Value::NONE)?;
        let is_bytecode = shown.ends_with(b".pyc");
        let kind = if is_bytecode { "SourcelessFileLoader" } else { "SourceFileLoader" };
        let loader = cx.import_attribute("_frozen_importlib_external", kind)?;
        let loader = cx.call(loader, &[cx.names().__main__.value(), file])?;
        cx.add_to_module(main, "__loader__", loader)?;
        let outcome = if is_bytecode {
            let code = cx.call_method(loader, cx.intern_str("get_code"), &[cx.names().__main__.value()]);
            code.and_then(|code| cx.call(cx.builtin("exec")?, &[code, main.dict().value()]).map(drop))
        } else {
            self.run_source(&String::from_utf8_lossy(shown), content)
        };
        self.forget_file(main);
        outcome
    }

    fn forget_file(&self, main: Ref<Module>) {
        for name in ["__file__", "__cached__"] {
            settle(self.cx, main.dict().remove(self.cx, self.cx.intern_str(name).value()));
        }
    }

    /// Standard input: nothing is read here if it is to be a session.
    fn input(&self) -> PyResult<()> {
        let cx = self.cx;
        self.prepend_path(b"")?;
        if self.interactive || !process::was_open(0) {
            return Ok(());
        }
        let mut content = Vec::new();
        let read = || std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut content);
        if let Err(error) = cx.mutator().detached(read) {
            let number = error.raw_os_error().unwrap_or(0);
            return Err(countless_vm::types::exception::raise_os_error(cx, number, None, None));
        }
        let main = self.main()?;
        cx.add_to_module(main, "__file__", cx.new_str("<stdin>").value())?;
        cx.add_to_module(main, "__cached__", Value::NONE)?;
        let outcome = self.run_source("<stdin>", &content);
        self.forget_file(main);
        outcome
    }

    /// Compiles and runs source bytes in `__main__`.
    fn run_source(&self, name: &str, source: &[u8]) -> PyResult<()> {
        let source = if self.settings.options.skip_first_line { without_first_line(source) } else { source };
        let source = self.cx.decode_source(name, source, Origin::File)?;
        self.run_decoded(source, None)
    }

    /// Compiles and runs text in `__main__`; tracebacks can quote it.
    fn run_text(&self, name: &str, source: &str) -> PyResult<()> {
        match decode::from_text(name, source) {
            Ok(decoded) => self.run_decoded(decoded, Some(source)),
            Err(error) => Err(self.cx.raise_syntax_error(name, &error)),
        }
    }

    fn run_decoded(&self, source: SourceText, shown: Option<&str>) -> PyResult<()> {
        let cx = self.cx;
        if self.settings.disassemble {
            return self.disassemble(source);
        }
        let name = source.filename.clone();
        let code = cx.compile_text(source, SourceOptions::new(Mode::Exec))?;
        if let Some(shown) = shown {
            session::remember_source(cx, code.value(), shown, &name)?;
        }
        let dict = self.main()?.dict();
        cx.run_code(code, dict, dict.value(), None).map(drop)
    }

    /// `-X dis`.
    fn disassemble(&self, source: SourceText) -> PyResult<()> {
        let code: Arc<_> = self.cx.compile_to_code(source, SourceOptions::new(Mode::Exec))?;
        let listing = disasm::disassemble(&code);
        let stdout = self.cx.sys_attribute("stdout")?.and_then(Value::not_none);
        if let Some(stdout) = stdout {
            self.cx.call_method(stdout, self.cx.names().write, &[self.cx.new_str(&listing).value()])?;
        }
        Ok(())
    }
}

/// The source from the end of its first line on, so that the numbers of lines stay.
fn without_first_line(source: &[u8]) -> &[u8] {
    match source.iter().position(|&byte| byte == b'\n') {
        Some(end) => &source[end..],
        None => &[],
    }
}

/// Whether a file may be a folder or an archive: what ends with a directory of contents, as zip files do. A mere look, so
/// that plain scripts need not load the module that reads archives.
fn is_container(file: &Path) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    const LONGEST_TAIL: u64 = 22 + 0xffff;
    let Ok(metadata) = std::fs::metadata(file) else { return false };
    if metadata.is_dir() {
        return true;
    }
    if !metadata.is_file() {
        return false;
    }
    let Ok(mut content) = std::fs::File::open(file) else { return false };
    let mut tail = Vec::new();
    let start = metadata.len().saturating_sub(LONGEST_TAIL);
    if content.seek(SeekFrom::Start(start)).is_err() || content.read_to_end(&mut tail).is_err() {
        return false;
    }
    tail.windows(4).any(|window| window == b"PK\x05\x06")
}
