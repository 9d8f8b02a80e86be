//! A publication fetched from where its license says it is: streamed into a file aside, and checked by length and hash.

use std::collections::BTreeSet;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use restow_core::files::{FileMode, TempFile};
use restow_lcp::LcpLink;
use sha2::{Digest as _, Sha256};

use super::PutBackError;
use super::embed::written;
use crate::error::Error;
use crate::lcp_provider::MAX_HREF;
use crate::net::http;
use crate::service::{Cancel, Origin};
use crate::store::AddedBy;

/// How long it may take in all.
const WHOLE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long nothing may come.
const STALL: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);
const REDIRECTS: usize = 5;
const CHUNK: usize = 64 << 10;
/// The most that is taken where the license says no length, or nobody was asked for this very one.
pub(super) const USUAL: u64 = 4 << 30;
/// The most that is taken, whatever a license says.
const LARGEST: u64 = 64 << 30;

/// The origins that the user added by hand: these alone may be at private addresses.
pub(super) type ByHand = BTreeSet<String>;

/// A publication that can be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Source {
    pub url: String,
    pub origin: Origin,
    pub length: Option<u64>,
    pub hash: Option<[u8; 32]>,
}

impl Source {
    /// What the link of a license says, where it can be gone to.
    pub(super) fn of(link: &LcpLink, by_hand: &ByHand) -> Result<Self, PutBackError> {
        if link.templated || link.href.len() > MAX_HREF {
            return Err(PutBackError::address(&link.href));
        }
        if let Some(stated) = link.length.filter(|stated| *stated > LARGEST) {
            return Err(PutBackError::TooLarge(stated));
        }
        let url = link.href.split('#').next().unwrap_or_default().to_owned();
        let (origin, _) = allowed(&url, by_hand, None)?;
        let hash = match link.hash.as_deref().map(|text| hash(text).ok_or(PutBackError::NoHash)) {
            Some(Ok(hash)) => Some(hash),
            // One that nobody can read checks nothing.
            Some(Err(_)) | None => None,
        };
        Ok(Self { url, origin, length: link.length, hash })
    }

    /// Fetches it into a file in the folder, which goes when it is dropped.
    pub(super) fn fetch(&self, folder: &Path, by_hand: &ByHand, cancel: &Cancel) -> Result<TempFile, Error> {
        let mut url = self.url.clone();
        for _ in 0..=REDIRECTS {
            let (origin, added) = allowed(&url, by_hand, Some(&self.origin))?;
            match self.answer(&origin, added, &url, folder, cancel)? {
                Answer::File(aside) => return Ok(aside),
                Answer::Elsewhere(location) => url = restow_lcp::resolve(&url, &location),
            }
        }
        Err(PutBackError::Redirects(self.origin.to_string()).into())
    }

    fn answer(
        &self,
        origin: &Origin,
        added: AddedBy,
        url: &str,
        folder: &Path,
        cancel: &Cancel,
    ) -> Result<Answer, Error> {
        let host = origin.to_string();
        let unreachable = |source| PutBackError::Unreachable { host: host.clone(), source };
        let (sender, receiver) = mpsc::sync_channel(4);
        let agent = http::agent(origin, added, WHOLE).map_err(|_| PutBackError::address(url))?;
        let address = url.to_owned();
        thread::spawn(move || ask(&agent, &address, &sender));
        let mut aside = TempFile::create_in_user_folder(folder, FileMode::Default).map_err(written(folder))?;
        let limit = self.length.unwrap_or(USUAL);
        let (mut found, mut sum, mut heard) = (0_u64, Sha256::new(), Instant::now());
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            match receiver.recv_timeout(LOOK) {
                Ok(Said::Status(status)) => return Err(PutBackError::Status { host, status }.into()),
                Ok(Said::Elsewhere(location)) => return Ok(Answer::Elsewhere(location)),
                Ok(Said::Failed(source)) => return Err(unreachable(source).into()),
                Ok(Said::Chunk(chunk)) => {
                    found = found.saturating_add(chunk.len() as u64);
                    if found > limit {
                        return Err(PutBackError::TooLong(limit).into());
                    }
                    sum.update(&chunk);
                    aside.write_all(&chunk).map_err(written(folder))?;
                    heard = Instant::now();
                }
                Ok(Said::End) => break,
                Err(RecvTimeoutError::Timeout) if heard.elapsed() < STALL => {}
                Err(RecvTimeoutError::Timeout) => return Err(unreachable(io::ErrorKind::TimedOut.into()).into()),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(unreachable(io::ErrorKind::ConnectionAborted.into()).into());
                }
            }
        }
        if let Some(stated) = self.length.filter(|stated| *stated != found) {
            return Err(PutBackError::Length { stated, found }.into());
        }
        if self.hash.is_some_and(|hash| hash != <[u8; 32]>::from(sum.finalize())) {
            return Err(PutBackError::Hash.into());
        }
        Ok(Answer::File(aside))
    }
}

