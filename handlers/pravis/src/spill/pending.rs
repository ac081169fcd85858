//! What this process knows of the writes that wait.

use blobs::{BlobError, BlobName};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Interactions of each of the two generations that are remembered. What is forgotten is still stored, and newer changes still
/// win, but by time and no longer by order.
const GENERATION: usize = 20_000;
/// How long one look into the container is good for.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// The last spilled write of each interaction, and whether any write waits at all.
#[derive(Default)]
pub(super) struct Pending {
    last: Mutex<Generations>,
    looked: Mutex<Option<(Instant, bool)>>,
}

/// When the young are many, they become the old, and the old are forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<Uuid, BlobName>,
    old: HashMap<Uuid, BlobName>,
}

impl Pending {
    /// Notes that this write waits. It is the last one of these interactions, unless it only `begins` them: a turn that
    /// is sent once more comes after nothing.
    pub(super) fn note(&self, interactions: &[Uuid], begins: bool, name: &BlobName) {
        if let Ok(mut looked) = self.looked.lock() {
            *looked = Some((Instant::now(), true));
        }
        let Ok(mut last) = self.last.lock() else { return };
        if last.young.len() + interactions.len() > GENERATION {
            last.old = std::mem::take(&mut last.young);
        }
        for id in interactions {
            if !(begins && (last.young.contains_key(id) || last.old.contains_key(id))) {
                last.young.insert(*id, name.clone());
            }
        }
    }

    pub(super) fn last_of(&self, interaction: Uuid) -> Option<BlobName> {
        let last = self.last.lock().ok()?;
        let name = last
            .young
            .get(&interaction)
            .or_else(|| last.old.get(&interaction));
        name.cloned()
    }

    /// Forgets that `name` is the last write of this interaction, unless there is a later one by now.
    pub(super) fn forget(&self, interaction: Uuid, name: &BlobName) {
        let Ok(mut last) = self.last.lock() else { return };
        let Generations { young, old } = &mut *last;
        for generation in [young, old] {
            if generation.get(&interaction) == Some(name) {
                generation.remove(&interaction);
            }
        }
    }

    /// Whether any write waits: by `look`, or by what it found within the last second.
    pub(super) async fn anything<F>(&self, look: impl FnOnce() -> F) -> Result<bool, BlobError>
    where
        F: Future<Output = Result<bool, BlobError>>,
    {
        let began = Instant::now();
        let known = self.looked.lock().ok().and_then(|looked| *looked);
        if let Some((at, found)) = known
            && began.duration_since(at) < GOOD_FOR
        {
            return Ok(found);
        }
        let found = look().await?;
        if let Ok(mut looked) = self.looked.lock()
            // What was spilled meanwhile is not to be overlooked.
            && looked.is_none_or(|(at, _)| at <= began)
        {
            *looked = Some((began, found));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> BlobName {
        BlobName::new(text).unwrap()
    }

    #[test]
    fn the_last_write_is_known_and_the_oldest_are_forgotten() {
        let pending = Pending::default();
        let first = Uuid::from_u128(u128::MAX);
        pending.note(&[first], true, &name("a"));
        pending.note(&[first], false, &name("b"));
        pending.note(&[first], true, &name("x"));
        pending.forget(first, &name("a"));
        assert_eq!(pending.last_of(first), Some(name("b")), "there is a later one");
        for id in 0..GENERATION {
            pending.note(&[Uuid::from_u128(id as u128)], true, &name("c"));
        }
        assert_eq!(pending.last_of(first), Some(name("b")));
        for id in 0..GENERATION {
            pending.note(&[Uuid::from_u128(id as u128)], false, &name("d"));
        }
        assert_eq!(pending.last_of(first), None);
        assert_eq!(pending.last_of(Uuid::nil()), Some(name("d")));
        pending.forget(Uuid::nil(), &name("d"));
        // The old generation's word is older than what was forgotten.
        assert_ne!(pending.last_of(Uuid::nil()), Some(name("d")));
    }

    #[tokio::test(start_paused = true)]
    async fn one_look_a_second_is_enough() {
        let pending = Pending::default();
        let look = async |found: bool| pending.anything(|| async move { Ok(found) }).await.unwrap();
        assert!(!look(false).await);
        assert!(!look(true).await, "not looked at again yet");
        tokio::time::advance(GOOD_FOR).await;
        assert!(look(true).await);
        tokio::time::advance(GOOD_FOR).await;
        assert!(!look(false).await);
        pending.note(&[], true, &name("a"));
        assert!(look(false).await, "what it spilled itself it knows at once");
    }
}
