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

use super::DownloadError;
use super::embed::write_error;
use crate::error::Error;
use crate::lcp_provider::MAX_HREF;
use crate::net::http;
use crate::service::{Cancel, Origin};
use crate::store::AddedBy;

/// How long it may take in all.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long nothing may come.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const MAX_REDIRECTS: usize = 5;
const CHUNK_LEN: usize = 64 << 10;
/// The most that is taken where the license says no length, or nobody was asked for this very one.
pub(super) const MAX_UNASKED_BYTES: u64 = 4 << 30;
/// The most that is taken, whatever a license says.
const MAX_DOWNLOAD_BYTES: u64 = 64 << 30;

/// The origins that the user added by hand: these alone may be at private addresses.
pub(super) type ManualOrigins = BTreeSet<String>;

/// A publication that can be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DownloadSource {
    pub url: String,
    pub origin: Origin,
    pub length: Option<u64>,
    pub hash: Option<[u8; 32]>,
}

impl DownloadSource {
    /// What the link of a license says, where it can be gone to.
    pub(super) fn from_link(link: &LcpLink, manual_origins: &ManualOrigins) -> Result<Self, DownloadError> {
        if link.templated || link.href.len() > MAX_HREF {
            return Err(DownloadError::from_address(&link.href));
        }
        if let Some(stated) = link.length.filter(|stated| *stated > MAX_DOWNLOAD_BYTES) {
            return Err(DownloadError::TooLarge(stated));
        }
        let url = link.href.split('#').next().unwrap_or_default().to_owned();
        let (origin, _) = check_origin(&url, manual_origins, None)?;
        let hash = match link.hash.as_deref().map(|text| hash(text).ok_or(DownloadError::NoHash)) {
            Some(Ok(hash)) => Some(hash),
            // One that nobody can read checks nothing.
            Some(Err(_)) | None => None,
        };
        Ok(Self { url, origin, length: link.length, hash })
    }

    /// Fetches it into a file in the folder, which goes when it is dropped.
    pub(super) fn fetch(
        &self,
        folder: &Path,
        manual_origins: &ManualOrigins,
        cancel: &Cancel,
    ) -> Result<TempFile, Error> {
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let (origin, added) = check_origin(&url, manual_origins, Some(&self.origin))?;
            match self.request(&origin, added, &url, folder, cancel)? {
                Download::File(aside) => return Ok(aside),
                Download::Redirect(location) => url = restow_lcp::resolve(&url, &location),
            }
        }
        Err(DownloadError::Redirects(self.origin.to_string()).into())
    }

    fn request(
        &self,
        origin: &Origin,
        added: AddedBy,
        url: &str,
        folder: &Path,
        cancel: &Cancel,
    ) -> Result<Download, Error> {
        let host = origin.to_string();
        let unreachable = |source| DownloadError::Unreachable { host: host.clone(), source };
        let (sender, receiver) = mpsc::sync_channel(4);
        let agent = http::agent(origin, added, TOTAL_TIMEOUT).map_err(|_| DownloadError::from_address(url))?;
        let address = url.to_owned();
        thread::spawn(move || stream_response(&agent, &address, &sender));
        let mut aside = TempFile::create_in_user_folder(folder, FileMode::Default).map_err(write_error(folder))?;
        let limit = self.length.unwrap_or(MAX_UNASKED_BYTES);
        let (mut found, mut sum, mut heard) = (0_u64, Sha256::new(), Instant::now());
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            match receiver.recv_timeout(POLL_INTERVAL) {
                Ok(ChunkMessage::Status(status)) => return Err(DownloadError::Status { host, status }.into()),
                Ok(ChunkMessage::Redirect(location)) => return Ok(Download::Redirect(location)),
                Ok(ChunkMessage::Failed(source)) => return Err(unreachable(source).into()),
                Ok(ChunkMessage::Chunk(chunk)) => {
                    found = found.saturating_add(chunk.len() as u64);
                    if found > limit {
                        return Err(DownloadError::TooLong(limit).into());
                    }
                    sum.update(&chunk);
                    aside.write_all(&chunk).map_err(write_error(folder))?;
                    heard = Instant::now();
                }
                Ok(ChunkMessage::End) => break,
                Err(RecvTimeoutError::Timeout) if heard.elapsed() < IDLE_TIMEOUT => {}
                Err(RecvTimeoutError::Timeout) => return Err(unreachable(io::ErrorKind::TimedOut.into()).into()),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(unreachable(io::ErrorKind::ConnectionAborted.into()).into());
                }
            }
        }
        if let Some(stated) = self.length.filter(|stated| *stated != found) {
            return Err(DownloadError::Length { stated, found }.into());
        }
        if self.hash.is_some_and(|hash| hash != <[u8; 32]>::from(sum.finalize())) {
            return Err(DownloadError::Hash.into());
        }
        Ok(Download::File(aside))
    }
}

