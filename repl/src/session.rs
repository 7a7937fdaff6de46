//! The interactive session: read, compile, run, print, again.
//!
//! Lines come from the editor on a terminal, and plainly from standard input otherwise (`-i` behind a pipe). An input ends
//! where Python's `codeop` says that it is complete. Its source is kept in `linecache` as `<stdin-N>`, so that tracebacks
//! can quote it.

use std::collections::VecDeque;

use countless_compiler::syntax::complete::{Completeness, complete};
use countless_compiler::syntax::{FutureFeatures, Mode, ParseOptions, SourceText};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::runtime::compile::SourceOptions;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::process;
use countless_vm::types::module::Module;

use crate::args::Program;
use crate::editor::Editor;
use crate::report::{self, Ending, settle};
use crate::settings::Settings;
use crate::{names, text};

/// What reading a line gives.
pub enum Line {
    /// A line without its end; several if text was pasted.
    Text(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D, or the end of the input.
    End,
}

/// Where lines come from.
trait Source {
    fn read(&mut self, cx: &Cx, prompt: &str) -> Line;
    /// Notes a whole input in the history.
    fn note(&mut self, input: &str);
}

/// Runs a session in `__main__`; the answer is how it ended, nothing if there is no `__main__` to run it in.
pub fn run(cx: &Cx, settings: &Settings) -> Option<Ending> {
    let terminal = process::was_open(0) && process::is_terminal(0) && process::is_terminal(1);
    let main = settle(cx, cx.sys_modules())?.get_name(cx, cx.names().__main__);
    let main = settle(cx, main).flatten()?.downcast::<Module>(cx)?;
    let is_program = settings.options.program == Program::Input;
    if is_program {
        greet(cx, settings);
        if let Some(ending) = run_startup_file(cx, settings, main) {
            return Some(ending);
        }
    }
    settle(cx, set_prompts(cx));
    let source: Box<dyn Source> = match terminal.then(|| Editor::new(settings)).flatten() {
        Some(editor) => {
            call_interactive_hook(cx);
            Box::new(editor)
        }
        None => Box::new(Plain),
    };
    let mut session =
        Session { cx, main, source, terminal, pending: VecDeque::new(), future: FutureFeatures::default(), count: 0 };
    Some(session.run())
}

/// The greeting, but for `-q`.
fn greet(cx: &Cx, settings: &Settings) {
    if settings.flags.quiet > 0 {
        return;
    }
    let version = settle(cx, cx.sys_attribute("version")).flatten();
    let version = version.and_then(|version| settle(cx, object::str(cx, version)));
    let version = version.map_or_else(String::new, |version| version.as_wtf8().to_string_lossy());
    cx.write_to_stderr(&format!("Python {version} on linux\n"));
    if settings.flags.no_site == 0 {
        cx.write_to_stderr("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n");
    }
}

fn set_prompts(cx: &Cx) -> PyResult<()> {
    let Some(sys) = cx.vm().sys.get() else { return Ok(()) };
    for (name, prompt) in [("ps1", ">>> "), ("ps2", "... ")] {
        if sys.dict().get_name(cx, cx.intern_str(name))?.is_none() {
            cx.add_to_module(sys, name, cx.new_str(prompt).value())?;
        }
    }
    Ok(())
}

/// `PYTHONSTARTUP`. An ending if the file asks for one.
fn run_startup_file(cx: &Cx, settings: &Settings, main: countless_vm::object::cell::Ref<Module>) -> Option<Ending> {
    use countless_compiler::syntax::decode::Origin;
    let file = settings.startup.as_ref()?;
    let path: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(file.as_slice());
    let name = path.to_string_lossy();
    let Ok(content) = std::fs::read(path) else {
        cx.write_to_stderr(&format!(
            "Could not open PYTHONSTARTUP\nFileNotFoundError: [Errno 2] No such file or directory: '{name}'\n"
        ));
        return None;
    };
    let code = cx.compile_bytes(&name, &content, Origin::File, SourceOptions::new(Mode::Exec));
    let outcome = code.and_then(|code| {
        cx.add_to_module(main, "__file__", text::decode(cx, file).value())?;
        cx.run_code(code, main.dict(), main.dict().value(), None)
    });
    settle(cx, main.dict().remove(cx, cx.intern_str("__file__").value()));
    match outcome {
        Ok(_) => None,
        Err(raised) => {
            let exception = cx.take_exception(raised);
            if let Some(status) = report::exit_status(cx, exception) {
                return Some(Ending::Status(status));
            }
            report::show(cx, exception);
            None
        }
    }
}

/// `sys.__interactivehook__`, which `site` sets.
fn call_interactive_hook(cx: &Cx) {
    let Some(hook) = settle(cx, cx.sys_attribute("__interactivehook__")).flatten().and_then(Value::not_none) else {
        return;
    };
    if let Err(raised) = cx.call(hook, &[]) {
        let exception = cx.take_exception(raised);
        cx.write_to_stderr("Failed calling sys.__interactivehook__\n");
        report::show(cx, exception);
    }
}

/// Has `linecache` keep the source of a code object that is in no file.
pub fn remember_source(cx: &Cx, code: Value, source: &str, name: &str) -> PyResult<()> {
    let register = cx.import_attribute("linecache", "_register_code")?;
    cx.call(register, &[code, cx.new_str(source).value(), cx.new_str(name).value()]).map(drop)
}

struct Session<'a> {
    cx: &'a Cx,
    main: countless_vm::object::cell::Ref<Module>,
    source: Box<dyn Source>,
    /// Whether a human types.
    terminal: bool,
    /// Lines that were read and not used: pasted text comes at once.
    pending: VecDeque<String>,
    /// What `from __future__` imports have switched on.
    future: FutureFeatures,
    /// How many inputs there were.
    count: usize,
}

