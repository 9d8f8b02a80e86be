//! Messages for people: a stable code, named values and a cause, with the texts of the crate that defines the code.
//!
//! Each crate embeds an English and a German Fluent file (`i18n/en.ftl`, `i18n/de.ftl`) with one message per code: the
//! text, and as attribute `help` the next action of the user. A text can use the values of the message, `cause` (the
//! text of the cause), `cause_code`, and `location`, which has a default ([`EXAMPLE_LOCATION`]). To add an error, add the variant to its enum in
//! [`message_error!`](crate::message_error), its code to the table of result codes
//! ([`Hresult::from_code`](crate::hresult::Hresult::from_code)), and the texts to both files.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::texts::{FluentValue, Language, Texts};

/// Location in suggested commands, for a message without the value `location`.
pub const EXAMPLE_LOCATION: &str = if cfg!(windows) {
    r"E:\"
} else if cfg!(target_os = "macos") {
    "/Volumes/Stick"
} else {
    "/media/stick"
};

/// Message for people in any [`Language`], with parts for programs.
///
/// `Display` writes the English text without a final period.
#[derive(Clone)]
#[non_exhaustive]
pub struct Message {
    /// Stable code.
    pub code: &'static str,
    /// Values by name. Numbers are decimal, times are in RFC 3339. A value `count` selects singular or plural.
    pub values: Vec<(&'static str, String)>,
    /// Cause with a message of its own.
    pub cause: Option<Box<Message>>,
    id: &'static str,
    texts: &'static Texts,
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        (self.code, self.id, &self.values, &self.cause) == (other.code, other.id, &other.values, &other.cause)
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, values, cause, .. } = self;
        f.debug_struct("Message").field("code", code).field("values", values).field("cause", cause).finish()
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clause(Language::English))
    }
}

impl Message {
    /// Creates a message with the code, which is also the ID of its text.
    #[must_use]
    pub const fn new(texts: &'static Texts, code: &'static str) -> Self {
        Self { code, values: Vec::new(), cause: None, id: code, texts }
    }

    /// Replaces the ID of the text, for a code with several texts.
    #[must_use]
    pub const fn with_id(mut self, id: &'static str) -> Self {
        self.id = id;
        self
    }

    /// Adds a named value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Self>) -> Self {
        self.cause = Some(Box::new(cause.into()));
        self
    }

    /// Returns the text.
    ///
    /// A text that lacks a value is a defect, which tests exclude. The result is then the code.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        self.find(language, self.id).unwrap_or_else(|| self.code.to_owned())
    }

    /// Returns the next action of the user, or `None` for a message that needs none.
    #[must_use]
    pub fn help(&self, language: Language) -> Option<String> {
        self.find(language, &format!("{}.help", self.id))
    }

    /// Returns the text followed by the help, if there is one.
    #[must_use]
    pub fn text_with_help(&self, language: Language) -> String {
        let text = self.text(language);
        match self.help(language) {
            Some(help) if text.ends_with(['.', '?', '!']) => format!("{text} {help}"),
            Some(help) => format!("{text}. {help}"),
            None => text,
        }
    }

    /// Returns the text without a final period, as part of a longer sentence.
    #[must_use]
    pub fn clause(&self, language: Language) -> String {
        let mut text = self.text(language);
        if text.ends_with('.') {
            text.pop();
        }
        text
    }

    fn find(&self, language: Language, id: &str) -> Option<String> {
        let mut values = Vec::with_capacity(self.values.len().saturating_add(2));
        if let Some(cause) = &self.cause {
            values.push(("cause", FluentValue::from(cause.clause(language))));
            values.push(("cause_code", FluentValue::from(cause.code)));
        }
        values.extend(self.values.iter().map(|(name, text)| (*name, fluent_value(name, text))));
        if self.values.iter().all(|(name, _)| *name != "location") {
            values.push(("location", FluentValue::from(EXAMPLE_LOCATION)));
        }
        self.texts.find(language, id, &values)
    }

    /// Returns the text with other values, or `None` without a text for the code. For codes and values from a database.
    #[must_use]
    pub fn find_text(texts: &'static Texts, language: Language, code: &str, values: &[(&str, &str)]) -> Option<String> {
        let values: Vec<_> = values.iter().map(|(name, text)| (*name, fluent_value(name, text))).collect();
        texts.find(language, code, &values)
    }

    /// Returns the defects in the texts of a crate, by one sample of each message. For tests.
    ///
    /// Defects are syntax errors, differences between the languages, missing texts and values, and texts without a
    /// sample.
    #[must_use]
    pub fn find_defects(texts: &'static Texts, samples: &[Self]) -> Vec<String> {
        let (mut unused, mut defects) = match (texts.variables(Language::English), texts.differences()) {
            (Ok(variables), Ok(differences)) => (variables, differences),
            (variables, differences) => return variables.err().into_iter().chain(differences.err()).collect(),
        };
        let mut pending: Vec<&Self> = samples.iter().collect();
        while let Some(message) = pending.pop() {
            let help = format!("{}.help", message.id);
            for language in Language::ALL.iter().copied() {
                let has_help = message.texts.variables(language).is_ok_and(|ids| ids.contains_key(&help));
                for id in [Some(message.id), has_help.then_some(&*help)].into_iter().flatten() {
                    if message.find(language, id).is_none() {
                        defects.push(format!("{id} ({language}) with {:?}", message.values));
                    }
                }
            }
            unused.remove(message.id);
            unused.remove(&help);
            pending.extend(message.cause.as_deref());
        }
        defects.extend(unused.into_keys().map(|id| format!("{id} without a sample")));
        defects
    }
}

