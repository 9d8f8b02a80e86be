//! Table of generations for `backups` and the plan of a restore.

use restow::UnixTime;
use restow::backup::LicenseCount;

use super::values;
use crate::output::{Table, Ui, short_id};

/// Creates a table without rows.
pub(super) fn new_table(ui: &Ui) -> Table {
    let columns =
        ["column-set", "column-computer", "column-generation", "column-made", "column-licenses", "column-state"];
    Table::new(ui.texts(), &columns)
}

/// Returns the cells of a generation. Facts that a damaged generation does not contain are empty.
pub(super) fn cells(
    ui: &Ui,
    set: &str,
    computer: &str,
    generation: u64,
    created: Option<UnixTime>,
    licenses: Option<LicenseCount>,
    state: &str,
) -> [String; 6] {
    let licenses = match licenses {
        Some(LicenseCount::Exact(count)) => count.to_string(),
        Some(LicenseCount::AtMost(count)) => ui.text("generation-at-most", values![count = count]),
        _ => String::new(),
    };
    let created = created.map(|at| ui.time(at)).unwrap_or_default();
    [short_id(set), computer.to_owned(), generation.to_string(), created, licenses, ui.text(state, values![])]
}
