//! Reports: who makes them, and how they get to their readers.

use super::builders::{at, id, later};
use super::on_each_store;
use domain::page::{Page, PageRequest};
use domain::reports::{
    Attempted, Channel, Delivery, DeliveryFilter, DeliveryState, DocumentSizes, MOST_ATTEMPTS, Report,
    ReportFilter, ReportKind, ReportStatus, Target,
};
use jiff::{SignedDuration, Timestamp};
use store::{Completed, Store};

/// The weekly report on this period, claimed at 06:00 for ten minutes by a run of the same number.
fn report(number: u128, period: &str) -> Report {
    Report {
        id: id(number),
        kind: ReportKind::Weekly,
        period: period.to_owned(),
        from: at("2026-10-26T00:00:00Z"),
        to: at("2026-11-02T00:00:00Z"),
        tz: "Europe/Paris".to_owned(),
        revision: 1,
        status: ReportStatus::Claimed,
        attempts: 1,
        created_at: at("06:00:00"),
        generated_at: None,
        headline: None,
        sizes: None,
        error: None,
        claimed_by: id(1000 + number),
        claimed_until: at("06:10:00"),
    }
}

/// A claim of the same period at a later time, for ten minutes.
fn claim(number: u128, period: &str, time: &str) -> Report {
    Report {
        created_at: at(time),
        claimed_until: at(time) + SignedDuration::from_mins(10),
        ..report(number, period)
    }
}

fn delivery(number: u128, of: u128, reader: &str) -> Delivery {
    let target = Target::new(reader, "a***@shop.example");
    Delivery::new(id(number), id(of), Channel::Mail, target, at("06:01:00"))
}

fn completed(deliveries: Vec<Delivery>) -> Completed {
    Completed {
        generated_at: at("2026-11-02T06:00:30.000001Z"),
        headline: "1,234 turns «Été» 👜".to_owned(),
        sizes: DocumentSizes {
            html: 90_000,
            json: 5_000_000_000,
            csv: 0,
        },
        deliveries,
    }
}

