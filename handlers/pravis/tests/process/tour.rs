//! The tour in `README.md`, walked as it is written.

use crate::guides::pages::Page;
use crate::support::{PATIENCE, Serve, walk, within};

#[test]
#[ignore = "needs curl"]
fn the_tour_of_the_readme_works_as_written() {
    let data = tempfile::tempdir().unwrap();
    let serve = Serve::on(data.path());
    let calls = walk(&Page::read("README.md").script("sh tour"), &serve, data.path());
    let statuses: Vec<_> = calls.iter().map(|call| call.status.as_str()).collect();
    let [posted, completed, judged, read, numbers, opinions, rest @ ..] = &calls[..] else {
        panic!("{statuses:?}");
    };
    let [
        events,
        funnel,
        costs,
        series,
        usage,
        errors,
        queries,
        declared,
        sent,
        voice,
        report,
        export,
        mistake,
        list,
    ] = rest
    else {
        panic!("{statuses:?}");
    };
    let made = [posted, judged, events, declared, report];
    for call in &calls {
        let expected = match call {
            call if std::ptr::eq(call, mistake) => "422",
            call if std::ptr::eq(call, sent) => "202",
            call if made.iter().any(|made| std::ptr::eq(call, *made)) => "201",
            _ => "200",
        };
        assert_eq!(call.status, expected, "{}", call.body);
    }
    assert_eq!(posted.json["status"], "pending");
    assert_eq!(completed.json["status"], "succeeded");
    assert_eq!(judged.json["interaction_id"], posted.json["id"]);
    assert_eq!(
        (&read.json["rating"], &read.json["feedback_count"]),
        (&5.into(), &1.into())
    );
    assert!(
        read.head.contains("etag: ") && read.head.contains("x-request-id: "),
        "{}",
        read.head
    );
    assert_eq!(
        (&numbers.json["total"], &numbers.json["succeeded"]),
        (&1.into(), &1.into())
    );
    assert_eq!(numbers.json["tz"], "Europe/Paris");
    assert_eq!(numbers.json["duration_ms"]["mean"], 1240.5);
    assert_eq!(opinions.json["average_rating"], 5.0);
    assert_eq!(events.json["items"][1]["outcome"], "created");
    assert_eq!(funnel.json["revenue"][0]["micros"], 189_000_000);
    assert_eq!(costs.json["total"], 1);
    assert_eq!(series.json["series"][0]["key"]["model"], "gpt-4.1-mini");
    assert_eq!(usage.json["from"], costs.json["from"]);
    assert_eq!(errors.json["errors"], serde_json::json!([]));
    assert_eq!(queries.json["queries"], serde_json::json!([]));
    for upload in [declared, sent, voice] {
        assert_eq!(upload.json["kind"], "voice_recording", "{}", upload.body);
    }
    within(PATIENCE, "the recording", || {
        let voice = serve
            .client()
            .get(&format!("/api/v1/media/{}", voice.json["id"].as_str()?))
            .expect(200);
        (voice["status"] == "ready").then_some(())
    });
    assert_eq!(report.json["status"], "ready");
    assert!(export.body.lines().nth(1).unwrap().contains("Viola dress"));
    assert_eq!(mistake.json["code"], "unknown_field");
    assert_eq!(mistake.json["errors"][0]["pointer"], "/tokens_imput");
    assert_eq!(list.json["items"][0]["id"], posted.json["id"]);
    assert!(list.json["next_cursor"].is_null());
}
