//! Tables from measurements.
//!
//! A program's ratio is how many times as fast as the reference it ran: the geometric mean over its benchmarks. The summary is
//! the geometric mean over the programs of a group.

use std::fmt::Write;

use crate::interpreters::{Interpreter, OURS, REFERENCE};
use crate::measure::{Measurements, Row};
use crate::programs::{Group, Program};

/// The finished report.
pub struct Report {
    pub markdown: String,
    pub json: String,
    pub ours_agrees: bool,
}

/// Builds the report.
pub fn build(programs: &[Program], interpreters: &[Interpreter], measurements: &Measurements) -> Report {
    let mut markdown = String::new();
    for group in [Group::Startup, Group::Small, Group::Pyperformance, Group::Memory] {
        let members: Vec<&Program> = programs.iter().filter(|program| program.group == group).collect();
        if !members.is_empty() {
            table(&mut markdown, group, &members, interpreters, measurements);
        }
    }
    let disagreements = disagreements(programs, interpreters, measurements);
    for (interpreter, name) in &disagreements {
        let _ = writeln!(markdown, "`{name}`: {interpreter} computes something else than {REFERENCE}.");
    }
    let ours_agrees = disagreements.iter().all(|(interpreter, _)| interpreter != OURS);
    Report { markdown, json: json(programs, interpreters, measurements), ours_agrees }
}

fn table(
    out: &mut String,
    group: Group,
    programs: &[&Program],
    interpreters: &[Interpreter],
    measurements: &Measurements,
) {
    let reference = interpreters.iter().find(|interpreter| interpreter.name == REFERENCE);
    let titles: Vec<String> = interpreters.iter().map(|interpreter| format!("{} |", interpreter.name)).collect();
    let _ = writeln!(out, "## {}\n\n| benchmark | {}", group.name(), titles.join(" "));
    let _ = writeln!(out, "|---|{}", "---:|".repeat(interpreters.len()));
    let mut logarithms = vec![Vec::new(); interpreters.len()];
    for program in programs {
        for name in benchmark_names(program, interpreters, measurements) {
            let base = reference.and_then(|reference| value(program, reference, measurements, &name));
            let _ = write!(out, "| {name} |");
            for interpreter in interpreters {
                let cell = value(program, interpreter, measurements, &name);
                let _ = write!(out, " {} |", cell.map_or("failed".to_owned(), |cell| show(cell, base, group)));
            }
            out.push('\n');
        }
        for (position, interpreter) in interpreters.iter().enumerate() {
            if let Some(mean) = reference.and_then(|reference| ratio(program, interpreter, reference, measurements)) {
                logarithms[position].push(mean.ln());
            }
        }
    }
    if group != Group::Memory && reference.is_some() {
        means(out, &logarithms);
    }
    out.push('\n');
}

/// The last row: geometric means, and over how many programs.
fn means(out: &mut String, logarithms: &[Vec<f64>]) {
    out.push_str("| **geometric mean** |");
    for values in logarithms {
        match mean(values) {
            Some(mean) => {
                let _ = write!(out, " **{:.2}×** ({}) |", mean.exp(), values.len());
            }
            None => out.push_str(" |"),
        }
    }
    out.push('\n');
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn benchmark_names(program: &Program, interpreters: &[Interpreter], measurements: &Measurements) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for row in interpreters.iter().flat_map(|interpreter| measurements.get(program, interpreter)) {
        if !names.contains(&row.name) {
            names.push(row.name.clone());
        }
    }
    if names.is_empty() { vec![program.name.clone()] } else { names }
}

fn find<'a>(
    program: &Program,
    interpreter: &Interpreter,
    measurements: &'a Measurements,
    name: &str,
) -> Option<&'a Row> {
    measurements.get(program, interpreter).iter().find(|row| row.name == name)
}

fn value(program: &Program, interpreter: &Interpreter, measurements: &Measurements, name: &str) -> Option<f64> {
    find(program, interpreter, measurements, name).map(|row| row.value)
}

/// How many times as fast as the reference.
fn ratio(
    program: &Program,
    interpreter: &Interpreter,
    reference: &Interpreter,
    measurements: &Measurements,
) -> Option<f64> {
    let rows = measurements.get(program, interpreter);
    let logarithms: Option<Vec<f64>> =
        rows.iter().map(|row| Some((value(program, reference, measurements, &row.name)? / row.value).ln())).collect();
    mean(&logarithms?).map(f64::exp).filter(|ratio| ratio.is_finite())
}

fn show(value: f64, base: Option<f64>, group: Group) -> String {
    if group == Group::Memory {
        return if value < 1e5 { format!("{value:.1} B") } else { format!("{:.1} MB", value / 1e6) };
    }
    if value <= 0.0 {
        // A net time below the loop's own noise.
        return "—".to_owned();
    }
    let time = match value {
        v if v >= 1.0 => format!("{v:.2} s"),
        v if v >= 1e-3 => format!("{:.2} ms", v * 1e3),
        v => format!("{:.2} µs", v * 1e6),
    };
    base.map_or(time.clone(), |base| format!("{time} ({:.2}×)", base / value))
}

/// Interpreters and benchmarks whose result is not the reference's.
fn disagreements(
    programs: &[Program],
    interpreters: &[Interpreter],
    measurements: &Measurements,
) -> Vec<(String, String)> {
    let Some(reference) = interpreters.iter().find(|interpreter| interpreter.name == REFERENCE) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for program in programs {
        for interpreter in interpreters {
            if measurements.has_failed(program, interpreter) {
                found.push((interpreter.name.clone(), program.name.clone()));
            }
            for row in measurements.get(program, interpreter) {
                if find(program, reference, measurements, &row.name)
                    .is_some_and(|expected| expected.result != row.result)
                {
                    found.push((interpreter.name.clone(), row.name.clone()));
                }
            }
        }
    }
    found
}

fn json(programs: &[Program], interpreters: &[Interpreter], measurements: &Measurements) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut rows = Vec::new();
    for program in programs {
        for interpreter in interpreters {
            for row in measurements.get(program, interpreter) {
                rows.push(format!(
                    "{{\"group\": {}, \"program\": {}, \"benchmark\": {}, \"interpreter\": {}, \"value\": {:e}, \"unit\": {}, \"result\": {}}}",
                    quote(program.group.name()),
                    quote(&program.name),
                    quote(&row.name),
                    quote(&interpreter.name),
                    row.value,
                    quote(if program.group == Group::Memory { "B" } else { "s" }),
                    quote(&row.result)
                ));
            }
        }
    }
    let versions: Vec<String> = interpreters
        .iter()
        .map(|interpreter| format!("{}: {}", quote(&interpreter.name), quote(&interpreter.version)))
        .collect();
    format!("{{\n\"interpreters\": {{{}}},\n\"rows\": [\n{}\n]\n}}\n", versions.join(", "), rows.join(",\n"))
}
