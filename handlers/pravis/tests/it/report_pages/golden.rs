//! Shops to report on.

use domain::reports::{Period, ReportKind};
use domain::time::from_micros;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use pravis::reports::content::content;
use serde_json::{Value, json};
use testkit::{Caller, TestApp, id, turn};

/// When the reports are made: Monday morning in Paris.
pub(super) const MADE: &str = "2026-11-23T05:05:00Z";

/// Numbers that are the same each time (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// The zone of the shop.
pub(super) fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap()
}

/// The week of 16 to 22 November 2026.
pub(super) fn week() -> Period {
    Period::parse(ReportKind::Weekly, "2026-W47", &paris()).unwrap()
}

const MODELS: [Option<&str>; 4] = [
    Some("gpt-4.1-mini"),
    Some("claude-sonnet-4-5"),
    Some("whisper-1"),
    None,
];
const QUESTIONS: [&str; 5] = [
    "Do you have the linen shirt in sage, size 38?",
    "My order 100200300 has not come, write to anna.b@mail.example please",
    "Which shoes go with the navy dress?",
    "Can I return it in the shop?",
    "Is the silk scarf back in stock?",
];

/// Two weeks of a shop in Paris, with a busy Saturday, an outage on Wednesday and a day off.
pub(super) async fn shop() -> TestApp {
    let app = TestApp::with(&[("PRAVIS_TIME_ZONE", "Europe/Paris")]).await;
    app.clock().set("2026-11-22T23:30:00Z");
    let admin = app.admin().await;
    let begin: Timestamp = "2026-11-08T23:00:00Z".parse().unwrap();
    let mut dice = Dice(4);
    let mut turns = Vec::new();
    for day in 0..14i64 {
        let busy = [9, 10, 12, 11, 14, 22, 0][(day % 7) as usize] + if day >= 7 { 3 } else { 0 };
        let many = if day % 7 == 6 { 0 } else { busy };
        for _ in 0..many {
            let at = begin + SignedDuration::from_secs(day * 86_400 + 32_400 + dice.below(36_000) as i64);
            turns.push(one_turn(turns.len() as u128 + 1, day, at, &mut dice));
        }
    }
    for some in turns.chunks(100) {
        let stored = admin
            .post("/api/v1/interactions/batch", json!({ "items": some }))
            .await;
        stored.assert_status(201);
    }
    feedback(&app, &admin, &turns, &mut dice).await;
    shopping(&admin, &turns).await;
    app
}

fn one_turn(number: u128, day: i64, at: Timestamp, dice: &mut Dice) -> Value {
    let outage = day == 9 && dice.below(3) > 0;
    let failed = outage || dice.below(40) == 0;
    let model = MODELS[[0, 0, 0, 0, 1, 1, 1, 2, 2, 3][dice.below(10) as usize]];
    let kind = ["chat", "search", "recommendation", "transcription"][dice.below(4) as usize];
    let priced = model.is_some_and(|model| model != "whisper-1");
    let millis = if outage { 9_000 } else { 420 } + dice.below(1_400) as i64;
    turn(json!({
        "id": id(number),
        "type": kind,
        "session_id": format!("s-{}", number / 3),
        "model": model,
        "product_ids": if number.is_multiple_of(3) { json!([]) } else { json!([product(number)]) },
        "started_at": at,
        "completed_at": at + SignedDuration::from_millis(millis),
        "status": if failed { "failed" } else { "succeeded" },
        "error_type": failed.then_some("timeout"),
        "tokens_input": model.map(|_| 300 + dice.below(900)),
        "tokens_output": model.map(|_| 20 + dice.below(200)),
        "cost_micros": priced.then(|| 900 + dice.below(6_000)),
        "request_text": QUESTIONS[dice.below(5) as usize],
        "response_text": if failed { Value::Null } else { "Yes, we have it in three sizes; shall I put one aside?".into() },
    }))
}

fn product(number: u128) -> String {
    format!("p-{}", number % 11)
}

/// What shoppers did after each turn that showed something: most looked at it, some put it into the cart, a few ordered.
/// And one order a day by somebody who asked nothing.
async fn shopping(admin: &Caller, turns: &[Value]) {
    let mut dice = Dice(7);
    let mut events = Vec::new();
    for (number, turn) in (1u128..).zip(turns) {
        let begun: Timestamp = turn["started_at"].as_str().unwrap().parse().unwrap();
        let mut event = |minutes: i64, kind: &str, fields: Value| {
            let at = begun + SignedDuration::from_mins(minutes);
            let event = json!({"id": id(20_000 + events.len() as u128), "session_id": turn["session_id"], "type": kind,
                "occurred_at": at});
            events.push(testkit::over(event, fields));
        };
        let worth = json!({"order_id": format!("o-{number}"), "value_micros": (39 + 10 * dice.below(12)) * 1_000_000,
            "currency": if dice.below(5) == 0 { "GBP" } else { "EUR" }});
        if number.is_multiple_of(12) {
            event(
                5,
                "order",
                testkit::over(
                    worth.clone(),
                    json!({"session_id": "walk-in", "order_id": format!("w-{number}")}),
                ),
            );
        }
        let bought = dice.below(10);
        if number.is_multiple_of(3) || bought < 3 {
            continue;
        }
        let shown = json!({"product_id": product(number)});
        event(2, "product_view", shown.clone());
        if bought > 6 {
            event(4, "add_to_cart", shown);
        }
        if bought > 7 {
            event(9, "order", worth);
        }
    }
    for some in events.chunks(50) {
        let stored = admin.post("/api/v1/events", json!({ "items": some })).await;
        stored.assert_status(201);
    }
}

/// An opinion on every third turn, the day it was had.
async fn feedback(app: &TestApp, admin: &Caller, turns: &[Value], dice: &mut Dice) {
    let mut by_time: Vec<_> = turns.iter().step_by(3).collect();
    by_time.sort_by_key(|turn| turn["started_at"].as_str().unwrap().to_owned());
    for (number, turn) in (10_001u128..).zip(by_time) {
        let at: Timestamp = turn["completed_at"].as_str().unwrap().parse().unwrap();
        app.clock()
            .set(&from_micros(at.as_microsecond() + 60_000_000).to_string());
        let failed = turn["status"] == "failed";
        let rating = if failed {
            1
        } else {
            [2, 3, 4, 4, 5, 5, 5][dice.below(7) as usize]
        };
        let comment = match rating {
            1 => Some("It just stopped. Call me on +33 6 12 34 56 78."),
            2 => Some("Wrong size, twice."),
            5 if dice.below(2) == 0 => Some("Quick and kind, found my dress!"),
            _ => None,
        };
        let body = json!({"id": id(number), "interaction_id": turn["id"], "rating": rating, "comment": comment,
            "tags": match rating { 1 => json!(["outage"]), 2 => json!(["sizing"]), 5 => json!(["stylist"]), _ => json!([]) },
            "thumb": (dice.below(3) == 0).then_some(if rating > 3 { "up" } else { "down" })});
        admin.post("/api/v1/feedback", body).await.assert_status(201);
    }
    app.clock().set(MADE);
}

/// The report on a period of this shop.
pub(super) async fn report_on(app: &TestApp, period: &Period) -> domain::reports::content::Content {
    let made = MADE.parse().unwrap();
    content(&*app.store(), period, &paris(), 1, made).await.unwrap()
}
