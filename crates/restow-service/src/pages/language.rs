//! Language negotiation for pages (RFC 9110, 12.5.4).

use axum::http::{HeaderMap, header};
use fluent_langneg::{NegotiationStrategy, convert_vec_str_to_langids_lossy, negotiate_languages};
use restow_core::texts::Language;

/// Returns the language that the headers prefer, else English.
pub(crate) fn preferred_language(headers: &HeaderMap) -> Language {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let mut ranges: Vec<(&str, f32)> = lines.flat_map(|line| line.split(',')).filter_map(parse_range).collect();
    // `fluent_langneg` negotiates by order and takes no quality. The sort keeps the order of equal ranges.
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
    let requested = convert_vec_str_to_langids_lossy(ranges.iter().map(|(range, _)| *range));
    let available = convert_vec_str_to_langids_lossy(Language::ALL.map(|language| language.as_str()));
    let found = negotiate_languages(&requested, &available, None, NegotiationStrategy::Lookup);
    found.first().and_then(|id| Language::from_name(id.language.as_str())).unwrap_or_default()
}

/// Parses one range and its quality. Malformed and unacceptable ranges are ignored.
fn parse_range(text: &str) -> Option<(&str, f32)> {
    let (range, quality) = match text.split_once(';') {
        None => (text, 1.0),
        Some((range, weight)) => {
            let weight = weight.trim();
            (range, weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?.parse().ok()?)
        }
    };
    (quality > 0.0 && quality <= 1.0).then_some((range.trim(), quality))
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
            (&["de-CH-1996, en;q=0.9"], German),
            (&["de-Latn-DE"], German),
            (&["en, de"], English),
            (&["de, en"], German),
            (&["en;q=0.5, de;q=0.501"], German),
            (&["en;q=0.9,de;q=0.8"], English),
            (&["fr, de;q=0.3, en;q=0.2"], German),
            (&["fr, *;q=0.5"], English),
            (&["de;q=0, *"], English),
            (&["de;q=0"], English),
            (&["en;q=0.1", "de;q=0.2"], German),
            (&["den"], English),
            (&["de;q=2"], English),
            (&["de;q=NaN, en;q=0.1"], English),
            (&["de;q=-1"], English),
            (&["de;level=1"], English),
            (&["_, de_DE"], German),
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
