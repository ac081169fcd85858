//! Lists of turns: order, pages, and the filters one by one. All filters together: `random_lists`.

use super::builders::{BuildFeedback, BuildTurn, at, get, later, numbers, opinion, put, say, turn, walk};
use super::on_each_store;
use domain::analytics::{StatsFilter, TimeRange};
use domain::interactions::{Interaction, InteractionFilter, InteractionType, Status};
use domain::page::PageRequest;
use jiff::tz::TimeZone;
use store::{NumbersQuery, Store, UpdateOutcome};

/// The numbers of the turns that pass the filter, in order.
async fn listed(store: &dyn Store, filter: &InteractionFilter) -> Vec<u128> {
    let whole = walk(200, async |page| {
        store.list_interactions(filter.clone(), page).await.unwrap()
    });
    numbers(&whole.await)
}

/// Brings the rollups of everything up to date.
pub(crate) async fn roll_up(store: &dyn Store) {
    let range = TimeRange {
        from: at("2000-01-01T00:00:00Z"),
        to: at("2030-01-01T00:00:00Z"),
    };
    let query = NumbersQuery {
        range,
        zone: TimeZone::UTC,
        filter: StatsFilter::default(),
    };
    store.interaction_numbers(query.clone()).await.unwrap();
    store.feedback_numbers(query).await.unwrap();
}

#[tokio::test]
async fn the_latest_start_is_first_and_then_the_greatest_id() {
    on_each_store("UTC", async |store| {
        put(
            &*store,
            [
                turn(3),
                turn(0x0100_0000_0000_0000_0000_0000_0000_0000),
                turn(5).at("2026-11-02T10:00:00.000001Z"),
                turn(1).at("09:00:00"),
                turn(0xff),
                turn(4).at("2020-01-01T00:00:00Z"),
            ],
        )
        .await;
        let expected = [5, 0x0100_0000_0000_0000_0000_0000_0000_0000, 0xff, 3, 1, 4];
        assert_eq!(listed(&*store, &InteractionFilter::default()).await, expected);
    })
    .await;
}

#[tokio::test]
async fn an_empty_database_lists_nothing() {
    on_each_store("UTC", async |store| {
        assert_eq!(listed(&*store, &InteractionFilter::default()).await, []);
        let session = store
            .list_session_interactions("s".into(), PageRequest::default())
            .await;
        assert_eq!(session.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn each_filter_alone_finds_its_turns() {
    on_each_store("UTC", async |store| {
        let plain = (1..=20).map(|number| turn(number).model("common").channel("web"));
        put(&*store, plain).await;
        let special = Interaction {
            prompt_version: Some("3".into()),
            ..turn(99)
                .at("2026-10-01T08:15:00Z")
                .kind(InteractionType::Search)
                .status(Status::Failed)
                .session("S")
                .user("u")
                .provider("p")
                .model("Common")
                .channel("Web")
                .locale("de-CH")
        };
        put(&*store, [special]).await;
        say(&*store, [opinion(1, 99).rating(2)]).await;
        let text = |value: &str| Some(value.to_owned());
        let any = InteractionFilter::default;
        let filters = [
            InteractionFilter {
                kind: Some(InteractionType::Search),
                ..any()
            },
            InteractionFilter {
                status: Some(Status::Failed),
                ..any()
            },
            InteractionFilter {
                model: text("Common"),
                ..any()
            },
            InteractionFilter {
                provider: text("p"),
                ..any()
            },
            InteractionFilter {
                user_id: text("u"),
                ..any()
            },
            InteractionFilter {
                session_id: text("S"),
                ..any()
            },
            InteractionFilter {
                channel: text("Web"),
                ..any()
            },
            InteractionFilter {
                locale: text("de-CH"),
                ..any()
            },
            InteractionFilter {
                rating_min: Some(1),
                ..any()
            },
            InteractionFilter {
                rating_max: Some(5),
                ..any()
            },
            InteractionFilter {
                to: Some(at("2026-10-01T08:15:00.000001Z")),
                ..any()
            },
        ];
        for rolled_up in [false, true] {
            for filter in &filters {
                assert_eq!(
                    listed(&*store, filter).await,
                    [99],
                    "{filter:?}, rolled up: {rolled_up}"
                );
            }
            for filter in [
                InteractionFilter {
                    model: text("COMMON"),
                    ..any()
                },
                InteractionFilter {
                    user_id: text("U"),
                    ..any()
                },
                InteractionFilter {
                    channel: text(""),
                    ..any()
                },
                InteractionFilter {
                    rating_min: Some(3),
                    ..any()
                },
                InteractionFilter {
                    rating_max: Some(1),
                    ..any()
                },
                InteractionFilter {
                    to: Some(at("2026-10-01T08:15:00Z")),
                    ..any()
                },
                InteractionFilter {
                    from: Some(at("10:00:00")),
                    to: Some(at("10:00:00")),
                    ..any()
                },
            ] {
                assert_eq!(listed(&*store, &filter).await, [], "{filter:?}");
            }
            let since = InteractionFilter {
                from: Some(at("10:00:00")),
                ..any()
            };
            assert_eq!(listed(&*store, &since).await.len(), 20, "from is included");
            roll_up(&*store).await;
        }
    })
    .await;
}

/// A filtered list may skip the quarters in which the rollups show nothing; it must not skip what they do not show yet.
#[tokio::test]
async fn rare_values_are_found_in_clean_and_dirty_quarters() {
    on_each_store("UTC", async |store| {
        let start = at("2026-09-01T00:00:00Z");
        let common = (0..1500).map(|number| {
            let time = later(start, number as i64 * 3_600_000_000);
            turn(number)
                .moment(time)
                .model("common")
                .status(Status::Succeeded)
        });
        let common: Vec<_> = common.collect();
        for batch in common.chunks(500) {
            put(&*store, batch.to_vec()).await;
        }
        let rare = |number: u128, hour: i64| {
            turn(10_000 + number)
                .moment(later(start, hour * 3_600_000_000))
                .model("rare")
        };
        put(&*store, [rare(1, 3), rare(2, 700)]).await;
        let filter = InteractionFilter {
            model: Some("rare".into()),
            ..InteractionFilter::default()
        };
        assert_eq!(listed(&*store, &filter).await, [10_002, 10_001]);
        roll_up(&*store).await;
        assert_eq!(listed(&*store, &filter).await, [10_002, 10_001]);

        put(&*store, [rare(3, 500), rare(4, 2000)]).await;
        assert_eq!(listed(&*store, &filter).await, [10_004, 10_002, 10_003, 10_001]);
        let pending = InteractionFilter {
            status: Some(Status::Pending),
            ..filter.clone()
        };
        assert_eq!(listed(&*store, &pending).await, [10_004, 10_002, 10_003, 10_001]);

        for (number, model) in [(100, "rare"), (10_002, "common")] {
            let current = get(&*store, number).await;
            let changed = Interaction {
                version: 2,
                ..current.model(model)
            };
            assert_eq!(
                store.update_interaction(changed, 1).await.unwrap(),
                UpdateOutcome::Updated
            );
        }
        assert_eq!(listed(&*store, &filter).await, [10_004, 10_003, 100, 10_001]);
        roll_up(&*store).await;
        assert_eq!(listed(&*store, &filter).await, [10_004, 10_003, 100, 10_001]);
    })
    .await;
}
