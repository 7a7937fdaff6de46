//! One test per script: its output must be the blessed one.

use std::path::Path;

use snapshots::{Directive, World, case, run, snapshot};

fn script(path: &Path) -> datatest_stable::Result<()> {
    let case = case::read(path)?;
    if std::env::var_os("COUNTLESS_ZEAL").is_some() && case.zeal != Directive::Applies {
        return Ok(());
    }
    let outcome = run(&World::countless(env!("CARGO_BIN_EXE_countless-under-test")), &case)?;
    if let Some(failure) = outcome.failure(case.exit) {
        return Err(failure.into());
    }
    if !snapshot::path(&case).exists() {
        return Err(format!("not blessed yet (`just bless {}`); it printed:\n{}", case.name, outcome.text()).into());
    }
    let (area, name) = case.name.split_once('/').unwrap_or(("", &case.name));
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(snapshots::blessed_folder().join(area));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(format!("snapshots/scripts/{}.py", case.name));
    settings.bind(|| insta::assert_snapshot!(name, outcome.text()));
    Ok(())
}

datatest_stable::harness! {
    // Two levels deep: what lies deeper belongs to a script.
    { test = script, root = "scripts", pattern = r"^[^/]+/[^/]+\.py$" },
}
