//! Prices.

use super::builders::{Dice, at, id, walk};
use super::on_each_store;
use domain::audit::AuditEntry;
use domain::pricing::{DeploymentModel, ModelPrice, PriceFilter, SHIPPED, Unit};
use jiff::Timestamp;
use serde_json::json;
use store::{SetPrice, Store};

fn price(number: u128, from: &str) -> ModelPrice {
    ModelPrice {
        id: id(number),
        provider: "p".into(),
        model: "m-*".into(),
        unit: Unit::InputToken,
        price_micros: number as u64 * 10,
        unit_count: 1_000_000,
        effective_from: at(from),
        effective_to: None,
        source: Some("https://prices.example/«liste»".into()),
        set_by: "cli".into(),
        set_at: at("2026-11-02T09:00:00.000001Z"),
    }
}

fn deed(number: u128) -> AuditEntry {
    let subject = format!("deed {number}");
    AuditEntry::new(
        id(number),
        at("12:00:00"),
        "cli",
        "set_price",
        subject,
        json!({"é": [number as u64, null]}),
    )
}

async fn set(store: &dyn Store, price: &ModelPrice) -> SetPrice {
    let number = price.id.as_u128();
    store.set_price(price.clone(), deed(number)).await.unwrap()
}

/// Every row, oldest first.
async fn rows(store: &dyn Store) -> Vec<ModelPrice> {
    store.price_table().await.unwrap().prices
}

fn until(price: &ModelPrice, to: &str) -> ModelPrice {
    ModelPrice {
        effective_to: Some(at(to)),
        ..price.clone()
    }
}

/// The numbers of the deeds in the log, newest first.
async fn deeds(store: &dyn Store) -> Vec<u128> {
    let list = async |page| store.list_audit_log(page).await.unwrap();
    walk(2, list)
        .await
        .iter()
        .map(|entry| entry.id.as_u128())
        .collect()
}

#[tokio::test]
async fn a_price_ends_the_one_before_it() {
    on_each_store("UTC", async |store| {
        let (first, second) = (price(1, "10:00:00"), price(2, "11:00:00"));
        assert_eq!(set(&*store, &first).await, SetPrice::Set);
        assert_eq!(rows(&*store).await, std::slice::from_ref(&first));
        assert_eq!(set(&*store, &second).await, SetPrice::Set);
        let both = [until(&first, "11:00:00"), second.clone()];
        assert_eq!(rows(&*store).await, both);
        for early in ["10:30:00", "11:00:00"] {
            let outcome = set(&*store, &price(3, early)).await;
            assert_eq!(outcome, SetPrice::TooEarly(at("11:00:00")), "{early}");
        }
        assert_eq!(set(&*store, &second).await, SetPrice::Set, "again");
        assert_eq!(
            rows(&*store).await,
            both,
            "what is refused or repeated changes nothing"
        );
        assert_eq!(deeds(&*store).await, [2, 1]);
    })
    .await;
}

#[tokio::test]
async fn providers_models_and_units_have_prices_of_their_own() {
    on_each_store("UTC", async |store| {
        let own = [
            price(1, "10:00:00"),
            ModelPrice {
                provider: "P".into(),
                ..price(2, "10:00:00")
            },
            ModelPrice {
                model: "m".into(),
                ..price(3, "10:00:00")
            },
            ModelPrice {
                unit: Unit::Image,
                source: None,
                price_micros: 0,
                ..price(4, "10:00:00")
            },
            ModelPrice {
                price_micros: 1_000_000_000_000,
                unit_count: 1_000_000_000,
                model: "M".into(),
                ..price(5, "10:00:00")
            },
        ];
        for price in &own {
            assert_eq!(set(&*store, price).await, SetPrice::Set);
        }
        assert_eq!(rows(&*store).await, own);
    })
    .await;
}

