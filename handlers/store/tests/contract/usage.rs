//! Users and sessions: each counted once, whatever was written, changed, late or removed.

use super::builders::{BuildTurn, at, get, put, turn};
use super::on_each_store;
use domain::analytics::TimeRange;
use domain::interactions::{Interaction, Status};
use domain::usage::{Period, PeriodCounts, SessionRange, UsageRange};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use store::{Channels, PeriodQuery, Store, UpdateOutcome, UsageQuery};

/// Autumn 2026, in all channels.
fn autumn() -> UsageQuery {
    UsageQuery {
        range: UsageRange {
            first: date(2026, 9, 1),
            end: date(2026, 12, 1),
        },
        channel: None,
        open_since: at("2026-11-30T00:00:00Z"),
    }
}

/// Start, users, new users and sessions of each period.
async fn counts(store: &dyn Store, period: Period, channels: Channels) -> Vec<(Date, [i64; 3])> {
    let query = PeriodQuery {
        period,
        range: autumn().range,
        channels,
    };
    let rows = store.period_counts(query).await.unwrap().into_iter();
    rows.map(|row| {
        let PeriodCounts {
            users,
            new_users,
            sessions,
            ..
        } = row.counts;
        (row.start, [users, new_users, sessions])
    })
    .collect()
}

fn visit(number: u128, time: &str, user: &str) -> Interaction {
    turn(number).at(time).session(&format!("s{number}")).user(user)
}

async fn change(store: &dyn Store, number: u128, change: impl Fn(Interaction) -> Interaction) {
    let current = get(store, number).await;
    let version = current.version;
    let changed = store.update_interaction(change(current), version).await.unwrap();
    assert_eq!(changed, UpdateOutcome::Updated);
}

