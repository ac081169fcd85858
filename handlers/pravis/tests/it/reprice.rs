//! Stored turns that are priced anew.

use domain::audit::AuditEntry;
use domain::page::{MOST_LIMIT, PageRequest, Positioned};
use jiff::{SignedDuration, Timestamp};
use pravis::reprice::{ModelChange, Reprice, Repriced, reprice};
use serde_json::{Value, json};
use std::collections::HashMap;
use testkit::{Caller, TestApp, id, turn};

const TURNS: &str = "/api/v1/interactions";

fn at(time: &str) -> Timestamp {
    format!("2026-11-02T{time}Z").parse().unwrap()
}

async fn set(admin: &Caller, model: &str, price: u64, from: &str) {
    let body = json!({"provider": "shop", "model": model, "unit": "input_token", "price_micros": price, "effective_from": at(from)});
    admin.post("/api/v1/prices", body).await.assert_status(201);
}

fn used(n: u128, model: &str, fields: Value) -> Value {
    let base = json!({"id": id(n), "provider": "shop", "model": model, "tokens_input": 1000, "started_at": at("09:00:00")});
    turn(testkit::over(base, fields))
}

async fn put(caller: &Caller, turns: Vec<Value>) {
    for items in turns.chunks(1000) {
        let answer = caller
            .post(&format!("{TURNS}/batch"), json!({"items": items}))
            .await;
        answer.assert_status(201);
    }
}

async fn run(app: &TestApp, dry_run: bool) -> Repriced {
    let asked = Reprice {
        from: at("08:00:00"),
        to: at("12:00:00"),
        dry_run,
    };
    let store = app.store();
    reprice(app.app(), &*store, asked, "cli", |_| {}).await.unwrap()
}

/// What runs have told, newest first.
async fn told(app: &TestApp) -> Vec<AuditEntry> {
    let mut told: Vec<AuditEntry> = Vec::new();
    loop {
        let after = told.last().map(Positioned::position);
        let request = PageRequest {
            limit: MOST_LIMIT,
            after,
        };
        let page = app.store().list_audit_log(request).await.unwrap();
        let more = page.len() > MOST_LIMIT;
        told.extend(page.into_iter().take(MOST_LIMIT));
        if !more {
            told.retain(|entry| entry.action == "reprice");
            return told;
        }
    }
}

fn model(name: &str, counts: [u64; 3], before_micros: u64, after_micros: u64) -> ModelChange {
    let [turns, priced_before, priced_after] = counts;
    ModelChange {
        provider: Some("shop".to_owned()),
        model: Some(name.to_owned()),
        turns,
        priced_before,
        priced_after,
        before_micros,
        after_micros,
    }
}

