//! The words both services speak: wire types, ids, header names, the purchase token, secrets, clock and entropy; and
//! the development CA, whose certificates both serve under.
//!
//! What may live here: values that cross the wire between the broker, the publisher and the command line,
//! and the few tools both sides must share to the letter. What may not: a web server, a database, a client,
//! a runtime, or a rule of the marketplace. Called by every other crate of the workspace.

pub mod assets;
pub mod clock;
pub mod development_ca;
pub mod entropy;
pub mod fulfillment;
pub mod headers;
pub mod identity;
pub mod ids;
pub mod metering;
pub mod objects;
pub mod partner_center;
pub mod purchase_token;
pub mod rehearsal;
pub mod secret;
pub mod webhook_signature;
