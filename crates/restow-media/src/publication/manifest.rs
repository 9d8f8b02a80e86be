//! Readium web publications: `manifest.json`.
//!
//! Sources: Readium Web Publication Manifest, its default context and its profiles for audiobooks, Divina and PDF; LCP
//! 1.0, section 2.3, and LCP for PDF and audiobooks, for `properties.encrypted`.

use std::io::{self, Read, Seek};

use serde_json::Value;

use super::package::{OBFUSCATION, Package, join_names};
use crate::{EntryProblem, Format, Probe, System, Title, text, xml};

const MANIFEST_PATH: &str = "manifest.json";

/// Maximum size of a manifest. A manifest of a thousand chapters has about 200 KB.
const MAX_MANIFEST: usize = 2 << 20;

const PROFILE_PREFIX: &str = "https://readium.org/webpub-manifest/profiles/";
const LCP_SCHEME: &str = "http://readium.org/2014/01/lcp";

/// Maximum number of authors.
const MAX_AUTHORS: usize = 64;

/// Manifest with unverified members.
pub(super) struct Manifest(Value);

/// Reads the manifest of a web publication. Returns `None` if there is none or it has another purpose. With
/// `licensed`, adds a warning in that case.
pub(super) fn read_manifest<R: Read + Seek>(
    package: &mut Package<'_, R>,
    licensed: bool,
) -> io::Result<Option<Manifest>> {
    if !licensed && !package.has(MANIFEST_PATH) {
        return Ok(None);
    }
    let Some(content) = package.read_content(MANIFEST_PATH, MAX_MANIFEST)? else { return Ok(None) };
    let manifest = serde_json::from_str(&xml::decode(&content)).ok().map(Manifest).filter(Manifest::is_publication);
    if manifest.is_none() {
        package.warn(MANIFEST_PATH, EntryProblem::Malformed);
    }
    Ok(manifest)
}

impl Manifest {
    /// Returns true if the manifest describes a publication: other packages have a `manifest.json` as well.
    fn is_publication(&self) -> bool {
        self.metadata().is_some_and(Value::is_object) && self.reading_order().is_some_and(Value::is_array)
    }

    fn metadata(&self) -> Option<&Value> {
        self.0.get("metadata")
    }

    fn reading_order(&self) -> Option<&Value> {
        // Early drafts call it spine.
        self.0.get("readingOrder").or_else(|| self.0.get("spine"))
    }

    pub(super) fn format(&self) -> Format {
        let metadata = |name| self.metadata().and_then(|metadata| metadata.get(name));
        for profile in texts(metadata("conformsTo")) {
            match profile.strip_prefix(PROFILE_PREFIX) {
                Some("audiobook") => return Format::Audiobook,
                Some("divina") => return Format::Divina,
                Some("pdf") => return Format::PdfPackage,
                _ => {}
            }
        }
        if texts(metadata("@type")).any(|kind| kind.ends_with("schema.org/Audiobook")) {
            return Format::Audiobook;
        }
        let is_every_item = |media_type: &str| {
            let mut kinds = array(self.reading_order()).map(|link| link.get("type").and_then(Value::as_str)).peekable();
            kinds.peek().is_some() && kinds.all(|kind| kind.is_some_and(|kind| kind.starts_with(media_type)))
        };
        match () {
            () if is_every_item("audio/") => Format::Audiobook,
            () if is_every_item("image/") => Format::Divina,
            () if is_every_item("application/pdf") => Format::PdfPackage,
            () => Format::Webpub,
        }
    }

    /// Sets the fields of the probe from the manifest.
    pub(super) fn set_probe_fields(&self, probe: &mut Probe) {
        let metadata = |name| self.metadata().and_then(|metadata| metadata.get(name));
        let language = texts(metadata("language")).next();
        probe.title = metadata("title").and_then(|title| localized_text(title, language)).map(Title::stated);
        let authors: Vec<String> = one_or_many(metadata("author"))
            .filter_map(|author| {
                localized_text(if author.is_object() { author.get("name")? } else { author }, language)
            })
            .take(MAX_AUTHORS)
            .collect();
        probe.author = join_names(&authors);
        let identifier = metadata("identifier").and_then(Value::as_str);
        probe.identifier = identifier.and_then(|text| text::clean(text.chars(), text::MAX_TEXT));

        probe.protected = Some(false);
        let mut encrypted_parts = Vec::new();
        find_encrypted(&self.0, &mut encrypted_parts);
        for encrypted in encrypted_parts {
            let field = |name| encrypted.get(name).and_then(Value::as_str);
            if field("scheme") == Some(LCP_SCHEME) {
                probe.systems.insert(System::Lcp);
            } else if field("algorithm").is_some_and(|algorithm| OBFUSCATION.contains(&algorithm)) {
                continue;
            }
            probe.protected = Some(true);
        }
    }
}

