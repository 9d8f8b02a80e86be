//! Table of generations for `backups` and the plan of a restore.

use restow::UnixTime;
use restow::backup::LicenseCount;

use super::values;
use crate::output::{Table, Ui, short_id, time};

/// One generation. Fields that a damaged generation does not contain are `None`.
pub(super) struct GenerationRow<'a> {
    pub(super) set: &'a str,
    pub(super) computer: &'a str,
    pub(super) generation: u64,
    pub(super) created: Option<UnixTime>,
    pub(super) licenses: Option<LicenseCount>,
    pub(super) state: &'static str,
}

/// Creates a table without rows.
pub(super) fn new_table(ui: &Ui) -> Table {
    let columns =
        ["column-set", "column-computer", "column-generation", "column-made", "column-licenses", "column-state"];
    Table::new(ui.texts(), &columns)
}

/// Adds a row to the table.
pub(super) fn add_row(ui: &Ui, table: &mut Table, row: &GenerationRow<'_>) {
    let licenses = match row.licenses {
        Some(LicenseCount::Exact(count)) => count.to_string(),
        Some(LicenseCount::AtMost(count)) => ui.text("generation-at-most", values![count = count]),
        _ => String::new(),
    };
    table.row([
        short_id(row.set),
        row.computer.to_owned(),
        row.generation.to_string(),
        row.created.map(time).unwrap_or_default(),
        licenses,
        ui.text(row.state, values![]),
    ]);
}
