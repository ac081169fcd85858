//! What both operations share.

mod costs;
mod errors;
mod feedback;
mod funnel;
mod interactions;
mod queries;
mod ranges;
mod timeseries;
mod usage;

use serde_json::{Value, json};
use testkit::{Answer, Caller, turn};

const STATS: &str = "/api/v1/analytics/interactions";
const SUMMARY: &str = "/api/v1/analytics/feedback";

async fn store(caller: &Caller, turns: Vec<Value>) {
    let turns: Vec<_> = turns.into_iter().map(turn).collect();
    let stored = caller
        .post("/api/v1/interactions/batch", json!({ "items": turns }))
        .await;
    stored.assert_status(201);
}

/// Day and total of each entry of `by_day`.
fn days(answer: &Answer) -> Vec<(String, i64)> {
    let days = answer.at("/by_day");
    let days = days.as_array().unwrap().iter();
    days.map(|day| {
        (
            day["day"].as_str().unwrap().to_owned(),
            day["total"].as_i64().unwrap(),
        )
    })
    .collect()
}

fn named(days: &[(&str, i64)]) -> Vec<(String, i64)> {
    days.iter()
        .map(|(day, total)| ((*day).to_owned(), *total))
        .collect()
}
