//! Formats of single values.

use restow::listing::{LcpAmount, LicenseInfo};

use super::ui::Ui;
use crate::texts::values;

/// Formats a thumbprint in groups of six characters, so that people can compare it.
pub(crate) fn fingerprint(thumbprint: &str) -> String {
    let characters: Vec<char> = thumbprint.chars().collect();
    characters.chunks(6).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Returns the first eight characters of an ID.
pub(crate) fn short_id(id: &str) -> String {
    id.chars().take(8).collect()
}

/// Returns the first characters of the ID of a new computer, which a person compares on both screens.
pub(crate) fn confirmation_id(id: &str) -> String {
    id.chars().take(6).collect()
}

/// Formats the validity period and the LCP amounts of a license. The result follows a sentence and is empty if
/// the license has no limit.
pub(crate) fn validity(ui: &Ui, listed: &LicenseInfo) -> String {
    let dates = match (listed.not_before(), listed.expires()) {
        (None, None) => String::new(),
        (Some(from), None) => ui.text("valid-from", values![from = ui.time(from)]),
        (None, Some(until)) => ui.text("valid-until", values![until = ui.time(until)]),
        (Some(from), Some(until)) => ui.text("valid-between", values![from = ui.time(from), until = ui.time(until)]),
    };
    let amounts = amounts(ui, listed);
    if amounts.is_empty() { dates } else { format!("{dates}  ({})", amounts.join(", ")) }
}

/// Returns the limits for printing and copying as texts.
pub(crate) fn amounts(ui: &Ui, listed: &LicenseInfo) -> Vec<String> {
    let Some(amounts) = listed.amounts() else { return Vec::new() };
    let text = |amount, id: &str| match amount {
        LcpAmount::Unlimited => None,
        LcpAmount::Limited(count) => Some(ui.text(id, values![count = count])),
        LcpAmount::Unknown => Some(ui.text(&format!("{id}-unknown"), values![])),
    };
    text(amounts.print, "amount-print").into_iter().chain(text(amounts.copy, "amount-copy")).collect()
}

/// Formats a number of bytes.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = u128::from(bytes) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS.get(unit).unwrap_or(&""))
}

/// Returns a title in quotation marks.
pub(crate) fn quote_title(ui: &Ui, title: &str) -> String {
    ui.text("title-quoted", values![title = title])
}

/// Returns the titles of a license in short form, or the fallback if there is no title.
pub(crate) fn display_title(ui: &Ui, titles: &[String], fallback: &str) -> String {
    match titles {
        [] => fallback.to_owned(),
        [only] => quote_title(ui, only),
        [first, others @ ..] => ui.text("title-and-more", values![title = first.as_str(), count = others.len() as u64]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(1024 * 1024 - 1), "1023.9 KiB");
        assert_eq!(size(5 << 30), "5.0 GiB");
        assert_eq!(size(u64::MAX), "16777215.9 TiB");
    }

    #[test]
    fn fingerprints_are_grouped() {
        assert_eq!(fingerprint("abcdefghijklm"), "abcdef ghijkl m");
    }
}
