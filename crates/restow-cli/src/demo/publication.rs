//! A borrowed publication: with its embedded license, and as a new download without it.

use std::fs;
use std::path::Path;

use data_encoding::BASE64;
use restow::{Clock as _, SystemClock, rfc3339};
use restow_media::Format;
use restow_media::build::{PublicationBuilder, PublicationProtection};
use serde_json::json;

use super::authority::{Authority, random};
use super::{Failure, io_failure};

/// Number of publications in the demo.
pub(super) const PUBLICATION_COUNT: u64 = 1;

pub(super) const TITLE: &str = "A Winter by the Sea";

/// Names of the provider and of the authority that certifies it.
const LIBRARY: &str = "Corner Library";
const AUTHORITY: &str = "Demo License Authority";

/// Path of the authority's certificate.
pub(super) const ROOT: &str = "authority.pem";

/// Path of the publication with its embedded license.
pub(super) const LENT: &str = "library/Books/A Winter by the Sea.epub";

/// Folder of the download.
pub(super) const DOWNLOADS: &str = "downloads";

/// Path of the publication as the provider sends it, without a license.
pub(super) const FETCHED: &str = "downloads/A Winter by the Sea.epub";

/// Length of the loan in days.
const DAYS: i64 = 21;

/// Writes the certificate and both forms of the publication below `folder`.
pub(super) fn write(folder: &Path) -> Result<(), Failure> {
    let authority = Authority::new(AUTHORITY, LIBRARY)?;
    let number = u128::from_be_bytes(random()?);
    let publication = PublicationBuilder::new(Format::Epub)
        .title(TITLE)
        .author("Mara Lind")
        .identifier(&format!("urn:restow-demo:{number:x}"))
        .protection(PublicationProtection::Lcp);
    let license = license(&authority, number)?;
    for (name, content) in [
        (ROOT, authority.root().into_bytes()),
        (FETCHED, publication.build()),
        (LENT, publication.license(&license).build()),
    ] {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| io_failure(parent, &error))?;
        fs::write(&path, content).map_err(|error| io_failure(&path, &error))?;
    }
    Ok(())
}

fn license(authority: &Authority, number: u128) -> Result<Vec<u8>, Failure> {
    let now = SystemClock.now();
    authority.sign(json!({
        "id": format!("demo-{number:x}"),
        "provider": "https://library.example",
        "issued": rfc3339(now),
        "encryption": {
            "profile": "http://readium.org/lcp/profile-1.0",
            // The keys are random and open no content.
            "content_key": {
                "algorithm": "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
                "encrypted_value": BASE64.encode(&random::<64>()?),
            },
            "user_key": {
                "algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
                "text_hint": "The number of your library card",
                "key_check": BASE64.encode(&random::<64>()?),
            },
        },
        "links": [
            {"rel": "hint", "href": "https://library.example/card", "type": "text/html"},
            {
                "rel": "publication", "href": "https://library.example/books/winter",
                "type": "application/epub+zip", "title": TITLE,
            },
        ],
        "rights": {"print": 20, "copy": 2000, "end": rfc3339(now + DAYS * 24 * 60 * 60)},
    }))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use restow::license::SignatureCheck;
    use restow::license::lcp::{Roots, Verifier};

    use super::*;

    #[test]
    fn publication_license_is_verified() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path()).unwrap();
        let embedded_license_of = |name: &str| {
            let mut file = File::open(dir.path().join(name)).unwrap();
            restow_media::embedded_license(&mut file).unwrap()
        };
        let license = embedded_license_of(LENT).unwrap();
        assert_eq!(embedded_license_of(FETCHED), None);
        let mut back = Vec::new();
        let mut fetched = File::open(dir.path().join(FETCHED)).unwrap();
        restow_media::embed_license(&mut fetched, &license, &mut back).unwrap();
        assert_eq!(restow_media::embedded_license(&mut std::io::Cursor::new(back)).unwrap().as_ref(), Some(&license));
        assert_eq!(Verifier::new(Roots::default()).verify(&license).check, SignatureCheck::UnknownRoot);
        let home = restow::Home::open(dir.path().join("home")).unwrap();
        restow::trust_store::add(&home, &fs::read(dir.path().join(ROOT)).unwrap()).unwrap();
        let verdict = Verifier::new(restow::trust_store::load(&home).unwrap()).verify(&license);
        assert_eq!(verdict.check, SignatureCheck::Verified);
        let signer = verdict.signer.unwrap();
        assert_eq!((signer.name.as_str(), signer.issuer.contains(AUTHORITY)), (LIBRARY, true));
    }
}
