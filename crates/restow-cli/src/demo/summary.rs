//! Result of the demo: a table and its facts.

use serde_json::{Value, json};

use super::{publication::PUBLICATION_COUNT, samples::SampleFiles, values};
use crate::output::{Table, Tone, Ui};

/// Result of one computer. Each one gets the license of the publication.
pub(super) struct ComputerRow {
    label: String,
    acquired: u64,
    restored: u64,
    refused: u64,
    outcome: ComputerOutcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ComputerOutcome {
    Complete,
    Lost,
    Limit,
    AfterRelease,
}

impl ComputerOutcome {
    const fn id(self) -> &'static str {
        match self {
            Self::Complete => "demo-end-well",
            Self::Lost => "demo-end-lost",
            Self::Limit => "demo-end-limit",
            Self::AfterRelease => "demo-end-after-release",
        }
    }
}

impl ComputerRow {
    pub(super) fn new(label: &str, acquired: u64, restored: u64, refused: u64, outcome: ComputerOutcome) -> Self {
        Self { label: label.to_owned(), acquired, restored, refused, outcome }
    }
}

/// Counts of the whole demo.
pub(super) struct DemoSummary {
    licenses: u64,
    pub(super) backed_up: u64,
    pub(super) restricted: u64,
    pub(super) plays_left: u64,
    rows: Vec<ComputerRow>,
}

impl DemoSummary {
    pub(super) fn new(samples: &SampleFiles) -> Self {
        let licenses = samples.items.len() as u64 + PUBLICATION_COUNT;
        Self { licenses, backed_up: 0, restricted: 0, plays_left: 0, rows: Vec::new() }
    }

    pub(super) fn set_computer(&mut self, row: ComputerRow) {
        match self.rows.iter_mut().find(|known| known.label == row.label) {
            Some(known) => *known = row,
            None => self.rows.push(row),
        }
    }

    pub(super) fn mark_lost(&mut self, label: &str) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.label == label) {
            row.outcome = ComputerOutcome::Lost;
        }
    }

    pub(super) fn facts(&self) -> Value {
        let computers = self.rows.iter().map(|row| {
            json!({
                "computer": row.label,
                "acquired": row.acquired,
                "restored": row.restored,
                "refused": row.refused,
                "books": PUBLICATION_COUNT,
                "lost": row.outcome == ComputerOutcome::Lost,
                "at_limit": row.outcome == ComputerOutcome::Limit,
            })
        });
        json!({
            "licenses": self.licenses,
            "backed_up": self.backed_up,
            "restricted": self.restricted,
            "plays_left": self.plays_left,
            "computers": computers.collect::<Vec<_>>(),
        })
    }

    pub(super) fn table(&self, ui: &Ui) -> Table {
        let columns =
            ["column-computer", "column-acquired", "column-restored", "column-refused", "column-books", "column-end"];
        let mut table = Table::new(ui.texts(), &columns);
        for row in &self.rows {
            table.row([
                row.label.clone(),
                row.acquired.to_string(),
                row.restored.to_string(),
                row.refused.to_string(),
                PUBLICATION_COUNT.to_string(),
                ui.text(row.outcome.id(), values![]),
            ]);
        }
        table
    }

    pub(super) fn print(&self, ui: &Ui) {
        let restored = self.rows.iter().map(|row| row.restored).max().unwrap_or_default();
        let values =
            values![all = self.licenses, count = self.backed_up, restored = restored, restricted = self.restricted,];
        ui.print_styled(Tone::Strong, "demo-sum", values);
        ui.print("demo-sum-plays", values![left = self.plays_left]);
    }
}
