//! Names and lists, against a sorted set.

use super::backends::{locally, on_azurite};
use super::builders::{HERE, name, put, read};
use blobs::{BlobName, Condition, Storage};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Few parts, so that many blobs share folders. Their order is not that of their folders: `a-` is before `a/`, `a0` after it.
fn names() -> impl Strategy<Value = BlobName> {
    let part = prop::sample::select(vec!["a", "a-", "a.b", "a0", "A", "b", "_~"]);
    prop::collection::vec(part, 1..4).prop_map(|parts| BlobName::new(parts.join("/")).unwrap())
}

/// Blobs, and what to ask about them: prefix and start are cut from some of their names.
fn cases() -> impl Strategy<Value = (BTreeSet<BlobName>, Vec<Question>)> {
    let question = (any::<Index>(), 0..6_usize, any::<Option<Index>>(), 0..7_usize);
    (
        prop::collection::btree_set(names(), 1..25),
        prop::collection::vec(question, 12),
    )
}

type Question = (Index, usize, Option<Index>, usize);

async fn ask(storage: &dyn Storage, names: &BTreeSet<BlobName>, question: Question) {
    let (of, cut, after, limit) = question;
    let all: Vec<_> = names.iter().collect();
    let prefix: String = of.get(&all).as_str().chars().take(cut).collect();
    let after = after.map(|index| (*index.get(&all)).clone());
    let found = storage.list(HERE, &prefix, after.as_ref(), limit).await.unwrap();
    let found: Vec<_> = found.iter().map(|blob| blob.name.as_str()).collect();
    let expected: Vec<_> = names
        .iter()
        .filter(|name| name.as_str().starts_with(&prefix) && after.as_ref().is_none_or(|after| *name > after))
        .map(BlobName::as_str)
        .take(limit)
        .collect();
    assert_eq!(found, expected, "{prefix:?} after {after:?}, {limit}");
}

/// Puts the blobs, asks, deletes every second one, asks again, and deletes the rest.
async fn lists_are_those_of_a_set(
    storage: &dyn Storage,
    mut names: BTreeSet<BlobName>,
    questions: &[Question],
) {
    for name in &names {
        let etag = put(storage, name, name.to_string()).await;
        let listed = storage.list(HERE, name.as_str(), None, 1).await.unwrap();
        assert_eq!(listed[0].etag, etag, "{name}");
    }
    for question in questions {
        ask(storage, &names, *question).await;
    }
    let second: Vec<_> = names.iter().skip(1).step_by(2).cloned().collect();
    for name in &second {
        assert_eq!(read(storage, name, None).await, name.as_str().as_bytes());
        assert!(storage.delete(HERE, name, Condition::None).await.unwrap());
        names.remove(name);
    }
    for question in questions {
        ask(storage, &names, *question).await;
    }
    for name in &names {
        storage.delete(HERE, name, Condition::None).await.unwrap();
    }
    assert_eq!(storage.list(HERE, "", None, 9).await.unwrap(), []);
}

fn check(cases_of: u32, storage: &dyn Storage) {
    let config = Config {
        cases: cases_of,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let runtime = tokio::runtime::Handle::current();
    TestRunner::new(config)
        .run(&cases(), |(names, questions)| {
            runtime.block_on(lists_are_those_of_a_set(storage, names, &questions));
            Ok(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_those_of_a_set_locally() {
    locally(async |storage| tokio::task::block_in_place(|| check(25, &*storage))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs azurite"]
async fn lists_are_those_of_a_set_on_azurite() {
    on_azurite(async |storage| tokio::task::block_in_place(|| check(6, &*storage))).await;
}

async fn names_at_the_limits(storage: Arc<dyn Storage>) {
    let upper = [
        "U".repeat(100),
        "U".repeat(100),
        "Z".repeat(100),
        "Y".repeat(100),
        "X".repeat(100),
    ]
    .join("/");
    let deep = vec!["d"; 254].join("/");
    let mut names = BTreeSet::from(
        [
            "a", "A", "a-", "a/b", "A/b", "a/B", "a~/b", "con", "nul.txt", "0", "~", "_", "-", &upper, &deep,
        ]
        .map(name),
    );
    assert!(names.iter().map(|name| name.as_str().len()).max() > Some(500));
    for name in &names {
        put(&*storage, name, name.to_string()).await;
    }
    for name in &names {
        assert_eq!(read(&*storage, name, None).await, name.as_str().as_bytes());
    }
    let found = storage.list(HERE, "", None, usize::MAX).await.unwrap();
    assert!(
        found
            .iter()
            .all(|blob| blob.length == blob.name.as_str().len() as u64)
    );
    assert!(found.iter().map(|blob| &blob.name).eq(&names));
    while let Some(name) = names.pop_first() {
        assert!(storage.delete(HERE, &name, Condition::None).await.unwrap());
        assert_eq!(storage.list(HERE, "", None, 99).await.unwrap().len(), names.len());
    }
    // No blob has such a name, so there is none with such a prefix.
    for prefix in ["../", "/", "a//", "a@", "é", "a b?&#%", "a\0"] {
        assert_eq!(
            storage.list(HERE, prefix, None, 9).await.unwrap(),
            [],
            "{prefix:?}"
        );
    }
}

#[tokio::test]
async fn names_at_the_limits_are_kept_locally() {
    locally(names_at_the_limits).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn names_at_the_limits_are_kept_on_azurite() {
    on_azurite(names_at_the_limits).await;
}

proptest! {
    /// The rule in other words: a regular language, and lengths.
    #[test]
    fn names_keep_the_rule(text in "([a-c/.@ \\\\é\0%-]{0,9}|[a./]{0,9}|(b{90,110}/){0,6}c)") {
        let letters = |part: &str| part.chars().all(|letter| letter.is_ascii_alphanumeric() || "._~-".contains(letter));
        let parts: Vec<_> = text.split('/').collect();
        let keeps = text.len() <= 512 && parts.iter().all(|part| {
            !part.is_empty() && part.len() <= 100 && letters(part) && !part.starts_with('.') && !part.ends_with('.')
        });
        prop_assert_eq!(BlobName::new(text.clone()).is_ok(), keeps, "{:?}", text);
    }
}
