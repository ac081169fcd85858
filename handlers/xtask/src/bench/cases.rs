//! The lists that are measured: each filter with a value that many rows have, and with one that exactly ten have.
//! The second kind finds the filter without an index: it reads a million rows to fill a fifth of a page.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::api::Api;
use super::client::encode;
use super::random::Random;
use super::sample::{Sample, TEXT_FILTERS};
use super::turn::rounded;
use crate::Outcome;

/// Rows that have the rare value.
const RARE: usize = 10;
/// Rows that share the rare row's user but not what is looked for.
const OTHERS: usize = 40;

/// One list that is asked for.
#[derive(Debug)]
pub(super) struct Case {
    /// The filter: `model`.
    pub(super) name: String,
    pub(super) path: String,
    /// How many items the page must have.
    pub(super) items: usize,
}

impl Case {
    fn new(name: &str, query: &[(&str, &str)], items: usize) -> Self {
        let mut path = "/api/v1/interactions?limit=50".to_owned();
        for (field, value) in query {
            path.push_str(&format!("&{field}={}", encode(value)));
        }
        Self {
            name: name.to_owned(),
            path,
            items,
        }
    }
}

/// Values that fill a page, as far as the seed has such: a user or a session may have less than 50 turns, so those
/// two are asked for what they have.
pub(super) fn common(sample: &Sample, api: &Api<'_>) -> Outcome<Vec<Case>> {
    let day = |days: i64| rounded(Timestamp::now() - (days * 24).hours());
    let mut cases = vec![
        Case::new("nothing", &[], 50),
        Case::new("rating_min", &[("rating_min", "4")], 50),
        Case::new("rating_max", &[("rating_max", "2")], 50),
        Case::new("from and to", &[("from", &day(20)), ("to", &day(10))], 50),
    ];
    for field in TEXT_FILTERS {
        let value = sample
            .most_common(field)
            .ok_or_else(|| format!("no sampled interaction has a {field}"))?;
        let mut case = Case::new(field, &[(field, value)], 50);
        if matches!(field, "user_id" | "session_id") {
            case.items = api.get(&case.path)?["items"].as_array().map_or(0, Vec::len);
        }
        cases.push(case);
    }
    if let Some(cursor) = api.get("/api/v1/interactions?limit=200")?["next_cursor"].as_str() {
        cases.push(Case::new("cursor", &[("cursor", cursor)], 50));
    }
    Ok(cases)
}

/// Stores ten turns for each filter and asks for them.
pub(super) fn rare(api: &Api<'_>) -> Outcome<Vec<Case>> {
    let mut random = Random::new(10);
    let mut turns = Vec::new();
    let mut cases = Vec::new();
    let open = ["model", "provider", "user_id", "session_id", "channel", "locale"];
    for field in open {
        let value = if field == "locale" {
            "rm-CH".to_owned()
        } else {
            format!("rare-{field}")
        };
        turns.extend((0..RARE).map(|index| turn(&mut random, index, &[(field, &value)])));
        cases.push(Case::new(field, &[(field, &value)], RARE));
    }
    for (field, values) in [
        ("type", &["custom", "tts", "transcription"][..]),
        ("status", &["pending", "failed"][..]),
    ] {
        cases.push(closed(api, &mut random, &mut turns, field, values)?);
    }
    turns.extend((0..RARE).map(|index| turn(&mut random, index, &[("started_at", &long_ago(index))])));
    cases.push(Case::new(
        "from and to",
        &[("from", &long_ago(0)), ("to", &long_ago(RARE))],
        RARE,
    ));

    let rated: Vec<_> = (0..RARE + OTHERS)
        .map(|index| turn(&mut random, index, &[("user_id", "rare-rating")]))
        .collect();
    let ids: Vec<_> = rated.iter().map(|turn| turn["id"].clone()).collect();
    turns.extend(rated);
    create(api, &turns)?;
    for (index, id) in ids.into_iter().enumerate() {
        let rating = if index < RARE { 1 } else { 5 };
        api.post(
            "/api/v1/feedback",
            &json!({"interaction_id": id, "rating": rating}),
        )?;
    }
    let query = [
        ("user_id", "rare-rating"),
        ("rating_min", "1"),
        ("rating_max", "1"),
    ];
    cases.push(Case::new("rating and user_id", &query, RARE));
    Ok(cases)
}

