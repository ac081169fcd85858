//! The operations, a module per noun. A handler has the name of its operation and of its function folder.

pub mod analytics;
pub mod batch;
pub mod docs;
pub mod events;
pub mod exports;
pub mod feedback;
pub mod funnel;
pub mod health;
pub mod interactions;
pub mod keys;
pub mod media;
pub mod prices;
pub mod reports;
pub mod sessions;
