//! The line editor of the session: rustyline with a history file and completion of names.
//!
//! It knows nothing of the heap: what can be completed is handed to it as plain text before each line, so that it can run
//! while the thread is detached.

use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Helper};

use crate::names::Names;
use crate::session::Line;
use crate::settings::Settings;

/// How many inputs the history keeps.
const HISTORY_SIZE: usize = 10_000;

/// The editor.
pub struct Editor {
    lines: rustyline::Editor<Completion, FileHistory>,
    history: Option<PathBuf>,
}

impl Editor {
    /// An editor on the terminal, with the history of former sessions.
    pub fn new(settings: &Settings) -> Option<Editor> {
        let config = Config::builder().completion_type(CompletionType::List).tab_stop(4).build();
        let mut lines = rustyline::Editor::with_history(config.clone(), FileHistory::with_config(&config)).ok()?;
        lines.set_max_history_size(HISTORY_SIZE).ok()?;
        lines.set_helper(Some(Completion::default()));
        let history = history_file(settings);
        if let Some(history) = &history {
            // There is none before the first session.
            let _ = lines.load_history(history);
        }
        Some(Editor { lines, history })
    }

    /// What the next line's completion offers.
    pub fn set_names(&mut self, names: Names) {
        if let Some(helper) = self.lines.helper_mut() {
            helper.names = names;
        }
    }

    /// Reads a line, or several that were pasted.
    pub fn read_line(&mut self, prompt: &str) -> Line {
        match self.lines.readline(prompt) {
            Ok(line) => Line::Text(line),
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(_) => Line::End,
        }
    }

    /// Notes an input, on the disk as well: a session may end in any way.
    pub fn add_history(&mut self, input: &str) {
        if let (Ok(true), Some(history)) = (self.lines.add_history_entry(input), &self.history) {
            // A history that cannot be written is no reason to disturb the session.
            let _ = self.lines.append_history(history);
        }
    }
}

/// `PYTHON_HISTORY`, else a file in the home folder.
fn history_file(settings: &Settings) -> Option<PathBuf> {
    let named = std::env::var_os("PYTHON_HISTORY").filter(|_| settings.flags.ignore_environment == 0);
    match named.filter(|name| !name.is_empty()) {
        Some(name) => Some(PathBuf::from(name)),
        None => Some(std::env::home_dir()?.join(".countless_history")),
    }
}

/// Completion of names and of the attributes of what names stand for.
#[derive(Default)]
struct Completion {
    names: Names,
}

impl Completer for Completion {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _context: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = &line[..position];
        if before.rsplit('\n').next().unwrap_or("").trim().is_empty() {
            // At the start of a line, the key indents.
            return Ok((position, vec!["    ".to_owned()]));
        }
        let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == '.';
        let start = before
            .rfind(|character| !is_part(character))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        Ok((start, self.names.matches(&before[start..])))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}
impl Validator for Completion {}
impl Helper for Completion {}
