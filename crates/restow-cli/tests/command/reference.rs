//! The reference: all help texts, compared with a checked-in file. `RESTOW_UPDATE_REFERENCE=1` updates the
//! file.

use super::sandbox::{CommandOutput, binary};

fn help(command: &[String]) -> String {
    let output: CommandOutput = binary().args(command).arg("--help").env("COLUMNS", "100").output().unwrap().into();
    output.expect_exit(0).out
}

/// Returns the subcommands in a help text.
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| line.starts_with("  ")).filter_map(|line| line.strip_prefix("  "));
    names.filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn write(command: &[String], out: &mut String) {
    let help = help(command);
    out.push_str(&format!(
        "$ restow {}--help\n\n{help}\n",
        command.iter().map(|word| format!("{word} ")).collect::<String>()
    ));
    for name in subcommands(&help) {
        write(&[command, &[name]].concat(), out);
    }
}

#[test]
fn reference_matches_checked_in_file() {
    let mut reference = String::new();
    write(&[], &mut reference);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference.txt");
    if std::env::var_os("RESTOW_UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &reference).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(reference, checked_in, "if this is meant: RESTOW_UPDATE_REFERENCE=1 cargo test -p restow-cli reference");
}
