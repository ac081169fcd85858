mod analytics;
mod docs;
mod events;
mod feedback;
mod health;
mod interactions;
mod keys;
mod sessions;
