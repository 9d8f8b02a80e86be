//! Root certificates for TLS: those of Mozilla in this program, and those of the system.

use std::sync::{Arc, OnceLock};

use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Returns the TLS configuration of all connections.
///
/// Trusted are the roots of Mozilla, so that a system without roots works, and the roots of the system, so that a
/// certificate of an organization works. `SSL_CERT_FILE` and `SSL_CERT_DIR` name other files for the system's roots.
#[must_use]
pub fn tls_config() -> TlsConfig {
    static ROOTS: OnceLock<Arc<Vec<Certificate<'static>>>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| Arc::new(load_roots()));
    TlsConfig::builder().root_certs(RootCerts::Specific(Arc::clone(roots))).build()
}

/// Loads the roots. A root of the system that cannot be read is left out, because connections need only one.
fn load_roots() -> Vec<Certificate<'static>> {
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|root| Certificate::from_der(root));
    let system = rustls_native_certs::load_native_certs().certs;
    let system = system.iter().map(|root| Certificate::from_der(root).to_owned());
    bundled.chain(system).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_roots_are_trusted_everywhere() {
        assert!(load_roots().len() >= webpki_root_certs::TLS_SERVER_ROOT_CERTS.len());
        assert!(matches!(tls_config().root_certs(), RootCerts::Specific(_)));
    }
}
