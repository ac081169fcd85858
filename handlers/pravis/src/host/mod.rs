//! Both sides of the Functions host's protocol.
//!
//! The decoding side is what a custom handler receives ([`envelope`]) and answers ([`answer`]); the encoding side
//! and the rest play the host on a laptop: they read the same function folders, match the same routes, fire the
//! same schedules and send the same envelopes, so that what works here works there.

pub mod answer;
pub mod app_root;
pub mod arrivals;
pub mod blob;
pub mod envelope;
pub mod event_grid;
pub mod function;
pub mod function_json;
pub mod headers;
pub mod host_json;
pub mod interval;
pub mod invoke;
pub mod lenient;
pub mod local;
pub mod payload;
pub mod queue;
pub mod queues;
pub mod retry;
pub mod routes;
pub mod scalar;
pub mod schedule;
mod schedule_field;
pub mod settings;
pub mod template;
pub mod timer;
pub mod timer_state;
pub mod timers;
