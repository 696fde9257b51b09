//! A JSON document that keeps the order of its members while some are changed: for the shapes that quirks ask for.
//! Called by `http/fulfillment/shape` and `clients/webhook`.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::Value;

/// A document or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Neither a list nor an object.
    Leaf(Value),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Members),
}

/// The members of an object, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Members(Vec<(String, Node)>);

impl Node {
    /// What `document` is written as; `None` if it cannot be written.
    pub fn of(document: &impl Serialize) -> Option<Self> {
        serde_json::from_str(&serde_json::to_string(document).ok()?).ok()
    }

    /// Changes every object of the document, the outer ones first.
    pub fn each_object(&mut self, change: &mut dyn FnMut(&mut Members)) {
        match self {
            Self::Leaf(_) => {}
            Self::List(nodes) => nodes.iter_mut().for_each(|node| node.each_object(change)),
            Self::Object(members) => {
                change(members);
                members.0.iter_mut().for_each(|(_, node)| node.each_object(change));
            }
        }
    }
}

impl Members {
    /// Whether it has this member.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Leaves a member out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Leaves a member out that is an empty list.
    pub fn remove_empty(&mut self, name: &str) {
        self.0.retain(|(known, node)| known != name || *node != Node::List(Vec::new()));
    }

    /// Leaves all but these out.
    pub fn keep(&mut self, names: &[&str]) {
        self.0.retain(|(known, _)| names.contains(&known.as_str()));
    }

    /// Puts a member at the end.
    pub fn put(&mut self, name: &str, value: Value) {
        self.0.push((name.to_owned(), Node::Leaf(value)));
    }

    /// Puts a member of any kind at the end.
    pub fn give(&mut self, name: &str, node: Node) {
        self.0.push((name.to_owned(), node));
    }

    /// Another word for a text, where it is just that.
    pub fn swap(&mut self, name: &str, text: &str, word: &str) {
        self.change(name, |value| if value == text { word.into() } else { value.clone() });
    }

    /// A member that is neither a list nor an object.
    pub fn leaf(&self, name: &str) -> Option<&Value> {
        match self.0.iter().find(|(known, _)| known == name) {
            Some((_, Node::Leaf(value))) => Some(value),
            _ => None,
        }
    }

    /// Takes a member out.
    pub fn take(&mut self, name: &str) -> Option<Node> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    /// Gives a member another name, in its place.
    pub fn rename(&mut self, name: &str, to: &str) {
        let found = self.0.iter_mut().find(|(known, _)| known == name);
        found.into_iter().for_each(|(known, _)| to.clone_into(known));
    }

    /// Changes a member that is neither a list nor an object.
    pub fn change(&mut self, name: &str, change: impl FnOnce(&Value) -> Value) {
        if let Some((_, Node::Leaf(value))) = self.0.iter_mut().find(|(known, _)| known == name) {
            *value = change(value);
        }
    }

    /// The member of this name, if it is an object.
    pub fn object(&mut self, name: &str) -> Option<&mut Self> {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, Node::Object(members))) => Some(members),
            _ => None,
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Leaf(value) => value.serialize(serializer),
            Self::List(nodes) => {
                let mut list = serializer.serialize_seq(Some(nodes.len()))?;
                nodes.iter().try_for_each(|node| list.serialize_element(node))?;
                list.end()
            }
            Self::Object(Members(members)) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, node)| map.serialize_entry(name, node))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Object(Members(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_stays_to_the_letter() {
        let text = r#"{"z":1,"a":[{"q":null,"b":true}],"m":{"y":"x","c":-2,"d":1.5}}"#;
        let mut node: Node = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&node).unwrap(), text);
        node.each_object(&mut |members| {
            members.remove("b");
            members.rename("y", "w");
            members.change("z", |value| value.to_string().into());
        });
        let changed = r#"{"z":"1","a":[{"q":null}],"m":{"w":"x","c":-2,"d":1.5}}"#;
        assert_eq!(serde_json::to_string(&node).unwrap(), changed);
        let Node::Object(members) = &mut node else { panic!("an object") };
        assert!(members.has("a") && members.object("a").is_none());
        members.object("m").unwrap().keep(&["d", "c"]);
        members.keep(&["m"]);
        members.put("n", "x".into());
        assert!(members.leaf("m").is_none() && members.leaf("n") == Some(&"x".into()));
        assert_eq!(members.take("n"), Some(Node::Leaf("x".into())));
        assert_eq!(members.take("n"), None);
        members.give("n", Node::List(Vec::new()));
        members.remove_empty("m");
        members.remove_empty("n");
        assert_eq!(serde_json::to_string(&node).unwrap(), r#"{"m":{"c":-2,"d":1.5}}"#);
    }
}
