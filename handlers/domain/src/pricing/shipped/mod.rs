//! The prices that come with the program (`prices.csv`), so that the usual turn has a cost from the first day.

use super::{ModelPrice, PriceTable, SHIPPED, Unit};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

const PRICES: &str = include_str!("prices.csv");

/// The shipped prices as rows, by time. The same row has the same id in every process and release.
pub fn prices(now: Timestamp) -> Vec<ModelPrice> {
    let mut prices: Vec<ModelPrice> = lines().flat_map(|line| rows(line, now)).collect();
    prices.sort_by_key(|price| price.effective_from);
    for place in 0..prices.len() {
        let next = prices[place + 1..].iter().find(|next| same(next, &prices[place]));
        prices[place].effective_to = next.map(|next| next.effective_from);
    }
    prices
}

/// The shipped prices as a table, for as long as the store could not be asked.
pub fn table() -> PriceTable {
    PriceTable {
        prices: prices(Timestamp::UNIX_EPOCH),
        deployments: Vec::new(),
    }
}

/// What of the shipped prices a table still lacks: rows that are later than all of the same provider, model and unit. Where the
/// shop has set a price, it has the last word.
pub fn due(table: &PriceTable, now: Timestamp) -> Vec<ModelPrice> {
    let mut due = prices(now);
    due.retain(|new| {
        let mut stored = table.prices.iter().filter(|stored| same(stored, new));
        stored.all(|stored| stored.set_by == SHIPPED && stored.effective_from < new.effective_from)
    });
    due
}

fn same(one: &ModelPrice, other: &ModelPrice) -> bool {
    one.unit == other.unit && one.model == other.model && one.provider == other.provider
}

/// The lines that hold prices: after the remarks and the names of the columns.
fn lines() -> impl Iterator<Item = &'static str> {
    PRICES.lines().filter(|line| !line.starts_with('#')).skip(1)
}

/// The rows of a line: one for each name and unit. A test reads all lines, so nothing is left out here unseen.
fn rows(line: &str, now: Timestamp) -> Vec<ModelPrice> {
    let [
        provider,
        models,
        from,
        input,
        cached,
        output,
        audio,
        characters,
        images,
        source,
    ] = line.splitn(10, ',').collect::<Vec<_>>()[..]
    else {
        return Vec::new();
    };
    let prices = [
        (Unit::InputToken, input),
        (Unit::CachedInputToken, cached),
        (Unit::OutputToken, output),
        (Unit::AudioMinute, audio),
        (Unit::Character, characters),
        (Unit::Image, images),
    ];
    let from = from.parse().ok().and_then(midnight).unwrap_or(Timestamp::MAX);
    let row = |model: &str, unit: Unit, price_micros| ModelPrice {
        id: id(&format!("{provider} {model} {} {from}", unit.as_str())),
        provider: provider.to_owned(),
        model: model.to_owned(),
        unit,
        price_micros,
        unit_count: unit.usual_count(),
        effective_from: from,
        effective_to: None,
        source: Some(source.to_owned()),
        set_by: SHIPPED.to_owned(),
        set_at: now,
    };
    let priced = prices
        .iter()
        .filter_map(|(unit, price)| Some((*unit, micros(price)?)));
    priced
        .flat_map(|(unit, micros)| models.split('|').map(move |model| (model, unit, micros)))
        .map(|(model, unit, micros)| row(model, unit, micros))
        .collect()
}

/// Dollars with up to six decimals, as micro-dollars.
fn micros(dollars: &str) -> Option<u64> {
    let (whole, part) = dollars.split_once('.').unwrap_or((dollars, ""));
    let part = format!("{part:0<6}");
    let (whole, part): (u64, u64) = (whole.parse().ok()?, part.get(..6)?.parse().ok()?);
    whole.checked_mul(1_000_000)?.checked_add(part)
}

fn midnight(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// An id that follows from what the row is about.
fn id(text: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn now() -> Timestamp {
        "2026-11-02T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn every_line_is_read_to_its_end() {
        let mut ids = HashSet::new();
        for line in lines() {
            let cells: Vec<_> = line.split(',').collect();
            assert_eq!(cells.len(), 10, "{line}");
            let names = cells[1].split('|').count();
            let prices = cells[3..9].iter().filter(|cell| !cell.is_empty()).count();
            let rows = rows(line, now());
            assert_eq!(rows.len(), names * prices, "{line}");
            assert!(prices > 0 && cells[9].starts_with("https://"), "{line}");
            for row in rows {
                assert!(row.effective_from < now(), "{line}");
                assert_eq!(super::super::provider_name(&row.provider), row.provider);
                assert!(ids.insert(row.id), "{line} stands there twice");
            }
        }
        assert!(ids.len() > 200);
    }

    #[test]
    fn dollars_are_read_without_rounding() {
        for (dollars, own) in [
            ("0.0375", Some(37_500)),
            ("0.006", Some(6_000)),
            ("30", Some(30_000_000)),
            ("0", Some(0)),
            ("0.000001", Some(1)),
            ("", None),
            ("1.5e3", None),
            ("-1", None),
        ] {
            assert_eq!(micros(dollars), own, "{dollars}");
        }
    }

    #[test]
    fn rows_of_a_unit_follow_each_other_and_differ() {
        let prices = prices(now());
        for (place, price) in prices.iter().enumerate() {
            let next = prices[place + 1..].iter().find(|next| same(next, price));
            assert_eq!(price.effective_to, next.map(|next| next.effective_from));
            if let Some(next) = next {
                assert!(price.effective_from < next.effective_from);
                assert_ne!(
                    price.price_micros, next.price_micros,
                    "{} did not change",
                    price.model
                );
            }
        }
    }

    #[test]
    fn a_table_gets_what_it_lacks_and_the_shop_has_the_last_word() {
        let all = prices(now());
        assert_eq!(due(&PriceTable::default(), now()).len(), all.len());
        let mut table = PriceTable {
            prices: all.clone(),
            ..PriceTable::default()
        };
        assert_eq!(due(&table, now()), []);

        let sonnet = |price: &ModelPrice| price.model == "claude-sonnet-5" && price.unit == Unit::InputToken;
        let newer = all.iter().rfind(|price| sonnet(price)).unwrap();
        table.prices.retain(|price| price.id != newer.id);
        assert_eq!(
            due(&table, now()),
            std::slice::from_ref(newer),
            "an older release knew the first price only"
        );
        for price in table.prices.iter_mut().filter(|price| sonnet(price)) {
            price.set_by = "cli".to_owned();
        }
        assert_eq!(due(&table, now()), []);
    }
}
