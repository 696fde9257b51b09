//! Makes a client from Microsoft's OpenAPI file, as an ISV would: with a public generator, every call and type as the
//! file has them. Run by cargo; the code goes to `OUT_DIR` and stands in no repository.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
};

use progenitor::Generator;
use serde_json::{Value, json};

/// Microsoft's file, as published; the contract tests check answers against the same one.
const FILE: &str = "../contract/wire/saasapi.v2.json";

fn main() -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "cargo::rerun-if-changed=build.rs\ncargo::rerun-if-changed={FILE}")?;
    let mut file: Value = serde_json::from_str(&fs::read_to_string(FILE)?)?;
    repair(&mut file)?;
    let api = serde_json::from_value(file)?;
    let code = Generator::default().generate_tokens(&api)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("client.rs"), code.to_string())?;
    Ok(())
}

/// The one thing in the file that no generator takes: OpenAPI 3.0 asks every OAuth flow for its `scopes`, and the
/// client-credentials flow has none. They change nothing in the code; a file that has them is left alone.
fn repair(file: &mut Value) -> Result<(), &'static str> {
    let flow = file.pointer_mut("/components/securitySchemes/AADToken/flows/clientCredentials");
    let flow = flow.and_then(Value::as_object_mut).ok_or("the file has no such flow any more")?;
    flow.entry("scopes").or_insert_with(|| json!({}));
    Ok(())
}
