//! The two explanatory files for people that find the folder and do not know Restow.

pub(crate) const README_FILES: [(&str, &str); 2] =
    [("README.txt", include_str!("../i18n/README.txt")), ("LIESMICH.txt", include_str!("../i18n/LIESMICH.txt"))];
