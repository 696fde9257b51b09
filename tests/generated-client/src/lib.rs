//! A client of the publisher face that nobody here wrote: `build.rs` has it made from Microsoft's OpenAPI file. Called
//! by the journey `generated_client`, which shows that such a client works against the broker.

#![expect(
    missing_docs,
    clippy::str_to_string,
    clippy::unwrap_used,
    reason = "the generator writes this code, by its own rules"
)]

include!(concat!(env!("OUT_DIR"), "/client.rs"));
