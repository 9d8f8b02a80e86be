//! The reference of the command: all help texts, compared with a checked-in file. `RESTOW_UPDATE_REFERENCE=1` writes it.

use super::stage::{Said, binary};

fn help(command: &[String]) -> String {
    let said: Said = binary().args(command).arg("--help").env("COLUMNS", "100").output().unwrap().into();
    said.exits(0).out
}

/// Commands below this one, as its help names them.
fn below(help: &str) -> Vec<String> {
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
    for name in below(&help) {
        write(&[command, &[name]].concat(), out);
    }
}

#[test]
fn is_as_checked_in() {
    let mut reference = String::new();
    write(&[], &mut reference);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference.txt");
    if std::env::var_os("RESTOW_UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &reference).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(reference, checked_in, "if this is meant: RESTOW_UPDATE_REFERENCE=1 cargo test -p restow-cli reference");
}
