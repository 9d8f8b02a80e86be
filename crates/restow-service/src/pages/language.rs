//! Language negotiation for pages (RFC 9110, 12.5.4).

use axum::http::{HeaderMap, header};
use restow_core::texts::Language;

/// Returns the language that the headers prefer. English is the default, also for equal preferences.
pub(crate) fn preferred_language(headers: &HeaderMap) -> Language {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let ranges: Vec<(&str, u16)> = lines.flat_map(|line| line.split(',')).filter_map(parse_range).collect();
    let (english, german) = (quality_of(&ranges, "en"), quality_of(&ranges, "de"));
    // Of two equally preferred languages, the first one wins.
    let first = ranges.iter().find_map(|(range, _)| match primary_subtag(range) {
        subtag if subtag.eq_ignore_ascii_case("de") => Some(Language::German),
        subtag if subtag.eq_ignore_ascii_case("en") => Some(Language::English),
        _ => None,
    });
    if german > english || (german == english && german > 0 && first == Some(Language::German)) {
        Language::German
    } else {
        Language::English
    }
}

/// Returns the quality of a language in thousandths: from its own ranges, else from `*`.
fn quality_of(ranges: &[(&str, u16)], language: &str) -> u16 {
    let matches = ranges.iter().filter(|(range, _)| primary_subtag(range).eq_ignore_ascii_case(language));
    let wildcards = ranges.iter().filter(|(range, _)| *range == "*");
    let quality = |(_, quality): &(&str, u16)| *quality;
    matches.map(quality).max().or_else(|| wildcards.map(quality).max()).unwrap_or(0)
}

fn primary_subtag(range: &str) -> &str {
    range.split('-').next().unwrap_or(range)
}

/// Parses one range and its quality. Malformed ranges are ignored.
fn parse_range(text: &str) -> Option<(&str, u16)> {
    let (range, weight) = text.split_once(';').map_or((text, None), |(range, weight)| (range, Some(weight)));
    let range = range.trim();
    let quality = match weight.map(str::trim) {
        None => 1_000,
        Some(weight) => thousandths(weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?)?,
    };
    (!range.is_empty()).then_some((range, quality))
}

/// Parses `0` or `1` with at most three decimal places.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn accept_language_selects_preferred_language() {
        use Language::{English, German};
        for (lines, expected) in [
            (&[][..], English),
            (&[""], English),
            (&["de"], German),
            (&["DE-at"], German),
            (&["de-CH, en;q=0.9"], German),
            (&["en, de"], English),
            (&["de, en"], German),
            (&["en;q=0.5, de;q=0.501"], German),
            (&["en;q=0.9,de;q=0.8"], English),
            (&["fr, de;q=0.3, en;q=0.2"], German),
            (&["fr, *;q=0.5"], English),
            (&["en;q=0, *"], German),
            (&["de;q=0, *"], English),
            (&["de;q=0"], English),
            (&["en;q=0.1", "de;q=0.2"], German),
            (&["den"], English),
            (&["de;q=2"], English),
            (&["de;q=0.1234, en;q=0.1"], English),
            (&["de;level=1"], English),
            (&[";q=1,,;;, de;q=, en"], English),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::ACCEPT_LANGUAGE, HeaderValue::from_str(line).unwrap());
            }
            assert_eq!(preferred_language(&headers), expected, "{lines:?}");
        }
    }
}
