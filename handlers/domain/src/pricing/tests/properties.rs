//! What holds for any usage and any prices.

use crate::pricing::{ModelPrice, PriceBook, PriceTable, Unit, Usage};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

fn book(prices: &[(Unit, u64, u64)]) -> PriceBook {
    let price = |(unit, price_micros, unit_count): &(Unit, u64, u64)| ModelPrice {
        id: Uuid::nil(),
        provider: "p".to_owned(),
        model: "m".to_owned(),
        unit: *unit,
        price_micros: *price_micros,
        unit_count: *unit_count,
        effective_from: Timestamp::UNIX_EPOCH,
        effective_to: None,
        source: None,
        set_by: "test".to_owned(),
        set_at: Timestamp::UNIX_EPOCH,
    };
    PriceBook::new(PriceTable {
        prices: prices.iter().map(price).collect(),
        deployments: Vec::new(),
    })
}

fn used(input: u64, cached: u64, output: u64, characters: u64) -> Usage<'static> {
    Usage {
        started_at: Timestamp::UNIX_EPOCH,
        provider: Some("p"),
        model: Some("m"),
        model_version: None,
        deployment: None,
        tokens_input: Some(input),
        tokens_output: Some(output),
        tokens_cached: Some(cached),
        audio_seconds: None,
        characters: Some(characters),
        images: None,
    }
}

const COUNTS: [u64; 6] = [1, 3, 60, 1_000, 999_983, 1_000_000];

prop_compose! {
    /// Prices of input, cached input, output and characters.
    fn prices()(micros in prop::array::uniform4(0..100_000_000_u64), counts in prop::array::uniform4(prop::sample::select(&COUNTS[..])))
        -> [(Unit, u64, u64); 4] {
        let units = [Unit::InputToken, Unit::CachedInputToken, Unit::OutputToken, Unit::Character];
        std::array::from_fn(|place| (units[place], micros[place], counts[place]))
    }
}

proptest! {
    /// The same sum over one common denominator, without any fraction.
    #[test]
    fn the_cost_is_the_rounded_sum_of_its_units(
        prices in prices(), input in 0..10_000_000_u64, part in 0..=100_u64, output in 0..10_000_000_u64, characters in 0..10_000_000_u64,
    ) {
        let cached = input * part / 100;
        let quantities = [input - cached, cached, output, characters];
        let common: u128 = prices.iter().map(|(_, _, count)| u128::from(*count)).product();
        let sum: u128 = prices.iter().zip(quantities)
            .map(|((_, micros, count), quantity)| u128::from(quantity) * u128::from(*micros) * (common / u128::from(*count)))
            .sum();
        let rounded = (2 * sum + common) / (2 * common);
        let cost = book(&prices).cost(&used(input, cached, output, characters));
        prop_assert_eq!(cost.map(u128::from), Some(rounded));
    }

    #[test]
    fn more_never_costs_less(
        prices in prices(), input in 0..10_000_000_u64, more in 0..1_000_000_u64, output in 0..10_000_000_u64,
    ) {
        let book = book(&prices);
        let cost = |input, output| book.cost(&used(input, 0, output, 7));
        prop_assert!(cost(input, output) <= cost(input + more, output));
        prop_assert!(cost(input, output) <= cost(input, output + more));
    }

    #[test]
    fn the_cache_saves_what_it_is_cheaper(prices in prices(), input in 0..10_000_000_u64, cached in 0..20_000_000_u64) {
        let mut prices = prices;
        // Not dearer than input, for as many.
        prices[1] = (Unit::CachedInputToken, prices[0].1 / 2, prices[0].2);
        let book = book(&prices);
        let plain = book.cost(&used(input, 0, 0, 0));
        prop_assert!(book.cost(&used(input, cached, 0, 0)) <= plain);
        let without = self::book(&prices[..1]);
        prop_assert_eq!(without.cost(&used(input, cached, 0, 0)), plain, "without a price of its own it costs the same");
    }

    #[test]
    fn a_unit_without_a_price_makes_the_whole_unknown(prices in prices(), place in 0..4_usize, counts in prop::array::uniform4(0..9_u64)) {
        let [fresh, cached, output, characters] = counts;
        let left: Vec<_> = prices.iter().enumerate().filter(|(own, _)| *own != place).map(|(_, price)| *price).collect();
        let cost = book(&left).cost(&used(fresh + cached, cached, output, characters));
        let needed = match place {
            0 => fresh,
            1 => 0,
            2 => output,
            _ => characters,
        };
        prop_assert_eq!(cost.is_none(), needed > 0);
    }
}
