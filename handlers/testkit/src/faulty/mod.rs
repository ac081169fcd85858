//! Store and storage that fail when a test says so.

mod storage;
mod store;
mod switch;

pub use storage::FaultyStorage;
pub use store::FaultyStore;
pub use switch::{Fault, Switch};
