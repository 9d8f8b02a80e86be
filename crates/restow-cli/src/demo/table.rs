//! The end of the story: a table, and its facts.

use serde_json::{Value, json};

use super::book::BOOKS;
use super::library::Library;
use crate::output::{Align, Table, Tone, Ui};
use crate::texts::values;

/// What became of one computer.
pub(super) struct Row {
    letter: String,
    acquired: u64,
    restored: u64,
    refused: u64,
    /// Licenses of books, among those that came.
    books: u64,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Well,
    Lost,
    Limit,
    AfterRelease,
}

impl End {
    const fn id(self) -> &'static str {
        match self {
            Self::Well => "demo-end-well",
            Self::Lost => "demo-end-lost",
            Self::Limit => "demo-end-limit",
            Self::AfterRelease => "demo-end-after-release",
        }
    }
}

impl Row {
    pub(super) fn new(letter: &str) -> Self {
        Self { letter: letter.to_owned(), acquired: 0, restored: 0, refused: 0, books: 0, end: End::Well }
    }

    pub(super) const fn acquired(mut self, count: u64) -> Self {
        self.acquired = count;
        self
    }

    pub(super) const fn restored(mut self, count: u64) -> Self {
        self.restored = count;
        self
    }

    pub(super) const fn refused(mut self, count: u64) -> Self {
        self.refused = count;
        self
    }

    pub(super) const fn books(mut self, count: u64) -> Self {
        self.books = count;
        self
    }

    pub(super) const fn limit(mut self) -> Self {
        self.end = End::Limit;
        self
    }

    pub(super) const fn after_release(mut self) -> Self {
        self.end = End::AfterRelease;
        self
    }
}

/// All that happened, in numbers.
pub(super) struct Ending {
    licenses: u64,
    backed_up: u64,
    restricted: u64,
    plays_left: u64,
    rows: Vec<Row>,
}

impl Ending {
    pub(super) fn new(library: &Library) -> Self {
        let licenses = library.items.len() as u64 + BOOKS;
        Self { licenses, backed_up: 0, restricted: 0, plays_left: 0, rows: Vec::new() }
    }

    pub(super) fn computer(&mut self, row: Row) {
        match self.rows.iter_mut().find(|known| known.letter == row.letter) {
            Some(known) => *known = row,
            None => self.rows.push(row),
        }
    }

    pub(super) fn lost(&mut self, letter: &str) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.letter == letter) {
            row.end = End::Lost;
        }
    }

    pub(super) const fn backup(&mut self, backed_up: u64, restricted: u64) {
        (self.backed_up, self.restricted) = (backed_up, restricted);
    }

    pub(super) const fn plays(&mut self, left: u64) {
        self.plays_left = left;
    }

    pub(super) fn facts(&self) -> Value {
        let computers = self.rows.iter().map(|row| {
            json!({
                "computer": row.letter,
                "acquired": row.acquired,
                "restored": row.restored,
                "refused": row.refused,
                "books": row.books,
                "lost": row.end == End::Lost,
                "at_limit": row.end == End::Limit,
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
        let columns = [
            (Align::Left, "column-computer"),
            (Align::Right, "column-acquired"),
            (Align::Right, "column-restored"),
            (Align::Right, "column-refused"),
            (Align::Right, "column-books"),
            (Align::Left, "column-end"),
        ];
        let mut table = Table::new(columns.map(|(align, id)| (align, ui.text(id, values![]))));
        for row in &self.rows {
            table.row([
                row.letter.clone(),
                row.acquired.to_string(),
                row.restored.to_string(),
                row.refused.to_string(),
                row.books.to_string(),
                ui.text(row.end.id(), values![]),
            ]);
        }
        table
    }

    pub(super) fn say(&self, ui: &Ui) {
        let restored = self.rows.iter().map(|row| row.restored).max().unwrap_or_default();
        let values =
            values![all = self.licenses, count = self.backed_up, restored = restored, restricted = self.restricted,];
        ui.tell(Tone::Strong, "demo-sum", values);
        ui.say("demo-sum-plays", values![left = self.plays_left]);
    }
}
