//! Enums whose variants have fixed names, because other programs and databases rely on them.

/// A name that stands for no variant of the enum it was parsed as.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown name {0:?}")]
pub struct UnknownNameError(String);

impl UnknownNameError {
    /// Creates the error for a name, of which the first 64 characters are kept.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.chars().take(64).collect())
    }
}

/// Writes `ALL`, `as_str`, `Display` and `FromStr` of a field-less enum from one table, so that they cannot disagree.
#[macro_export]
macro_rules! named_enum {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The fixed name, as it stands in JSON and in databases.
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

            /// Parses the fixed name exactly.
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownNameError::new(name)),
                }
            }
        }
    };
}