/// The origin of an address, if it may be gone to, and how far: what the user typed may be at a private address, also behind a name;
/// but where it leads elsewhere than to what was `shown`, nobody typed that for this.
fn check_origin(
    url: &str,
    manual_origins: &ManualOrigins,
    shown: Option<&Origin>,
) -> Result<(Origin, AddedBy), DownloadError> {
    let wrong = || DownloadError::from_address(url);
    let origin = Origin::from_url(url).map_err(|_| wrong())?;
    let typed = shown.is_none_or(|shown| *shown == origin) && manual_origins.contains(&origin.to_string());
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

enum Download {
    File(TempFile),
    Redirect(String),
}

/// What the connection's own thread tells.
enum ChunkMessage {
    Status(u16),
    Redirect(String),
    Chunk(Vec<u8>),
    End,
    Failed(io::Error),
}

fn stream_response(agent: &ureq::Agent, url: &str, sender: &mpsc::SyncSender<ChunkMessage>) {
    let mut response = match agent.get(url).call() {
        Ok(response) => response,
        Err(error) => return drop(sender.send(ChunkMessage::Failed(http::failure(error)))),
    };
    let status = response.status().as_u16();
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    match (status, location) {
        (status, Some(location)) if http::is_redirect(status) => {
            return drop(sender.send(ChunkMessage::Redirect(location)));
        }
        (200, _) => {}
        _ => return drop(sender.send(ChunkMessage::Status(status))),
    }
    let mut reader = response.body_mut().with_config().limit(u64::MAX).reader();
    loop {
        let mut chunk = vec![0; CHUNK_LEN];
        let said = match reader.read(&mut chunk) {
            Ok(0) => ChunkMessage::End,
            Ok(len) => {
                chunk.truncate(len);
                ChunkMessage::Chunk(chunk)
            }
            Err(error) => ChunkMessage::Failed(error),
        };
        let goes_on = matches!(said, ChunkMessage::Chunk(_));
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
        let check_origin = |url: &str, manual_origins: &ManualOrigins| super::check_origin(url, manual_origins, None);
        for url in ["https://cdn.example/b.epub", "https://1.1.1.1/"] {
            assert!(check_origin(url, &ManualOrigins::new()).is_ok(), "{url}");
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
            assert_eq!(check_origin(url, &ManualOrigins::new()).unwrap_err().code(), "fetch-address", "{url}");
        }
        let manual_origins = ManualOrigins::from(["http://127.0.0.1:8080".to_owned(), "https://10.0.0.1".to_owned()]);
        assert!(
            check_origin("http://127.0.0.1:8080/b", &manual_origins).is_ok()
                && check_origin("https://10.0.0.1/", &manual_origins).is_ok()
        );
        assert!(
            check_origin("http://127.0.0.1:8081/b", &manual_origins).is_err()
                && check_origin("http://10.0.0.1/", &manual_origins).is_err()
        );
    }

    #[test]
    fn what_was_typed_is_gone_to_as_far_as_it_was_shown() {
        let manual_origins =
            ManualOrigins::from(["https://library.example".to_owned(), "http://127.0.0.1:8080".to_owned()]);
        let added = |url: &str, shown: Option<&str>| {
            let shown = shown.map(|shown| Origin::from_url(shown).unwrap());
            check_origin(url, &manual_origins, shown.as_ref()).ok().map(|(_, added)| added)
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