/// Converts a value for a text. A count becomes a number, which selects singular or plural.
fn fluent_value<'a>(name: &str, text: &'a str) -> FluentValue<'a> {
    if name == "count" { FluentValue::try_number(text) } else { FluentValue::from(text) }
}

/// Type of a field of an error that is a value of its message.
pub trait MessageValue {
    /// Adds the value to a message.
    #[must_use]
    fn add_to(&self, message: Message, name: &'static str) -> Message;
}

impl MessageValue for PathBuf {
    fn add_to(&self, message: Message, name: &'static str) -> Message {
        message.with(name, self.display())
    }
}

macro_rules! impl_message_value {
    ($($type:ty),+) => {$(
        impl MessageValue for $type {
            fn add_to(&self, message: Message, name: &'static str) -> Message {
                message.with(name, self)
            }
        }
    )+};
}

impl_message_value!(String, &'static str, u16, u32, u64, usize, i64, SocketAddr);

/// Defines an error enum with the code of each variant, its conversion into a [`Message`], `Display` and
/// `std::error::Error`.
///
/// ```
/// # use restow_core::{message_error, texts::Texts};
/// # use std::{io, path::PathBuf};
/// # static TEXTS: Texts = Texts::new("store-newer = { $path }\nstore-unusable = { $path }", "");
/// message_error! {
///     /// Error of a store.
///     #[derive(Debug)]
///     pub enum StoreError in TEXTS {
///         /// A newer version of Restow has used the store.
///         Newer(path: PathBuf) = "store-newer",
///         /// A file cannot be used.
///         Io {
///             /// Path of the file.
///             path: PathBuf,
///             /// Underlying error.
///             source: io::Error,
///         } = "store-unusable",
///     }
/// }
/// assert_eq!(StoreError::Newer("store.db".into()).to_string(), "store.db");
/// ```
///
/// `TEXTS` has the texts of the crate. The field of a tuple variant gets a name for the message. Each field of a
/// variant becomes a part of the message:
///
/// | field | part of the message | `source` |
/// |---|---|---|
/// | `path: PathBuf` | value `path` | |
/// | `detail: String as text` | value `text` | |
/// | `until: UnixTime as time = rfc3339(*until)` | value `time` with the text of the expression | |
/// | `source: io::Error` | cause | the field |
/// | `error: JwsError as source` | cause | the field |
/// | `source: rusqlite::Error as text = source` | value `text` | the field |
/// | `fault: DocumentError as cause` | cause | |
/// | `right: String as (add_right)` | values that `fn add_right(Message, &String) -> Message` adds | |
/// | `flags: u16 as _` | | |
///
/// The code is a literal, an expression of the fields in parentheses, or `transparent`: the variant then converts
/// from its field, and has the code, the message and the source of the field.
#[macro_export]
macro_rules! message_error {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $error:ident in $texts:ident {$(
            $(#[$variant_attribute:meta])*
            $variant:ident
            $(($single:ident: $single_type:ty $(as $single_part:tt $(= $single_value:expr)?)?))?
            $({$(
                $(#[$field_attribute:meta])*
                $field:ident: $type:ty $(as $part:tt $(= $value:expr)?)?
            ),+ $(,)?})?
            = $code:tt
        ),+ $(,)?}
    ) => {
        $(#[$attribute])*
        $visibility enum $error {$(
            $(#[$variant_attribute])*
            $variant $(($single_type))? $({$( $(#[$field_attribute])* $field: $type ),+})?,
        )+}

        impl $error {
            /// Returns the stable code, for programs.
            #[must_use]
            #[allow(unused_variables, reason = "most codes do not depend on the fields")]
            $visibility fn code(&self) -> &'static str {
                match self {$(
                    Self::$variant $(($single))? $({ $($field),+ })? => {
                        $crate::message_error_part!(code $code $($single)?)
                    }
                )+}
            }
        }

        impl ::std::convert::From<&$error> for $crate::message::Message {
            #[allow(unused_variables, reason = "some fields are not parts of the message")]
            fn from(error: &$error) -> Self {
                match error {$(
                    $error::$variant $(($single))? $({ $($field),+ })? => {
                        $crate::message_error_part!(message $texts error $code [
                            $(($single $single $(as $single_part $(= $single_value)?)?))?
                            $($(($field $field $(as $part $(= $value)?)?))+)?
                        ])
                    }
                )+}
            }
        }

        $crate::message_display!($error);

        impl ::std::error::Error for $error {
            #[allow(unused_variables, reason = "most fields are no source")]
            fn source(&self) -> ::std::option::Option<&(dyn ::std::error::Error + 'static)> {
                match self {$(
                    Self::$variant $(($single))? $({ $($field),+ })? => {
                        $crate::message_error_part!(source $code [
                            $(($single $single $(as $single_part $(= $single_value)?)?))?
                            $($(($field $field $(as $part $(= $value)?)?))+)?
                        ])
                    }
                )+}
            }
        }

        $($crate::message_error_part!(from $code $error $variant $($single_type)?);)+
    };
}

/// Parts of [`message_error!`]. A field is its name, its name again, and the form of its part if it has one.
#[doc(hidden)]
#[macro_export]
macro_rules! message_error_part {
    (code transparent $error:ident) => { $error.code() };
    (code ($code:expr) $($field:ident)?) => { $code };
    (code $code:literal $($field:ident)?) => { $code };

    (message $texts:ident $outer:ident transparent [($error:ident $($part:tt)*)]) => { Self::from($error) };
    (message $texts:ident $outer:ident $code:tt [$($field:tt)*]) => {{
        let message = Self::new(&$texts, $outer.code());
        $(let message = $crate::message_error_part!(add message $field);)*
        message
    }};

    (add $message:ident ($field:ident $name:ident)) => {
        $crate::message_error_part!(add $message ($field $name as $name))
    };
    (add $message:ident ($field:ident $name:ident as _)) => { $message };
    (add $message:ident ($field:ident $name:ident as ($add:path))) => { $add($message, $field) };
    (add $message:ident ($field:ident $name:ident as source)) => { $message.with_cause($field) };
    (add $message:ident ($field:ident $name:ident as cause)) => { $message.with_cause($field) };
    (add $message:ident ($field:ident $name:ident as cause = $value:expr)) => { $message.with_cause(&$value) };
    (add $message:ident ($field:ident $name:ident as $value_name:ident = $value:expr)) => {
        $message.with(stringify!($value_name), $value)
    };
    (add $message:ident ($field:ident $name:ident as $value_name:ident)) => {
        $crate::message::MessageValue::add_to($field, $message, stringify!($value_name))
    };

    (source $code:tt []) => { ::std::option::Option::None };
    (source $code:tt [($field:ident source $($part:tt)*) $($rest:tt)*]) => { ::std::option::Option::Some($field) };
    (source $code:tt [($field:ident $name:ident as source) $($rest:tt)*]) => { ::std::option::Option::Some($field) };
    (source transparent [($field:ident $name:ident)]) => { ::std::error::Error::source($field) };
    (source $code:tt [$field:tt $($rest:tt)*]) => { $crate::message_error_part!(source $code [$($rest)*]) };

    (from transparent $error:ident $variant:ident $type:ty) => {
        impl ::std::convert::From<$type> for $error {
            fn from(error: $type) -> Self {
                Self::$variant(error)
            }
        }
    };
    (from $($other:tt)*) => {};
}

/// Implements `Display` for an error that converts into a [`Message`]: the English text.
#[doc(hidden)]
#[macro_export]
macro_rules! message_display {
    ($type:ident) => {
        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&$crate::message::Message::from(self), f)
            }
        }
    };
}

/// Implements `help` and, through the table of result codes, `hresult` for an error with a method `code`.
#[macro_export]
macro_rules! message_methods {
    ($type:ident) => {
        impl $type {
            /// Returns the Windows result code.
            #[must_use]
            pub fn hresult(&self) -> $crate::hresult::Hresult {
                $crate::hresult::Hresult::from_code(self.code())
            }
        }

        $crate::message_methods!($type, help);
    };
    ($type:ident, help) => {
        impl $type {
            /// Returns the next action of the user in English.
            #[must_use]
            pub fn help(&self) -> String {
                let message = $crate::message::Message::from(self);
                message.help($crate::texts::Language::English).unwrap_or_default()
            }
        }
    };
}

/// Returns the code of an error of the operating system.
const fn io_code(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "io-not-found",
        io::ErrorKind::PermissionDenied => "io-denied",
        io::ErrorKind::AlreadyExists => "io-exists",
        io::ErrorKind::NotADirectory => "io-not-a-folder",
        io::ErrorKind::IsADirectory => "io-a-folder",
        io::ErrorKind::ReadOnlyFilesystem => "io-read-only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "io-full",
        io::ErrorKind::ConnectionRefused => "io-refused",
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => "io-broke-off",
        io::ErrorKind::TimedOut => "io-timed-out",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            "io-unreachable"
        }
        io::ErrorKind::AddrInUse => "io-address-in-use",
        io::ErrorKind::AddrNotAvailable => "io-no-such-address",
        // The text is the one of the system.
        _ => "io-other",
    }
}

impl From<&io::Error> for Message {
    fn from(error: &io::Error) -> Self {
        Self::new(&crate::texts::TEXTS, io_code(error.kind())).with("text", error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hresult::Hresult;
    use crate::jws::JwsError;
    use crate::key_id::KeyId;
    use crate::license::{self, DocumentError, JsonType, LicenseError, LicenseMember, LicenseWarning};
    use crate::origin::{AddressError, AddressFault};
    use crate::protocol::Outcome;

    static TEXTS: Texts = Texts::new(
        "outer = { $path }: { $cause }.\n    .help = Check { $path }.\ninner = It is full.\nnumbered = { $count }\n",
        "outer = { $path }: { $cause }.\n    .help = { $path } prüfen.\ninner = Es ist voll.\nnumbered = { $count }\n",
    );

    #[test]
    fn cause_is_rendered_as_clause() {
        let inner = Message::new(&TEXTS, "inner");
        let outer = Message::new(&TEXTS, "outer").with("path", "E:").with_cause(inner);
        assert_eq!(outer.text(Language::German), "E:: Es ist voll.");
        assert_eq!(outer.to_string(), "E:: It is full");
        assert_eq!(outer.text_with_help(Language::English), "E:: It is full. Check E:.");
        assert_eq!(Message::find_defects(&TEXTS, &[outer]), ["numbered without a sample"]);
    }

    #[test]
    fn message_without_value_shows_code() {
        let message = Message::new(&TEXTS, "outer");
        assert_eq!((message.text(Language::English), message.help(Language::English)), ("outer".to_owned(), None));
        assert_eq!(Message::find_defects(&TEXTS, &[message]).len(), 6);
    }

    #[test]
    fn each_message_of_this_crate_has_texts_and_result() {
        use io::ErrorKind as Kind;
        let text = || "x".to_owned();
        let malformed = LicenseError::malformed(license::Kind::Lcp, DocumentError::Empty);
        let license_errors = [
            LicenseError::TooLarge,
            LicenseError::UnknownKind,
            malformed,
            LicenseError::Jws(JwsError::Form),
            LicenseError::UnknownIssuer(text()),
            LicenseError::KeyInClear(Vec::new()),
            LicenseError::StatusDocument,
        ];
        let mut samples: Vec<Message> = license_errors.iter().map(Message::from).collect();
        assert!(samples.iter().all(|message| Hresult::find_code(message.code).is_some()));
        let document_errors = [
            DocumentError::CutOff,
            DocumentError::Json { line: 1, column: 2 },
            DocumentError::InvalidValue { line: 1, column: 2, detail: text() },
            DocumentError::Missing(text()),
            DocumentError::Text { name: "id", max: 255 },
            DocumentError::Date("issued"),
            DocumentError::KeyIdCount,
            DocumentError::KeyId(text()),
            DocumentError::KeyIdTwice(text()),
            DocumentError::ServiceUrl,
            DocumentError::RightCount,
            DocumentError::Title,
            DocumentError::WrongType { name: text(), expected: JsonType::Text },
            DocumentError::WrongType { name: text(), expected: JsonType::Object },
            DocumentError::NotAllowed(text()),
        ];
        samples.extend(document_errors.iter().map(Message::from));
        let members = LicenseMember::ALL.into_iter();
        samples.extend(members.clone().map(|member| Message::from(&LicenseWarning::UnknownDate(member))));
        samples.extend(members.clone().map(|member| Message::from(&LicenseWarning::AssumedUtc(member))));
        samples.extend(members.clone().map(|member| Message::from(&LicenseWarning::AssumedMidnight(member))));
        samples.extend(members.map(|member| Message::from(&LicenseWarning::UnknownAmount(member))));
        let warnings = [
            LicenseWarning::UnknownRights,
            LicenseWarning::NoLinks,
            LicenseWarning::UnreadableLink,
            LicenseWarning::UnknownProfile(text()),
        ];
        samples.extend(warnings.iter().map(Message::from));
        let jws_errors = [
            JwsError::Header("x"),
            JwsError::UnknownKey(text()),
            JwsError::Signature,
            JwsError::Version(2),
            JwsError::Payload(text()),
        ];
        samples.extend(jws_errors.iter().map(Message::from));
        let faults = [
            AddressFault::Form,
            AddressFault::Scheme,
            AddressFault::NoHost,
            AddressFault::UserName,
            AddressFault::PlainHttp,
            AddressFault::Port,
            AddressFault::Host,
            AddressFault::NoFingerprint,
            AddressFault::NotALink,
            AddressFault::DamagedLink,
        ];
        samples.extend(faults.map(|fault| Message::from(&AddressError { url: text(), fault })));
        samples.push(Message::from(&"".parse::<KeyId>().unwrap_err()));
        samples.extend(Outcome::ALL.iter().copied().map(Message::from));
        let kinds = [
            Kind::NotFound,
            Kind::PermissionDenied,
            Kind::AlreadyExists,
            Kind::NotADirectory,
            Kind::IsADirectory,
            Kind::ReadOnlyFilesystem,
            Kind::StorageFull,
            Kind::ConnectionRefused,
            Kind::ConnectionReset,
            Kind::TimedOut,
            Kind::HostUnreachable,
            Kind::AddrInUse,
            Kind::AddrNotAvailable,
            Kind::Other,
        ];
        samples.extend(kinds.map(|kind| Message::from(&io::Error::from(kind))));
        assert_eq!(Message::find_defects(&crate::texts::TEXTS, &samples), Vec::<String>::new());
    }
}
