//! Runs the same programs under Countless and the other Pythons found, in turn, and prints how they compare.
//!
//! Programs run one after the other, and each under every interpreter in turn, so that a slow minute of the machine hits all
//! of them. What counts is the minimum over the runs. Results are compared too: a wrong answer has no speed.

mod fetch;
mod interpreters;
mod measure;
mod options;
mod programs;
mod report;

use std::process::ExitCode;
use std::{fs, io};

use interpreters::Interpreter;
use measure::Measurements;
use options::Options;
use programs::Program;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("bench: {message}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    if options.help {
        println!("{}", options::USAGE);
        return ExitCode::SUCCESS;
    }
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every result of Countless agrees with the reference.
fn run(options: &Options) -> io::Result<bool> {
    let programs = programs::choose(options)?;
    if options.list {
        for program in &programs {
            println!("{:<20} {}", program.name, program.group.name());
        }
        return Ok(true);
    }
    let interpreters = interpreters::find(options)?;
    for interpreter in &interpreters {
        eprintln!("bench: {:<12} {} ({})", interpreter.name, interpreter.version, interpreter.program.display());
    }
    let mut measurements = Measurements::default();
    for program in &programs {
        measure_program(program, &interpreters, options, &mut measurements);
    }
    let report = report::build(&programs, &interpreters, &measurements);
    println!("{}", report.markdown);
    if let Some(path) = &options.markdown {
        fs::write(path, &report.markdown)?;
    }
    if let Some(path) = &options.json {
        fs::write(path, &report.json)?;
    }
    Ok(report.ours_agrees)
}

fn measure_program(
    program: &Program,
    interpreters: &[Interpreter],
    options: &Options,
    measurements: &mut Measurements,
) {
    let runs = options.runs.unwrap_or(program.group.default_runs());
    for run in 0..runs {
        for interpreter in interpreters {
            if measurements.has_failed(program, interpreter) {
                continue;
            }
            match measure::run(program, interpreter, options) {
                Ok(rows) => measurements.add(program, interpreter, rows),
                Err(message) => {
                    eprintln!("bench: {} under {}: {message}", program.name, interpreter.name);
                    measurements.fail(program, interpreter);
                }
            }
        }
        eprintln!("bench: {} {}/{runs}", program.name, run + 1);
    }
}
