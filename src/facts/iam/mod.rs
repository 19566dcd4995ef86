//! What follows from the identities of a snapshot: what roles may do, whom they trust, which of them
//! serve what, and which entries and associations cannot work.

mod condition;
mod oidc;
mod policy;
mod power;
mod tables;
mod trust;
mod wildcard;
