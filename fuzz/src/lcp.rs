//! Any bytes as a Readium LCP license document.

use restow::license::{self, BackupRight, Kind};

use super::common::LCP;
use super::license::{check, message};

pub fn run(data: &[u8]) {
    match license::parse_as(Kind::Lcp, data) {
        Ok(license) => {
            check(&license, data);
            assert_eq!(license.backup_right, BackupRight::Allowed);
            assert!(license.seed.is_none() && license.holder.is_none());
            // What is read as one is recognized as one.
            assert_eq!(license::parse(data), Ok(license));
        }
        Err(error) => message(&error),
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let early = LCP.replace(
        r#"[{"rel":["publication","x"],"href":"https://books.example/b","title":"A Book"},{"rel":"hint","href":"https://h"}]"#,
        r#"{"publication":[{"href":"https://p","title":"A Book"}],"hint":{"href":"https://h"}}"#,
    );
    assert_ne!(early, LCP);
    vec![LCP.into(), early.into()]
}
