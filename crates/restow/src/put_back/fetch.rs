//! Downloads publications from the addresses in their licenses, and checks length and hash.

use std::collections::BTreeSet;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use restow_core::files::{FileMode, TempFile};
use restow_lcp::{LcpLink, MAX_HREF};
use sha2::{Digest as _, Sha256};

use super::{embed::write_error, report::MAX_UNASKED_BYTES};
use crate::error::{DownloadError, Error};
use crate::net::http;
use crate::service::{Cancel, Origin};
use crate::store::{StoreError, TrustOrigin, View};

/// Maximum time of a download.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
/// Maximum time between two chunks.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Interval at which a waiting download checks for cancelling.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Maximum number of redirects.
const MAX_REDIRECTS: usize = 5;
/// Maximum length of a chunk, in bytes.
const CHUNK_LEN: usize = 64 << 10;
/// Number of chunks that wait to be written.
const MAX_WAITING_CHUNKS: usize = 4;
/// Maximum length that a license may state.
const MAX_DOWNLOAD_BYTES: u64 = 64 << 30;

/// Origins that the user typed. Only these may have private addresses.
pub(super) type ManualOrigins = BTreeSet<String>;

/// Reads the origins that the user typed.
///
/// # Errors
/// Errors of the store.
pub(super) fn manual_origins(view: View<'_>) -> Result<ManualOrigins, StoreError> {
    let providers = view.providers()?.into_iter().filter(|provider| provider.added == TrustOrigin::Manual);
    Ok(providers.map(|provider| provider.origin).collect())
}

/// Address of a publication, with the facts that a download is checked against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DownloadSource {
    pub url: String,
    pub origin: Origin,
    /// Length in bytes, if the license states one.
    pub length: Option<u64>,
    /// SHA-256, if the license states one that can be read.
    pub hash: Option<[u8; 32]>,
}

impl DownloadSource {
    /// Reads the link of a license to its publication.
    ///
    /// # Errors
    /// [`DownloadError::Address`] for an address that is not allowed, [`DownloadError::TooLarge`].
    pub(super) fn from_link(link: &LcpLink, manual_origins: &ManualOrigins) -> Result<Self, DownloadError> {
        if link.templated || link.href.len() > MAX_HREF {
            return Err(DownloadError::from_address(&link.href));
        }
        if let Some(stated) = link.length.filter(|stated| *stated > MAX_DOWNLOAD_BYTES) {
            return Err(DownloadError::TooLarge { stated, limit: MAX_DOWNLOAD_BYTES >> 30 });
        }
        let url = link.href.split('#').next().unwrap_or_default().to_owned();
        let (origin, _) = check_origin(&url, manual_origins, None)?;
        Ok(Self { url, origin, length: link.length, hash: link.hash.as_deref().and_then(parse_hash) })
    }

    /// Downloads the publication into an unfinished file in the folder. Dropping the file deletes it.
    ///
    /// # Errors
    /// [`DownloadError`], errors of writing and of cancelling.
    pub(super) fn fetch(
        &self,
        folder: &Path,
        manual_origins: &ManualOrigins,
        cancel: &Cancel,
    ) -> Result<TempFile, Error> {
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            match self.request(&url, folder, manual_origins, cancel)? {
                Response::File(temp_file) => return Ok(temp_file),
                Response::Redirect(location) => url = restow_lcp::resolve(&url, &location),
            }
        }
        Err(DownloadError::Redirects { host: self.origin.to_string(), limit: MAX_REDIRECTS }.into())
    }

    /// Sends a request, writes the response to a file, and checks length and hash.
    fn request(
        &self,
        url: &str,
        folder: &Path,
        manual_origins: &ManualOrigins,
        cancel: &Cancel,
    ) -> Result<Response, Error> {
        let (origin, added) = check_origin(url, manual_origins, Some(&self.origin))?;
        let (sender, receiver) = mpsc::sync_channel(MAX_WAITING_CHUNKS);
        let agent = http::build_agent(&origin, added, TOTAL_TIMEOUT).map_err(|_| DownloadError::from_address(url))?;
        let (address, host) = (url.to_owned(), origin.to_string());
        // A blocking read cannot be cancelled, so a thread of its own reads.
        thread::spawn(move || stream_response(&agent, &address, &sender));
        let mut temp_file = TempFile::create_in_user_folder(folder, FileMode::Default).map_err(write_error(folder))?;
        let limit = self.length.unwrap_or(MAX_UNASKED_BYTES);
        let (mut found, mut hash, mut last_chunk) = (0_u64, Sha256::new(), Instant::now());
        loop {
            cancel.check(Error::Cancelled)?;
            let failure: io::Error = match receiver.recv_timeout(POLL_INTERVAL) {
                Ok(Ok(Part::Head(200, _))) => continue,
                Ok(Ok(Part::Head(status, Some(location)))) if http::is_redirect(status) => {
                    return Ok(Response::Redirect(location));
                }
                Ok(Ok(Part::Head(status, _))) => return Err(DownloadError::Status { host, status }.into()),
                Ok(Ok(Part::Chunk(chunk))) if chunk.is_empty() => break,
                Ok(Ok(Part::Chunk(chunk))) => {
                    found = found.saturating_add(chunk.len() as u64);
                    if found > limit {
                        return Err(DownloadError::TooLong(limit).into());
                    }
                    hash.update(&chunk);
                    temp_file.write_all(&chunk).map_err(write_error(folder))?;
                    last_chunk = Instant::now();
                    continue;
                }
                Err(RecvTimeoutError::Timeout) if last_chunk.elapsed() < IDLE_TIMEOUT => continue,
                Ok(Err(source)) => source,
                Err(RecvTimeoutError::Timeout) => io::ErrorKind::TimedOut.into(),
                Err(RecvTimeoutError::Disconnected) => io::ErrorKind::ConnectionAborted.into(),
            };
            return Err(DownloadError::Unreachable { host, source: failure }.into());
        }
        if let Some(stated) = self.length.filter(|stated| *stated != found) {
            return Err(DownloadError::Length { stated, found }.into());
        }
        if self.hash.is_some_and(|stated| stated != <[u8; 32]>::from(hash.finalize())) {
            return Err(DownloadError::Hash.into());
        }
        Ok(Response::File(temp_file))
    }
}

