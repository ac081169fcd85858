//! Media: who works on an upload, and what becomes of it.

use super::builders::{at, get, id, later, numbers, put, turn, walk};
use super::on_each_store;
use domain::media::{
    Facts, Kind, Media, MediaFilter, NearDuplicate, NewUpload, PhotoFacts, Segment, Status, Variant,
    VoiceFacts,
};
use jiff::{SignedDuration, Timestamp};
use store::{MediaClaim, MediaClaimed, MediaCreated, MediaFinished, MediaResult, Store};

/// A photo that was declared at 10:00.
fn photo(number: u128) -> Media {
    let upload = NewUpload {
        kind: Some(Kind::ProductPhoto),
        name: Some("«Été» 👜.jpg".to_owned()),
        content_type: Some("image/jpeg".to_owned()),
        size: Some(5_000_000),
        sha256: Some([number as u8; 32]),
        product_id: Some("bag".to_owned()),
        alt_text: Some("A red bag".to_owned()),
        ..NewUpload::default()
    };
    upload.into_media(id(number), at("10:00:00"))
}

/// A recording of a turn.
fn recording(number: u128, of: u128) -> Media {
    Media {
        kind: Kind::VoiceRecording,
        interaction_id: Some(id(of)),
        product_id: None,
        ..photo(number)
    }
}

/// A claim of a run of the same number for five minutes.
fn claim(number: u128, run: u128, etag: &str, time: &str) -> MediaClaim {
    MediaClaim {
        id: id(number),
        etag: etag.to_owned(),
        run: id(run),
        now: at(time),
        until: at(time) + SignedDuration::from_mins(5),
        undeclared: None,
    }
}

fn facts(perceptual_hash: u64) -> Facts {
    let colours = [[255, 0, 16], [0, 0, 0]];
    Facts::Photo(PhotoFacts::new(
        (4000, 3000),
        &[1, 2, 3],
        &colours,
        perceptual_hash,
    ))
}

fn voice(duration_ms: u64) -> Facts {
    Facts::Voice(VoiceFacts {
        codec: "opus".to_owned(),
        channels: 2,
        sample_rate_hz: 48_000,
        duration_ms,
        loudness_lufs: Some(-23.04),
        peak_dbfs: None,
        clipped_samples: 5_000_000_000,
        silence_share: 0.125,
        speech: vec![Segment {
            from_ms: 0,
            to_ms: 1500,
        }],
    })
}

fn variant(name: &str) -> Variant {
    Variant {
        variant: name.to_owned(),
        blob: format!("1/{name}"),
        content_type: "image/webp".to_owned(),
        bytes: 5_000_000_000,
        width: Some(640),
        height: None,
        etag: "\"0x8\"".to_owned(),
    }
}

fn ready(number: u128, run: u128, facts: Option<Facts>) -> MediaFinished {
    MediaFinished {
        id: id(number),
        run: id(run),
        now: at("11:00:00"),
        format: Some("jpeg".to_owned()),
        size: Some(5_000_000_001),
        result: MediaResult::Ready {
            facts,
            variants: vec![variant("w640.webp"), variant("w320.webp")],
        },
    }
}

fn refused(number: u128, run: u128, result: fn(String, String) -> MediaResult) -> MediaFinished {
    MediaFinished {
        format: None,
        size: None,
        result: result("too_large".to_owned(), "it has 200 MB".to_owned()),
        ..ready(number, run, None)
    }
}

fn quarantined(reason: String, detail: String) -> MediaResult {
    MediaResult::Quarantined { reason, detail }
}

fn failed(reason: String, detail: String) -> MediaResult {
    MediaResult::Failed { reason, detail }
}

async fn stored(store: &dyn Store, number: u128) -> Media {
    store.get_media(id(number)).await.unwrap().unwrap()
}

/// Takes an upload, which must be free.
async fn take(store: &dyn Store, claim: MediaClaim) -> Media {
    match store.claim_media(claim).await.unwrap() {
        MediaClaimed::Claimed(media) => media,
        other => panic!("it is not free: {other:?}"),
    }
}