/// A filter whose values are few and fixed: a value that no row has yet, or else one that only ten rows of a user have.
fn closed(
    api: &Api<'_>,
    random: &mut Random,
    turns: &mut Vec<Value>,
    field: &str,
    values: &[&str],
) -> Outcome<Case> {
    for value in values {
        let found = api.get(&format!("/api/v1/interactions?limit=1&{field}={value}"))?;
        if found["items"].as_array().is_some_and(Vec::is_empty) {
            turns.extend((0..RARE).map(|index| turn(random, index, &[(field, value)])));
            return Ok(Case::new(field, &[(field, value)], RARE));
        }
    }
    let user = format!("rare-{field}");
    let user_field = ("user_id", user.as_str());
    turns.extend((0..RARE).map(|index| turn(random, index, &[user_field, (field, values[0])])));
    turns.extend((0..OTHERS).map(|index| turn(random, index, &[user_field])));
    Ok(Case::new(
        &format!("{field} and user_id"),
        &[user_field, (field, values[0])],
        RARE,
    ))
}

/// A turn like many, except for the given fields. The `index`-th of each ten lies three days before the one before.
fn turn(random: &mut Random, index: usize, fields: &[(&str, &str)]) -> Value {
    let started =
        Timestamp::now() - (71 * (index % RARE) as i64 + 1).hours() - (random.below(3_000) as i64).seconds();
    let mut turn = json!({
        "id": random.time_ordered_id(),
        "type": "chat",
        "session_id": random.id(),
        "user_id": format!("user-{:05}", random.below(50_000)),
        "started_at": rounded(started),
        "request_text": "Do you have this in green?",
        "status": "succeeded",
    });
    for (field, value) in fields {
        turn[*field] = json!(value);
    }
    turn
}

/// Minutes of a day before all that is seeded.
fn long_ago(minute: usize) -> String {
    let day = Timestamp::now() - (60 * 24).hours();
    let midnight = day.as_second() - day.as_second().rem_euclid(86_400);
    rounded(Timestamp::from_second(midnight + 60 * minute as i64).unwrap_or(day))
}

fn create(api: &Api<'_>, turns: &[Value]) -> Outcome<()> {
    let answer = api.post("/api/v1/interactions/batch", &json!({"items": turns}))?;
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    match items
        .iter()
        .find(|item| item["outcome"].as_str() != Some("created"))
    {
        Some(item) => Err(format!("a turn was not created: {item}").into()),
        None if items.len() == turns.len() => Ok(()),
        None => Err(format!("{} turns were sent, {} answered", turns.len(), items.len()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_turns_lie_spread_over_the_month() {
        let mut random = Random::new(1);
        let month_ago = Timestamp::now() - (30 * 24).hours();
        let mut last = Timestamp::now();
        for index in 0..RARE {
            let turn = turn(&mut random, index, &[("model", "rare-model")]);
            let started: Timestamp = turn["started_at"].as_str().unwrap().parse().unwrap();
            assert!(started < last && started > month_ago);
            assert_eq!(turn["model"], "rare-model");
            last = started;
        }
        assert!(long_ago(0) < long_ago(1));
    }

    #[test]
    fn queries_are_encoded() {
        let case = Case::new("user_id", &[("user_id", "a b&c")], 10);
        assert_eq!(case.path, "/api/v1/interactions?limit=50&user_id=a%20b%26c");
        assert_eq!(case.name, "user_id");
    }
}
