//! What the command line and the environment decide together: [`Settings`].
//!
//! Pure: variables are read through a function. An option and a variable for the same thing combine as in CPython: numbers
//! take the greater, texts the command line's. `-E` and `-I` hide the variables whose names begin with `PYTHON`; our own
//! are for developers of Countless and always count.

use countless_vm::gc::{HeapConfig, Zeal};
use countless_vm::runtime::vm::Flags;

use crate::args::Options;

/// A mistake that ends the process before anything runs; status 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Fatal(pub String);

/// Reads an environment variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// Encoding and error handler of the standard streams, where `PYTHONIOENCODING` decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamEncoding {
    /// The encoding.
    pub encoding: Option<String>,
    /// The error handler.
    pub errors: Option<String>,
}

/// The decisions.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The command line.
    pub options: Options,
    /// `sys.flags`, but for those that the VM keeps elsewhere.
    pub flags: Flags,
    /// How often `-O` was given.
    pub optimize: u8,
    /// The seed of string hashes; nothing for a random one.
    pub hash_seed: Option<u32>,
    /// The limit for conversions between int and decimal text.
    pub int_max_str_digits: Option<i32>,
    /// The collector.
    pub heap: HeapConfig,
    /// `PYTHONPATH`, split; an empty part is the current folder.
    pub python_path: Vec<Vec<u8>>,
    /// `PYTHONHOME`.
    pub home: Option<String>,
    /// `COUNTLESS_LIB`.
    pub library_folder: Option<String>,
    /// `sys.warnoptions`.
    pub warn_options: Vec<String>,
    /// `sys._xoptions`.
    pub x_options: Vec<(String, Option<String>)>,
    /// `sys.pycache_prefix`.
    pub pycache_prefix: Option<Vec<u8>>,
    /// `PYTHONIOENCODING`.
    pub stream_encoding: StreamEncoding,
    /// `PYTHONSTARTUP`.
    pub startup: Option<Vec<u8>>,
    /// Whether the locale "C" may be replaced by "C.UTF-8".
    pub coerce_locale: bool,
    /// `-X utf8` or `PYTHONUTF8`; nothing lets the locale decide.
    pub utf8_mode: Option<bool>,
    /// Whether fatal errors show Python's stack.
    pub fault_handler: bool,
    /// `-X cpu_count`, if it is a number.
    pub cpu_count: Option<i32>,
    /// `-X importtime`: 0, 1 or 2.
    pub import_time: u8,
    /// `-X dis`.
    pub disassemble: bool,
    /// `-X gclog`.
    pub collector_log: bool,
}

/// Combines the options with the environment.
pub fn decide(options: Options, variable: Lookup<'_>) -> Result<Settings, Fatal> {
    let ignore = options.ignore_environment || options.isolated;
    let python = |name: &str| if ignore { None } else { variable(name).filter(|value| !value.is_empty()) };
    let reader = Reader { options: &options, python: &python, variable };
    let flags = reader.flags()?;
    let x_options = reader.x_options();
    let text = |name: &str| python(name).map(lossy);
    Ok(Settings {
        optimize: reader.level("PYTHONOPTIMIZE", options.optimize),
        hash_seed: reader.hash_seed()?,
        int_max_str_digits: reader.int_max_str_digits()?,
        heap: reader.heap()?,
        python_path: reader.python_path(),
        home: text("PYTHONHOME"),
        library_folder: variable("COUNTLESS_LIB").filter(|folder| !folder.is_empty()).map(lossy),
        warn_options: reader.warn_options(flags.dev_mode),
        pycache_prefix: reader.pycache_prefix(),
        stream_encoding: reader.stream_encoding(),
        startup: python("PYTHONSTARTUP"),
        coerce_locale: python("PYTHONCOERCECLOCALE").is_none_or(|value| value != b"0"),
        utf8_mode: reader.utf8_mode()?,
        fault_handler: flags.dev_mode || reader.x("faulthandler").is_some() || python("PYTHONFAULTHANDLER").is_some(),
        cpu_count: reader.cpu_count()?,
        import_time: reader.import_time()?,
        disassemble: reader.x("dis").is_some(),
        collector_log: reader.x("gclog").is_some(),
        flags,
        x_options,
        options,
    })
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A variable by name.
type Variable<'a> = dyn Fn(&str) -> Option<Vec<u8>> + 'a;

struct Reader<'a> {
    options: &'a Options,
    /// Variables that are set, not empty, and not to be ignored.
    python: &'a Variable<'a>,
    variable: Lookup<'a>,
}

