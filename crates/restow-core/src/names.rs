//! Enums with stable names, which other programs and databases rely on.

/// Error of a name that no variant of an enum has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownNameError(String);

impl UnknownNameError {
    /// Creates the error. The first 64 characters of the name are kept.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.chars().take(64).collect())
    }
}

impl std::fmt::Display for UnknownNameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown name {:?}", self.0)
    }
}

impl std::error::Error for UnknownNameError {}

/// Defines an enum without fields from its names, with `ALL`, `as_str`, `from_name`, `Display` and `FromStr`.
///
/// A variant is `Variant = "name"`. With `Variant = ("name", 1)` for all variants, the enum also has `number` and
/// `from_number`. This macro is for the crates of Restow.
#[doc(hidden)]
#[macro_export]
macro_rules! named_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $type:ident {$(
            $(#[$variant_attribute:meta])*
            $variant:ident = ($name:literal, $number:literal)
        ),+ $(,)?}
    ) => {
        $crate::named_enum! {
            $(#[$attribute])*
            $visibility enum $type {$( $(#[$variant_attribute])* $variant = $name ),+}
        }

        impl $type {
            /// Returns the number in databases and backups.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number),+
                }
            }

            /// Returns the value with this number, or `None` for an unknown number.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $type:ident {$(
            $(#[$variant_attribute:meta])*
            $variant:ident = $name:literal
        ),+ $(,)?}
    ) => {
        $(#[$attribute])*
        $visibility enum $type {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $type {
            /// All variants in order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Returns the stable name in JSON and in databases.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            /// Returns the value with this exact name, or `None` for an unknown name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::message::MessageValue for $type {
            fn add_to(&self, message: $crate::message::Message, name: &'static str) -> $crate::message::Message {
                message.with(name, self)
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::UnknownNameError;

            /// Parses the exact name.
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::from_name(name).ok_or_else(|| $crate::UnknownNameError::new(name))
            }
        }
    };
}
