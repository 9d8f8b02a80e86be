//! Search for a license by its ID, a prefix of its ID, its title, or a part of its title.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::license::LicenseIdentity;
use crate::listing::{TitleResolver, license_or_placeholder};
use crate::store::{LicenseEntry, LicenseFilter, View};

/// Minimum length of an ID prefix, in characters. A shorter text is only compared with titles.
pub const MIN_ID_PREFIX: usize = 6;
/// Maximum number of licenses that a search returns.
pub const MAX_FOUND: usize = 100;

/// Part of a license that a search text matches. A greater kind is a closer match.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MatchKind {
    /// The title contains the text. Upper and lower case are equal.
    TitlePart,
    /// The title is the text. Upper and lower case are equal.
    Title,
    /// The license ID begins with the text.
    IdPrefix,
    /// The license ID is the text.
    Id,
}

/// Licenses with the closest match of a search.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct FoundLicenses {
    /// Kind of the match; `None` if no license matches.
    pub kind: Option<MatchKind>,
    /// Licenses with their titles, at most [`MAX_FOUND`].
    pub licenses: Vec<(LicenseIdentity, Vec<String>)>,
    /// Number of licenses with this kind of match.
    pub count: u64,
}

/// Search for a license among licenses that are added one by one. Only the closest matches are kept.
///
/// ```
/// use restow::license::{Kind, LicenseIdentity};
/// use restow::license_search::{LicenseSearch, MatchKind};
///
/// let id = |license_id: &str| LicenseIdentity {
///     kind: Kind::Lcp,
///     issuer: "https://library.example".into(),
///     license_id: license_id.into(),
/// };
/// let mut search = LicenseSearch::new("rain", None);
/// search.add(&id("1"), &["A Study of Rain".into()]);
/// search.add(&id("2"), &["Hail".into()]);
/// let found = search.finish();
/// assert_eq!((found.kind, found.count), (Some(MatchKind::TitlePart), 1));
/// ```
#[derive(Debug)]
pub struct LicenseSearch {
    text: String,
    folded: String,
    issuer: Option<String>,
    kind: Option<MatchKind>,
    matches: BTreeMap<LicenseIdentity, Vec<String>>,
    count: u64,
}

impl LicenseSearch {
    /// Creates a search for a text, limited to issuers with this prefix. An issuer with exactly this name precedes
    /// other issuers.
    #[must_use]
    pub fn new(text: &str, issuer: Option<&str>) -> Self {
        Self {
            text: text.to_owned(),
            folded: fold(text),
            issuer: issuer.map(str::to_owned),
            kind: None,
            matches: BTreeMap::new(),
            count: 0,
        }
    }

    /// Adds a license if no other license matches more closely. A license that is added twice counts once, except
    /// beyond [`MAX_FOUND`].
    pub fn add(&mut self, identity: &LicenseIdentity, titles: &[String]) {
        let is_excluded = self.issuer.as_ref().is_some_and(|issuer| !identity.issuer.starts_with(issuer.as_str()));
        let Some(kind) = self.match_kind(identity, titles).filter(|_| !is_excluded) else { return };
        if Some(kind) > self.kind {
            self.kind = Some(kind);
            self.matches.clear();
            self.count = 0;
        }
        if Some(kind) == self.kind && !self.matches.contains_key(identity) {
            self.count = self.count.saturating_add(1);
            if self.matches.len() < MAX_FOUND {
                self.matches.insert(identity.clone(), titles.to_vec());
            }
        }
    }

    fn match_kind(&self, identity: &LicenseIdentity, titles: &[String]) -> Option<MatchKind> {
        let id = identity.license_id.as_str();
        if id == self.text {
            return Some(MatchKind::Id);
        }
        if self.text.chars().count() >= MIN_ID_PREFIX && has_id_prefix(id, &self.text) {
            return Some(MatchKind::IdPrefix);
        }
        if self.folded.is_empty() {
            return None;
        }
        let titles = titles.iter().map(|title| fold(title));
        let compare = |title: String| match title == self.folded {
            true => Some(MatchKind::Title),
            false => title.contains(&self.folded).then_some(MatchKind::TitlePart),
        };
        titles.filter_map(compare).max()
    }

    /// Returns the closest matches.
    #[must_use]
    pub fn finish(self) -> FoundLicenses {
        let has_exact_issuer = |identity: &LicenseIdentity| Some(&identity.issuer) == self.issuer.as_ref();
        let mut licenses: Vec<_> = self.matches.into_iter().collect();
        let mut count = self.count;
        if licenses.iter().any(|(identity, _)| has_exact_issuer(identity)) {
            licenses.retain(|(identity, _)| has_exact_issuer(identity));
            count = licenses.len() as u64;
        }
        FoundLicenses { kind: self.kind, licenses, count }
    }
}