/// What reading an input gives.
enum Input {
    /// A complete input, or one with an error that compiling will find.
    Ready(String),
    Interrupted,
    End,
}

impl Session<'_> {
    fn run(&mut self) -> Ending {
        loop {
            report::flush(self.cx, "stderr");
            report::flush(self.cx, "stdout");
            match self.read_input() {
                Input::Ready(input) => {
                    if let Some(ending) = self.run_input(&input) {
                        return ending;
                    }
                }
                Input::Interrupted => self.cx.write_to_stderr("KeyboardInterrupt\n"),
                Input::End => {
                    self.cx.write_to_stderr("\n");
                    return Ending::Status(0);
                }
            }
        }
    }

    fn prompt(&self, name: &str) -> String {
        let prompt = settle(self.cx, self.cx.sys_attribute(name)).flatten();
        let prompt = prompt.and_then(|prompt| settle(self.cx, object::str(self.cx, prompt)));
        prompt.map_or_else(String::new, |prompt| prompt.as_wtf8().to_string_lossy())
    }

    fn options(&self) -> ParseOptions {
        ParseOptions { future: self.future, ..ParseOptions::new(Mode::Single) }
    }

    fn is_incomplete(&self, text: &str) -> bool {
        matches!(complete("<stdin>", text, self.options()), Completeness::Incomplete)
    }

    /// Reads lines until they make an input.
    fn read_input(&mut self) -> Input {
        let mut text: Option<String> = None;
        loop {
            let line = match self.next_line(text.is_none()) {
                Line::Text(line) => line,
                Line::Interrupted => return Input::Interrupted,
                // What was begun is what there is.
                Line::End => return text.map_or(Input::End, |text| Input::Ready(text + "\n")),
            };
            let so_far = match text.take() {
                None if line.trim().is_empty() => continue,
                None => line,
                Some(text) => {
                    if self.starts_anew(&text, &line) {
                        self.pending.push_front(line);
                        return self.noted(text + "\n");
                    }
                    format!("{text}\n{}", if line.trim().is_empty() { "" } else { &line })
                }
            };
            if self.is_incomplete(&so_far) {
                text = Some(so_far);
            } else {
                return self.noted(so_far);
            }
        }
    }

    fn noted(&mut self, input: String) -> Input {
        self.source.note(input.trim_end());
        Input::Ready(input)
    }

    /// Whether the line begins another statement, though no blank line ended the block before it: so it is with pasted text.
    fn starts_anew(&self, text: &str, line: &str) -> bool {
        const CONTINUE: [&str; 5] = ["elif", "else", "except", "finally", "case"];
        let first =
            line.split(|character: char| !(character.is_alphanumeric() || character == '_')).next().unwrap_or("");
        let is_outermost = !line.starts_with([' ', '\t', '#', ')', ']', '}']) && !line.trim().is_empty();
        self.terminal && is_outermost && !CONTINUE.contains(&first) && !self.is_incomplete(&format!("{text}\n"))
    }

    fn next_line(&mut self, first: bool) -> Line {
        if let Some(line) = self.pending.pop_front() {
            return Line::Text(line);
        }
        let prompt = self.prompt(if first { "ps1" } else { "ps2" });
        match self.source.read(self.cx, &prompt) {
            Line::Text(text) => {
                let mut lines = text.split('\n').map(|line| line.trim_end_matches('\r').to_owned());
                let line = lines.next().unwrap_or_default();
                self.pending.extend(lines);
                Line::Text(line)
            }
            other => {
                self.pending.clear();
                other
            }
        }
    }

    /// Compiles and runs one input; an ending if it asks for one.
    fn run_input(&mut self, input: &str) -> Option<Ending> {
        let outcome = match self.command(input.trim()) {
            Some(command) => self.cx.call(command, &[]).map(drop),
            None => self.compile_and_run(input),
        };
        let Err(raised) = outcome else { return None };
        let exception = self.cx.take_exception(raised);
        if let Some(status) = report::exit_status(self.cx, exception) {
            return Some(Ending::Status(status));
        }
        if exception.is_exception_of(self.cx, ExceptionKind::KeyboardInterrupt) && self.terminal {
            self.cx.write_to_stderr("\n");
        }
        self.pending.clear();
        report::show(self.cx, exception).map(Ending::Status)
    }

    /// `exit` and its like may be said without parentheses on a terminal, as long as they are what they were.
    fn command(&self, word: &str) -> Option<Value> {
        const COMMANDS: [&str; 6] = ["exit", "quit", "help", "copyright", "credits", "license"];
        if !self.terminal || !COMMANDS.contains(&word) {
            return None;
        }
        let name = self.cx.intern_str(word);
        if settle(self.cx, self.main.dict().get_name(self.cx, name)).flatten().is_some() {
            return None;
        }
        settle(self.cx, self.cx.builtins_dict().get_name(self.cx, name)).flatten()
    }

    fn compile_and_run(&mut self, input: &str) -> PyResult<()> {
        let cx = self.cx;
        let name = format!("<stdin-{}>", self.count);
        let options = SourceOptions { parse: self.options(), optimize: None };
        // The parser's own errors name the input plainly.
        let compiled = match complete("<stdin>", input, self.options()) {
            Completeness::Invalid(error) => Err(cx.raise_syntax_error("<stdin>", &error)),
            _ => cx.compile_text(SourceText::new(name, input), options),
        };
        let code = compiled?;
        self.count += 1;
        self.future = FutureFeatures::from_flags(self.future.flags | code.flags);
        remember_source(cx, code.value(), input, "<stdin>")?;
        let dict = self.main.dict();
        cx.run_code(code, dict, dict.value(), None).map(drop)
    }
}

/// Standard input that is no terminal: prompts go to standard error.
struct Plain;

impl Source for Plain {
    fn read(&mut self, cx: &Cx, prompt: &str) -> Line {
        cx.write_to_stderr(prompt);
        let mut line = Vec::new();
        let read = || std::io::BufRead::read_until(&mut std::io::stdin().lock(), b'\n', &mut line);
        match cx.mutator().detached(read) {
            Ok(0) | Err(_) => Line::End,
            Ok(_) => {
                if line.last() == Some(&b'\n') {
                    line.pop();
                }
                Line::Text(String::from_utf8_lossy(&line).into_owned())
            }
        }
    }

    fn note(&mut self, _input: &str) {}
}

impl Source for Editor {
    fn read(&mut self, cx: &Cx, prompt: &str) -> Line {
        self.set_names(names::visible(cx));
        cx.mutator().detached(|| self.read_line(prompt))
    }

    fn note(&mut self, input: &str) {
        self.add_history(input);
    }
}