fn fatal<T>(message: &str) -> Result<T, Fatal> {
    Err(Fatal(message.to_owned()))
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.trim_start().parse().ok()
}

impl Reader<'_> {
    /// The last `-X name` or `-X name=value`: its value, empty if there is none.
    fn x(&self, name: &str) -> Option<String> {
        let found = self.options.x_options.iter().rev().find_map(|option| {
            let rest = option.strip_prefix(name.as_bytes())?;
            match rest.first() {
                None => Some(Vec::new()),
                Some(b'=') => Some(rest[1..].to_vec()),
                Some(_) => None,
            }
        });
        found.map(lossy)
    }

    fn x_options(&self) -> Vec<(String, Option<String>)> {
        let split = |option: &Vec<u8>| {
            let text = String::from_utf8_lossy(option);
            match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text.into_owned(), None),
            }
        };
        self.options.x_options.iter().map(split).collect()
    }

    /// A flag that counts: the variable's number, or 1 for any other text, if that is more than the option's.
    fn level(&self, name: &str, given: u8) -> u8 {
        let Some(value) = (self.python)(name) else { return given };
        given.max(number(&lossy(value)).unwrap_or(1))
    }

    fn flag(&self, name: &str, given: bool) -> u8 {
        self.level(name, u8::from(given))
    }

    /// `-X name=0|1`, else the variable.
    fn switch(&self, name: &str, variable: &str, default: u8) -> Result<u8, Fatal> {
        let message = format!("config_init_{name}: -X {name}=n: n is missing or invalid");
        let environment = || {
            let message = format!("config_init_{name}: {variable}=N: N is missing or invalid");
            (self.python)(variable).map(|value| (lossy(value), message))
        };
        match self.x(name).map(|value| (value, message)).or_else(environment) {
            None => Ok(default),
            Some((value, _)) if value == "0" => Ok(0),
            Some((value, _)) if value == "1" => Ok(1),
            Some((_, message)) => Err(Fatal(message)),
        }
    }

    fn flags(&self) -> Result<Flags, Fatal> {
        let options = self.options;
        let dev_mode = self.x("dev").is_some() || (self.python)("PYTHONDEVMODE").is_some();
        self.check_accepted()?;
        Ok(Flags {
            debug: self.flag("PYTHONDEBUG", options.debug).min(1),
            inspect: self.flag("PYTHONINSPECT", options.inspect),
            interactive: u8::from(options.inspect),
            dont_write_bytecode: self.flag("PYTHONDONTWRITEBYTECODE", options.dont_write_bytecode).min(1),
            no_user_site: self.flag("PYTHONNOUSERSITE", options.no_user_site || options.isolated).min(1),
            no_site: u8::from(options.no_site),
            ignore_environment: u8::from(options.ignore_environment || options.isolated),
            verbose: self.level("PYTHONVERBOSE", options.verbose),
            bytes_warning: options.bytes_warning,
            quiet: options.quiet,
            isolated: u8::from(options.isolated),
            dev_mode,
            utf8_mode: u8::from(self.utf8_mode()? == Some(true)),
            warn_default_encoding: u8::from(
                self.x("warn_default_encoding").is_some() || (self.python)("PYTHONWARNDEFAULTENCODING").is_some(),
            ),
            safe_path: options.safe_path || options.isolated || (self.python)("PYTHONSAFEPATH").is_some(),
            unbuffered: self.flag("PYTHONUNBUFFERED", options.unbuffered) > 0,
            thread_inherit_context: self.switch("thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT", 1)?,
            context_aware_warnings: self.switch("context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS", 1)?,
        })
    }

    /// Options whose values are checked and have no effect here.
    fn check_accepted(&self) -> Result<(), Fatal> {
        let gil = self.x("gil").or_else(|| (self.python)("PYTHON_GIL").map(lossy));
        match gil.as_deref() {
            None | Some("0") => {}
            Some("1") => return fatal("config_read_gil: Enabling the GIL is not supported: there is none"),
            Some(_) => return fatal("config_read_gil: PYTHON_GIL / -X gil must be \"0\" or \"1\""),
        }
        let frozen = self.x("frozen_modules");
        if frozen.is_some_and(|value| !["", "on", "off"].contains(&value.as_str())) {
            return fatal("bad value for option -X frozen_modules (expected \"on\" or \"off\")");
        }
        let frames = self.x("tracemalloc").filter(|frames| !frames.is_empty());
        if frames.is_some_and(|frames| number::<i32>(&frames).is_none_or(|frames| frames < 0)) {
            return fatal("config_init_tracemalloc: -X tracemalloc=NFRAME: invalid number of frames");
        }
        let frames = (self.python)("PYTHONTRACEMALLOC").map(lossy);
        if frames.is_some_and(|frames| number::<i32>(&frames).is_none_or(|frames| frames < 0)) {
            return fatal("config_init_tracemalloc: PYTHONTRACEMALLOC: invalid number of frames");
        }
        Ok(())
    }

    fn cpu_count(&self) -> Result<Option<i32>, Fatal> {
        let count = self.x("cpu_count").or_else(|| (self.python)("PYTHON_CPU_COUNT").map(lossy));
        match count.as_deref() {
            None | Some("default") => Ok(None),
            Some(count) => match number::<i32>(count) {
                Some(count) if count > 0 => Ok(Some(count)),
                _ => fatal(
                    "config_init_cpu_count: -X cpu_count=n option: n is missing or an invalid number, n must be greater than 0",
                ),
            },
        }
    }

    fn utf8_mode(&self) -> Result<Option<bool>, Fatal> {
        match self.x("utf8").as_deref() {
            Some("" | "1") => return Ok(Some(true)),
            Some("0") => return Ok(Some(false)),
            Some(_) => return fatal("preconfig_init_utf8_mode: invalid -X utf8 option value"),
            None => {}
        }
        match (self.python)("PYTHONUTF8").as_deref() {
            None => Ok(None),
            Some(b"1") => Ok(Some(true)),
            Some(b"0") => Ok(Some(false)),
            Some(_) => fatal("preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value"),
        }
    }

    fn hash_seed(&self) -> Result<Option<u32>, Fatal> {
        let Some(seed) = (self.python)("PYTHONHASHSEED") else { return Ok(None) };
        if self.options.random_hashes || seed == b"random" {
            return Ok(None);
        }
        match number::<u32>(&lossy(seed)) {
            Some(seed) => Ok(Some(seed)),
            None => {
                fatal("config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]")
            }
        }
    }

    fn int_max_str_digits(&self) -> Result<Option<i32>, Fatal> {
        let (value, what) = match self.x("int_max_str_digits") {
            Some(value) => (value, "-X int_max_str_digits"),
            None => match (self.python)("PYTHONINTMAXSTRDIGITS") {
                Some(value) => (lossy(value), "PYTHONINTMAXSTRDIGITS"),
                None => return Ok(None),
            },
        };
        match number::<i32>(&value) {
            Some(limit) if limit == 0 || limit >= 640 => Ok(Some(limit)),
            _ => Err(Fatal(format!(
                "config_init_int_max_str_digits: {what}: invalid limit; must be >= 640 or 0 for unlimited."
            ))),
        }
    }

    fn import_time(&self) -> Result<u8, Fatal> {
        let (value, what) = match self.x("importtime") {
            Some(value) => (value, "-X importtime"),
            None => match (self.python)("PYTHONPROFILEIMPORTTIME") {
                Some(value) => (lossy(value), "PYTHONPROFILEIMPORTTIME"),
                None => return Ok(0),
            },
        };
        match value.as_str() {
            "" | "1" => Ok(1),
            "2" => Ok(2),
            _ => Err(Fatal(format!(
                "config_init_import_time: {what}: values other than 1 and 2 are reserved for future use."
            ))),
        }
    }

    fn python_path(&self) -> Vec<Vec<u8>> {
        match (self.python)("PYTHONPATH") {
            Some(path) => path.split(|&byte| byte == b':').map(<[u8]>::to_vec).collect(),
            None => Vec::new(),
        }
    }

    /// The development mode's, the environment's, the command line's, that of `-b`; each once.
    fn warn_options(&self, dev_mode: bool) -> Vec<String> {
        let mut options: Vec<String> = Vec::new();
        let mut add = |option: &str| {
            options.retain(|present| present != option);
            options.push(option.to_owned());
        };
        if dev_mode {
            add("default");
        }
        if let Some(filters) = (self.python)("PYTHONWARNINGS") {
            lossy(filters).split(',').filter(|filter| !filter.is_empty()).for_each(&mut add);
        }
        self.options.warn_options.iter().for_each(|option| add(&String::from_utf8_lossy(option)));
        match self.options.bytes_warning {
            0 => {}
            1 => add("default::BytesWarning"),
            _ => add("error::BytesWarning"),
        }
        options
    }

    fn pycache_prefix(&self) -> Option<Vec<u8>> {
        match self.x("pycache_prefix") {
            Some(prefix) => (!prefix.is_empty()).then(|| prefix.into_bytes()),
            None => (self.python)("PYTHONPYCACHEPREFIX"),
        }
    }

    fn stream_encoding(&self) -> StreamEncoding {
        let Some(value) = (self.python)("PYTHONIOENCODING") else { return StreamEncoding::default() };
        let value = lossy(value);
        let (encoding, errors) = match value.split_once(':') {
            Some((encoding, errors)) => (encoding, Some(errors)),
            None => (value.as_str(), None),
        };
        // An encoding without a handler is strict, whatever the locale says.
        let default_errors = (!encoding.is_empty()).then_some("strict");
        StreamEncoding {
            encoding: (!encoding.is_empty()).then(|| encoding.to_owned()),
            errors: errors.filter(|errors| !errors.is_empty()).or(default_errors).map(str::to_owned),
        }
    }

    fn heap(&self) -> Result<HeapConfig, Fatal> {
        let wanted = self.x("zeal").or_else(|| (self.variable)("COUNTLESS_ZEAL").map(lossy));
        let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else { return Ok(HeapConfig::default()) };
        let (kind, amount) = wanted.split_once(':').unwrap_or((&wanted, ""));
        let zeal = match (kind, number::<u32>(amount)) {
            ("alloc", Some(every)) if every > 0 => Zeal::AllocN(every),
            ("incremental", Some(step)) if step > 0 => Zeal::Incremental(step),
            ("concurrent", Some(kib)) if kib > 0 => Zeal::Concurrent(kib),
            _ => return fatal("zeal: expected alloc:N, incremental:K or concurrent:KIB with a number above 0"),
        };
        Ok(HeapConfig { zeal, poison: true, verify: true, ..HeapConfig::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    fn settings(line: &str, variables: &[(&str, &str)]) -> Result<Settings, Fatal> {
        let words: Vec<Vec<u8>> = line.split_whitespace().map(|word| word.as_bytes().to_vec()).collect();
        let options = args::parse(&words).expect("the line is right");
        let lookup = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name)?;
            Some(found.1.as_bytes().to_vec())
        };
        decide(options, &lookup)
    }

    #[test]
    fn variables_and_options_combine() {
        let found =
            settings("p -O", &[("PYTHONOPTIMIZE", "2"), ("PYTHONVERBOSE", ""), ("PYTHONINSPECT", "x")]).unwrap();
        assert_eq!((found.optimize, found.flags.verbose, found.flags.inspect), (2, 0, 1));
        let found = settings("p -I", &[("PYTHONOPTIMIZE", "2"), ("PYTHONPATH", "/a")]).unwrap();
        assert_eq!((found.optimize, found.python_path.len(), found.flags.safe_path), (0, 0, true));
    }

    #[test]
    fn warnings_keep_their_order() {
        let found = settings("p -Wd -X dev -bb", &[("PYTHONWARNINGS", "a,b,,c")]).unwrap();
        assert_eq!(found.warn_options, ["default", "a", "b", "c", "d", "error::BytesWarning"]);
    }

    #[test]
    fn encodings_of_streams() {
        let of = |value| settings("p", &[("PYTHONIOENCODING", value)]).unwrap().stream_encoding;
        assert_eq!(
            (of("latin-1").encoding.as_deref(), of("latin-1").errors.as_deref()),
            (Some("latin-1"), Some("strict"))
        );
        assert_eq!((of(":ignore").encoding, of(":ignore").errors.as_deref()), (None, Some("ignore")));
    }

    #[test]
    fn seeds_and_limits() {
        assert_eq!(settings("p", &[("PYTHONHASHSEED", "0")]).unwrap().hash_seed, Some(0));
        assert_eq!(settings("p -R", &[("PYTHONHASHSEED", "7")]).unwrap().hash_seed, None);
        assert!(settings("p", &[("PYTHONHASHSEED", "4294967296")]).is_err());
        assert!(settings("p -Xint_max_str_digits=5", &[]).is_err());
        assert_eq!(settings("p -Xint_max_str_digits=0", &[]).unwrap().int_max_str_digits, Some(0));
        assert!(settings("p -X utf8=3", &[]).is_err());
    }

    #[test]
    fn zeal() {
        let found = settings("p", &[("COUNTLESS_ZEAL", "alloc:10")]).unwrap();
        assert!(matches!(found.heap.zeal, Zeal::AllocN(10)) && found.heap.verify);
        let found = settings("p -I -X zeal=incremental:5", &[("COUNTLESS_ZEAL", "alloc:10")]).unwrap();
        assert!(matches!(found.heap.zeal, Zeal::Incremental(5)));
        assert!(settings("p -X zeal=sometimes", &[]).is_err());
    }
}
