//! The groups of a series: the most important ones, and the rest as one.

use crate::analytics::Rollup;
use std::collections::{BTreeMap, HashMap};

/// What each group counts in each bucket; buckets in which it counts nothing are left out. Without groups all is under the
/// empty text, which else stands for what is unknown.
pub type Grouped<R> = HashMap<String, BTreeMap<usize, R>>;

/// One group of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<R> {
    /// The value that its turns share, or `other`; the empty text where it is unknown.
    pub name: String,
    /// Whether it is the rest. A value may be called `other`, too.
    pub other: bool,
    /// What it counts, by the number of the bucket.
    pub points: BTreeMap<usize, R>,
}

/// The `most` groups of greatest weight, greatest first (the name decides between equals), and all others merged as one,
/// which is left out where there are none.
pub fn top<R: Rollup>(groups: Grouped<R>, most: usize, weight: impl Fn(&R) -> i64) -> Vec<Group<R>> {
    let mut weighed: Vec<(i64, Group<R>)> = groups
        .into_iter()
        .map(|(name, points)| {
            let weight = points.values().map(&weight).sum();
            let other = false;
            (weight, Group { name, other, points })
        })
        .collect();
    weighed.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.name.cmp(&other.name)));
    let mut groups: Vec<_> = weighed.into_iter().map(|(_, group)| group).collect();
    let rest = groups.split_off(most.min(groups.len()));
    if !rest.is_empty() {
        groups.push(merged(rest));
    }
    groups
}

fn merged<R: Rollup>(rest: Vec<Group<R>>) -> Group<R> {
    let mut points: BTreeMap<usize, R> = BTreeMap::new();
    for (bucket, rollup) in rest.into_iter().flat_map(|group| group.points) {
        points.entry(bucket).or_default().add(&rollup);
    }
    Group {
        name: "other".to_owned(),
        other: true,
        points,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::InteractionRollup;

    fn counting(total: i64, millis: f64) -> InteractionRollup {
        let mut rollup = InteractionRollup {
            total,
            ..InteractionRollup::default()
        };
        (0..total).for_each(|_| rollup.duration.record(Some(millis)));
        rollup
    }

    #[test]
    fn the_rest_is_merged_and_not_averaged() {
        let groups = Grouped::from([
            (
                "a".to_owned(),
                BTreeMap::from([(0, counting(5, 1.0)), (3, counting(5, 1.0))]),
            ),
            ("other".to_owned(), BTreeMap::from([(1, counting(9, 1.0))])),
            ("b".to_owned(), BTreeMap::from([(0, counting(1, 1.0))])),
            (
                String::new(),
                BTreeMap::from([(0, counting(3, 100.0)), (2, counting(1, 1.0))]),
            ),
        ]);
        let top = top(groups, 2, |rollup| rollup.total);
        let names: Vec<_> = top
            .iter()
            .map(|group| (group.name.as_str(), group.other))
            .collect();
        assert_eq!(names, [("a", false), ("other", false), ("other", true)]);
        let rest = &top[2].points;
        assert_eq!(rest.keys().copied().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(rest[&0].total, 4);
        let median = rest[&0].duration.histogram.quantile(0.5).unwrap();
        assert!(
            (median - 100.0).abs() < 2.0,
            "{median}: three of four took 100 ms"
        );
    }

    #[test]
    fn nothing_is_the_rest_of_few() {
        let groups = |count: i64| -> Grouped<InteractionRollup> {
            (0..count)
                .map(|n| (n.to_string(), BTreeMap::from([(0, counting(1, 1.0))])))
                .collect()
        };
        assert!(top(groups(0), 3, |_| 1).is_empty());
        assert!(top(groups(3), 3, |_| 1).iter().all(|group| !group.other));
        assert_eq!(top(groups(4), 3, |_| 1).len(), 4);
    }
}
