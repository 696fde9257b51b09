//! Objects that must be objects: serde reads a list into a struct, member by member, and a client that sends
//! `[["a","b"]]` where `[{…}]` belongs would never learn of it. Called through `deserialize_with` by wire types.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A value that was a JSON object on the wire.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OnlyMap(PhantomData))
    }
}

struct OnlyMap<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMap<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// A list of objects.
pub fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(value)| value).collect())
}

/// An object that may be left out but not be null.
pub fn maybe_object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| Some(value))
}

/// A value that was a word on the wire.
struct Word<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        word(deserializer).map(Word)
    }
}

/// A list of words of an enum.
pub fn words<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let words = Vec::<Word<T>>::deserialize(deserializer)?;
    Ok(words.into_iter().map(|Word(value)| value).collect())
}

/// A word of an enum: serde would take `{"word":null}` for it, too.
pub fn word<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    T::deserialize(text.into_deserializer())
}

/// A word of an enum that may be left out but not be null.
pub fn maybe_word<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    word(deserializer).map(Some)
}

/// A word of an enum where null means something else than leaving it out.
pub fn word_or_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let word = text.map(|text| T::deserialize(text.into_deserializer()));
    word.transpose().map(Some)
}

/// A member that may be left out but not be null.
pub fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Person {
        #[serde(default, deserialize_with = "not_null")]
        name: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Color {
        DarkRed,
    }

    #[derive(Debug, Deserialize)]
    struct Paint {
        #[serde(deserialize_with = "word")]
        color: Color,
        #[serde(default, deserialize_with = "word_or_null")]
        other: Option<Option<Color>>,
    }

    #[derive(Debug, Deserialize)]
    struct Shelf {
        #[serde(deserialize_with = "words")]
        colors: Vec<Color>,
        #[serde(default, deserialize_with = "maybe_object")]
        owner: Option<Person>,
    }

    #[test]
    fn only_words_are_words() {
        let read = |text: &str| serde_json::from_str::<Paint>(text);
        let paint = read(r#"{"color":"darkRed","other":null}"#).unwrap();
        assert_eq!((paint.color, paint.other), (Color::DarkRed, Some(None)));
        for wrong in [
            r#"{"color":{"darkRed":null}}"#,
            r#"{"color":["darkRed"]}"#,
            r#"{"color":null}"#,
            r#"{"color":"blue"}"#,
            r#"{"color":"darkRed","other":{"darkRed":null}}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_lists_of_words_are_lists_of_words() {
        let read = |text: &str| serde_json::from_str::<Shelf>(text);
        let found = read(r#"{"colors":["darkRed"],"owner":{"name":"a"}}"#).unwrap();
        assert_eq!((found.colors, found.owner.is_some()), (vec![Color::DarkRed], true));
        for wrong in [
            r#"{"colors":"darkRed"}"#,
            r#"{"colors":[{"darkRed":null}]}"#,
            r#"{"colors":[null]}"#,
            r#"{"colors":["blue"]}"#,
            r#"{"colors":[],"owner":null}"#,
            r#"{"colors":[],"owner":["a"]}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_objects_are_objects() {
        let read = |text: &str| list::<Person, _>(&mut serde_json::Deserializer::from_str(text));
        assert_eq!(read(r#"[{"name":"a"}]"#).unwrap()[0].name.as_deref(), Some("a"));
        assert!(read(r#"[{}]"#).unwrap()[0].name.is_none());
        for wrong in [r#"[["a"]]"#, r#"{"0":{"name":"a"}}"#, r#"[{"name":null}]"#, "[5]"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
