//! A macro for closed sets of words that are the same in types, columns, tools and files.

/// Makes an enum of words with `ALL`, `as_str`, `Display`, a teaching `FromStr`, and serde by text.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($field:literal) { $($(#[$item_doc:meta])* $item:ident = $text:literal $(| $alias:literal)*,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item,)+
        }

        impl $name {
            /// Every word, in its natural order.
            pub const ALL: &'static [Self] = &[$(Self::$item,)+];
            /// The texts of [`Self::ALL`].
            pub const TEXTS: &'static [&'static str] = &[$($text,)+];

            /// The word as it is stored and written.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$item => $text,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::refusal::Refusal;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
                    $($text $(| $alias)* => Ok(Self::$item),)+
                    _ => Err($crate::domain::refusal::Refusal::invalid_value($field, text, Self::TEXTS)),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text: String = serde::Deserialize::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