/// Sees that rows of one kind follow each other without gap and overlap, and that the last has no end.
fn assert_in_order(rows: &[ModelPrice]) {
    for (place, row) in rows.iter().enumerate() {
        let same = |other: &&ModelPrice| {
            (&other.provider, &other.model, other.unit) == (&row.provider, &row.model, row.unit)
        };
        let next = rows[place + 1..].iter().find(same);
        assert_eq!(
            row.effective_to,
            next.map(|next| next.effective_from),
            "{}",
            row.id
        );
        assert!(next.is_none_or(|next| row.effective_from < next.effective_from));
    }
}

#[tokio::test]
async fn prices_that_are_set_at_once_never_overlap() {
    on_each_store("UTC", async |store| {
        let setting = (1..=12_u128).map(|number| {
            let store = store.clone();
            // Some of them begin in the same moment.
            let from = format!("{}:00:00", 10 + number * 5 % 8);
            tokio::spawn(async move { set(&*store, &price(number, &from)).await })
        });
        let mut done = 0;
        for set in setting.collect::<Vec<_>>() {
            done += usize::from(set.await.unwrap() == SetPrice::Set);
        }
        let rows = rows(&*store).await;
        assert_in_order(&rows);
        assert_eq!((rows.len(), deeds(&*store).await.len()), (done, done));
        assert!(
            rows.iter().any(|row| row.effective_from == at("17:00:00")),
            "the latest is never too early"
        );
    })
    .await;
}

#[tokio::test]
async fn at_any_time_there_is_one_price_at_most() {
    on_each_store("UTC", async |store| {
        let mut dice = Dice(6);
        let mut expected: Vec<ModelPrice> = Vec::new();
        for number in 1..=40 {
            let from =
                at("10:00:00") + jiff::SignedDuration::from_mins(number as i64 * 3 + dice.below(60) as i64);
            let new = ModelPrice {
                model: dice.of(&["a", "b"]).into(),
                unit: dice.of(&[Unit::InputToken, Unit::Image]),
                effective_from: from,
                set_by: dice.of(&["cli", SHIPPED]).into(),
                ..price(number, "10:00:00")
            };
            let same = |row: &&mut ModelPrice| row.model == new.model && row.unit == new.unit;
            let newest = expected
                .iter_mut()
                .filter(same)
                .max_by_key(|row| row.effective_from);
            let newest_is_shipped = newest.as_ref().is_none_or(|newest| newest.set_by == SHIPPED);
            let fits = newest.as_ref().is_none_or(|newest| newest.effective_from < from);
            let added = if new.set_by == SHIPPED {
                let shipped = store.ship_prices(vec![new.clone()], deed(number)).await.unwrap();
                assert_eq!(shipped == 1, fits && newest_is_shipped);
                shipped == 1
            } else {
                let outcome = set(&*store, &new).await;
                assert_eq!(outcome == SetPrice::Set, fits);
                fits
            };
            if added {
                if let Some(newest) = newest {
                    newest.effective_to = Some(from);
                }
                expected.push(new);
            }
        }
        expected.sort_by_key(|row| (row.effective_from, row.id));
        assert!(expected.len() > 8);
        assert_in_order(&expected);
        assert_eq!(rows(&*store).await, expected);
    })
    .await;
}