/// Finds the encryption of every link. Links are in several lists, and in other links.
fn find_encrypted<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("properties").and_then(|properties| properties.get("encrypted")));
            members.values().for_each(|member| find_encrypted(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| find_encrypted(item, found)),
        _ => {}
    }
}

/// Iterates over the items of an array; any other value has none.
fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// Iterates over a single value or the items of an array.
fn one_or_many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let one = value.filter(|value| !value.is_array());
    one.into_iter().chain(array(value))
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    one_or_many(value).filter_map(Value::as_str)
}

/// Returns a text. Among several languages, prefers that of the publication, then English, then the first.
fn localized_text(value: &Value, language: Option<&str>) -> Option<String> {
    let text = match value {
        Value::Object(texts) => {
            let preferred = language.and_then(|language| texts.get(language)).or_else(|| texts.get("en"));
            preferred.or_else(|| texts.values().next()).and_then(Value::as_str)
        }
        value => value.as_str(),
    };
    text::clean(text?.chars(), text::MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Manifest, localized_text};
    use crate::{Format, Probe, System};

    fn manifest(metadata: &Value, reading_order: &Value) -> Manifest {
        Manifest(json!({"metadata": metadata, "readingOrder": reading_order}))
    }

    #[test]
    fn format_from_profile_or_reading_order() {
        let link = |kind: &str| json!([{"href": "a", "type": kind}, {"href": "b", "type": kind}]);
        let profile =
            |name: &str| json!({"conformsTo": [format!("https://readium.org/webpub-manifest/profiles/{name}")]});
        for (metadata, order, format) in [
            (profile("audiobook"), link("image/png"), Format::Audiobook),
            (profile("divina"), json!([]), Format::Divina),
            (profile("pdf"), json!([]), Format::PdfPackage),
            (profile("epub"), link("text/html"), Format::Webpub),
            (json!({"@type": "https://schema.org/Audiobook"}), json!([]), Format::Audiobook),
            (json!({}), link("audio/mpeg"), Format::Audiobook),
            (json!({}), link("image/webp"), Format::Divina),
            (json!({}), link("application/pdf"), Format::PdfPackage),
            (json!({}), link("text/html"), Format::Webpub),
            (json!({}), json!([{"type": "image/png"}, 7]), Format::Webpub),
            (json!({}), json!([]), Format::Webpub),
        ] {
            assert_eq!(manifest(&metadata, &order).format(), format, "{metadata} {order}");
        }
        assert!(!Manifest(json!({"name": "an extension", "metadata": {}})).is_publication());
        assert!(!Manifest(json!([])).is_publication());
    }

    #[test]
    fn manifest_texts_in_all_forms() {
        assert_eq!(localized_text(&json!("A"), None).as_deref(), Some("A"));
        let several = json!({"de": "Eins", "en": "One", "fr": "Un"});
        assert_eq!(localized_text(&several, Some("fr")).as_deref(), Some("Un"));
        assert_eq!(localized_text(&several, None).as_deref(), Some("One"));
        assert_eq!(localized_text(&json!({"de": "Eins"}), Some("fr")).as_deref(), Some("Eins"));
        for value in [json!(7), json!({}), json!({"en": 7}), json!([]), json!("\u{1b}")] {
            assert_eq!(localized_text(&value, None), None);
        }
        let mut probe = Probe::default();
        let authors = json!(["A", {"name": "B", "sortAs": "C"}, {"name": {"de": "D"}}, 7, {"x": "y"}]);
        manifest(&json!({"author": authors}), &json!([])).set_probe_fields(&mut probe);
        assert_eq!(probe.author.as_deref(), Some("A; B; D"));
    }

    #[test]
    fn encrypted_links_mark_protection() {
        let encrypted_fields = |encrypted: Value| {
            let mut probe = Probe::default();
            manifest(&json!({}), &json!([{"href": "a"}, {"properties": {"encrypted": encrypted}}]))
                .set_probe_fields(&mut probe);
            (probe.protected, probe.systems.contains(&System::Lcp))
        };
        assert_eq!(
            encrypted_fields(json!({"scheme": "http://readium.org/2014/01/lcp", "algorithm": "x"})),
            (Some(true), true)
        );
        assert_eq!(encrypted_fields(json!({"algorithm": "http://www.idpf.org/2008/embedding"})), (Some(false), false));
        assert_eq!(encrypted_fields(json!({"scheme": "https://other.example/drm"})), (Some(true), false));
    }
}