/// Searches the store for a license.
///
/// # Errors
/// [`Error::Store`] if the store fails.
pub fn search_store(view: View<'_>, text: &str, issuer: Option<&str>) -> Result<FoundLicenses, Error> {
    let titles = TitleResolver::new(view)?;
    let titles_of = |entry: &LicenseEntry| {
        let (license, _) = license_or_placeholder(view, entry)?;
        titles.of(&license, &entry.titles)
    };
    let mut search = LicenseSearch::new(text, issuer);
    // IDs have an index. Titles need a walk over all licenses.
    for entry in view.licenses_with_id(text)? {
        search.add(&entry.identity, &titles_of(&entry)?);
    }
    if search.kind.is_none() {
        view.each_license(LicenseFilter::All, |entry| {
            search.add(&entry.identity, &titles_of(&entry)?);
            Ok::<(), Error>(())
        })?;
    }
    Ok(search.finish())
}

/// Returns true if an ID begins with a text. IDs are often copied in another case, or as a URN (RFC 9562 §4).
fn has_id_prefix(id: &str, text: &str) -> bool {
    const URN: &str = "urn:uuid:";
    let without_urn = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.strip_prefix(URN).map_or(text.clone(), str::to_owned)
    };
    without_urn(id).starts_with(&without_urn(text)) || id.to_ascii_lowercase().starts_with(&text.to_ascii_lowercase())
}

/// Returns a text for comparison: in lower case, with single spaces.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::Kind;

    fn identity(issuer: &str, license_id: &str) -> LicenseIdentity {
        LicenseIdentity { kind: Kind::Lcp, issuer: issuer.to_owned(), license_id: license_id.to_owned() }
    }

    fn search(text: &str, issuer: Option<&str>) -> (Option<MatchKind>, Vec<String>, u64) {
        let mut search = LicenseSearch::new(text, issuer);
        for (issuer, id, titles) in [
            ("https://a.example", "1b4e28ba-2fa1-11d2", &["Rain"][..]),
            ("https://a.example", "1b4e28bb-2fa1-11d2", &["A Study of  Rain", "Regen"]),
            ("https://a.example.evil", "same", &["Straße"]),
            ("https://a.example", "same", &["ÜBER DEM REGEN"]),
            ("https://b.example", "hail", &[]),
        ] {
            let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
            // A backup has a license in several generations.
            search.add(&identity(issuer, id), &titles);
            search.add(&identity(issuer, id), &titles);
        }
        let found = search.finish();
        let ids = found.licenses.into_iter().map(|(identity, _)| identity.license_id).collect();
        (found.kind, ids, found.count)
    }

    #[test]
    fn closest_match_wins() {
        let one = |kind, id: &str| (Some(kind), vec![id.to_owned()], 1);
        assert_eq!(search("hail", None), one(MatchKind::Id, "hail"));
        assert_eq!(search("1B4E28BA-2", None), one(MatchKind::IdPrefix, "1b4e28ba-2fa1-11d2"));
        assert_eq!(search("urn:uuid:1b4e28ba-2fa1-11d2", None), one(MatchKind::IdPrefix, "1b4e28ba-2fa1-11d2"));
        assert_eq!(search("rain", None), one(MatchKind::Title, "1b4e28ba-2fa1-11d2"));
        assert_eq!(search("study of rain", None), one(MatchKind::TitlePart, "1b4e28bb-2fa1-11d2"));
        assert_eq!(search("über dem", None), one(MatchKind::TitlePart, "same"));
        assert_eq!(search("regen", None), one(MatchKind::Title, "1b4e28bb-2fa1-11d2"));
    }

    #[test]
    fn ambiguous_text_finds_all_candidates() {
        let (kind, ids, count) = search("1b4e28", None);
        assert_eq!((kind, ids.len(), count), (Some(MatchKind::IdPrefix), 2, 2));
        assert_eq!(search("same", None).2, 2);
        assert_eq!(search("same", Some("https://a.example")).2, 1, "the exact issuer");
        assert_eq!(search("same", Some("https://a")).2, 2);
    }

    #[test]
    fn short_prefix_or_empty_text_finds_no_id() {
        for text in ["1b4e2", "", " ", "none", "hailstorm"] {
            assert_eq!(search(text, None), (None, Vec::new(), 0), "{text:?}");
        }
    }

    #[test]
    fn matches_beyond_limit_are_counted() {
        let mut search = LicenseSearch::new("rain", None);
        for n in 0..MAX_FOUND + 20 {
            search.add(&identity("https://a.example", &n.to_string()), &["Rain".to_owned()]);
        }
        let found = search.finish();
        assert_eq!((found.licenses.len(), found.count), (MAX_FOUND, MAX_FOUND as u64 + 20));
    }
}