#[tokio::test]
async fn shipped_prices_are_added_once_and_leave_the_shops_alone() {
    on_each_store("UTC", async |store| {
        let shipped = |number, from| ModelPrice {
            set_by: SHIPPED.into(),
            ..price(number, from)
        };
        let other = |number, from| ModelPrice {
            model: "other".into(),
            ..shipped(number, from)
        };
        let release = vec![
            shipped(1, "10:00:00"),
            other(2, "10:00:00"),
            shipped(3, "11:00:00"),
        ];
        assert_eq!(store.ship_prices(release.clone(), deed(1)).await.unwrap(), 3);
        assert_eq!(
            store.ship_prices(release.clone(), deed(2)).await.unwrap(),
            0,
            "again"
        );
        let first = [
            until(&release[0], "11:00:00"),
            release[1].clone(),
            release[2].clone(),
        ];
        assert_eq!(rows(&*store).await, first);

        let own = ModelPrice {
            model: "other".into(),
            ..price(4, "12:00:00")
        };
        assert_eq!(set(&*store, &own).await, SetPrice::Set);
        let next = vec![shipped(5, "13:00:00"), other(6, "13:00:00")];
        assert_eq!(store.ship_prices(next.clone(), deed(3)).await.unwrap(), 1);
        let after = rows(&*store).await;
        assert_in_order(&after);
        assert_eq!(after[3..], [own, next[0].clone()]);
        assert_eq!(store.ship_prices(Vec::new(), deed(7)).await.unwrap(), 0);
        let mut told = deeds(&*store).await;
        told.sort_unstable();
        assert_eq!(told, [1, 3, 4], "what added nothing is not told");
    })
    .await;
}

#[tokio::test]
async fn the_list_shows_what_holds_or_all() {
    on_each_store("UTC", async |store| {
        let image = |number, from| ModelPrice {
            provider: "q".into(),
            unit: Unit::Image,
            ..price(number, from)
        };
        for price in [
            price(1, "10:00:00"),
            price(2, "11:00:00"),
            price(3, "12:00:00"),
            image(4, "10:30:00"),
            image(5, "11:00:00"),
        ] {
            set(&*store, &price).await;
        }
        let list = async |filter: PriceFilter| {
            let list = async |page| store.list_prices(filter.clone(), page).await.unwrap();
            walk(2, list)
                .await
                .iter()
                .map(|price| price.id.as_u128())
                .collect::<Vec<_>>()
        };
        let all = PriceFilter::default();
        assert_eq!(list(all.clone()).await, [3, 5, 2, 4, 1]);
        let at = |time| PriceFilter {
            at: Some(at(time)),
            ..PriceFilter::default()
        };
        assert_eq!(list(at("09:59:59.999999")).await, []);
        assert_eq!(list(at("10:00:00")).await, [1]);
        assert_eq!(list(at("10:59:59.999999")).await, [4, 1]);
        assert_eq!(list(at("11:00:00")).await, [5, 2]);
        assert_eq!(list(at("2030-01-01T00:00:00Z")).await, [3, 5]);
        assert_eq!(
            list(PriceFilter {
                provider: Some("q".into()),
                ..all.clone()
            })
            .await,
            [5, 4]
        );
        assert_eq!(
            list(PriceFilter {
                model: Some("m-*".into()),
                ..at("11:30:00")
            })
            .await,
            [5, 2]
        );
        assert_eq!(
            list(PriceFilter {
                model: Some("m-1".into()),
                ..all
            })
            .await,
            []
        );
    })
    .await;
}

#[tokio::test]
async fn a_deployment_runs_what_was_said_last() {
    on_each_store("UTC", async |store| {
        let deployment = |name: &str, model: &str, set_at: Timestamp| DeploymentModel {
            deployment: name.into(),
            provider: "p".into(),
            model: model.into(),
            set_by: "cli".into(),
            set_at,
        };
        let said = [
            deployment("shop", "a", at("10:00:00")),
            deployment("Shop", "b", at("11:00:00")),
            deployment("shop", "c", at("12:00:00")),
        ];
        for (number, own) in (1..).zip(&said) {
            store
                .set_deployment_model(own.clone(), deed(number))
                .await
                .unwrap();
        }
        let table = store.price_table().await.unwrap();
        assert_eq!(table.deployments, [said[1].clone(), said[2].clone()]);
        assert_eq!(deeds(&*store).await, [3, 2, 1]);
        let log = store.list_audit_log(Default::default()).await.unwrap();
        assert_eq!(log, [deed(3), deed(2), deed(1)], "as they were written");
    })
    .await;
}
