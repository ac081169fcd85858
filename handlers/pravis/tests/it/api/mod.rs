mod analytics;
mod docs;
mod feedback;
mod health;
mod interactions;
mod keys;
mod prices;
mod sessions;
