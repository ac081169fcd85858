use insta::assert_json_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{TestApp, over};

const PATH: &str = "/api/v1/prices";

fn price(fields: Value) -> Value {
    let base = json!({"provider": "shop", "model": "m", "unit": "input_token", "price_micros": 100});
    over(base, fields)
}

#[tokio::test]
async fn a_price_is_set_and_ends_the_one_before_it() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let first = admin.post(PATH, price(json!({}))).await;
    first.assert_status(201);
    app.clock().set("2026-11-02T11:00:00Z");
    let sent =
        price(json!({"provider": "Shop", "price_micros": 25, "unit_count": 1000, "source": "contract 7"}));
    let second = admin.post(PATH, sent).await;
    second.assert_status(201);
    assert_json_snapshot!(second.json(), {".id" => "[id]", ".set_by" => "[key]"}, @r#"
    {
      "effective_from": "2026-11-02T11:00:00Z",
      "effective_to": null,
      "id": "[id]",
      "model": "m",
      "price_micros": 25,
      "provider": "shop",
      "set_at": "2026-11-02T11:00:00Z",
      "set_by": "[key]",
      "source": "contract 7",
      "unit": "input_token",
      "unit_count": 1000
    }
    "#);
    assert!(second.at("/set_by").as_str().unwrap().starts_with("key:"));

    let now = admin.get(&format!("{PATH}?provider=shop")).await;
    assert_eq!(now.at("/items"), json!([second.json()]));
    let before = admin
        .get(&format!("{PATH}?provider=shop&at=2026-11-02T10:59:59Z"))
        .await;
    let ended = over(first.json(), json!({"effective_to": "2026-11-02T11:00:00Z"}));
    assert_eq!(before.at("/items"), json!([ended]));
    let history = admin
        .get(&format!("{PATH}?provider=shop&history=true&model=m"))
        .await;
    assert_eq!(history.at("/items"), json!([second.json(), ended]));
    let none = admin
        .get(&format!("{PATH}?provider=shop&at=2026-11-02T09:00:00Z"))
        .await;
    assert_eq!(none.at("/items"), json!([]));
}

#[tokio::test]
async fn the_usual_models_have_prices_from_the_first_day() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let listed = admin
        .get(&format!("{PATH}?provider=openai&model=gpt-4o-mini"))
        .await;
    assert_eq!(listed.each("price_micros").len(), 3);
    for item in listed.at("/items").as_array().unwrap() {
        assert_eq!(item["set_by"], "shipped");
        assert!(item["source"].as_str().unwrap().starts_with("https://"), "{item}");
    }
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{PATH}?limit=200&history=true{cursor}")).await;
        page.assert_status(200);
        all.extend(page.each("id"));
        let Some(next) = page.at("/next_cursor").as_str().map(str::to_owned) else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(
        all.len(),
        domain::pricing::shipped::prices(app.clock().now()).len()
    );
}

#[tokio::test]
async fn each_field_is_told_its_fault() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for (fields, pointer, code) in [
        (json!({"provider": null}), "/provider", "missing_field"),
        (json!({"provider": ""}), "/provider", "invalid_field"),
        (json!({"model": null}), "/model", "missing_field"),
        (json!({"model": "x".repeat(129)}), "/model", "invalid_field"),
        (json!({"unit": null}), "/unit", "missing_field"),
        (json!({"unit": "token"}), "/unit", "invalid_field"),
        (json!({"price_micros": null}), "/price_micros", "missing_field"),
        (json!({"price_micros": -1}), "/price_micros", "invalid_field"),
        (json!({"price_micros": 0.5}), "/price_micros", "invalid_field"),
        (
            json!({"price_micros": 1_000_000_000_001_u64}),
            "/price_micros",
            "invalid_field",
        ),
        (json!({"unit_count": 0}), "/unit_count", "invalid_field"),
        (
            json!({"unit_count": 1_000_000_001}),
            "/unit_count",
            "invalid_field",
        ),
        (
            json!({"effective_from": "soon"}),
            "/effective_from",
            "invalid_field",
        ),
        (
            json!({"effective_from": "1999-12-31T23:59:59Z"}),
            "/effective_from",
            "invalid_field",
        ),
        (
            json!({"effective_from": "2100-01-01T00:00:00Z"}),
            "/effective_from",
            "invalid_field",
        ),
        (json!({"source": "x".repeat(513)}), "/source", "invalid_field"),
        (json!({"effective_to": null}), "/effective_to", "unknown_field"),
        (json!({"set_by": "me"}), "/set_by", "unknown_field"),
    ] {
        let answer = admin.post(PATH, price(fields)).await;
        answer.assert_faults(&[(pointer, code)]);
    }
    let both = admin
        .get(&format!("{PATH}?history=true&at=2026-11-02T10:00:00Z"))
        .await;
    both.assert_faults(&[("?at", "invalid_field")]);
    let listed = admin.get(&format!("{PATH}?provider=shop&history=true")).await;
    assert_eq!(listed.at("/items"), json!([]));
}

#[tokio::test]
async fn history_is_not_edited() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let from = |from: &str| price(json!({"effective_from": from}));
    admin
        .post(PATH, from("2026-11-03T00:00:00Z"))
        .await
        .assert_status(201);
    for early in [
        "2026-11-03T00:00:00Z",
        "2026-11-02T09:00:00Z",
        "2026-11-03T00:00:00.0000009Z",
    ] {
        let answer = admin.post(PATH, from(early)).await;
        answer.assert_faults(&[("/effective_from", "invalid_field")]);
    }
    let now = admin.post(PATH, price(json!({}))).await;
    now.assert_faults(&[("/effective_from", "invalid_field")]);
    admin
        .post(PATH, from("2026-11-03T00:00:00.000001Z"))
        .await
        .assert_status(201);
}

#[tokio::test]
async fn who_sets_at_once_is_heard_one_after_the_other() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let set = |micros: u64| {
        let admin = &admin;
        async move { admin.post(PATH, price(json!({"price_micros": micros}))).await }
    };
    let (one, two, three) = tokio::join!(set(1), set(2), set(3));
    for answer in [one, two, three] {
        answer.assert_status(201);
    }
    app.clock().advance(SignedDuration::from_secs(1));
    let history = admin.get(&format!("{PATH}?provider=shop&history=true")).await;
    let (begins, ends) = (history.each("effective_from"), history.each("effective_to"));
    assert_eq!(ends, [json!(null), begins[0].clone(), begins[1].clone()]);
    let now = admin.get(&format!("{PATH}?provider=shop")).await;
    assert_eq!(now.each("id"), [history.at("/items/0/id")]);
}
