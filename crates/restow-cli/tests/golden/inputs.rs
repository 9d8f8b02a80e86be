//! Files that the chapters read: license documents, publications and songs.

use restow_media::Format;
use restow_media::build::{AsfBuilder, Protection, ProtectionKind, PublicationBuilder, PublicationProtection};
use serde_json::{Value, json};

use super::workshop::{self, Form, Key};

/// Returns a key ID by number.
pub(crate) fn key_id(number: usize) -> String {
    format!("09e091ab-f838-41d2-9e35-{number:012x}")
}

/// Returns an LCP license with an invalid signature.
pub(crate) fn unsigned_license(id: &str) -> Vec<u8> {
    let mut license = license(id, &json!({}));
    license["signature"] = json!({"algorithm": "x", "certificate": "x", "value": "x"});
    license.to_string().into_bytes()
}

/// Returns an LCP license that is signed under the root of [`root`].
pub(crate) fn signed_license(id: &str, rights: &Value) -> Vec<u8> {
    let key = Key::p256(2);
    workshop::signed(license(id, rights), &Form::provider(&key).sign(&Key::p256(1)), &key)
}

fn license(id: &str, rights: &Value) -> Value {
    let mut license = workshop::document("2021-06-01T00:00:00Z");
    (license["id"], license["rights"]) = (id.into(), rights.clone());
    license["links"] = json!([
        {"rel": "hint", "href": "https://books.example/hint"},
        {"rel": "publication", "href": format!("https://books.example/{id}"), "title": format!("Book {id}")},
    ]);
    license
}

/// Returns the certificate of the root that signs the provider of [`signed_license`], in PEM.
pub(crate) fn root() -> Vec<u8> {
    let key = Key::p256(1);
    workshop::pem(&Form::root(&key).sign(&key))
}

/// Returns an EPUB that is protected by LCP, without its license.
pub(crate) fn book(identifier: &str, title: &str) -> PublicationBuilder {
    clear_book(title).identifier(identifier).protection(PublicationProtection::Lcp)
}

/// Returns an EPUB without protection.
pub(crate) fn clear_book(title: &str) -> PublicationBuilder {
    PublicationBuilder::new(Format::Epub).title(title)
}

/// Returns a Windows Media file, protected under the key ID of a number.
pub(crate) fn song(number: usize, title: &str) -> Vec<u8> {
    let protection = Protection::new(ProtectionKind::Wmdrm, key_id(number).parse().unwrap());
    AsfBuilder::new().title(title).protection(protection).build()
}
