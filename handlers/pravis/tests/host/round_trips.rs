//! What the local host sends is what the Functions host sends, and the decoder reads it back.

use axum::http::HeaderMap;
use jiff::Timestamp;
use pravis::host::blob::Blob;
use pravis::host::envelope::Invocation;
use pravis::host::event_grid::Event;
use pravis::host::payload::Payload;
use pravis::host::queue::QueueMessage;
use pravis::host::retry::RetryContext;
use pravis::host::timer::{ScheduleStatus, TimerInfo};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::fixtures::{invocation, json as fixture};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn decode(payload: Payload) -> Invocation {
    Invocation::decode("F", &HeaderMap::new(), &payload.into_bytes()).unwrap()
}

/// Equal but for `sys`, whose GUID is new each time, and which a message may have overwritten.
fn assert_golden(payload: Payload, name: &str) {
    let mut sent = payload.into_value();
    let mut golden = fixture(name);
    let sys = sent["Metadata"]["sys"].take();
    let expected = golden["Metadata"]["sys"].take();
    if expected.is_object() {
        assert_eq!(sys["MethodName"], expected["MethodName"]);
        assert_eq!(sys["UtcNow"], expected["UtcNow"]);
        assert_eq!(sys.as_object().unwrap().len(), 3);
    } else {
        assert_eq!(sys, expected);
    }
    assert_eq!(sent, golden, "{name}");
}

#[test]
fn the_golden_envelopes_are_written_too() {
    let now: Timestamp = "2026-08-21T09:15:00.0123456Z".parse().unwrap();
    for name in ["timer", "timer_unmonitored"] {
        let mut expected = fixture(name);
        let timer = invocation(name).timer("timer").unwrap();
        let mut sent = timer.payload("RollupTimer", "timer", now).into_value();
        // .NET prints seven digits or none; so do we, up to trailing zeros.
        expected["Metadata"]["sys"]["RandGuid"] = Value::Null;
        sent["Metadata"]["sys"]["RandGuid"] = Value::Null;
        assert_eq!(sent, expected, "{name}");
    }
    let retry = invocation("timer_retry").retry().unwrap();
    let timer = invocation("timer_retry").timer("timer").unwrap();
    assert_golden(
        timer.payload("RollupTimer", "timer", now).retry(&retry),
        "timer_retry",
    );
    for name in ["queue_text", "queue_json", "queue_overwritten"] {
        let mut message = invocation(name).queue_text("msg").unwrap();
        if name == "queue_overwritten" {
            message.id = Some("800ae4b3".to_owned());
            message.dequeue_count = Some(1);
        }
        assert_golden(message.payload("IngestQueue", "msg", now), name);
    }
    let message = invocation("queue_binary").queue_bytes("msg").unwrap();
    assert_golden(message.payload("IngestQueue", "msg", now), "queue_binary");
    let blob = invocation("blob").blob("blob").unwrap();
    assert_golden(blob.payload("BlobIngest", "blob", now), "blob");
    let event = invocation("event_grid_cloud_event").event("event").unwrap();
    assert_golden(
        event.payload("OnBlobEvent", "event", now),
        "event_grid_cloud_event",
    );
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000, 0_i32..10_000_000).prop_map(|(s, ticks)| Timestamp::new(s, ticks * 100).unwrap())
}

fn second() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000).prop_map(|s| Timestamp::from_second(s).unwrap())
}

prop_compose! {
    fn facts()(
        id in option::of(any::<String>()),
        dequeue_count in option::of(any::<u64>()),
        insertion_time in option::of(second()),
        expiration_time in option::of(second()),
        next_visible_time in option::of(second()),
        pop_receipt in option::of(any::<String>()),
    ) -> QueueMessage<()> {
        QueueMessage { body: (), id, dequeue_count, insertion_time, expiration_time, next_visible_time, pop_receipt }
    }
}

fn with<T>(facts: QueueMessage<()>, body: T) -> QueueMessage<T> {
    facts.try_map(|()| Ok::<_, ()>(body)).unwrap()
}

proptest! {
    #[test]
    fn timer(
        status in option::of((option::of(time()), option::of(time()), option::of(time()))),
        is_past_due: bool,
        retry_count: u32,
        max_retry_count in -1..100,
    ) {
        let schedule_status =
            status.map(|(last, next, last_updated)| ScheduleStatus { last, next, last_updated });
        let sent = TimerInfo { schedule_status, is_past_due };
        let context =
            RetryContext { retry_count, max_retry_count, exception: json!({"Message": "no"}), ..Default::default() };
        let read = decode(sent.payload("F", "timer", NOW).retry(&context));
        prop_assert_eq!(read.timer("timer").unwrap(), sent);
        prop_assert_eq!(read.retry().unwrap(), context);
    }

    #[test]
    fn queue_text(facts in facts(), body: String) {
        let sent = with(facts, body);
        let read = decode(sent.payload("F", "msg", NOW)).queue_text("msg").unwrap();
        prop_assert_eq!(read, sent);
    }

    #[test]
    fn queue_text_that_is_an_object(id: String, count in 0..9_u64) {
        let body = json!({"ID": id, "dequeuecount": count, "tags": [1], "none": null}).to_string();
        let sent = QueueMessage { id: Some("the queue's".to_owned()), ..QueueMessage::new(body) };
        let read = decode(sent.payload("F", "msg", NOW)).queue_text("msg").unwrap();
        prop_assert_eq!(&read.body, &sent.body);
        prop_assert_eq!(read.id, Some(id), "overwritten, as the host would");
    }

    #[test]
    fn queue_bytes(facts in facts(), body: Vec<u8>) {
        let sent = with(facts, body);
        let read = decode(sent.payload("F", "msg", NOW)).queue_bytes("msg").unwrap();
        prop_assert_eq!(read, sent);
    }

    #[test]
    fn blob(content: Vec<u8>, uri in option::of(any::<String>()), name: String, tenant: String) {
        let object = |key: &str, value: &str| Map::from_iter([(key.to_owned(), Value::from(value))]);
        let sent = Blob {
            content,
            uri,
            properties: object("ContentType", "image/png"),
            user_metadata: object("tenant", &tenant),
            tokens: object("name", &name),
        };
        prop_assert_eq!(decode(sent.payload("F", "blob", NOW)).blob("blob").unwrap(), sent);
    }

    #[test]
    fn event(
        (id, kind) in any::<(String, String)>(),
        source in option::of(any::<String>()),
        subject in option::of(any::<String>()),
        time in option::of(time()),
        text in option::of(any::<String>()),
    ) {
        let data = text.map_or(Value::Null, |text| json!({"text": text}));
        let sent = Event { id, kind, source, subject, time, data };
        prop_assert_eq!(decode(sent.payload("F", "event", NOW)).event("event").unwrap(), sent);
    }
}
