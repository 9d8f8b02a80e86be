//! Enums with stable names, which other programs and databases rely on.

/// Error of a name that no variant of an enum has.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown name {0:?}")]
pub struct UnknownNameError(String);

impl UnknownNameError {
    /// Creates the error. The first 64 characters of the name are kept.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.chars().take(64).collect())
    }
}

/// Implements `ALL`, `as_str`, `Display` and `FromStr` of an enum without fields from one table.
#[macro_export]
macro_rules! named_enum {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// All variants in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the stable name in JSON and in databases.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::UnknownNameError;

            /// Parses the exact name.
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownNameError::new(name)),
                }
            }
        }
    };
}