#[tokio::test]
async fn an_empty_shop_counts_nothing() {
    on_each_store("UTC", async |store| {
        assert_eq!(store.usage_numbers(autumn()).await.unwrap(), Default::default());
        assert!(counts(&*store, Period::Day, Channels::Each).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_user_counts_once_a_day_by_the_days_of_the_shop() {
    // 18:30 in UTC is midnight in Kolkata.
    on_each_store("Asia/Kolkata", async |store| {
        let turns = [
            visit(1, "2026-11-01T18:29:59Z", "u"),
            visit(2, "2026-11-01T18:30:00Z", "u"),
            visit(3, "2026-11-02T10:00:00Z", "u").channel("web"),
            visit(4, "2026-11-02T10:00:00Z", "U"),
            turn(5).at("2026-11-02T10:00:00Z").session("s5"),
        ];
        put(&*store, turns).await;
        assert_eq!(
            counts(&*store, Period::Day, Channels::Together).await,
            [(date(2026, 11, 1), [1, 1, 1]), (date(2026, 11, 2), [2, 1, 4])]
        );
        assert_eq!(
            counts(&*store, Period::Week, Channels::Together).await,
            [(date(2026, 10, 26), [1, 1, 1]), (date(2026, 11, 2), [2, 1, 4])]
        );
        assert_eq!(
            counts(&*store, Period::Month, Channels::Together).await,
            [(date(2026, 11, 1), [2, 2, 5])]
        );
        let web = Channels::One("web".to_owned());
        assert_eq!(
            counts(&*store, Period::Day, web).await,
            [(date(2026, 11, 2), [1, 1, 1])]
        );
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_only_turn_of_a_day_loses_the_day() {
    on_each_store("UTC", async |store| {
        put(
            &*store,
            [
                visit(1, "2026-11-02T10:00:00Z", "u"),
                visit(2, "2026-11-10T10:00:00Z", "u"),
            ],
        )
        .await;
        let all = || counts(&*store, Period::Day, Channels::Together);
        let (first, second) = (date(2026, 11, 2), date(2026, 11, 10));
        assert_eq!(all().await, [(first, [1, 1, 1]), (second, [1, 0, 1])]);
        change(&*store, 1, |turn| turn.user("v")).await;
        assert_eq!(all().await, [(first, [1, 1, 1]), (second, [1, 1, 1])]);
        change(&*store, 1, |turn| Interaction {
            user_id: None,
            ..turn
        })
        .await;
        assert_eq!(all().await, [(first, [0, 0, 1]), (second, [1, 1, 1])]);
        // Late: before the first day.
        put(&*store, [visit(3, "2026-10-30T10:00:00Z", "u")]).await;
        assert_eq!(
            all().await,
            [
                (date(2026, 10, 30), [1, 1, 1]),
                (first, [0, 0, 1]),
                (second, [1, 0, 1])
            ]
        );
        let numbers = store.usage_numbers(autumn()).await.unwrap();
        let cohort = date(2026, 10, 26);
        assert_eq!(numbers.cohorts, [((cohort, 0), 1), ((cohort, 2), 1)].into());
    })
    .await;
}

#[tokio::test]
async fn a_session_is_open_until_its_pending_turn_is_given_up() {
    on_each_store("UTC", async |store| {
        let pending = |number, time| turn(number).at(time).session("a");
        put(
            &*store,
            [
                pending(1, "2026-11-02T09:40:00Z"),
                pending(2, "2026-11-02T10:00:00Z"),
                turn(3).at("2026-11-02T09:59:00Z").session("b"),
            ],
        )
        .await;
        let open = async |since: &str| {
            let open_since = at(since);
            let query = UsageQuery {
                open_since,
                ..autumn()
            };
            store.usage_numbers(query).await.unwrap().open
        };
        assert_eq!(open("09:58:59").await, 2);
        assert_eq!(open("09:59:00").await, 1, "half an hour is over at its end");
        assert_eq!(open("10:00:00").await, 0);
        change(&*store, 2, |turn| turn.status(Status::Failed)).await;
        assert_eq!(open("09:00:00").await, 1);
        let sums = store.usage_numbers(autumn()).await.unwrap().sessions;
        assert_eq!(
            (
                sums.sessions,
                sums.turns,
                sums.followed_up,
                sums.failed,
                sums.pending
            ),
            (2, 3, 1, 1, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_removed_stays_counted_and_a_forgotten_session_begins_anew() {
    on_each_store("Europe/Paris", async |store| {
        let turns = [
            visit(1, "2026-11-02T10:00:00Z", "u").session("a"),
            visit(2, "2026-11-02T10:05:00Z", "u")
                .session("a")
                .done_at("2026-11-02T10:06:00Z"),
            visit(3, "2026-11-02T10:07:00Z", "v").session("b"),
        ];
        put(&*store, turns).await;
        let before = store.usage_numbers(autumn()).await.unwrap();
        // The first turn goes, the second is left in the same quarter; then it changes hands.
        store.remove_interactions_before(at("10:03:00")).await.unwrap();
        assert_eq!(store.usage_numbers(autumn()).await.unwrap(), before);
        change(&*store, 2, |turn| turn.user("w")).await;
        let day = async || counts(&*store, Period::Day, Channels::Together).await;
        assert_eq!(
            day().await,
            [(date(2026, 11, 2), [3, 3, 2])],
            "u was there, and is not taken back"
        );
        store.remove_interactions_before(at("10:30:00")).await.unwrap();
        assert_eq!(day().await, [(date(2026, 11, 2), [3, 3, 2])]);
        put(&*store, [visit(4, "2026-11-02T10:00:00Z", "u").session("a")]).await;
        assert_eq!(day().await, [(date(2026, 11, 2), [3, 3, 3])]);
    })
    .await;
}

#[tokio::test]
async fn removing_counts_what_nobody_has_asked_for_yet() {
    on_each_store("UTC", async |store| {
        put(&*store, [visit(1, "2026-11-02T10:00:00Z", "u")]).await;
        store.remove_interactions_before(at("11:00:00")).await.unwrap();
        assert_eq!(
            counts(&*store, Period::Month, Channels::Together).await,
            [(date(2026, 11, 1), [1, 1, 1])]
        );
    })
    .await;
}

/// One session for all and for ever, as a careless client may send it.
#[tokio::test]
async fn a_session_may_span_months() {
    on_each_store("UTC", async |store| {
        let start = at("2026-09-01T00:00:00Z").as_second();
        let turns = (0..90u32).map(|day| {
            let moment = Timestamp::from_second(start + i64::from(day) * 86_400).unwrap();
            turn(day.into()).moment(moment).user(&format!("u{}", day % 7))
        });
        put(&*store, turns).await;
        let months = counts(&*store, Period::Month, Channels::Together).await;
        let expected = [(9, [7, 7, 1]), (10, [7, 0, 1]), (11, [7, 0, 1])];
        assert_eq!(
            months,
            expected.map(|(month, counts)| (date(2026, month, 1), counts))
        );
        let sums = store.usage_numbers(autumn()).await.unwrap().sessions;
        assert_eq!((sums.sessions, sums.turns), (1, 90));
    })
    .await;
}

#[tokio::test]
async fn sessions_are_counted_by_their_first_turn() {
    on_each_store("Asia/Kolkata", async |store| {
        // Midnight is at 18:30.
        let turns = [
            ("a", "2026-11-01T18:00:00Z"),
            ("a", "2026-11-01T19:00:00Z"),
            ("b", "2026-11-01T18:30:00Z"),
            ("c", "2026-11-02T18:29:59Z"),
            ("d", "2026-11-02T18:30:00Z"),
        ];
        let numbered = (1..).zip(turns);
        put(
            &*store,
            numbered.map(|(number, (session, time))| turn(number).session(session).at(time)),
        )
        .await;
        let zone = jiff::tz::TimeZone::get("Asia/Kolkata").unwrap();
        let counted = async |from: &str, to: &str| {
            let (from, to) = (at(from), at(to));
            let range = SessionRange::of(TimeRange { from, to }, &zone);
            store.count_sessions(range).await.unwrap()
        };
        assert_eq!(counted("2026-11-01T18:30:00Z", "2026-11-02T18:30:00Z").await, 2);
        assert_eq!(counted("2026-11-01T18:00:00Z", "2026-11-02T18:30:01Z").await, 4);
        assert_eq!(counted("2026-11-02T00:00:00Z", "2026-11-02T18:30:00Z").await, 1);
        put(&*store, [turn(9).session("d").at("2026-11-02T18:29:00Z")]).await;
        assert_eq!(
            counted("2026-11-02T00:00:00Z", "2026-11-02T18:30:00Z").await,
            2,
            "an earlier turn came late"
        );
    })
    .await;
}
