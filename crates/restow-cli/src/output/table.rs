//! Tables with aligned columns.

use super::style::{Style, Tone};
use crate::texts::{Texts, values};
use restow_core::text::sanitize;

/// Columns with numbers, which are aligned to the right.
const NUMBER_COLUMNS: [&str; 7] = [
    "column-acquired",
    "column-books",
    "column-computers",
    "column-generation",
    "column-licenses",
    "column-refused",
    "column-restored",
];

/// Table with a heading. The last column has no fixed width.
pub(crate) struct Table {
    is_number: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Creates a table without rows. The columns are the message IDs of their headings.
    pub(crate) fn new(texts: &Texts, columns: &[&str]) -> Self {
        let is_number = columns.iter().map(|id| NUMBER_COLUMNS.contains(id)).collect();
        Self { is_number, rows: vec![columns.iter().map(|id| texts.text(id, values![])).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| sanitize(&cell).into_owned()).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    pub(super) fn lines(&self, style: Style) -> Vec<String> {
        let widths: Vec<usize> = (0..self.is_number.len())
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
            .collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).zip(&self.is_number).map(|((cell, &column), is_number)| {
                let blanks = " ".repeat(column.saturating_sub(width(cell)));
                if *is_number { format!("{blanks}{cell}") } else { format!("{cell}{blanks}") }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let mut lines: Vec<String> = self.rows.iter().map(line).collect();
        if let Some(heading) = lines.first_mut() {
            *heading = style.paint(Tone::Faint, heading);
        }
        lines
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use restow::Language;

    use super::*;

    #[test]
    fn table_columns_are_aligned() {
        let mut table = Table::new(&Texts::new(Language::English), &["column-computer", "column-licenses"]);
        assert!(table.is_empty());
        table.row(["Grüße".to_owned(), "9".to_owned()]);
        table.row(["Rain".to_owned(), "10".to_owned()]);
        assert_eq!(
            table.lines(Style::for_stream(false)),
            ["computer  licenses", "Grüße            9", "Rain            10"]
        );
    }
}
