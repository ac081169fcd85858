//! Ranges, against slices.

use super::backends::{locally, on_azurite};
use super::builders::{HERE, bytes_of, name, noise, put};
use blobs::{BlobError, Storage};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::ops::Range;
use std::sync::Arc;

async fn ask(storage: &dyn Storage, whole: &[u8], range: Range<u64>) {
    let length = whole.len() as u64;
    let got = storage.get(HERE, &name("blob"), Some(range.clone())).await;
    if range.start >= length {
        assert!(
            matches!(&got, Err(BlobError::RangeNotSatisfiable { length: told }) if *told == length),
            "{range:?} of {length}: {:?}",
            got.err()
        );
        return;
    }
    let blob = got.unwrap().unwrap();
    assert_eq!(blob.properties.length, length);
    let end = range.end.clamp(range.start, length);
    assert_eq!(blob.range, range.start..end, "{range:?} of {length}");
    let expected = &whole[range.start as usize..end as usize];
    assert!(
        bytes_of(blob.body).await.unwrap() == expected,
        "{range:?} of {length}"
    );
}

fn check(cases: u32, storage: &dyn Storage) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let ranges = prop::collection::vec((0..1200_u64, 0..1200_u64).prop_map(|(start, end)| start..end), 20);
    let runtime = tokio::runtime::Handle::current();
    TestRunner::new(config)
        .run(&(0..1000_usize, ranges), |(length, ranges)| {
            runtime.block_on(async {
                let whole = noise(length);
                put(storage, &name("blob"), whole.clone()).await;
                for range in ranges {
                    ask(storage, &whole, range).await;
                }
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_are_those_of_a_slice_locally() {
    locally(async |storage| tokio::task::block_in_place(|| check(50, &*storage))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs azurite"]
async fn ranges_are_those_of_a_slice_on_azurite() {
    on_azurite(async |storage| tokio::task::block_in_place(|| check(6, &*storage))).await;
}

/// Around the ends of pieces and blocks, of nothing, and of numbers.
async fn ranges_at_the_edges(storage: Arc<dyn Storage>) {
    const MIB: u64 = 1024 * 1024;
    let whole = noise(9 * MIB as usize + 7);
    let length = whole.len() as u64;
    put(&*storage, &name("blob"), whole.clone()).await;
    let edges = [
        0,
        1,
        256 * 1024,
        4 * MIB - 1,
        4 * MIB,
        8 * MIB + 1,
        length - 1,
        length,
        length + 1,
        u64::MAX,
    ];
    for start in edges {
        for end in edges {
            ask(&*storage, &whole, start..end).await;
        }
    }
    put(&*storage, &name("blob"), "").await;
    for range in [0..0, 0..1, 0..u64::MAX, 5..9] {
        ask(&*storage, b"", range).await;
    }
}

#[tokio::test]
async fn ranges_at_the_edges_are_those_of_a_slice_locally() {
    locally(ranges_at_the_edges).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn ranges_at_the_edges_are_those_of_a_slice_on_azurite() {
    on_azurite(ranges_at_the_edges).await;
}
