//! Runs one program under one interpreter and reads the lines that the stand-in prints.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::fetch;
use crate::interpreters::Interpreter;
use crate::options::Options;
use crate::programs::{Group, Program};

/// What one benchmark of a program gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// A program may have several benchmarks.
    pub name: String,
    /// Seconds per loop, or bytes; the smallest seen.
    pub value: f64,
    /// A digest of what was computed.
    pub result: String,
}

/// Everything measured: by program, then benchmark, then interpreter.
#[derive(Debug, Default)]
pub struct Measurements {
    rows: BTreeMap<(String, String), Vec<Row>>,
    failed: Vec<(String, String)>,
}

impl Measurements {
    /// Keeps the minima.
    pub fn add(&mut self, program: &Program, interpreter: &Interpreter, rows: Vec<Row>) {
        let kept = self.rows.entry((program.name.clone(), interpreter.name.clone())).or_default();
        for row in rows {
            match kept.iter_mut().find(|old| old.name == row.name) {
                Some(old) => old.value = old.value.min(row.value),
                None => kept.push(row),
            }
        }
    }

    /// Remembers that a program does not run.
    pub fn fail(&mut self, program: &Program, interpreter: &Interpreter) {
        self.failed.push((program.name.clone(), interpreter.name.clone()));
    }

    /// Whether it failed before.
    pub fn has_failed(&self, program: &Program, interpreter: &Interpreter) -> bool {
        self.failed.iter().any(|(p, i)| *p == program.name && *i == interpreter.name)
    }

    /// The benchmarks of a program under an interpreter; none if it failed.
    pub fn get(&self, program: &Program, interpreter: &Interpreter) -> &[Row] {
        if self.has_failed(program, interpreter) {
            return &[];
        }
        self.rows.get(&(program.name.clone(), interpreter.name.clone())).map_or(&[], Vec::as_slice)
    }
}

/// One run; an error says why there is no number.
pub fn run(program: &Program, interpreter: &Interpreter, options: &Options) -> Result<Vec<Row>, String> {
    let mut command = Command::new(&interpreter.program);
    command.args(&program.arguments);
    let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("pyperf_standin");
    for variable in ["PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONOPTIMIZE", "PYTHONSTARTUP"] {
        command.env_remove(variable);
    }
    command
        .env("PYTHONPATH", stand_in)
        .env("PYTHONHASHSEED", "1")
        // Compiled imports are cached as for any user, but not beside the sources.
        .env("PYTHONPYCACHEPREFIX", fetch::target().join("bench-cache/pycache"))
        .env("COUNTLESS_BENCH_LOOPS", program.loops.to_string())
        .env("COUNTLESS_BENCH_REPEATS", options.repeats.to_string());
    let started = Instant::now();
    let output = finish(command, Duration::from_secs(options.timeout_seconds))?;
    if program.group == Group::Startup {
        let value = started.elapsed().as_secs_f64();
        return Ok(vec![Row { name: program.name.clone(), value, result: String::new() }]);
    }
    let rows: Vec<Row> = output.lines().filter_map(parse).collect();
    if rows.is_empty() { Err(format!("printed no measurement: {output:?}")) } else { Ok(rows) }
}

fn finish(mut command: Command, limit: Duration) -> Result<String, String> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| error.to_string())?;
    let readers = (drain(child.stdout.take()), drain(child.stderr.take()));
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if started.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("still running after {} s", limit.as_secs()));
        }
        // Short against a start-up, long against the cost of asking.
        thread::sleep(Duration::from_micros(if started.elapsed().as_millis() < 100 { 100 } else { 5000 }));
    };
    let text = |reader: thread::JoinHandle<String>| reader.join().unwrap_or_default();
    let (stdout, stderr) = (text(readers.0), text(readers.1));
    if status.success() {
        return Ok(stdout);
    }
    Err(format!("{status}: {}", stderr.lines().last().unwrap_or("no message")))
}

fn drain(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Reads one line of the stand-in: an object with string, number and number-list members, written by ourselves.
fn parse(line: &str) -> Option<Row> {
    let line = line.strip_prefix('{')?.strip_suffix('}')?;
    let text = |key: &str| Some(member(line, key)?.strip_prefix('"')?.split('"').next()?.to_owned());
    let number = |key: &str| member(line, key)?.split([',', '}']).next()?.trim().parse::<f64>().ok();
    let name = text("name")?;
    if let Some(value) = number("bytes") {
        return Some(Row { name, value, result: String::new() });
    }
    let seconds = member(line, "seconds")?.strip_prefix('[')?.split(']').next()?;
    let smallest = seconds.split(',').filter_map(|value| value.trim().parse::<f64>().ok()).reduce(f64::min)?;
    Some(Row { name, value: smallest / number("loops")?, result: text("result")? })
}

fn member<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let start = line.find(&format!("\"{key}\": "))? + key.len() + 4;
    line.get(start..)
}

#[cfg(test)]
mod tests {
    use super::{Row, parse};

    #[test]
    fn lines_of_the_stand_in() {
        let line = r#"{"name": "a", "loops": 2, "inner_loops": 1, "seconds": [0.5, 0.25], "result": "1f-3"}"#;
        assert_eq!(parse(line), Some(Row { name: "a".into(), value: 0.125, result: "1f-3".into() }));
        let line = r#"{"name": "memory_int", "bytes": 40.8}"#;
        assert_eq!(parse(line), Some(Row { name: "memory_int".into(), value: 40.8, result: String::new() }));
        assert_eq!(parse("anything else"), None);
    }
}
