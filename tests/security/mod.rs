//! Who may do what: every route refused without its credential, hosts and origins, files, and that no secret leaks.

mod bad_input;
mod files;
mod hosts;
mod leaks;
mod routes;
mod sign_in_leaks;
