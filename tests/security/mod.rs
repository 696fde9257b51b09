//! Who may do what: every route refused without its credential, hosts and origins, files, and that no secret leaks.

mod files;
mod hosts;
mod leaks;
mod routes;
