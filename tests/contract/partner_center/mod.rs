//! The partner face (partner-center.md), by resource.

mod caller;
