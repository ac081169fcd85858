mod analytics;
mod docs;
mod exports;
mod feedback;
mod health;
mod interactions;
mod keys;
mod sessions;
