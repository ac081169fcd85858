//! Media in Azure SQL.

use super::answers::last;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::{AzureSqlStore, rollups};
use crate::media::MOST_COMPARED;
use crate::{MediaClaim, MediaClaimed, MediaCreated, MediaFinished, MediaStore, StoreError};
use async_trait::async_trait;
use domain::media::{Media, MediaFilter, NearDuplicate};
use domain::page::PageRequest;
use serde_json::json;
use tiberius::Row;
use uuid::Uuid;

/// The columns of an upload, in the order in which [`from_row`] reads them.
const COLUMNS: &str = "id, kind, status, name, alt_text, interaction_id, product_id, declared_type, declared_size, \
     declared_sha256, format, size, reason, detail, facts, created_at, updated_at, version, variants, incoming, received_etag, \
     claimed_by, claimed_until, supplied_hash";

#[async_trait]
impl MediaStore for AzureSqlStore {
    async fn create_media(&self, media: Media) -> Result<MediaCreated, StoreError> {
        let call = bound(Call::safe("create_media", create_sql()), media.clone());
        let mut columns = Columns::of(last(self.write(call).await?)?);
        let (created, stored): (bool, Option<[u8; 32]>) = (columns.get()?, columns.get()?);
        Ok(match stored {
            _ if created => MediaCreated::Created,
            Some(stored) if stored == media.supplied_hash => MediaCreated::Duplicate,
            Some(_) => MediaCreated::Conflict,
            None => MediaCreated::NoInteraction,
        })
    }

    async fn get_media(&self, id: Uuid) -> Result<Option<Media>, StoreError> {
        let call = Call::safe("get_media", format!("SELECT {COLUMNS} FROM media WHERE id = @P1")).bind(id);
        self.first(call).await?.map(from_row).transpose()
    }

    async fn list_media(&self, filter: MediaFilter, page: PageRequest) -> Result<Vec<Media>, StoreError> {
        let mut conditions = Conditions::default();
        if let Some(last) = page.after {
            conditions.before(("created_at", "id"), last.at, last.key);
        }
        conditions.all("kind = {}", filter.kind.map(|kind| kind.as_str()));
        conditions.all("status = {}", filter.status.map(|status| status.as_str()));
        conditions.all("product_id = {}", filter.product_id);
        conditions.all("interaction_id = {}", filter.interaction_id);
        conditions.all("created_at < {}", filter.to);
        let limit = conditions.bind(page.limit as i64 + 1);
        let sql = format!(
            "SELECT TOP ({limit}) {COLUMNS} FROM media{} ORDER BY created_at DESC, id DESC",
            conditions.sql()
        );
        let call = Call::safe("list_media", sql).with(conditions.values);
        self.all(call, from_row).await
    }

    async fn claim_media(&self, claim: MediaClaim) -> Result<MediaClaimed, StoreError> {
        let call = match claim.undeclared {
            Some(undeclared) => bound(
                Call::safe("claim_media", claim_sql(&insert("1 = 1"), 12)),
                undeclared,
            ),
            None => Call::safe("claim_media", claim_sql("", 0)),
        };
        let call = call
            .bind(claim.id)
            .bind(claim.etag)
            .bind(claim.run)
            .bind(claim.until)
            .bind(claim.now);
        let stands = self.write(call).await?.into_iter().flatten().next();
        Ok(MediaClaimed::of(claim.run, stands.map(from_row).transpose()?))
    }

    async fn finish_media(&self, finished: MediaFinished) -> Result<bool, StoreError> {
        let result = &finished.result;
        let (reason, detail) = result.why().unzip();
        let facts = result.facts();
        let call = Call::safe("finish_media", finish_sql())
            .bind(finished.id)
            .bind(finished.run)
            .bind(result.status().as_str())
            .bind(finished.format)
            .bind(finished.size)
            .bind(reason)
            .bind(detail)
            .bind(
                facts
                    .and_then(|facts| facts.perceptual_hash())
                    .map(u64::cast_signed),
            )
            .bind(facts.map(|facts| json!(facts).to_string()))
            .bind(json!(result.variants()).to_string())
            .bind(finished.now)
            .bind(facts.and_then(|facts| facts.audio_seconds()));
        Columns::of(last(self.write(call).await?)?).get()
    }

    async fn delete_media(&self, id: Uuid, expected: i64) -> Result<bool, StoreError> {
        let call = Call::safe(
            "delete_media",
            "SET NOCOUNT ON;
             DELETE FROM media WHERE id = @P1 AND version = @P2;
             SELECT @@ROWCOUNT;",
        )
        .bind(id)
        .bind(expected);
        Columns::of(last(self.pool.run(call).await?)?).get()
    }

    async fn near_duplicates(&self, id: Uuid) -> Result<Vec<NearDuplicate>, StoreError> {
        let call = Call::safe(
            "near_duplicates",
            "SELECT TOP (@P2) own.perceptual_hash, other.id, other.perceptual_hash
             FROM media own JOIN media other ON other.product_id = own.product_id
             WHERE own.id = @P1 AND own.status = N'ready' AND own.perceptual_hash IS NOT NULL
               AND other.id <> @P1 AND other.status = N'ready' AND other.perceptual_hash IS NOT NULL
             ORDER BY other.created_at DESC, other.id DESC",
        )
        .bind(id)
        .bind(MOST_COMPARED as i64);
        let read = |row| {
            let mut columns = Columns::of(row);
            Ok((columns.get::<i64>()?, columns.id()?, columns.get::<i64>()?))
        };
        let rows = self.all(call, read).await?;
        let own = rows.first().map_or(0, |(own, ..)| own.cast_unsigned());
        let others = rows.into_iter().map(|(_, id, hash)| (id, hash.cast_unsigned()));
        Ok(NearDuplicate::among(own, others))
    }
}