/// Declares an upload and works it off at once.
async fn make(store: &dyn Store, media: Media, facts: Facts) {
    let number = media.id.as_u128();
    assert_eq!(store.create_media(media).await.unwrap(), MediaCreated::Created);
    take(store, claim(number, number, "\"1\"", "10:30:00")).await;
    let done = store.finish_media(ready(number, number, Some(facts))).await;
    assert!(done.unwrap());
}

#[tokio::test]
async fn what_is_declared_is_stored_once() {
    on_each_store("UTC", async |store| {
        assert_eq!(store.create_media(photo(1)).await.unwrap(), MediaCreated::Created);
        assert_eq!(stored(&*store, 1).await, photo(1));
        assert_eq!(
            store.create_media(photo(1)).await.unwrap(),
            MediaCreated::Duplicate
        );
        let other = Media {
            supplied_hash: [9; 32],
            ..photo(1)
        };
        assert_eq!(store.create_media(other).await.unwrap(), MediaCreated::Conflict);
        assert_eq!(
            store.create_media(recording(2, 7)).await.unwrap(),
            MediaCreated::NoInteraction
        );
        assert_eq!(store.get_media(id(2)).await.unwrap(), None);
        put(&*store, [turn(7)]).await;
        assert_eq!(
            store.create_media(recording(2, 7)).await.unwrap(),
            MediaCreated::Created
        );
        assert_eq!(stored(&*store, 2).await, recording(2, 7));
        let bare = Media {
            product_id: None,
            alt_text: None,
            declared_type: None,
            declared_size: None,
            declared_sha256: None,
            ..photo(3)
        };
        store.create_media(bare.clone()).await.unwrap();
        assert_eq!(stored(&*store, 3).await, bare);
    })
    .await;
}