/// Checks an address. Returns its origin, with the addresses that the origin may have.
///
/// An origin that the user typed may have a private address, also behind a name. After a redirect, that holds only for
/// the origin that was shown in the question. The user did not type another origin for this purpose.
fn check_origin(
    url: &str,
    manual_origins: &ManualOrigins,
    shown: Option<&Origin>,
) -> Result<(Origin, TrustOrigin), DownloadError> {
    let not_allowed = || DownloadError::from_address(url);
    let origin = Origin::from_url(url).map_err(|_| not_allowed())?;
    let is_typed = shown.is_none_or(|shown| *shown == origin) && manual_origins.contains(&origin.to_string());
    match is_typed {
        true => Ok((origin, TrustOrigin::Manual)),
        false if origin.is_private() => Err(not_allowed()),
        false => Ok((origin, TrustOrigin::Consent)),
    }
}

/// Parses a SHA-256 of a license: hexadecimal, or Base64 of any alphabet.
pub(super) fn parse_hash(text: &str) -> Option<[u8; 32]> {
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

/// Checked result of a request.
enum Response {
    File(TempFile),
    /// Address of a redirect, possibly relative.
    Redirect(String),
}

/// Part of a response.
enum Part {
    /// HTTP status, and the address of a redirect, possibly relative.
    Head(u16, Option<String>),
    /// Bytes of the body; empty at its end.
    Chunk(Vec<u8>),
}

/// Sends a request, and the parts of the response to a receiver. A cancelled download drops the receiver.
fn stream_response(agent: &ureq::Agent, url: &str, sender: &SyncSender<io::Result<Part>>) {
    let mut response = match agent.get(url).call() {
        Ok(response) => response,
        Err(error) => return drop(sender.send(Err(http::to_io_error(error)))),
    };
    let status = response.status().as_u16();
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if sender.send(Ok(Part::Head(status, location))).is_err() || status != 200 {
        return;
    }
    let mut reader = response.body_mut().with_config().limit(u64::MAX).reader();
    loop {
        let mut chunk = vec![0; CHUNK_LEN];
        let read = reader.read(&mut chunk);
        chunk.truncate(*read.as_ref().unwrap_or(&0));
        let is_last = chunk.is_empty();
        if sender.send(read.map(|_| Part::Chunk(chunk))).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_parsed_in_every_spelling() {
        let bytes: [u8; 32] = std::array::from_fn(|n| (n as u8).wrapping_mul(37).wrapping_add(251));
        let hex = data_encoding::HEXUPPER.encode(&bytes);
        for text in
            [&hex, &hex.to_lowercase(), &BASE64.encode(&bytes), &BASE64_NOPAD.encode(&bytes), &BASE64URL.encode(&bytes)]
        {
            assert_eq!(parse_hash(text), Some(bytes), "{text}");
        }
        for text in ["", "x", &hex[2..], "*", &format!("{hex}00")] {
            assert_eq!(parse_hash(text), None, "{text}");
        }
    }

    #[test]
    fn private_addresses_are_refused_unless_typed() {
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
        for (url, is_allowed) in [
            ("http://127.0.0.1:8080/b", true),
            ("https://10.0.0.1/", true),
            ("http://127.0.0.1:8081/b", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(check_origin(url, &manual_origins).is_ok(), is_allowed, "{url}");
        }
    }

    #[test]
    fn redirect_reaches_private_address_only_if_shown() {
        let manual_origins =
            ManualOrigins::from(["https://library.example".to_owned(), "http://127.0.0.1:8080".to_owned()]);
        let added = |url: &str, shown: Option<&str>| {
            let shown = shown.map(|shown| Origin::from_url(shown).unwrap());
            check_origin(url, &manual_origins, shown.as_ref()).ok().map(|(_, added)| added)
        };
        // Only the lookup of a name shows whether its address is private.
        assert_eq!(added("https://library.example/b", None), Some(TrustOrigin::Manual));
        assert_eq!(added("https://library.example/b", Some("https://library.example/a")), Some(TrustOrigin::Manual));
        assert_eq!(added("https://library.example/b", Some("https://cdn.example/")), Some(TrustOrigin::Consent));
        assert_eq!(added("https://cdn.example/b", None), Some(TrustOrigin::Consent));
        assert_eq!(added("http://127.0.0.1:8080/b", Some("http://127.0.0.1:8080/")), Some(TrustOrigin::Manual));
        assert_eq!(added("http://127.0.0.1:8080/b", Some("https://cdn.example/")), None);
    }
}
