//! Differences between two texts, by lines.

use std::fmt::Write as _;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;
/// Maximum number of line pairs that are compared. Above it, all lines between the common ends count as changed.
const MAX_PAIRS: usize = 16 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Old,
    New,
}

/// Returns the changed lines of two texts in the form of `diff -u`.
pub(crate) fn lines(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let rows = rows(&old, &new);
    let is_near = |at: usize| {
        let end = rows.len().min(at + CONTEXT + 1);
        rows[at.saturating_sub(CONTEXT)..end].iter().any(|(side, _)| *side != Side::Both)
    };
    let mut text = String::new();
    let mut last = None;
    for (at, (side, line)) in rows.iter().enumerate().filter(|(at, _)| is_near(*at)) {
        if last.is_none_or(|last| last + 1 != at) {
            writeln!(text, "@@").unwrap();
        }
        let mark = match side {
            Side::Both => ' ',
            Side::Old => '-',
            Side::New => '+',
        };
        writeln!(text, "{mark}{line}").unwrap();
        last = Some(at);
    }
    text
}

fn rows<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Side, &'a str)> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let both = |lines: &[&'a str]| lines.iter().map(|line| (Side::Both, *line)).collect::<Vec<_>>();
    let middle = if old_rest.len() * new_rest.len() > MAX_PAIRS {
        let removed = old_rest.iter().map(|line| (Side::Old, *line));
        removed.chain(new_rest.iter().map(|line| (Side::New, *line))).collect()
    } else {
        changes(old_rest, new_rest)
    };
    [both(&old[..head]), middle, both(&old[old.len() - tail..])].concat()
}

/// Aligns two lists by their longest common subsequence.
fn changes<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Side, &'a str)> {
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut rows) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            rows.push((Side::Both, old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            rows.push((Side::Old, old[i]));
            i += 1;
        } else {
            rows.push((Side::New, new[j]));
            j += 1;
        }
    }
    rows
}

#[test]
fn changed_lines_have_context() {
    let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
    assert_eq!(lines(old, &old.replace("e\n", "E\nx\n")), "@@\n b\n c\n d\n-e\n+E\n+x\n f\n g\n h\n");
    assert_eq!(lines(old, old), "");
}
