//! Whether our `/openapi.json` says everything that a file of Microsoft's says, and only adds. Called by `openapi`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Document, types};

/// Schemas that ours has where they are used, without a name: a constant, and a bare array.
const IN_PLACE: [&str; 2] = ["ApiVersion", "GetUsageEventOkResponse"];

/// Two documents, and what is wanting in ours.
struct Comparison<'a> {
    theirs: &'a Document,
    ours: &'a Document,
    gaps: Vec<String>,
}

/// Everything of `theirs` that `ours` lacks or says otherwise.
pub fn gaps(theirs: &Document, ours: &Document) -> Vec<String> {
    let mut comparison = Comparison { theirs, ours, gaps: Vec::new() };
    for (path, method, operation) in theirs.operations() {
        let path = format!("/api{}", path.trim_end_matches('/'));
        let at = format!("{method} {path}");
        match ours.root["paths"][&path].get(method) {
            None => comparison.gaps.push(format!("{at} is missing")),
            Some(own) => comparison.operation(operation, own, &at),
        }
    }
    // A client made from ours has types of the same names.
    for (name, schema) in members(&theirs.root["components"]["schemas"]) {
        match ours.root["components"]["schemas"].get(name) {
            None if IN_PLACE.contains(&name.as_str()) => {}
            None => comparison.gap(name, "no schema has this name"),
            Some(own) => comparison.schema(schema, own, name),
        }
    }
    comparison.gaps
}

impl Comparison<'_> {
    fn gap(&mut self, at: &str, what: impl std::fmt::Display) {
        self.gaps.push(format!("{at}: {what}"));
    }

    fn operation(&mut self, theirs: &Value, ours: &Value, at: &str) {
        self.parameters(theirs, ours, at);
        let (body, own) = (&theirs["requestBody"], &ours["requestBody"]);
        if own["required"] == true && body["required"] != true {
            self.gap(at, "only ours demands a body");
        }
        self.content(body, own, &format!("{at} body"));
        for (status, answer) in theirs["responses"].as_object().expect("answers") {
            let at = format!("{at} {status}");
            match ours["responses"].get(status) {
                None => self.gap(&at, "is missing"),
                Some(own) => self.answer(answer, own, &at),
            }
        }
    }

    fn parameters(&mut self, theirs: &Value, ours: &Value, at: &str) {
        let (theirs, ours) = (parameters(theirs), parameters(ours));
        for (named, parameter) in &theirs {
            let at = format!("{at} {named}");
            match ours.get(named) {
                None => self.gap(&at, "is missing"),
                Some(own) => {
                    if is_required(own) != is_required(parameter) {
                        self.gap(&at, format_args!("required is {}", own["required"]));
                    }
                    self.schema(&parameter["schema"], &own["schema"], &at);
                }
            }
        }
        for (named, _) in ours.iter().filter(|(_, own)| is_required(own)) {
            if !theirs.contains_key(named) {
                self.gap(at, format_args!("only ours demands {named}"));
            }
        }
    }

    fn answer(&mut self, theirs: &Value, ours: &Value, at: &str) {
        self.content(theirs, ours, at);
        let own: BTreeMap<_, _> = members(&ours["headers"])
            .map(|(name, header)| (name.to_lowercase(), &header["schema"]))
            .collect();
        for (name, header) in members(&theirs["headers"]) {
            match own.get(&name.to_lowercase()) {
                None => self.gap(at, format_args!("the header {name} is missing")),
                Some(own) => self.schema(&header["schema"], own, &format!("{at} {name}")),
            }
        }
    }

    fn content(&mut self, theirs: &Value, ours: &Value, at: &str) {
        for (kind, content) in members(&theirs["content"]) {
            match ours["content"].get(kind) {
                None => self.gap(at, format_args!("nothing is {kind}")),
                Some(own) => self.schema(&content["schema"], &own["schema"], at),
            }
        }
    }

    /// The same type, format and limits; every member; enums that only add.
    fn schema(&mut self, theirs: &Value, ours: &Value, at: &str) {
        let (theirs, ours) = (self.theirs.resolved(theirs), self.ours.resolved(ours));
        let (kinds, own): (Vec<_>, Vec<_>) = (types(theirs).collect(), types(ours).collect());
        if kinds != own {
            return self.gap(at, format_args!("is {own:?}, not {kinds:?}: {ours}"));
        }
        for name in ["format", "default", "minItems", "maxItems"] {
            if theirs.get(name).is_some() && theirs[name] != ours[name] {
                self.gap(at, format_args!("{name} is {}, not {}", ours[name], theirs[name]));
            }
        }
        match (theirs["enum"].as_array(), ours["enum"].as_array()) {
            (None, Some(own)) => self.gap(at, format_args!("only ours is one of {own:?}")),
            (Some(words), None) => self.gap(at, format_args!("is any text, not one of {words:?}")),
            (Some(words), Some(own)) => {
                for word in words.iter().filter(|word| !own.contains(word)) {
                    self.gap(at, format_args!("is never {word}"));
                }
            }
            (None, None) => {}
        }
        for (name, member) in members(&theirs["properties"]) {
            let at = format!("{at}/{name}");
            match ours["properties"].get(name) {
                None => self.gap(&at, "is missing"),
                Some(own) => self.schema(member, own, &at),
            }
        }
        if let Some(items) = theirs.get("items") {
            self.schema(items, &ours["items"], &format!("{at}[]"));
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn is_required(parameter: &Value) -> bool {
    parameter["required"] == true
}

/// By place and name; names of headers in lower case.
fn parameters(operation: &Value) -> BTreeMap<String, &Value> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    let named = all.map(|parameter| {
        let name = parameter["name"].as_str().expect("a name");
        let place = parameter["in"].as_str().expect("a place");
        let name = if place == "header" { name.to_lowercase() } else { name.to_owned() };
        (format!("{place} {name}"), parameter)
    });
    named.collect()
}

#[test]
fn the_comparison_finds_what_is_wanting() {
    let theirs = Document::saas();
    let mut ours = Document::saas();
    let paths = ours.root["paths"].as_object_mut().expect("paths");
    let moved = std::mem::take(paths).into_iter();
    *paths =
        moved.map(|(path, item)| (format!("/api{}", path.trim_end_matches('/')), item)).collect();
    assert_eq!(gaps(&theirs, &ours), Vec::<String>::new(), "a document lacks nothing of itself");
    let subscription = "/components/schemas/Subscription/properties";
    let list = "/paths/~1api~1saas~1subscriptions/get";
    for (spoilt, with) in [
        (format!("{subscription}/quantity/format"), "int64"),
        (format!("{subscription}/id/type"), "integer"),
        (format!("{subscription}/sandboxType/enum/1"), "Other"),
        (format!("{list}/parameters/0/name"), "version"),
        (format!("{list}/parameters/0/in"), "header"),
    ] {
        let member = ours.root.pointer_mut(&spoilt).unwrap_or_else(|| panic!("{spoilt}"));
        let whole = std::mem::replace(member, with.into());
        assert!(!gaps(&theirs, &ours).is_empty(), "{spoilt}");
        *ours.root.pointer_mut(&spoilt).unwrap() = whole;
    }
    for (of, name) in [
        (subscription, "term"),
        (&format!("{list}/responses"), "500"),
        (&format!("{list}/responses/200/content"), "application/json"),
        ("/paths/~1api~1saas~1subscriptions", "get"),
    ] {
        let mut ours = ours.clone();
        ours.root.pointer_mut(of).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        assert!(!gaps(&theirs, &ours).is_empty(), "{of} without {name}");
    }
}