/// The origin of an address, if it may be gone to, and how far: what the user typed may be at a private address, also behind a name;
/// but where it leads elsewhere than to what was `shown`, nobody typed that for this.
fn allowed(url: &str, by_hand: &ByHand, shown: Option<&Origin>) -> Result<(Origin, AddedBy), PutBackError> {
    let wrong = || PutBackError::address(url);
    let origin = Origin::from_url(url).map_err(|_| wrong())?;
    let typed = shown.is_none_or(|shown| *shown == origin) && by_hand.contains(&origin.to_string());
    match typed {
        true => Ok((origin, AddedBy::Hand)),
        false if origin.is_private() => Err(wrong()),
        false => Ok((origin, AddedBy::Consent)),
    }
}

/// A SHA-256 as licenses spell it: in hex, or in base64 of any alphabet.
pub(super) fn hash(text: &str) -> Option<[u8; 32]> {
    let text = text.trim().as_bytes();
    if let Ok(bytes) = HEXLOWER_PERMISSIVE.decode(text)
        && let Ok(hash) = bytes.try_into()
    {
        return Some(hash);
    }
    [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD]
        .iter()
        .find_map(|alphabet| alphabet.decode(text).ok()?.try_into().ok())
}

enum Answer {
    File(TempFile),
    Elsewhere(String),
}

/// What the connection's own thread tells.
enum Said {
    Status(u16),
    Elsewhere(String),
    Chunk(Vec<u8>),
    End,
    Failed(io::Error),
}

fn ask(agent: &ureq::Agent, url: &str, sender: &mpsc::SyncSender<Said>) {
    let mut response = match agent.get(url).call() {
        Ok(response) => response,
        Err(error) => return drop(sender.send(Said::Failed(http::failure(error)))),
    };
    let status = response.status().as_u16();
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    match (status, location) {
        (status, Some(location)) if http::is_redirect(status) => return drop(sender.send(Said::Elsewhere(location))),
        (200, _) => {}
        _ => return drop(sender.send(Said::Status(status))),
    }
    let mut reader = response.body_mut().with_config().limit(u64::MAX).reader();
    loop {
        let mut chunk = vec![0; CHUNK];
        let said = match reader.read(&mut chunk) {
            Ok(0) => Said::End,
            Ok(len) => {
                chunk.truncate(len);
                Said::Chunk(chunk)
            }
            Err(error) => Said::Failed(error),
        };
        let goes_on = matches!(said, Said::Chunk(_));
        // Nobody listens any more once it is cancelled.
        if sender.send(said).is_err() || !goes_on {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_licenses_spell_them() {
        let bytes: [u8; 32] = std::array::from_fn(|n| (n as u8).wrapping_mul(37).wrapping_add(251));
        let hex = data_encoding::HEXUPPER.encode(&bytes);
        for text in
            [&hex, &hex.to_lowercase(), &BASE64.encode(&bytes), &BASE64_NOPAD.encode(&bytes), &BASE64URL.encode(&bytes)]
        {
            assert_eq!(hash(text), Some(bytes), "{text}");
        }
        for text in ["", "x", &hex[2..], "*", &format!("{hex}00")] {
            assert_eq!(hash(text), None, "{text}");
        }
    }

    #[test]
    fn only_public_addresses_are_gone_to() {
        let allowed = |url: &str, by_hand: &ByHand| allowed(url, by_hand, None);
        for url in ["https://cdn.example/b.epub", "https://1.1.1.1/"] {
            assert!(allowed(url, &ByHand::new()).is_ok(), "{url}");
        }
        for url in [
            "http://cdn.example/",
            "http://127.0.0.1/",
            "https://10.0.0.1/",
            "https://localhost/",
            "file:///etc/passwd",
            "https://[::1]/",
            "ftp://cdn.example/",
            "https://u@cdn.example/",
            "data:,x",
            "",
        ] {
            assert_eq!(allowed(url, &ByHand::new()).unwrap_err().code(), "fetch-address", "{url}");
        }
        let by_hand = ByHand::from(["http://127.0.0.1:8080".to_owned(), "https://10.0.0.1".to_owned()]);
        assert!(allowed("http://127.0.0.1:8080/b", &by_hand).is_ok() && allowed("https://10.0.0.1/", &by_hand).is_ok());
        assert!(
            allowed("http://127.0.0.1:8081/b", &by_hand).is_err() && allowed("http://10.0.0.1/", &by_hand).is_err()
        );
    }

    #[test]
    fn what_was_typed_is_gone_to_as_far_as_it_was_shown() {
        let by_hand = ByHand::from(["https://library.example".to_owned(), "http://127.0.0.1:8080".to_owned()]);
        let added = |url: &str, shown: Option<&str>| {
            let shown = shown.map(|shown| Origin::from_url(shown).unwrap());
            allowed(url, &by_hand, shown.as_ref()).ok().map(|(_, added)| added)
        };
        // A name that was typed may stand for a private address; that is seen only when it is looked up.
        assert_eq!(added("https://library.example/b", None), Some(AddedBy::Hand));
        assert_eq!(added("https://library.example/b", Some("https://library.example/a")), Some(AddedBy::Hand));
        assert_eq!(added("https://library.example/b", Some("https://cdn.example/")), Some(AddedBy::Consent));
        assert_eq!(added("https://cdn.example/b", None), Some(AddedBy::Consent));
        assert_eq!(added("http://127.0.0.1:8080/b", Some("http://127.0.0.1:8080/")), Some(AddedBy::Hand));
        assert_eq!(added("http://127.0.0.1:8080/b", Some("https://cdn.example/")), None);
    }
}