#[tokio::test]
async fn a_run_changes_what_it_says_and_tells_each_change() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    set(&admin, "a", 1_000_000, "07:00:00").await;
    put(
        &admin,
        vec![
            used(1, "a", json!({})),
            used(2, "a", json!({"started_at": at("11:59:59.999999")})),
            used(3, "a", json!({"started_at": at("12:00:00")})),
            used(4, "a", json!({"cost_micros": 5})),
            used(5, "b", json!({})),
            used(6, "c", json!({})),
            used(7, "a", json!({"started_at": at("08:10:00")})),
        ],
    )
    .await;
    set(&admin, "a", 3_000_000, "08:30:00").await;
    set(&admin, "b", 2_000_000, "08:00:00").await;
    let stats = async || {
        admin
            .get("/api/v1/analytics/interactions?days=1")
            .await
            .at("/cost")
    };
    assert_eq!(stats().await, json!({"micros": 4_005, "unpriced": 2}));

    let dry = run(&app, true).await;
    assert_eq!((dry.run, dry.turns, dry.changed, dry.unpriced), (None, 5, 3, 1));
    let changes = [
        model("a", [2, 2, 2], 2_000, 6_000),
        model("b", [1, 0, 1], 0, 2_000),
    ];
    assert_eq!(dry.models, changes);
    assert_eq!(
        stats().await,
        json!({"micros": 4_005, "unpriced": 2}),
        "a dry run writes nothing"
    );
    assert_eq!(told(&app).await, []);

    let etag = admin.get(&format!("{TURNS}/{}", id(1))).await.etag().to_owned();
    let done = run(&app, false).await;
    assert_eq!(
        Repriced {
            run: None,
            ..done.clone()
        },
        dry,
        "the run does what the dry run said"
    );
    assert_eq!(stats().await, json!({"micros": 10_005, "unpriced": 1}));
    for (n, cost) in [
        (1, json!(3_000)),
        (2, json!(3_000)),
        (3, json!(1_000)),
        (4, json!(5)),
        (5, json!(2_000)),
        (6, json!(null)),
        (7, json!(1_000)),
    ] {
        assert_eq!(
            admin.get(&format!("{TURNS}/{}", id(n))).await.at("/cost_micros"),
            cost,
            "{n}"
        );
    }
    assert_ne!(
        admin.get(&format!("{TURNS}/{}", id(1))).await.etag(),
        etag,
        "the record has changed"
    );
    let entries = told(&app).await;
    let [entry] = &entries[..] else {
        panic!("{entries:?}")
    };
    assert_eq!(
        (entry.actor.as_str(), &entry.detail["run"]),
        ("cli", &json!(done.run))
    );
    assert_eq!(entry.detail["models"], json!(changes));
    let turns = json!([[id(1), 1_000, 3_000], [id(5), null, 2_000], [id(2), 1_000, 3_000]]);
    assert_eq!(entry.detail["turns"], turns);

    let again = run(&app, false).await;
    assert_eq!(
        (again.changed, again.unpriced, again.models),
        (0, 1, vec![]),
        "it is done"
    );
    assert_eq!(told(&app).await.len(), 1);
}

#[tokio::test]
async fn many_turns_are_changed_beside_their_writers_and_each_change_is_told() {
    const MANY: u128 = 1_300;
    let app = TestApp::new().await;
    let admin = app.admin().await;
    set(&admin, "a", 1_000_000, "07:00:00").await;
    put(&admin, (1..=MANY).map(|n| used(n, "a", json!({}))).collect()).await;
    set(&admin, "a", 2_000_000, "08:30:00").await;
    app.clock().advance(SignedDuration::from_secs(1));
    // Clients go on with some of the turns: use more, name a cost, say a word.
    let writing = async {
        for n in (1..=MANY).step_by(13) {
            let patch = match n % 3 {
                0 => json!({"tokens_input": 5000}),
                1 => json!({"cost_micros": 7}),
                _ => json!({"response_text": "hello"}),
            };
            admin
                .patch(&format!("{TURNS}/{}", id(n)), patch)
                .await
                .assert_status(200);
        }
    };
    let (_, ()) = tokio::join!(run(&app, false), writing);
    run(&app, false).await;

    let mut costs: HashMap<String, Value> = HashMap::new();
    for entry in told(&app).await.iter().rev() {
        for change in entry.detail["turns"].as_array().unwrap() {
            costs.insert(change[0].as_str().unwrap().to_owned(), change[2].clone());
        }
    }
    for n in 1..=MANY {
        let turn = app
            .store()
            .get_interaction(id(n).parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let expected = match (n % 13 == 1, n % 3) {
            (true, 0) => 10_000,
            (true, 1) => 7,
            _ => 2_000,
        };
        assert_eq!(turn.cost_micros, Some(expected), "{n}");
        if n % 13 != 1 {
            assert_eq!(costs.get(&id(n)), Some(&json!(2_000)), "{n}: the change is told");
        }
        if turn.response_text.is_some() {
            assert_eq!((turn.version, turn.repricings), (3, 1), "both changes were made");
        }
    }
}
