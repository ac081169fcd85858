//! Decoding of golden envelopes.

use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use pravis::host::envelope::{EnvelopeError, Invocation};
use pravis::host::lenient;
use serde_json::{Value, json};

use crate::fixtures::{decode, invocation};

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn s15_scalars_are_decoded_twice() {
    let unit_test = invocation("unit_test");
    assert_eq!(unit_test.queue_text("myqueueItem").unwrap().body, "HelloWorld");
    assert_eq!(unit_test.metadata("dequeueCount"), Some(json!(4)));
    assert_eq!(unit_test.metadata("helloString"), Some(json!("helloMetadata")));
    assert_eq!(
        unit_test.metadata("VisibleTime"),
        Some(json!("2019-10-01T00:00:00"))
    );
}

#[test]
fn s15_a_plain_string_is_tolerated() {
    for (sent, read) in [
        (json!("hello worker"), "hello worker"),
        (json!("\"hello worker\""), "hello worker"),
        (json!("{\"a\":1}"), "{\"a\":1}"),
        (json!({"a": 1}), "{\"a\":1}"),
        (json!("12"), "12"),
        (json!(""), ""),
    ] {
        let invocation = decode(&json!({"Data": {"msg": sent}}).to_string());
        assert_eq!(invocation.queue_text("msg").unwrap().body, read, "{sent}");
    }
}

#[test]
fn s16_a_queue_message_is_text_in_text() {
    let text = invocation("queue_text").queue_text("msg").unwrap();
    assert_eq!(text.body, "hello worker");
    assert_eq!(text.id.as_deref(), Some("800ae4b3-bdd2-4c08-badd-f08e5a34b865"));
    assert_eq!(text.pop_receipt.as_deref(), Some("AgAAAAMAAAAAAAAAAgtnj8x+1QE="));
    assert_eq!(text.insertion_time, at("2026-08-21T09:15:00Z"));
    assert_eq!(text.next_visible_time, at("2026-08-21T09:25:00Z"));
    assert_eq!(text.expiration_time, at("2026-08-28T09:15:00Z"));

    let message = invocation("queue_json").queue_json::<Value>("msg").unwrap();
    assert_eq!(
        message.body,
        json!({"traceId": "t-1", "attempt": 2, "final": true, "opts": {"a": 1}, "tags": ["x"]})
    );
}

#[test]
fn s17_binary_messages_and_blobs_are_decoded_from_base64_once() {
    let message = invocation("queue_binary").queue_bytes("msg").unwrap();
    assert_eq!(message.body, br#"{"Id":"order-7"}"#);
    let blob = invocation("blob").blob("blob").unwrap();
    assert_eq!(blob.content, b"line 1\nline 2\n");
    assert_eq!(
        blob.uri.as_deref(),
        Some("https://acct.blob.core.windows.net/incoming/2026/a.jsonl")
    );
    assert_eq!(blob.token("name"), Some("2026/a.jsonl"));
    assert_eq!(blob.content_type(), Some("application/x-ndjson"));
    assert_eq!(blob.user_metadata["tenant"], "t1");
    // Bytes that are themselves base64 stay so.
    let twice = decode(r#"{"Data": {"msg": "YUdrPQ=="}}"#)
        .queue_bytes("msg")
        .unwrap();
    assert_eq!(twice.body, b"aGk=");
}

#[test]
fn s18_timers_accept_every_form_of_status() {
    let timer = invocation("timer").timer("timer").unwrap();
    let status = timer.schedule_status.unwrap();
    assert!(!timer.is_past_due);
    assert_eq!(status.last, at("2026-08-21T09:10:00.0031415Z"));
    assert_eq!(status.next, at("2026-08-21T09:15:00Z"));
    assert_eq!(status.last_updated, at("2026-08-21T09:10:00.0031415Z"));

    assert_eq!(
        invocation("timer_unmonitored")
            .timer("timer")
            .unwrap()
            .schedule_status,
        None
    );

    let first_run = decode(
        r#"{"Data": {"timer": {"IsPastDue": true, "ScheduleStatus":
            {"Last": "0001-01-01T00:00:00", "Next": "2026-08-21T09:15:00", "LastUpdated": "rubbish"}}}}"#,
    );
    let timer = first_run.timer("timer").unwrap();
    let status = timer.schedule_status.unwrap();
    assert!(timer.is_past_due);
    assert_eq!((status.last, status.last_updated), (None, None));
    assert_eq!(status.next, at("2026-08-21T09:15:00Z"));
}

