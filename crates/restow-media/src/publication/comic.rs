//! Comics in ZIP files: images, and optionally `ComicInfo.xml` with metadata.
//!
//! The format has no owner. Names of elements are those of the ComicInfo schema 2.0.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

use quick_xml::events::BytesStart;

use super::package::{Package, join_names};
use crate::xml;
use crate::zip::Directory;
use crate::{EntryProblem, Title, text};

const COMIC_INFO: &str = "ComicInfo.xml";

/// Number of bytes of `ComicInfo.xml` that are read: the fields of the comic precede those of its pages.
const MAX_COMIC_INFO: usize = 256 << 10;

/// Maximum length of a field, in bytes.
const MAX_VALUE_LEN: usize = 4 * text::MAX_TEXT;

const IMAGE_EXTENSIONS: [&str; 9] = ["avif", "bmp", "gif", "jpeg", "jpg", "jxl", "png", "tif", "webp"];

/// Names of files that operating systems create in any folder.
const IGNORED_NAMES: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Returns true if the package has images and nothing else but metadata and ignored files.
pub(super) fn looks_like_comic(directory: &Directory) -> bool {
    let mut has_images = false;
    for entry in directory.entries() {
        let name = String::from_utf8_lossy(directory.name(entry));
        let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
        if IMAGE_EXTENSIONS.contains(&text::extension(file).as_str()) {
            has_images = true;
        } else if !(file.is_empty()
            || file == COMIC_INFO
            || IGNORED_NAMES.contains(&file)
            || name.starts_with("__MACOSX/"))
        {
            return false;
        }
    }
    has_images
}

pub(super) fn read<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<()> {
    package.probe.protected = Some(false);
    if !package.has(COMIC_INFO) {
        return Ok(());
    }
    let Some(content) = package.read_prefix(COMIC_INFO, MAX_COMIC_INFO)? else { return Ok(()) };
    let mut info = ComicInfo::default();
    if !xml::walk(&xml::decode(&content), &mut info) && content.len() < MAX_COMIC_INFO {
        package.warn(COMIC_INFO, EntryProblem::Malformed);
    }
    let probe = &mut package.probe;
    let mut field = |name| info.fields.remove(name);
    probe.album = field("Series");
    probe.track = field("Number").and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    probe.identifier = field("GTIN");
    probe.author = field("Writer")
        .and_then(|names| join_names(&names.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>()));
    let from_album = || probe.album.as_ref().map(|series| Title::from_album(series, probe.track));
    probe.title = field("Title").map(Title::stated).or_else(from_album);
    Ok(())
}

/// Elements of `ComicInfo` that are read.
const FIELDS: [&str; 5] = ["GTIN", "Number", "Series", "Title", "Writer"];

/// Fields of `ComicInfo`; the first element of each name counts.
#[derive(Default)]
struct ComicInfo {
    fields: BTreeMap<&'static str, String>,
    text: String,
}

impl xml::Visitor for ComicInfo {
    fn open(&mut self, _: &BytesStart<'_>) {
        self.text.clear();
    }

    fn close(&mut self, name: &str) {
        let Some(field) = FIELDS.into_iter().find(|field| *field == name) else { return };
        if !self.fields.contains_key(field)
            && let Some(text) = text::clean(self.text.chars(), text::MAX_TEXT)
        {
            self.fields.insert(field, text);
        }
        self.text.clear();
    }

    fn text(&mut self, part: &str) {
        xml::append(&mut self.text, part, MAX_VALUE_LEN);
    }
}
