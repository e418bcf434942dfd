//! Objects whose unknown fields are kept, read in one pass.
//!
//! What `#[serde(flatten)]` makes reads every field that it does not know into a buffer, and then makes values from the
//! buffer. These know what to do with each field when they meet it. What they take and refuse is the same.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// The name of a field: copied only when it is one to keep.
pub(crate) struct Key<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
            fn visit_string<E>(self, name: String) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name)))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// Reads a text and makes a value from it, without a copy in between.
pub(crate) fn text<'de, D: Deserializer<'de>, T, F: fmt::Display>(
    deserializer: D,
    make: impl FnOnce(&str) -> Result<T, F>,
) -> Result<T, D::Error> {
    struct Visitor<T, F, M: FnOnce(&str) -> Result<T, F>>(M);
    impl<T, F: fmt::Display, M: FnOnce(&str) -> Result<T, F>> de::Visitor<'_> for Visitor<T, F, M> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(E::custom)
        }
    }
    deserializer.deserialize_str(Visitor(make))
}

/// Implements `Deserialize` for a struct with a field `extra: Extra`, which takes what no other field takes.
///
/// `"name" => field: needed` for a field without which there is none, `or_default` for one that may be missing. With
/// `by function` the function makes the field from what was read, whose type is that of its argument.
macro_rules! one_pass {
    ($type:ident $(<$item:ident>)? { $($key:literal => $field:ident: $presence:ident $(by $function:expr)?),+ $(,)? }) => {
        #[automatically_derived]
        impl<'de $(, $item: serde::Deserialize<'de>)?> serde::Deserialize<'de> for $type $(<$item>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields $(<$item>(std::marker::PhantomData<$item>))?;
                impl<'de $(, $item: serde::Deserialize<'de>)?> serde::de::Visitor<'de> for Fields $(<$item>)? {
                    type Value = $type $(<$item>)?;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        $(let mut $field = None;)+
                        let mut extra = serde_json::Map::new();
                        while let Some(key) = map.next_key::<$crate::one_pass::Key<'de>>()? {
                            match &*key.0 {
                                $($key if $field.is_some() => return Err(serde::de::Error::duplicate_field($key)),
                                $key => $field = Some(map.next_value()$(.map($function))??),)+
                                _ => {
                                    extra.insert(key.0.into_owned(), map.next_value()?);
                                }
                            }
                        }
                        Ok($type {
                            $($field: $crate::one_pass::$presence!($field, $key),)+
                            extra: $crate::Extra(extra),
                        })
                    }
                }
                deserializer.deserialize_map(Fields $(::<$item>(std::marker::PhantomData))?)
            }
        }
    };
}

/// The value of a field that must be there.
macro_rules! needed {
    ($field:ident, $key:literal) => {
        $field.ok_or_else(|| serde::de::Error::missing_field($key))?
    };
}

/// The value of a field that may be missing.
macro_rules! or_default {
    ($field:ident, $key:literal) => {
        $field.unwrap_or_default()
    };
}

pub(crate) use {needed, one_pass, or_default};

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{DeliveryToken, Environment, Extra};

    #[test]
    fn unknown_fields_are_kept_and_known_ones_come_once() {
        let text = r#"{"uid":"blt1","na\u006de":"n","a\u0062c":{"d":[1,null,"\n"]},"abc":2}"#;
        let token: DeliveryToken = serde_json::from_str(text).unwrap();
        assert_eq!(token.name, "n", "a name may be written with escapes");
        assert_eq!(token.extra, Extra(json!({ "abc": 2 }).as_object().unwrap().clone()));
        for bad in [r#"{"uid":"a","uid":"b"}"#, r#"{"name":"n"}"#, "[]", "null", r#"{"uid":"a","name":null}"#]
        {
            assert!(serde_json::from_str::<DeliveryToken>(bad).is_err(), "{bad}");
        }
        let error = serde_json::from_str::<DeliveryToken>(r#"{"name":"n"}"#).unwrap_err();
        assert!(error.to_string().starts_with("missing field `uid`"), "{error}");
    }

    #[test]
    fn every_source_of_values_is_read() {
        let value = json!({ "name": "production", "uid": null, "urls": [{ "url": "https://example.com" }] });
        let by_text: Environment = serde_json::from_slice(&serde_json::to_vec(&value).unwrap()).unwrap();
        let by_value: Environment = serde_json::from_value(value.clone()).unwrap();
        let by_reference = <Environment as serde::Deserialize>::deserialize(&value).unwrap();
        for read in [by_value, by_reference] {
            assert_eq!(read, by_text);
        }
        assert_eq!(by_text.extra.get("urls"), value.get("urls"));
        assert_eq!(serde_json::to_value(&by_text).unwrap(), without_nulls(value));
    }

    fn without_nulls(mut value: Value) -> Value {
        value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        value
    }
}
