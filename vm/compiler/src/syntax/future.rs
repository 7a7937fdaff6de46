//! `from __future__ import …`: which features a module switches on.
//!
//! Only the imports at the head of the file count; a later one is an error that the check of the
//! whole tree reports, as CPython does.

use ruff_python_ast::{Alias, Stmt, StmtImportFrom};

use super::{FutureFeatures, SourceText, SyntaxError};

/// Every feature there ever was, with its bit in `co_flags`.
const FEATURES: [(&str, u32); 10] = [
    ("nested_scopes", 0x0010),
    ("generators", 0),
    ("division", 0x2_0000),
    ("absolute_import", 0x4_0000),
    ("with_statement", 0x8_0000),
    ("print_function", 0x10_0000),
    ("unicode_literals", 0x20_0000),
    ("barry_as_FLUFL", 0x40_0000),
    ("generator_stop", 0x80_0000),
    ("annotations", 0x100_0000),
];

/// The features whose bits are set.
pub(super) fn from_flags(flags: u32) -> FutureFeatures {
    let known = FEATURES.iter().fold(0, |known, (_, flag)| known | flag);
    let has = |name: &str| FEATURES.iter().any(|(feature, flag)| *feature == name && flags & flag != 0);
    FutureFeatures {
        annotations: has("annotations"),
        barry_as_flufl: has("barry_as_FLUFL"),
        flags: flags & known & !NESTED_SCOPES,
    }
}

/// The bit of `nested_scopes` also means "nested" in `co_flags`, so it tells nothing.
const NESTED_SCOPES: u32 = 0x0010;

/// Whether a statement imports from `__future__`.
pub(crate) fn is_future_import(node: &StmtImportFrom) -> bool {
    node.level == 0 && node.module.as_ref().is_some_and(|name| name.as_str() == "__future__")
}

/// The features of a module's head added to those inherited, and how many statements the head has.
pub(crate) fn features(
    body: &[Stmt],
    source: &SourceText,
    inherited: FutureFeatures,
) -> Result<(FutureFeatures, usize), SyntaxError> {
    let mut features = inherited;
    for (at, statement) in body.iter().enumerate() {
        match statement {
            Stmt::ImportFrom(node) if is_future_import(node) => {
                for alias in &node.names {
                    switch_on(&mut features, alias, source)?;
                }
            }
            Stmt::Expr(node) if at == 0 && node.value.is_string_literal_expr() => {}
            _ => return Ok((features, at)),
        }
    }
    Ok((features, body.len()))
}

fn switch_on(features: &mut FutureFeatures, alias: &Alias, source: &SourceText) -> Result<(), SyntaxError> {
    let name = alias.name.as_str();
    let Some(&(_, flag)) = FEATURES.iter().find(|(feature, _)| *feature == name) else {
        let message = match name {
            "braces" => "not a chance".to_string(),
            _ => format!("future feature {name} is not defined"),
        };
        return Err(SyntaxError::in_compiler(source, alias.range, message));
    };
    match name {
        "annotations" | "barry_as_FLUFL" => features.flags |= flag,
        // All others are always on; their flags are not kept.
        _ => {}
    }
    features.annotations |= name == "annotations";
    features.barry_as_flufl |= name == "barry_as_FLUFL";
    Ok(())
}