#[tokio::test]
async fn of_many_claims_at_once_one_wins() {
    on_each_store("UTC", async |store| {
        let undeclared = Media::undeclared("photos/bag.jpg", "\"1\"", Kind::ProductPhoto, at("10:00:00"));
        let claims: Vec<_> = (1..=12)
            .map(|run| {
                let store = store.clone();
                let claim = MediaClaim {
                    id: undeclared.id,
                    undeclared: Some(undeclared.clone()),
                    ..claim(1, run, "\"1\"", "10:00:00")
                };
                tokio::spawn(async move { store.claim_media(claim).await.unwrap() })
            })
            .collect();
        let mut winners = 0;
        for claim in claims {
            match claim.await.unwrap() {
                MediaClaimed::Claimed(media) => {
                    assert_eq!(
                        (media.incoming.as_str(), media.name.as_str()),
                        ("photos/bag.jpg", "bag.jpg")
                    );
                    winners += 1;
                }
                other => assert_eq!(other, MediaClaimed::Busy),
            }
        }
        assert_eq!(winners, 1);
        let all = store.list_media(MediaFilter::default(), Default::default()).await;
        assert_eq!(all.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_run_takes_over_only_what_is_free() {
    on_each_store("UTC", async |store| {
        assert_eq!(
            store.claim_media(claim(1, 1, "\"1\"", "10:00:00")).await.unwrap(),
            MediaClaimed::Gone
        );
        store.create_media(photo(1)).await.unwrap();
        let held = take(&*store, claim(1, 1, "\"1\"", "10:00:00")).await;
        let expected = Media {
            status: Status::Processing,
            received_etag: Some("\"1\"".to_owned()),
            claimed_by: Some(id(1)),
            claimed_until: Some(at("10:05:00")),
            version: 2,
            ..photo(1)
        };
        assert_eq!(held, expected);
        assert_eq!(
            take(&*store, claim(1, 1, "\"1\"", "10:00:00")).await,
            held,
            "once more"
        );
        for etag in ["\"1\"", "\"2\""] {
            let other = store.claim_media(claim(1, 2, etag, "10:04:59")).await;
            assert_eq!(other.unwrap(), MediaClaimed::Busy);
        }
        let taken = take(&*store, claim(1, 3, "\"2\"", "10:05:00")).await;
        assert_eq!((taken.claimed_by, taken.version), (Some(id(3)), 3));
        assert!(
            !store.finish_media(ready(1, 1, None)).await.unwrap(),
            "it comes too late"
        );
        assert_eq!(stored(&*store, 1).await, taken);
        assert!(
            store
                .finish_media(ready(1, 3, Some(facts(u64::MAX))))
                .await
                .unwrap()
        );
        let done = stored(&*store, 1).await;
        assert!(store.finish_media(ready(1, 3, None)).await.unwrap(), "once more");
        assert_eq!(stored(&*store, 1).await, done, "a second end changes nothing");
        let expected = Media {
            status: Status::Ready,
            format: Some("jpeg".to_owned()),
            size: Some(5_000_000_001),
            facts: Some(facts(u64::MAX)),
            variants: vec![variant("w640.webp"), variant("w320.webp")],
            updated_at: at("11:00:00"),
            version: 4,
            ..taken
        };
        assert_eq!(done, expected);
        for etag in ["\"2\"", "\"3\""] {
            let late = store.claim_media(claim(1, 4, etag, "23:00:00")).await.unwrap();
            assert_eq!(late, MediaClaimed::Done(done.clone()));
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_refused_stays_so_and_what_failed_may_come_again() {
    on_each_store("UTC", async |store| {
        for (number, result, status) in [
            (1, quarantined as fn(_, _) -> _, Status::Quarantined),
            (2, failed, Status::Failed),
        ] {
            store.create_media(photo(number)).await.unwrap();
            take(&*store, claim(number, 1, "\"1\"", "10:00:00")).await;
            assert!(store.finish_media(refused(number, 1, result)).await.unwrap());
            let media = stored(&*store, number).await;
            assert_eq!(
                (media.status, media.reason.as_deref()),
                (status, Some("too_large"))
            );
            assert_eq!(
                (media.detail.as_deref(), media.size),
                (Some("it has 200 MB"), None)
            );
            let same = store
                .claim_media(claim(number, 2, "\"1\"", "12:00:00"))
                .await
                .unwrap();
            assert_eq!(same, MediaClaimed::Done(media));
        }
        let other = store.claim_media(claim(1, 2, "\"2\"", "12:00:00")).await.unwrap();
        assert!(matches!(other, MediaClaimed::Done(_)));
        let again = take(&*store, claim(2, 2, "\"2\"", "12:00:00")).await;
        assert_eq!(
            (again.status, again.reason, again.detail),
            (Status::Processing, None, None)
        );
    })
    .await;
}

#[tokio::test]
async fn a_turn_learns_how_long_its_recording_is() {
    on_each_store("UTC", async |store| {
        let mut known = turn(2);
        known.audio_seconds = Some(3.5);
        put(&*store, [turn(1), known, turn(3)]).await;
        make(&*store, recording(10, 1), voice(61_250)).await;
        make(&*store, recording(11, 2), voice(61_250)).await;
        let first = get(&*store, 1).await;
        assert_eq!((first.audio_seconds, first.version), (Some(61.25), 2));
        assert_eq!(first.updated_at, turn(1).updated_at, "it was later already");
        let second = get(&*store, 2).await;
        assert_eq!(
            (second.audio_seconds, second.version),
            (Some(3.5), 1),
            "the client knew"
        );
        assert_eq!(get(&*store, 3).await, turn(3));
        make(&*store, recording(12, 1), voice(5)).await;
        assert_eq!(get(&*store, 1).await, first, "the first recording counts");
        // Not those of a run whose time is over.
        store.create_media(recording(13, 3)).await.unwrap();
        take(&*store, claim(13, 1, "\"1\"", "10:00:00")).await;
        take(&*store, claim(13, 2, "\"1\"", "10:05:00")).await;
        assert!(!store.finish_media(ready(13, 1, Some(voice(9)))).await.unwrap());
        assert_eq!(get(&*store, 3).await, turn(3));
    })
    .await;
}

#[tokio::test]
async fn only_what_did_not_change_is_removed() {
    on_each_store("UTC", async |store| {
        assert!(!store.delete_media(id(1), 1).await.unwrap());
        make(&*store, photo(1), facts(0)).await;
        make(&*store, photo(2), facts(0)).await;
        let media = stored(&*store, 1).await;
        assert!(!store.delete_media(id(1), media.version - 1).await.unwrap());
        assert_eq!(stored(&*store, 1).await, media);
        assert!(store.delete_media(id(1), media.version).await.unwrap());
        assert_eq!(store.get_media(id(1)).await.unwrap(), None);
        assert_eq!(stored(&*store, 2).await.id, id(2));
        let late = store.claim_media(claim(1, 9, "\"9\"", "12:00:00")).await.unwrap();
        assert_eq!(late, MediaClaimed::Gone);
        assert!(!store.finish_media(ready(1, 1, None)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn photos_that_look_the_same_are_told() {
    on_each_store("UTC", async |store| {
        make(&*store, photo(1), facts(u64::MAX)).await;
        let hashes = [u64::MAX, u64::MAX - 1, u64::MAX << 10, u64::MAX << 11, 0];
        for (number, hash) in (2..).zip(hashes) {
            make(&*store, photo(number), facts(hash)).await;
        }
        let elsewhere = Media {
            product_id: Some("Bag".to_owned()),
            ..photo(20)
        };
        make(&*store, elsewhere, facts(u64::MAX)).await;
        let nowhere = Media {
            product_id: None,
            ..photo(21)
        };
        make(&*store, nowhere, facts(u64::MAX)).await;
        store.create_media(photo(22)).await.unwrap();
        let near = |number, distance| NearDuplicate {
            id: id(number),
            distance,
        };
        let found = store.near_duplicates(id(1)).await.unwrap();
        assert_eq!(found, [near(2, 0), near(3, 1), near(4, 10)]);
        for number in [6, 20, 21, 22, 99] {
            assert_eq!(store.near_duplicates(id(number)).await.unwrap(), [], "{number}");
        }
    })
    .await;
}

#[tokio::test]
async fn lists_are_in_order_and_filtered() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let mut all: Vec<Media> = Vec::new();
        for number in 1..=12_u128 {
            let created_at: Timestamp = later(at("10:00:00"), (number / 3) as i64);
            let base = if number % 2 == 0 {
                photo(number)
            } else {
                recording(number, 1)
            };
            let media = Media {
                created_at,
                updated_at: created_at,
                ..base
            };
            store.create_media(media.clone()).await.unwrap();
            if number % 4 == 0 {
                take(&*store, claim(number, number, "\"1\"", "10:30:00")).await;
            }
            all.push(stored(&*store, number).await);
        }
        all.sort_by_key(|media| (media.created_at, media.id));
        all.reverse();
        let filters = [
            MediaFilter::default(),
            MediaFilter {
                kind: Some(Kind::VoiceRecording),
                ..MediaFilter::default()
            },
            MediaFilter {
                status: Some(Status::Processing),
                ..MediaFilter::default()
            },
            MediaFilter {
                product_id: Some("bag".to_owned()),
                ..MediaFilter::default()
            },
            MediaFilter {
                product_id: Some("BAG".to_owned()),
                ..MediaFilter::default()
            },
            MediaFilter {
                interaction_id: Some(id(1)),
                ..MediaFilter::default()
            },
            MediaFilter {
                to: Some(later(at("10:00:00"), 2)),
                ..MediaFilter::default()
            },
            MediaFilter {
                kind: Some(Kind::ProductPhoto),
                status: Some(Status::Pending),
                product_id: Some("bag".to_owned()),
                interaction_id: None,
                to: Some(later(at("10:00:00"), 3)),
            },
        ];
        for filter in filters {
            let expected: Vec<_> = all
                .iter()
                .filter(|media| passes(media, &filter))
                .cloned()
                .collect();
            for limit in [1, 2, 50] {
                let list = async |page| store.list_media(filter.clone(), page).await.unwrap();
                let found = walk(limit, list).await;
                assert_eq!(numbers(&found), numbers(&expected), "{filter:?} by {limit}");
                assert_eq!(found, expected);
            }
        }
    })
    .await;
}

fn passes(media: &Media, filter: &MediaFilter) -> bool {
    filter.kind.is_none_or(|kind| media.kind == kind)
        && filter.status.is_none_or(|status| media.status == status)
        && (filter.product_id.is_none() || media.product_id == filter.product_id)
        && (filter.interaction_id.is_none() || media.interaction_id == filter.interaction_id)
        && filter.to.is_none_or(|to| media.created_at < to)
}
