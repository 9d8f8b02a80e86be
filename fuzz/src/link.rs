//! Any text as an acquisition link, and as the address of a service.

use restow::service::{AcquisitionLink, Origin};

use super::common::{check_presentable, issuer};

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match AcquisitionLink::parse(&text) {
        Ok(link) => {
            let again = format!("{}/restow/v1/link/{}#{}", link.origin, link.code, link.issuer);
            assert_eq!(AcquisitionLink::parse(&again).ok(), Some(link.clone()));
            let other = AcquisitionLink { code: String::new(), ..link.clone() };
            assert_eq!(format!("{link:?}"), format!("{other:?}"), "the code is a secret");
            assert!((16..=64).contains(&link.code.len()) && link.issuer.len() == 43);
        }
        Err(error) => {
            check_presentable(&error.to_string());
            check_presentable(&restow::Error::from(error).help());
        }
    }
    match Origin::from_url(&text) {
        Ok(origin) => {
            let shown = origin.to_string();
            assert_eq!(Origin::from_url(&shown).as_ref().ok(), Some(&origin), "{shown}");
            assert_eq!(Origin::from_url(&origin.at("/restow/v1/")).as_ref().ok(), Some(&origin));
            assert!(shown.starts_with("https://") || (shown.starts_with("http://") && origin.is_loopback()));
            assert!(!shown.contains(['@', ' ', '#', '?', '\\']) && !shown.contains(char::is_control), "{shown}");
            assert!(!origin.is_loopback() || origin.is_private());
            // A port in the text is used.
            if let Some(port) = stated_port(&text) {
                let expected = if shown.starts_with("https") { "443" } else { "80" };
                let found = stated_port(&shown).unwrap_or(expected.into());
                assert_eq!(found.parse::<u16>().ok(), port.parse::<u16>().ok(), "{text}");
            }
            let _ = origin.has_page(&text);
        }
        Err(error) => check_presentable(&error.to_string()),
    }
}

/// Returns the text after the last colon of the authority.
fn stated_port(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let behind_host = authority.rsplit_once(']').map_or(authority, |(_, behind)| behind);
    behind_host.rsplit_once(':').map(|(_, port)| port.to_owned())
}

pub fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        format!("https://shop.example/restow/v1/link/AAAAAAAAAAAAAAAAAAAAAA#{}", issuer()),
        format!(" http://[::1]:8080/restow/v1/link/AAAA-AAAA_AAAA-AAAA#{}\n", issuer()),
        "https://shop.example:8443/x?y#z".to_owned(),
        "http://127.0.0.1:80".to_owned(),
        "https://u@shop.example".to_owned(),
        "https://[64:ff9b::a00:1]".to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}