#[test]
fn s18_dates_have_any_offset_and_0_to_7_digits() {
    let whole: Timestamp = "2026-08-21T09:15:00Z".parse().unwrap();
    for offset in ["", "Z", "+00:00", "-00:00"] {
        assert_eq!(
            lenient::time(&format!("2026-08-21T09:15:00{offset}")),
            Some(whole),
            "{offset}"
        );
        for digits in 1..=7 {
            let text = format!("2026-08-21T09:15:00.{}{offset}", &"1234567"[..digits]);
            let read = lenient::time(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(read.as_millisecond() / 1000, whole.as_second());
            assert_eq!(read.subsec_nanosecond() / 100_000_000, 1, "{text}");
        }
    }
    assert_eq!(lenient::time("2026-08-21T11:15:00+02:00"), Some(whole));
    for never in [
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:00",
        "",
        "soon",
    ] {
        assert_eq!(lenient::time(never), None, "{never}");
    }
}

#[test]
fn s19_dequeue_count_is_a_string() {
    assert_eq!(
        invocation("queue_text").queue_text("msg").unwrap().dequeue_count,
        Some(1)
    );
    for count in [json!("3"), json!(3), json!("\"3\"")] {
        let body = json!({"Data": {"msg": "\"x\""}, "Metadata": {"DequeueCount": count}});
        assert_eq!(
            decode(&body.to_string()).queue_text("msg").unwrap().dequeue_count,
            Some(3),
            "{count}"
        );
    }
}

#[test]
fn s20_an_overwritten_metadata_changes_nothing_but_facts() {
    let message = invocation("queue_overwritten")
        .queue_json::<Value>("msg")
        .unwrap();
    assert_eq!(message.body["Id"], "order-7");
    assert_eq!(
        message.id.as_deref(),
        Some("order-7"),
        "forged, and documented as forgeable"
    );
    assert_eq!(message.dequeue_count, Some(99));
}

#[test]
fn s20_missing_metadata_is_no_error() {
    for body in [
        r#"{"Data": {"msg": "\"x\""}}"#,
        r#"{"Data": {"msg": "\"x\""}, "Metadata": null}"#,
    ] {
        let message = decode(body).queue_text("msg").unwrap();
        assert_eq!((message.id, message.dequeue_count), (None, None));
    }
    let blob = decode(r#"{"Data": {"blob": ""}, "Metadata": {}}"#)
        .blob("blob")
        .unwrap();
    assert_eq!((blob.content.len(), blob.uri), (0, None));
}

#[test]
fn s21_unknown_members_and_order_do_not_matter() {
    let timer = decode(
        r#"{"Metadata": {"sys": {"New": []}, "More": "1"}, "Other": [1, {"a": null}],
            "Data": {"more": "\"x\"", "timer": {"Colour": {}, "IsPastDue": true, "Schedule": 7}}}"#,
    );
    assert!(timer.timer("timer").unwrap().is_past_due);
}

#[test]
fn s22_retry_context_may_be_absent_or_present() {
    assert_eq!(invocation("timer").retry(), None);
    let retry = invocation("timer_retry").retry().unwrap();
    assert_eq!((retry.retry_count, retry.max_retry_count), (1, 3));
    assert_eq!(
        retry.exception["ClassName"],
        "System.Net.Http.HttpRequestException"
    );
    for exception in [json!(null), json!({"any": [1]}), json!("text")] {
        let context = json!({"RetryCount": 0, "MaxRetryCount": -1, "Exception": exception, "New": 1});
        let body = json!({"Data": {}, "Metadata": {"RetryContext": context}});
        let retry = decode(&body.to_string()).retry().unwrap();
        assert_eq!((retry.retry_count, retry.max_retry_count), (0, -1));
        assert_eq!(retry.exception, exception);
    }
}

#[test]
fn s23_both_schemas_of_event_grid_are_read() {
    for fixture in ["event_grid_cloud_event", "event_grid_schema"] {
        let event = invocation(fixture).event("event").unwrap();
        assert_eq!(event.id, "831e1650-001e-001b-66ab-eeb76e069631", "{fixture}");
        assert_eq!(event.kind, "Microsoft.Storage.BlobCreated");
        assert!(
            event
                .source
                .as_deref()
                .unwrap()
                .ends_with("/storageAccounts/acct")
        );
        assert_eq!(event.time, at("2026-08-21T09:14:58.1234567Z"));
        assert_eq!(event.blob_path(), Some(("incoming", "a.jsonl")));
        assert_eq!(event.data["contentLength"], 14);
    }
}

#[test]
fn s26_the_last_invocation_id_counts() {
    let mut headers = HeaderMap::new();
    headers.append(
        "X-Azure-Functions-InvocationId",
        HeaderValue::from_static("the client's"),
    );
    headers.append(
        "X-Azure-Functions-InvocationId",
        HeaderValue::from_static("the host's"),
    );
    headers.append(
        "X-Azure-Functions-HostVersion",
        HeaderValue::from_static("4.1037.0.0"),
    );
    let invocation = Invocation::decode("F", &headers, b"{}").unwrap();
    assert_eq!(invocation.id(), "the host's");
    assert_eq!(invocation.host_version(), Some("4.1037.0.0"));
}

#[test]
fn s27_traceparent_is_optional_and_a_malformed_one_ignored() {
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let read = |value: &[u8]| {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_bytes(value).unwrap());
        let invocation = Invocation::decode("F", &headers, b"{}").unwrap();
        invocation.traceparent().map(str::to_owned)
    };
    assert_eq!(read(good.as_bytes()).as_deref(), Some(good));
    for bad in [
        &b""[..],
        b"\xff\xfe",
        b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        b"00-00000000000000000000000000000000-b7ad6b7169203331-01",
        b"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        b"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
    ] {
        assert_eq!(read(bad), None, "{}", String::from_utf8_lossy(bad));
    }
    assert_eq!(invocation("timer").traceparent(), None);
}

#[test]
fn a_value_of_the_wrong_kind_is_told_without_quoting_it() {
    let secret = decode(r#"{"Data": {"msg": "s3cret!"}}"#);
    let errors = [
        secret.timer("msg").unwrap_err(),
        secret.queue_bytes("msg").unwrap_err(),
        secret.queue_json::<Vec<u8>>("msg").unwrap_err(),
        secret.event("msg").unwrap_err(),
        secret.blob("other").unwrap_err(),
        Invocation::decode("F", &HeaderMap::new(), b"s3cret!").unwrap_err(),
    ];
    for error in errors {
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    assert!(matches!(secret.blob("other"), Err(EnvelopeError::Missing(name)) if name == "other"));
}
