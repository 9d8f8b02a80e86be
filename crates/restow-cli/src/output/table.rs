//! Tables with aligned columns.

use super::style::{Style, Tone};
use restow_core::text::sanitize;

/// Alignment of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Table with a heading. The last column has no fixed width.
#[derive(Debug)]
pub(crate) struct Table {
    align: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: impl IntoIterator<Item = (Align, String)>) -> Self {
        let (align, heading) = columns.into_iter().unzip();
        Self { align, rows: vec![heading] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| sanitize(&cell).into_owned()).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    pub(super) fn lines(&self, style: Style) -> Vec<String> {
        let widths: Vec<usize> = (0..self.align.len())
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
            .collect();
        let line = |row: &Vec<String>| {
            let cells =
                row.iter().zip(&widths).zip(&self.align).map(|((cell, width), align)| pad(cell, *width, *align));
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

fn pad(text: &str, target: usize, align: Align) -> String {
    let blanks = " ".repeat(target.saturating_sub(width(text)));
    match align {
        Align::Left => format!("{text}{blanks}"),
        Align::Right => format!("{blanks}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_columns_are_aligned() {
        let mut table = Table::new([(Align::Left, "title".to_owned()), (Align::Right, "left".to_owned())]);
        assert!(table.is_empty());
        table.row(["Grüße".to_owned(), "9".to_owned()]);
        table.row(["Rain".to_owned(), "10".to_owned()]);
        assert_eq!(table.lines(Style::for_stream(false)), ["title  left", "Grüße     9", "Rain     10"]);
    }
}
