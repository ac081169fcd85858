//! Waiting for what happens beside a test.

use std::time::{Duration, Instant};

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Polls until it holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
