//! Readium web publications: `manifest.json`.
//!
//! Sources: Readium Web Publication Manifest, its default context and its profiles for audiobooks, Divina and PDF; LCP 1.0,
//! section 2.3, and LCP for PDF and audiobooks, for `properties.encrypted`.

use std::io::{self, Read, Seek};

use serde_json::Value;

use super::{OBFUSCATION, Package, join};
use crate::{EntryFault, Format, Probe, System, Title, TitleSource, text};

const NAME: &str = "manifest.json";

/// The largest manifest read. One of a thousand chapters has some 200 KB.
const MAX_MANIFEST: usize = 2 << 20;

const PROFILES: &str = "https://readium.org/webpub-manifest/profiles/";
const LCP: &str = "http://readium.org/2014/01/lcp";

/// Most authors looked at.
const MAX_AUTHORS: usize = 64;

/// A manifest, of which nothing is believed yet.
pub(super) struct Manifest(Value);

/// The manifest of a web publication. `None` when there is none, or it is of something else; with `licensed`, it is said
/// what is wrong with it.
pub(super) fn read<R: Read + Seek>(package: &mut Package<'_, R>, licensed: bool) -> io::Result<Option<Manifest>> {
    if !licensed && !package.directory.has(NAME.as_bytes()) {
        return Ok(None);
    }
    let Some(content) = package.whole(NAME, MAX_MANIFEST)? else { return Ok(None) };
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
    let manifest = serde_json::from_slice(content).ok().map(Manifest).filter(Manifest::is_one);
    if manifest.is_none() {
        package.warn(NAME, EntryFault::Malformed);
    }
    Ok(manifest)
}

impl Manifest {
    /// Many things have a `manifest.json`.
    fn is_one(&self) -> bool {
        self.metadata().is_some_and(Value::is_object) && self.reading_order().is_some_and(Value::is_array)
    }

    fn metadata(&self) -> Option<&Value> {
        self.0.get("metadata")
    }

    fn reading_order(&self) -> Option<&Value> {
        // Called spine in early drafts.
        self.0.get("readingOrder").or_else(|| self.0.get("spine"))
    }

    pub(super) fn format(&self) -> Format {
        let metadata = |name| self.metadata().and_then(|metadata| metadata.get(name));
        for profile in texts(metadata("conformsTo")) {
            match profile.strip_prefix(PROFILES) {
                Some("audiobook") => return Format::Audiobook,
                Some("divina") => return Format::Divina,
                Some("pdf") => return Format::PdfPackage,
                _ => {}
            }
        }
        if texts(metadata("@type")).any(|kind| kind.ends_with("schema.org/Audiobook")) {
            return Format::Audiobook;
        }
        let all = |wanted: &str| {
            let mut kinds = array(self.reading_order()).map(|link| link.get("type").and_then(Value::as_str)).peekable();
            kinds.peek().is_some() && kinds.all(|kind| kind.is_some_and(|kind| kind.starts_with(wanted)))
        };
        match () {
            () if all("audio/") => Format::Audiobook,
            () if all("image/") => Format::Divina,
            () if all("application/pdf") => Format::PdfPackage,
            () => Format::Webpub,
        }
    }

    /// Puts into the answer what it says.
    pub(super) fn tell(&self, probe: &mut Probe) {
        let metadata = |name| self.metadata().and_then(|metadata| metadata.get(name));
        let language = texts(metadata("language")).next();
        probe.title = metadata("title")
            .and_then(|title| localized(title, language))
            .map(|text| Title { text, source: TitleSource::Stated });
        let authors: Vec<String> = one_or_many(metadata("author"))
            .filter_map(|author| localized(if author.is_object() { author.get("name")? } else { author }, language))
            .take(MAX_AUTHORS)
            .collect();
        probe.author = join(&authors);
        let identifier = metadata("identifier").and_then(Value::as_str);
        probe.identifier = identifier.and_then(|text| text::clean(text.chars(), text::MAX_TEXT));

        probe.protected = Some(false);
        let links = array(self.reading_order()).chain(array(self.0.get("resources")));
        for encrypted in links.filter_map(|link| link.get("properties")?.get("encrypted")) {
            let field = |name| encrypted.get(name).and_then(Value::as_str);
            if field("scheme") == Some(LCP) {
                probe.systems.insert(System::Lcp);
            } else if field("algorithm").is_some_and(|algorithm| OBFUSCATION.contains(&algorithm)) {
                continue;
            }
            probe.protected = Some(true);
        }
    }
}

/// The items of an array; of anything else, none.
fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// What may be one, or an array of several.
fn one_or_many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let one = value.filter(|value| !value.is_array());
    one.into_iter().chain(array(value))
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    one_or_many(value).filter_map(Value::as_str)
}

/// A text, or one of several in different languages: that of the publication, else English, else the first.
fn localized(value: &Value, language: Option<&str>) -> Option<String> {
    let text = match value {
        Value::Object(texts) => {
            let wanted = language.and_then(|language| texts.get(language)).or_else(|| texts.get("en"));
            wanted.or_else(|| texts.values().next()).and_then(Value::as_str)
        }
        value => value.as_str(),
    };
    text::clean(text?.chars(), text::MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Manifest, localized};
    use crate::{Format, Probe, System};

    fn of(metadata: &Value, reading_order: &Value) -> Manifest {
        Manifest(json!({"metadata": metadata, "readingOrder": reading_order}))
    }

    #[test]
    fn the_format_is_stated_or_told_by_what_is_read() {
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
            assert_eq!(of(&metadata, &order).format(), format, "{metadata} {order}");
        }
        assert!(!Manifest(json!({"name": "an extension", "metadata": {}})).is_one());
        assert!(!Manifest(json!([])).is_one());
    }

    #[test]
    fn texts_come_in_all_their_forms() {
        assert_eq!(localized(&json!("A"), None).as_deref(), Some("A"));
        let several = json!({"de": "Eins", "en": "One", "fr": "Un"});
        assert_eq!(localized(&several, Some("fr")).as_deref(), Some("Un"));
        assert_eq!(localized(&several, None).as_deref(), Some("One"));
        assert_eq!(localized(&json!({"de": "Eins"}), Some("fr")).as_deref(), Some("Eins"));
        for none in [json!(7), json!({}), json!({"en": 7}), json!([]), json!("\u{1b}")] {
            assert_eq!(localized(&none, None), None);
        }
        let mut probe = Probe::default();
        let authors = json!(["A", {"name": "B", "sortAs": "C"}, {"name": {"de": "D"}}, 7, {"x": "y"}]);
        of(&json!({"author": authors}), &json!([])).tell(&mut probe);
        assert_eq!(probe.author.as_deref(), Some("A; B; D"));
    }

    #[test]
    fn what_is_encrypted_is_protected() {
        let tell = |encrypted: Value| {
            let mut probe = Probe::default();
            of(&json!({}), &json!([{"href": "a"}, {"properties": {"encrypted": encrypted}}])).tell(&mut probe);
            (probe.protected, probe.systems.contains(&System::Lcp))
        };
        assert_eq!(tell(json!({"scheme": "http://readium.org/2014/01/lcp", "algorithm": "x"})), (Some(true), true));
        assert_eq!(tell(json!({"algorithm": "http://www.idpf.org/2008/embedding"})), (Some(false), false));
        assert_eq!(tell(json!({"scheme": "https://other.example/drm"})), (Some(true), false));
    }
}
