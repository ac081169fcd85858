//! A clock that stands still until a test moves it.

use jiff::{SignedDuration, Timestamp};
use pravis::app::Clock;
use std::sync::{Arc, Mutex};

/// The present, as a test says; a clone is the same clock.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Mutex<Timestamp>>);

impl FakeClock {
    /// A clock at a point in time, in RFC 3339.
    pub fn at(now: &str) -> Self {
        Self(Arc::new(Mutex::new(now.parse().unwrap())))
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    /// Sets the present, in RFC 3339.
    pub fn set(&self, now: &str) {
        *self.0.lock().unwrap() = now.parse().unwrap();
    }

    /// Moves the present.
    pub fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }

    /// The clock as the program takes it.
    pub fn as_clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
