//! The command line: words to [`Options`], with CPython's grammar, messages and exit statuses.
//!
//! Pure: nothing here looks at the environment or the disk. Words are bytes, since file names and arguments need not be
//! text. Options end at the first word that is none, after `--`, or with `-c` and `-m`, whose operand is the program.

use std::borrow::Cow;

use crate::usage;

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// `-c`: the source.
    Command(Vec<u8>),
    /// `-m`: the module's name.
    Module(Vec<u8>),
    /// A file, or a folder or archive with a `__main__`.
    Script(Vec<u8>),
    /// Standard input: a session if it is a terminal.
    Input,
}

/// How `.pyc` files that carry a hash are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckPycs {
    /// As each file says.
    Default,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl CheckPycs {
    /// The word, as `_imp.check_hash_based_pycs` has it.
    pub fn word(self) -> &'static str {
        match self {
            CheckPycs::Default => "default",
            CheckPycs::Always => "always",
            CheckPycs::Never => "never",
        }
    }
}

/// The options, as they were given: a number says how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What is to be run.
    pub program: Program,
    /// `sys.argv`.
    pub argv: Vec<Vec<u8>>,
    /// `-b`.
    pub bytes_warning: u8,
    /// `-B`.
    pub dont_write_bytecode: bool,
    /// `-d`.
    pub debug: bool,
    /// `-E`.
    pub ignore_environment: bool,
    /// `-i`.
    pub inspect: bool,
    /// `-I`.
    pub isolated: bool,
    /// `-O`.
    pub optimize: u8,
    /// `-P`.
    pub safe_path: bool,
    /// `-q`.
    pub quiet: u8,
    /// `-R`.
    pub random_hashes: bool,
    /// `-s`.
    pub no_user_site: bool,
    /// `-S`.
    pub no_site: bool,
    /// `-u`.
    pub unbuffered: bool,
    /// `-v`.
    pub verbose: u8,
    /// `-W`, in order.
    pub warn_options: Vec<Vec<u8>>,
    /// `-x`.
    pub skip_first_line: bool,
    /// `-X`, in order.
    pub x_options: Vec<Vec<u8>>,
    /// `--check-hash-based-pycs`.
    pub check_pycs: CheckPycs,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            program: Program::Input,
            argv: Vec::new(),
            bytes_warning: 0,
            dont_write_bytecode: false,
            debug: false,
            ignore_environment: false,
            inspect: false,
            isolated: false,
            optimize: 0,
            safe_path: false,
            quiet: 0,
            random_hashes: false,
            no_user_site: false,
            no_site: false,
            unbuffered: false,
            verbose: 0,
            warn_options: Vec::new(),
            skip_first_line: false,
            x_options: Vec::new(),
            check_pycs: CheckPycs::Default,
        }
    }
}

/// Why no program is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The command line asked for a text, on standard output; status 0.
    Print(String),
    /// `-V`, so many times; status 0.
    Version(u8),
    /// The command line is wrong: a message for standard error; status 2.
    Wrong(String),
}

/// Reads the command line; `words[0]` is the name of the program.
pub fn parse(words: &[Vec<u8>]) -> Result<Options, Stop> {
    let program = words.first().map_or(Cow::Borrowed("countless"), |word| String::from_utf8_lossy(word));
    let mut parser = Parser { words, next: 1, program: &program, options: Options::default(), help: None, versions: 0 };
    parser.run()?;
    if let Some(text) = parser.help {
        return Err(Stop::Print(text));
    }
    if parser.versions > 0 {
        return Err(Stop::Version(parser.versions));
    }
    Ok(parser.options)
}

struct Parser<'a> {
    words: &'a [Vec<u8>],
    /// The next word to look at.
    next: usize,
    program: &'a str,
    options: Options,
    help: Option<String>,
    versions: u8,
}