async fn deliveries(store: &dyn Store, of: u128) -> Vec<Delivery> {
    let filter = DeliveryFilter {
        report_id: Some(id(of)),
        state: None,
    };
    store
        .list_deliveries(filter, PageRequest::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_period_is_claimed_once() {
    on_each_store("UTC", async |store| {
        let first = store.claim_report(report(1, "2026-W44")).await.unwrap();
        assert_eq!(first, report(1, "2026-W44"));
        assert!(first.is_held_by(id(1001)));
        let again = store.claim_report(report(1, "2026-W44")).await.unwrap();
        assert_eq!(again, first, "the same claim once more");
        let second = claim(2, "2026-W44", "06:09:59");
        assert_eq!(
            store.claim_report(second).await.unwrap(),
            first,
            "it is being made"
        );
        let other = store
            .claim_report(claim(3, "2026-W45", "06:00:01"))
            .await
            .unwrap();
        assert!(other.is_held_by(id(1003)), "another period");
        let daily = Report {
            kind: ReportKind::Daily,
            ..report(4, "2026-W44")
        };
        let daily = store.claim_report(daily).await.unwrap();
        assert!(daily.is_held_by(id(1004)), "another kind");
        let list = store.list_scheduled_reports(ReportKind::Weekly, 4).await.unwrap();
        assert_eq!(list.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn of_many_claims_at_once_one_wins() {
    on_each_store("UTC", async |store| {
        let claims = (1..=12).map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.claim_report(report(number, "2026-W44")).await.unwrap() })
        });
        let mut winners = Vec::new();
        for (number, claim) in (1..=12).zip(claims.collect::<Vec<_>>()) {
            let stands = claim.await.unwrap();
            if stands.is_held_by(id(1000 + number)) {
                winners.push(stands.id);
            }
        }
        assert_eq!(winners.len(), 1);
        let list = store
            .list_reports(ReportFilter::default(), PageRequest::default())
            .await;
        assert_eq!(list.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_lapsed_is_taken_over_and_the_late_one_comes_too_late() {
    on_each_store("UTC", async |store| {
        store.claim_report(report(1, "2026-W44")).await.unwrap();
        let taken = store
            .claim_report(claim(2, "2026-W44", "06:10:00"))
            .await
            .unwrap();
        assert!(taken.is_held_by(id(1002)));
        assert_eq!(
            (taken.id, taken.attempts, taken.created_at),
            (id(1), 2, at("06:00:00"))
        );
        assert_eq!(taken.claimed_until, at("06:20:00"));
        let late = completed(vec![delivery(1, 1, "late")]);
        assert!(!store.complete_report(id(1), id(1001), late).await.unwrap());
        store
            .fail_report(id(1), id(1001), "late".to_owned())
            .await
            .unwrap();
        assert_eq!(store.get_report(id(1)).await.unwrap(), Some(taken));
        assert_eq!(deliveries(&*store, 1).await, []);
        let done = completed(vec![delivery(2, 1, "a"), delivery(3, 1, "b")]);
        assert!(
            store
                .complete_report(id(1), id(1002), done.clone())
                .await
                .unwrap()
        );
        assert!(
            store
                .complete_report(id(1), id(1002), done.clone())
                .await
                .unwrap(),
            "once more"
        );
        let ready = store.get_report(id(1)).await.unwrap().unwrap();
        assert_eq!(ready.status, ReportStatus::Ready);
        assert_eq!(ready.generated_at, Some(done.generated_at));
        assert_eq!(
            (ready.headline.as_deref(), ready.sizes),
            (Some(&*done.headline), Some(done.sizes))
        );
        assert_eq!(
            deliveries(&*store, 1).await,
            [delivery(3, 1, "b"), delivery(2, 1, "a")]
        );
        let stands = store
            .claim_report(claim(3, "2026-W44", "12:00:00"))
            .await
            .unwrap();
        assert_eq!(stands, ready, "what is ready stays so");
    })
    .await;
}

#[tokio::test]
async fn what_failed_is_tried_again_a_few_times() {
    on_each_store("UTC", async |store| {
        for attempt in 1..=MOST_ATTEMPTS {
            let run = u128::from(attempt);
            let taken = store
                .claim_report(claim(run, "2026-W44", "06:00:00"))
                .await
                .unwrap();
            assert!(taken.is_held_by(id(1000 + run)));
            assert_eq!((taken.attempts, taken.error), (attempt, None));
            store
                .fail_report(id(1), id(1000 + run), "no numbers".to_owned())
                .await
                .unwrap();
            let failed = store.get_report(id(1)).await.unwrap().unwrap();
            assert_eq!(
                (failed.status, failed.error.as_deref()),
                (ReportStatus::Failed, Some("no numbers"))
            );
            assert_eq!(failed.is_settled(), attempt == MOST_ATTEMPTS);
        }
        let stands = store
            .claim_report(claim(99, "2026-W44", "18:00:00"))
            .await
            .unwrap();
        assert!(!stands.is_held_by(id(1099)) && stands.is_settled());
    })
    .await;
}

#[tokio::test]
async fn what_is_always_cut_off_is_given_up() {
    on_each_store("UTC", async |store| {
        let begin = at("06:00:00");
        for attempt in 0..u128::from(MOST_ATTEMPTS) {
            let now = begin + SignedDuration::from_hours(attempt as i64);
            let again = Report {
                created_at: now,
                claimed_until: now + SignedDuration::from_mins(10),
                ..report(attempt + 1, "2026-W44")
            };
            assert!(
                store
                    .claim_report(again)
                    .await
                    .unwrap()
                    .is_held_by(id(1001 + attempt))
            );
        }
        let running = store
            .claim_report(claim(98, "2026-W44", "10:09:59"))
            .await
            .unwrap();
        assert_eq!(running.status, ReportStatus::Claimed);
        let given_up = store
            .claim_report(claim(99, "2026-W44", "10:10:00"))
            .await
            .unwrap();
        assert_eq!(
            (given_up.status, given_up.attempts),
            (ReportStatus::Failed, MOST_ATTEMPTS)
        );
        assert!(given_up.is_settled() && given_up.error.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_revision_that_was_asked_for_is_taken_over_too() {
    on_each_store("UTC", async |store| {
        let asked = store.create_report(report(1, "2026-W44")).await.unwrap();
        let again = Report {
            claimed_by: id(2000),
            created_at: at("06:10:00"),
            claimed_until: at("06:20:00"),
            ..asked
        };
        let taken = store.claim_report(again).await.unwrap();
        assert!(taken.is_held_by(id(2000)));
        assert_eq!((taken.id, taken.revision, taken.attempts), (id(1), 2, 2));
    })
    .await;
}

#[tokio::test]
async fn revisions_are_counted_from_2_on() {
    on_each_store("UTC", async |store| {
        for (number, revision) in [(1, 2), (2, 3), (2, 3), (3, 4)] {
            let stored = store.create_report(report(number, "2026-W44")).await.unwrap();
            let expected = Report {
                revision,
                ..report(number, "2026-W44")
            };
            assert_eq!(stored, expected);
        }
        let scheduled = store.claim_report(report(4, "2026-W44")).await.unwrap();
        assert_eq!((scheduled.revision, scheduled.is_held_by(id(1004))), (1, true));
        let other = store.create_report(report(5, "2026-W45")).await.unwrap();
        assert_eq!(other.revision, 2);
        let at_once = (10..18).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .create_report(report(number, "2026-W44"))
                    .await
                    .unwrap()
                    .revision
            })
        });
        let mut revisions = Vec::new();
        for made in at_once.collect::<Vec<_>>() {
            revisions.push(made.await.unwrap());
        }
        revisions.sort_unstable();
        assert_eq!(revisions, (5..13).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn lists_are_in_order_and_come_in_pages() {
    on_each_store("UTC", async |store| {
        for number in 1..=9_u128 {
            let kind = ReportKind::ALL[number as usize % 3];
            let created_at = later(at("06:00:00"), (number / 2) as i64);
            let from = at("2026-01-01T00:00:00Z") + SignedDuration::from_hours(24 * (20 - number as i64));
            let one = Report {
                kind,
                created_at,
                from,
                ..report(number, &format!("2026-W{number}"))
            };
            store.claim_report(one).await.unwrap();
        }
        let scheduled = store.list_scheduled_reports(ReportKind::Weekly, 2).await.unwrap();
        let ids: Vec<_> = scheduled.iter().map(|report| report.id).collect();
        assert_eq!(ids, [id(1), id(4)], "by period, not by when they were made");
        for (kind, expected) in [
            (None, vec![9, 8, 7, 6, 5, 4, 3, 2, 1]),
            (Some(ReportKind::Daily), vec![9, 6, 3]),
        ] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = PageRequest { limit: 2, after };
                let items = store.list_reports(ReportFilter { kind }, page).await.unwrap();
                let page = Page::of(items, 2, "reports");
                seen.extend(page.items.iter().map(|report| report.id));
                let Some(cursor) = page.next_cursor else { break };
                after = Some(domain::cursor::Position::from_cursor(&cursor, "reports").unwrap());
            }
            assert_eq!(seen, expected.into_iter().map(id).collect::<Vec<_>>());
        }
    })
    .await;
}

/// A report with one delivery, queued at 06:01.
async fn with_one_delivery(store: &dyn Store) {
    store.claim_report(report(1, "2026-W44")).await.unwrap();
    let done = completed(vec![delivery(7, 1, "anna@shop.example")]);
    assert!(store.complete_report(id(1), id(1001), done).await.unwrap());
}

async fn begin(store: &dyn Store, attempt: u128, now: Timestamp) -> Delivery {
    let until = now + SignedDuration::from_mins(2);
    store
        .begin_delivery(id(7), id(attempt), now, until)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn one_attempt_at_a_time() {
    on_each_store("UTC", async |store| {
        with_one_delivery(&*store).await;
        let early = begin(&*store, 1, at("06:00:59")).await;
        assert!(!early.is_held_by(id(1)) && early.attempts == 0, "not due yet");
        let first = begin(&*store, 1, at("06:01:00")).await;
        assert!(first.is_held_by(id(1)));
        assert_eq!((first.attempts, first.held_until), (1, Some(at("06:03:00"))));
        assert_eq!(
            begin(&*store, 1, at("06:01:00")).await,
            first,
            "the same attempt once more"
        );
        let second = begin(&*store, 2, at("06:02:59")).await;
        assert!(!second.is_held_by(id(2)), "one is under way");
        let third = begin(&*store, 3, at("06:03:00")).await;
        assert!(
            third.is_held_by(id(3)) && third.attempts == 2,
            "that one was lost"
        );
        let sent = Attempted::sent(Some(250), at("06:03:01"));
        assert!(
            !store.end_delivery(id(7), id(1), sent.clone()).await.unwrap(),
            "too late"
        );
        assert!(store.end_delivery(id(7), id(3), sent.clone()).await.unwrap());
        assert!(store.end_delivery(id(7), id(3), sent).await.unwrap(), "once more");
        let done = begin(&*store, 4, at("23:00:00")).await;
        assert!(!done.is_held_by(id(4)));
        assert_eq!(
            (done.state, done.status, done.attempts),
            (DeliveryState::Sent, Some(250), 2)
        );
        assert_eq!((done.next_at, done.updated_at), (None, at("06:03:01")));
        let unknown = store
            .begin_delivery(id(8), id(1), at("06:01:00"), at("06:02:00"))
            .await;
        assert_eq!(unknown.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_failure_waits_for_its_time_and_a_dead_one_for_ever() {
    on_each_store("UTC", async |store| {
        with_one_delivery(&*store).await;
        begin(&*store, 1, at("06:01:00")).await;
        let failed = Attempted::failed(1, false, Some(503), "busy", at("06:01:02"));
        assert!(store.end_delivery(id(7), id(1), failed).await.unwrap());
        let early = begin(&*store, 2, at("06:02:01")).await;
        assert!(!early.is_held_by(id(2)));
        assert_eq!(
            (early.state, early.next_at),
            (DeliveryState::Failed, Some(at("06:02:02")))
        );
        assert_eq!(early.reason.as_deref(), Some("busy"));
        let due = begin(&*store, 3, at("06:02:02")).await;
        assert!(due.is_held_by(id(3)) && due.attempts == 2);
        let dead = Attempted::failed(2, true, Some(410), "gone", at("06:02:03"));
        assert!(store.end_delivery(id(7), id(3), dead).await.unwrap());
        assert!(!begin(&*store, 4, at("23:00:00")).await.is_held_by(id(4)));
        for (state, count) in [(DeliveryState::Dead, 1), (DeliveryState::Failed, 0)] {
            let filter = DeliveryFilter {
                report_id: None,
                state: Some(state),
            };
            let list = store
                .list_deliveries(filter, PageRequest::default())
                .await
                .unwrap();
            assert_eq!(list.len(), count, "{state:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_dead_begins_anew() {
    on_each_store("UTC", async |store| {
        with_one_delivery(&*store).await;
        assert_eq!(
            store.revive_deliveries(id(1), at("06:01:00")).await.unwrap(),
            0,
            "queued"
        );
        begin(&*store, 1, at("06:01:00")).await;
        let dead = Attempted::failed(1, true, Some(410), "gone", at("06:01:03"));
        assert!(store.end_delivery(id(7), id(1), dead.clone()).await.unwrap());
        assert_eq!(
            store.revive_deliveries(id(2), at("09:00:00")).await.unwrap(),
            0,
            "another report"
        );
        assert_eq!(store.revive_deliveries(id(1), at("09:00:00")).await.unwrap(), 1);
        assert_eq!(store.revive_deliveries(id(1), at("09:00:01")).await.unwrap(), 0);
        assert!(
            !store.end_delivery(id(7), id(1), dead).await.unwrap(),
            "the attempt of before has nothing to say"
        );
        let fresh = deliveries(&*store, 1).await.remove(0);
        assert_eq!((fresh.state, fresh.attempts), (DeliveryState::Queued, 0));
        assert_eq!((fresh.status, fresh.reason.as_deref()), (None, None));
        assert_eq!((fresh.next_at, fresh.held_by), (Some(at("09:00:00")), None));
        let begun = begin(&*store, 2, at("09:00:00")).await;
        assert!(begun.is_held_by(id(2)) && begun.attempts == 1);
    })
    .await;
}

#[tokio::test]
async fn of_many_attempts_at_once_one_begins() {
    on_each_store("UTC", async |store| {
        with_one_delivery(&*store).await;
        let attempts = (1..=12_u128).map(|attempt| {
            let store = store.clone();
            tokio::spawn(async move {
                begin(&*store, attempt, at("06:01:00"))
                    .await
                    .is_held_by(id(attempt))
            })
        });
        let mut begun = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            begun += usize::from(attempt.await.unwrap());
        }
        assert_eq!(begun, 1);
        assert_eq!(deliveries(&*store, 1).await[0].attempts, 1);
    })
    .await;
}
