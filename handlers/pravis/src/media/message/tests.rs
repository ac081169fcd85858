use super::*;
use proptest::prelude::*;

/// As Microsoft's documentation has it, for a storage account and the schema of CloudEvents.
const CLOUD: &str = r##"{
    "specversion": "1.0",
    "source": "/subscriptions/s/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/shop",
    "subject": "/blobServices/default/containers/incoming/blobs/0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55",
    "type": "Microsoft.Storage.BlobCreated",
    "id": "831e1650-001e-001b-66ab-eeb76e069631",
    "time": "2026-08-21T09:14:58.1234567Z",
    "data": {
        "api": "PutBlockList", "clientRequestId": "6d79dbfb-0e37-4fc4-981f-442c9ca65760",
        "requestId": "831e1650-001e-001b-66ab-eeb76e000000", "eTag": "0x8D4BCC2E4835CD0", "contentType": "image/jpeg",
        "contentLength": 524288, "blobType": "BlockBlob",
        "url": "https://shop.blob.core.windows.net/incoming/0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55",
        "sequencer": "00000000000004420000000000028963", "storageDiagnostics": {"batchId": "b68529f3-68cd-4744-baa4-3c0498ec19f0"}
    }
}"##;

/// The same in Event Grid's own schema.
const GRID: &str = r##"{
    "topic": "/subscriptions/s/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/shop",
    "subject": "/blobServices/default/containers/incoming/blobs/2026/a%7Eb.jpg",
    "eventType": "Microsoft.Storage.BlobCreated",
    "eventTime": "2026-08-21T09:14:58.1234567Z",
    "id": "831e1650-001e-001b-66ab-eeb76e069631",
    "data": {"api": "PutBlob", "eTag": "\"0x8D4BCC2E4835CD0\"", "contentLength": 14, "blobType": "BlockBlob"},
    "dataVersion": "", "metadataVersion": "1"
}"##;

fn arrivals(message: &str) -> Vec<(String, u64, u32)> {
    let notices = read(message.as_bytes()).unwrap();
    let arrived = notices.into_iter().map(|notice| match notice {
        Notice::Arrived(arrival) => (arrival.name, arrival.failures, arrival.waits),
        other => panic!("{other:?}"),
    });
    arrived.collect()
}

#[test]
fn both_schemas_are_read_alone_and_in_an_array() {
    let cloud = ("0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55".to_owned(), 0, 0);
    let grid = ("2026/a~b.jpg".to_owned(), 0, 0);
    assert_eq!(arrivals(CLOUD), std::slice::from_ref(&cloud));
    assert_eq!(arrivals(GRID), std::slice::from_ref(&grid));
    assert_eq!(arrivals(&format!("[{GRID}]")), std::slice::from_ref(&grid));
    assert_eq!(arrivals(&format!("\u{20}[{CLOUD},\n{GRID}]")), [cloud, grid]);
    assert_eq!(read(b"[]").unwrap(), []);
}

#[test]
fn what_is_no_arrival_is_told_apart() {
    let of = |text: &str| read(text.as_bytes()).unwrap().remove(0);
    let deleted = CLOUD.replace("BlobCreated", "BlobDeleted");
    assert_eq!(
        of(&deleted),
        Notice::Ignored("Microsoft.Storage.BlobDeleted".to_owned())
    );
    let elsewhere = CLOUD.replace("containers/incoming", "containers/media");
    assert_eq!(of(&elsewhere), Notice::Ignored("a blob of media".to_owned()));
    let validation = GRID.replace(BLOB_CREATED, VALIDATION);
    assert_eq!(of(&validation), Notice::Validation);
}

#[test]
fn what_is_no_event_is_refused_without_quoting_it() {
    let without_name = CLOUD.replace("/blobs/0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55\"", "/blobs/\"");
    let elsewhere = CLOUD.replace("/blobServices/default/containers/", "/fileServices/");
    let bad = [
        "",
        "hush",
        "1",
        "null",
        "\"hush\"",
        "{}",
        "[1]",
        "[[]]",
        r#"{"id": "hush"}"#,
        r#"{"id": 1, "type": 2}"#,
    ];
    for message in bad
        .into_iter()
        .chain([without_name.as_str(), elsewhere.as_str(), &CLOUD[..300]])
    {
        let refused = read(message.as_bytes()).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("hush"), "{message}");
    }
    assert!(read(b"\xff{}").is_err());
}

#[test]
fn a_message_that_waits_counts_and_its_pauses_grow_to_a_minute() {
    for schema in [CLOUD, GRID] {
        let Notice::Arrived(mut arrival) = read(schema.as_bytes()).unwrap().remove(0) else {
            panic!("it is one")
        };
        let first = arrival.clone();
        let mut pauses = Vec::new();
        for round in 1..40 {
            let (message, pause) = arrival.again(Uuid::from_u128(7), 3);
            pauses.push(pause.as_secs());
            let Notice::Arrived(next) = read(&message).unwrap().remove(0) else {
                panic!("it still is one")
            };
            assert_eq!((&next.name, next.failures, next.waits), (&first.name, 3, round));
            assert_eq!(next.run, Some(Uuid::from_u128(7)));
            arrival = next;
        }
        assert_eq!((&pauses[..5], pauses[38]), (&[5, 10, 20, 40, 60][..], 60));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_part_of_an_event_may_be_anything(at in 0..8_usize, value in prop_oneof![
        Just(json!(null)), any::<i64>().prop_map(Value::from), any::<bool>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from), Just(json!([])), Just(json!({"a": 1})),
    ]) {
        let members = ["id", "type", "subject", "data", "time", FAILURES, WAITS, RUN];
        let mut event: Value = serde_json::from_str(CLOUD).unwrap();
        event[members[at]] = value;
        if let Ok(notices) = read(event.to_string().as_bytes())
            && let Some(Notice::Arrived(arrival)) = notices.first()
        {
            let (message, pause) = arrival.again(Uuid::nil(), u64::MAX);
            prop_assert!(pause <= LONGEST && read(&message).is_ok());
        }
    }

    /// Whatever is encoded of a name, and in whichever schema it comes.
    #[test]
    fn names_come_through_percent_encoding(name in "\\PC{1,40}", grid in any::<bool>(), all in any::<bool>()) {
        let encoded: String = name
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' if !all => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        let mut event: Value = serde_json::from_str(if grid { GRID } else { CLOUD }).unwrap();
        event["subject"] = json!(format!("/blobServices/default/containers/incoming/blobs/{encoded}"));
        let found = arrivals(&event.to_string());
        prop_assert_eq!(&found[0].0, &name);
    }
}