/// Whether options go on.
#[derive(PartialEq, Eq)]
enum Next {
    Option,
    Program,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        while let Some(word) = self.words.get(self.next) {
            if word.len() < 2 || word[0] != b'-' {
                break;
            }
            self.next += 1;
            if word == b"--" {
                break;
            }
            let next = match word.strip_prefix(b"--") {
                Some(name) => self.long(name)?,
                None => self.cluster(&word[1..])?,
            };
            if next == Next::Program {
                return Ok(());
            }
        }
        self.take_program();
        Ok(())
    }

    /// What is left after the options: a file or `-`, then the program's own arguments.
    fn take_program(&mut self) {
        let rest = &self.words[self.next.min(self.words.len())..];
        self.options.argv = rest.to_vec();
        match rest.first() {
            None => self.options.argv.push(Vec::new()),
            Some(word) if word == b"-" => {}
            Some(word) => self.options.program = Program::Script(word.clone()),
        }
    }

    fn wrong(&self, message: &str) -> Stop {
        Stop::Wrong(format!("{message}\n{}", usage::short(self.program)))
    }

    fn long(&mut self, name: &[u8]) -> Result<Next, Stop> {
        match name {
            b"help" => self.help = Some(usage::options(self.program)),
            b"help-env" => self.help = Some(usage::environment().to_owned()),
            b"help-xoptions" => self.help = Some(usage::x_options().to_owned()),
            b"help-all" => self.help = Some(usage::all(self.program)),
            b"version" => self.versions = self.versions.saturating_add(1),
            b"check-hash-based-pycs" => {
                let Some(word) = self.words.get(self.next) else {
                    return Err(self.wrong("Argument expected for the --check-hash-based-pycs options"));
                };
                self.next += 1;
                self.options.check_pycs = match word.as_slice() {
                    b"default" => CheckPycs::Default,
                    b"always" => CheckPycs::Always,
                    b"never" => CheckPycs::Never,
                    _ => {
                        let message = "--check-hash-based-pycs must be one of 'default', 'always', or 'never'";
                        return Err(self.wrong(message));
                    }
                };
            }
            _ => {
                let name = String::from_utf8_lossy(name);
                return Err(self.wrong(&format!("Unknown option: --{name}")));
            }
        }
        Ok(Next::Option)
    }

    /// A word of one-letter options; one that takes an argument takes the rest of the word, or the next word.
    fn cluster(&mut self, letters: &[u8]) -> Result<Next, Stop> {
        for (index, &letter) in letters.iter().enumerate() {
            if !matches!(letter, b'c' | b'm' | b'W' | b'X') {
                self.letter(letter)?;
                continue;
            }
            let rest = &letters[index + 1..];
            let argument = match (rest.is_empty(), self.words.get(self.next)) {
                (false, _) => rest.to_vec(),
                (true, Some(word)) => {
                    self.next += 1;
                    word.clone()
                }
                (true, None) => {
                    let letter = char::from(letter);
                    return Err(self.wrong(&format!("Argument expected for the -{letter} option")));
                }
            };
            return Ok(self.letter_with_argument(letter, argument));
        }
        Ok(Next::Option)
    }

    fn letter_with_argument(&mut self, letter: u8, argument: Vec<u8>) -> Next {
        match letter {
            b'W' => self.options.warn_options.push(argument),
            b'X' => self.options.x_options.push(argument),
            _ => {
                let rest = &self.words[self.next..];
                self.options.argv = [vec![b'-', letter]].into_iter().chain(rest.iter().cloned()).collect();
                let is_command = letter == b'c';
                self.options.program = if is_command { Program::Command(argument) } else { Program::Module(argument) };
                return Next::Program;
            }
        }
        Next::Option
    }

    fn letter(&mut self, letter: u8) -> Result<(), Stop> {
        let options = &mut self.options;
        match letter {
            b'b' => options.bytes_warning = options.bytes_warning.saturating_add(1),
            b'B' => options.dont_write_bytecode = true,
            b'd' => options.debug = true,
            b'E' => options.ignore_environment = true,
            b'h' | b'?' => self.help = Some(usage::options(self.program)),
            b'i' => options.inspect = true,
            b'I' => options.isolated = true,
            b'O' => options.optimize = options.optimize.saturating_add(1),
            b'P' => options.safe_path = true,
            b'q' => options.quiet = options.quiet.saturating_add(1),
            b'R' => options.random_hashes = true,
            b's' => options.no_user_site = true,
            b'S' => options.no_site = true,
            // Accepted for the sake of old scripts.
            b't' => {}
            b'u' => options.unbuffered = true,
            b'v' => options.verbose = options.verbose.saturating_add(1),
            b'V' => self.versions = self.versions.saturating_add(1),
            b'x' => options.skip_first_line = true,
            _ => {
                let letter = char::from(letter);
                return Err(self.wrong(&format!("Unknown option: -{letter}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, Stop> {
        let words: Vec<Vec<u8>> = line.split_whitespace().map(|word| word.as_bytes().to_vec()).collect();
        parse(&words)
    }

    fn texts(words: &[Vec<u8>]) -> Vec<String> {
        words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect()
    }

    #[test]
    fn programs_and_their_arguments() {
        let options = read("p -Bq -cprint a -b").unwrap();
        assert_eq!(options.program, Program::Command(b"print".to_vec()));
        assert_eq!(texts(&options.argv), ["-c", "a", "-b"]);
        assert!(options.dont_write_bytecode && options.quiet == 1 && options.bytes_warning == 0);
        let options = read("p -m mod -x").unwrap();
        assert_eq!(options.program, Program::Module(b"mod".to_vec()));
        assert_eq!(texts(&options.argv), ["-m", "-x"]);
        let options = read("p -OO -- -file a").unwrap();
        assert_eq!(options.program, Program::Script(b"-file".to_vec()));
        assert_eq!((texts(&options.argv), options.optimize), (vec!["-file".to_owned(), "a".to_owned()], 2));
        let options = read("p - a").unwrap();
        assert_eq!((options.program, texts(&options.argv)), (Program::Input, vec!["-".to_owned(), "a".to_owned()]));
        assert_eq!(texts(&read("p").unwrap().argv), [""]);
    }

    #[test]
    fn arguments_of_options() {
        let options = read("p -Wa -W b -Xc=d -X e").unwrap();
        assert_eq!(texts(&options.warn_options), ["a", "b"]);
        assert_eq!(texts(&options.x_options), ["c=d", "e"]);
        let options = read("p --check-hash-based-pycs never").unwrap();
        assert_eq!(options.check_pycs, CheckPycs::Never);
    }

    #[test]
    fn mistakes() {
        for (line, first) in [
            ("p -Z", "Unknown option: -Z"),
            ("p -V -Z", "Unknown option: -Z"),
            ("p --foo", "Unknown option: --foo"),
            ("p -c", "Argument expected for the -c option"),
            ("p -X", "Argument expected for the -X option"),
            ("p --check-hash-based-pycs", "Argument expected for the --check-hash-based-pycs options"),
        ] {
            let Err(Stop::Wrong(text)) = read(line) else { panic!("{line} is no mistake") };
            assert_eq!(text.lines().next(), Some(first));
            assert!(text.contains("\nusage: p [option] ..."));
        }
        assert_eq!(read("p -V"), Err(Stop::Version(1)));
        assert_eq!(read("p -VV"), Err(Stop::Version(2)));
        assert!(matches!(read("p -?"), Err(Stop::Print(_))));
    }
}
