//! The partner face (partner-center.md), by resource.

mod caller;
mod catalogue;
mod customers;
mod partners;
