use domain::keys::Scope;
use insta::assert_snapshot;
use serde_json::{Value, json};
use testkit::{TestApp, complete_turn, feedback, id, turn};

const TURNS: &str = "/api/v1/exports/interactions";
const FEEDBACK: &str = "/api/v1/exports/feedback";

fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.unwrap());
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn every_member_of_a_record_is_a_column() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin
        .post("/api/v1/interactions", complete_turn())
        .await
        .assert_status(201);
    let opinion = feedback(&complete_turn()["id"], json!({"rating": 4, "tags": ["a", "b"]}));
    admin.post("/api/v1/feedback", opinion).await.assert_status(201);
    for (list, export) in [("/api/v1/interactions", TURNS), ("/api/v1/feedback", FEEDBACK)] {
        let record = admin.get(list).await.at("/items/0");
        let answer = admin.get(&format!("{export}?format=jsonl")).await;
        let mut line: Value = serde_json::from_str(&answer.text()).unwrap();
        let cursor = line.as_object_mut().unwrap().remove("cursor");
        assert!(cursor.unwrap().is_string());
        assert_eq!(line, record);
        let rows = cells(&admin.get(export).await.text());
        assert_eq!(rows.len(), 2);
        let mut names = rows[0].clone();
        assert_eq!(names.pop().unwrap(), "cursor");
        names.sort();
        let mut members: Vec<_> = record.as_object().unwrap().keys().cloned().collect();
        members.sort();
        assert_eq!(names, members);
        for (name, cell) in rows[0].iter().zip(&rows[1]) {
            let shown = match &record[name] {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(*cell, shown, "{name}");
        }
    }
}

#[tokio::test]
async fn formulas_quotes_and_lines_come_back_as_texts() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let texts = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "a,\"b\"\r\nc",
        "plain",
        "é=1",
    ];
    for (n, text) in (1..).zip(texts) {
        let sent =
            turn(json!({"id": id(n), "request_text": text, "started_at": format!("2026-11-02T09:00:0{n}Z")}));
        admin.post("/api/v1/interactions", sent).await.assert_status(201);
    }
    let answer = admin.get(TURNS).await;
    let rows = cells(&answer.text());
    let place = rows[0].iter().position(|name| name == "request_text").unwrap();
    let mut given: Vec<_> = rows[1..].iter().map(|row| row[place].clone()).collect();
    given.reverse();
    assert_eq!(
        given,
        [
            "'=1+1",
            "'+1",
            "'-1",
            "'@SUM(A1)",
            "'\tx",
            "a,\"b\"\r\nc",
            "plain",
            "é=1"
        ]
    );
    assert_eq!(
        answer.header("content-disposition").unwrap(),
        "attachment; filename=\"interactions-2026-11-02.csv\""
    );
    assert_eq!(
        answer.header("content-type").unwrap(),
        "text/csv; charset=utf-8; header=present"
    );
}

#[tokio::test]
async fn nothing_is_a_header_and_filters_are_those_of_the_list() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let caller = app.caller(&[Scope::Read]).await;
    assert_snapshot!(caller.get(FEEDBACK).await.text().trim_end(), @"id,interaction_id,rating,thumb,comment,category,tags,user_id,source,sentiment,review,created_at,updated_at,cursor");
    assert_eq!(caller.get(&format!("{TURNS}?format=jsonl")).await.text(), "");
    for (n, model) in (1..).zip(["a", "b", "a"]) {
        let sent = turn(json!({"id": id(n), "model": model}));
        admin.post("/api/v1/interactions", sent).await.assert_status(201);
    }
    assert_eq!(
        cells(&caller.get(&format!("{TURNS}?model=a")).await.text()).len(),
        3
    );
    for (query, name, code) in [
        ("format=xml", "format", "invalid_field"),
        ("limit=5", "limit", "unknown_field"),
        ("rating_min=6", "rating_min", "invalid_field"),
    ] {
        let answer = caller.get(&format!("{TURNS}?{query}")).await;
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
    let strange = caller.get(&format!("{TURNS}?cursor=abc")).await;
    strange.assert_problem(400, "invalid_cursor");
}