/// Binds a new upload as `@P1` to `@P12`.
fn bound(call: Call, media: Media) -> Call {
    call.bind(media.id)
        .bind(media.created_at)
        .bind(media.kind.as_str())
        .bind(media.name)
        .bind(media.incoming)
        .bind(media.interaction_id)
        .bind(media.product_id)
        .bind(media.alt_text)
        .bind(media.declared_type)
        .bind(media.declared_size)
        .bind(media.declared_sha256)
        .bind(media.supplied_hash)
}

/// Stores the upload of [`bound`] where there is none with its id and `condition` holds.
fn insert(condition: &str) -> String {
    format!(
        "INSERT INTO media (id, created_at, kind, status, name, incoming, interaction_id, product_id, alt_text,
           declared_type, declared_size, declared_sha256, updated_at, version, supplied_hash, variants)
         SELECT @P1, @P2, @P3, N'pending', @P4, @P5, @P6, @P7, @P8, @P9, @P10, @P11, @P2, 1, @P12, N'[]'
         WHERE NOT EXISTS (SELECT 1 FROM media WITH (UPDLOCK, HOLDLOCK) WHERE id = @P1) AND {condition};"
    )
}

/// Stores the upload of [`bound`]; answers whether it did, and the hash of the one that has its id.
fn create_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         BEGIN TRANSACTION;
         {insert}
         DECLARE @created int = @@ROWCOUNT;
         COMMIT TRANSACTION;
         SELECT @created, (SELECT supplied_hash FROM media WHERE id = @P1);",
        insert = insert("(@P6 IS NULL OR EXISTS (SELECT 1 FROM interactions WHERE id = @P6))"),
    )
}

/// Claims an upload after `insert`, which has so many parameters; answers how it stands.
fn claim_sql(insert: &str, before: usize) -> String {
    let [id, etag, run, until, now] = [1, 2, 3, 4, 5].map(|place| format!("@P{}", before + place));
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         BEGIN TRANSACTION;
         {insert}
         UPDATE media SET status = N'processing', received_etag = {etag}, claimed_by = {run}, claimed_until = {until},
           reason = NULL, detail = NULL, updated_at = {now}, version = version + 1
         WHERE id = {id} AND (claimed_by IS NULL OR claimed_by <> {run})
           AND (status = N'pending' OR status = N'processing' AND claimed_until <= {now}
             OR status = N'failed' AND received_etag <> {etag});
         COMMIT TRANSACTION;
         SELECT {COLUMNS} FROM media WHERE id = {id};"
    )
}

/// Notes what a run came to, and the length of a recording on its turn; answers whether the upload was this run's.
fn finish_sql() -> String {
    let turn = "media m JOIN interactions i ON i.id = m.interaction_id
         WHERE m.id = @P1 AND m.claimed_by = @P2 AND m.status = N'processing' AND i.audio_seconds IS NULL
           AND @P12 IS NOT NULL";
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         BEGIN TRANSACTION;
         {dirty} SELECT {kind}, {quarter} FROM {turn};
         UPDATE i SET audio_seconds = @P12, version = i.version + 1,
           updated_at = CASE WHEN i.updated_at < @P11 THEN @P11 ELSE i.updated_at END
         FROM {turn};
         UPDATE media SET status = @P3, format = @P4, size = @P5, reason = @P6, detail = @P7, perceptual_hash = @P8,
           facts = @P9, variants = @P10, updated_at = @P11, version = version + 1
         WHERE id = @P1 AND claimed_by = @P2 AND status = N'processing';
         {mark}
         COMMIT TRANSACTION;
         SELECT COUNT(*) FROM media WHERE id = @P1 AND claimed_by = @P2 AND status <> N'processing';",
        kind = rollups::INTERACTIONS,
        quarter = rollups::quarter_of("i.started_at"),
        dirty = rollups::DIRTY,
        mark = rollups::MARK,
    )
}

fn from_row(row: Row) -> Result<Media, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Media {
        id: columns.id()?,
        kind: columns.name()?,
        status: columns.name()?,
        name: columns.get()?,
        alt_text: columns.get()?,
        interaction_id: columns.optional_id()?,
        product_id: columns.get()?,
        declared_type: columns.get()?,
        declared_size: columns.get()?,
        declared_sha256: columns.get()?,
        format: columns.get()?,
        size: columns.get()?,
        reason: columns.get()?,
        detail: columns.get()?,
        facts: columns.optional_json()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
        version: columns.get()?,
        variants: columns.json()?,
        incoming: columns.get()?,
        received_etag: columns.get()?,
        claimed_by: columns.optional_id()?,
        claimed_until: columns.optional_time()?,
        supplied_hash: columns.get()?,
    })
}
