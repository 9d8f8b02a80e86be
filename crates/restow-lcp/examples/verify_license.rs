//! Verifies an LCP license and prints its rights, its signature and its signer.
//!
//! Usage: `cargo run -p restow-lcp --example verify_license -- LICENSE [ROOT]...`
//!
//! Each ROOT is a file with certificates in PEM or DER to trust. `examples/data` has a license of an invented library
//! and the root certificate for this license. The exit status is 1 for an invalid signature and for an error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example program prints its result")]

use std::error::Error;
use std::process::ExitCode;

use restow_lcp::{License, Roots, SignatureCheck, UnixTime, Verification, Verifier, rfc3339};

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let mut files = std::env::args_os().skip(1);
    let document = std::fs::read(files.next().ok_or("usage: verify_license LICENSE [ROOT]...")?)?;
    let mut roots = Roots::none();
    for file in files {
        roots.trust(&std::fs::read(file)?)?;
    }

    print_license(&restow_lcp::parse(&document)?);
    let verification = Verifier::new(roots).verify(&document);
    print_verification(&verification);
    let is_invalid = matches!(verification.check, SignatureCheck::Invalid(_));
    Ok(if is_invalid { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

// The texts of a document are unverified, so they are printed with escapes.
fn print_license(license: &License) {
    println!("provider   {:?}", license.identity.issuer);
    println!("license    {:?}", license.identity.license_id);
    if let Some(title) = &license.title {
        println!("title      {title:?}");
    }
    println!("updated    {}", rfc3339(license.version.div_euclid(1000)));
    println!("valid      {}", period(license.not_before, license.expires));
    for (right, limits) in &license.rights {
        let count = limits.count.map_or("without a limit".to_owned(), |count| format!("{count} times"));
        println!("right      {}: {count}", right.as_str());
    }
}

fn print_verification(verification: &Verification) {
    match &verification.check {
        SignatureCheck::Verified => println!("signature  valid; a trusted root certifies the signer"),
        SignatureCheck::UnknownRoot => println!("signature  valid; no trusted root certifies the signer"),
        SignatureCheck::Invalid(reason) => println!("signature  invalid: {reason}"),
        check => println!("signature  {}", check.as_str()),
    }
    if let Some(signer) = &verification.signer {
        println!("signer     {:?}, certified by {:?}", signer.name, signer.issuer);
        println!("           valid {}", period(Some(signer.from), Some(signer.until)));
    }
}

fn period(from: Option<UnixTime>, until: Option<UnixTime>) -> String {
    match (from, until) {
        (None, None) => "without a limit".to_owned(),
        (Some(from), None) => format!("from {}", rfc3339(from)),
        (None, Some(until)) => format!("until {}", rfc3339(until)),
        (Some(from), Some(until)) => format!("from {} until {}", rfc3339(from), rfc3339(until)),
    }
}
