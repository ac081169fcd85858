//! Media in SQLite.

use super::columns::{Columns, json, optional_json, time_at};
use super::{SqliteStore, rollups};
use crate::media::MOST_COMPARED;
use crate::{MediaClaim, MediaClaimed, MediaCreated, MediaFinished, MediaStore, StoreError};
use async_trait::async_trait;
use domain::media::{Media, MediaFilter, NearDuplicate};
use domain::page::PageRequest;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params, params};
use uuid::Uuid;

/// The columns of an upload, in the order in which [`from_row`] reads them.
const COLUMNS: &str = "id, kind, status, name, alt_text, interaction_id, product_id, declared_type, declared_size, \
     declared_sha256, format, size, reason, detail, facts, created_at, updated_at, version, variants, incoming, received_etag, \
     claimed_by, claimed_until, supplied_hash";

#[async_trait]
impl MediaStore for SqliteStore {
    async fn create_media(&self, media: Media) -> Result<MediaCreated, StoreError> {
        self.writer
            .write(move |connection| create(connection, &media))
            .await
    }

    async fn get_media(&self, id: Uuid) -> Result<Option<Media>, StoreError> {
        self.readers.read(move |connection| by_id(connection, id)).await
    }

    async fn list_media(&self, filter: MediaFilter, page: PageRequest) -> Result<Vec<Media>, StoreError> {
        let list = move |connection: &Connection| list(connection, &filter, &page);
        self.readers.read(list).await
    }

    async fn claim_media(&self, claim: MediaClaim) -> Result<MediaClaimed, StoreError> {
        let work = move |connection: &Connection| self::claim(connection, &claim);
        self.writer.write(work).await
    }

    async fn finish_media(&self, finished: MediaFinished) -> Result<bool, StoreError> {
        let work = move |connection: &Connection| finish(connection, &finished);
        self.writer.write(work).await
    }

    async fn delete_media(&self, id: Uuid, expected: i64) -> Result<bool, StoreError> {
        let work = move |connection: &Connection| {
            let deleted = connection
                .prepare_cached("DELETE FROM media WHERE id = ?1 AND version = ?2")?
                .execute(params![id.as_bytes(), expected])?;
            Ok(deleted == 1)
        };
        self.writer.write(work).await
    }

    async fn near_duplicates(&self, id: Uuid) -> Result<Vec<NearDuplicate>, StoreError> {
        self.readers
            .read(move |connection| near_duplicates(connection, id))
            .await
    }
}

fn create(connection: &Connection, media: &Media) -> rusqlite::Result<MediaCreated> {
    let stored: Option<[u8; 32]> = connection
        .prepare_cached("SELECT supplied_hash FROM media WHERE id = ?1")?
        .query_row([media.id.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(stored) = stored {
        let same = stored == media.supplied_hash;
        return Ok(if same {
            MediaCreated::Duplicate
        } else {
            MediaCreated::Conflict
        });
    }
    if let Some(turn) = media.interaction_id {
        let there = connection
            .prepare_cached("SELECT 1 FROM interactions WHERE id = ?1")?
            .exists([turn.as_bytes()])?;
        if !there {
            return Ok(MediaCreated::NoInteraction);
        }
    }
    insert(connection, media)?;
    Ok(MediaCreated::Created)
}

/// Stores the upload, unless there is one with its id.
fn insert(connection: &Connection, media: &Media) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO media (id, created_at, kind, status, name, incoming, interaction_id, product_id, alt_text,
               declared_type, declared_size, declared_sha256, updated_at, version, supplied_hash, variants)
             VALUES (?1, ?2, ?3, 'pending', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?2, 1, ?12, '[]')
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            media.id.as_bytes(),
            media.created_at.as_microsecond(),
            media.kind.as_str(),
            media.name,
            media.incoming,
            media.interaction_id.as_ref().map(Uuid::as_bytes),
            media.product_id,
            media.alt_text,
            media.declared_type,
            media.declared_size,
            media.declared_sha256,
            media.supplied_hash,
        ])?;
    Ok(())
}

fn claim(connection: &Connection, claim: &MediaClaim) -> rusqlite::Result<MediaClaimed> {
    if let Some(undeclared) = &claim.undeclared {
        insert(connection, undeclared)?;
    }
    connection
        .prepare_cached(
            "UPDATE media SET status = 'processing', received_etag = :etag, claimed_by = :run, claimed_until = :until,
               reason = NULL, detail = NULL, updated_at = :now, version = version + 1
             WHERE id = :id AND (claimed_by IS NULL OR claimed_by <> :run)
               AND (status = 'pending' OR status = 'processing' AND claimed_until <= :now
                 OR status = 'failed' AND received_etag <> :etag)",
        )?
        .execute(named_params! {
            ":id": claim.id.as_bytes(),
            ":etag": claim.etag,
            ":run": claim.run.as_bytes(),
            ":until": claim.until.as_microsecond(),
            ":now": claim.now.as_microsecond(),
        })?;
    Ok(MediaClaimed::of(claim.run, by_id(connection, claim.id)?))
}

fn finish(connection: &Connection, finished: &MediaFinished) -> rusqlite::Result<bool> {
    let result = &finished.result;
    let (reason, detail) = result.why().unzip();
    let turn: Option<Option<[u8; 16]>> = connection
        .prepare_cached(
            "UPDATE media SET status = :status, format = :format, size = :size, reason = :reason, detail = :detail,
               perceptual_hash = :hash, facts = :facts, variants = :variants, updated_at = :now, version = version + 1
             WHERE id = :id AND claimed_by = :run AND status = 'processing' RETURNING interaction_id",
        )?
        .query_row(
            named_params! {
                ":id": finished.id.as_bytes(),
                ":run": finished.run.as_bytes(),
                ":status": result.status().as_str(),
                ":format": finished.format,
                ":size": finished.size,
                ":reason": reason,
                ":detail": detail,
                ":hash": result.facts().and_then(|facts| facts.perceptual_hash()).map(u64::cast_signed),
                ":facts": optional_json(result.facts())?,
                ":variants": json(&result.variants())?,
                ":now": finished.now.as_microsecond(),
            },
            |row| row.get(0),
        )
        .optional()?;
    let Some(turn) = turn else {
        return connection
            .prepare_cached(
                "SELECT 1 FROM media WHERE id = ?1 AND claimed_by = ?2 AND status <> 'processing'",
            )?
            .exists(params![finished.id.as_bytes(), finished.run.as_bytes()]);
    };
    let seconds = result.facts().and_then(|facts| facts.audio_seconds());
    if let (Some(turn), Some(seconds)) = (turn, seconds) {
        note_audio(connection, turn, seconds, finished)?;
    }
    Ok(true)
}

/// Gives the turn its length of audio, where it has none, and marks its quarter.
fn note_audio(
    connection: &Connection,
    turn: [u8; 16],
    seconds: f64,
    finished: &MediaFinished,
) -> rusqlite::Result<()> {
    let started_at = connection
        .prepare_cached(
            "UPDATE interactions SET audio_seconds = ?2, updated_at = max(updated_at, ?3), version = version + 1
             WHERE id = ?1 AND audio_seconds IS NULL RETURNING started_at",
        )?
        .query_row(params![turn, seconds, finished.now.as_microsecond()], |row| time_at(row, 0))
        .optional()?;
    rollups::mark(connection, rollups::INTERACTIONS, started_at)
}

fn by_id(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<Media>> {
    let sql = format!("SELECT {COLUMNS} FROM media WHERE id = ?1");
    connection
        .prepare_cached(&sql)?
        .query_row([id.as_bytes()], from_row)
        .optional()
}

fn list(connection: &Connection, filter: &MediaFilter, page: &PageRequest) -> rusqlite::Result<Vec<Media>> {
    let (at, id) = page.after.map_or((i64::MAX, Uuid::max()), |last| {
        (last.at.as_microsecond(), last.key)
    });
    let mut sql = format!("SELECT {COLUMNS} FROM media WHERE (created_at, id) < (:at, :id)");
    let limit = page.limit as i64 + 1;
    let id = id.into_bytes();
    let kind = filter.kind.map(|kind| kind.as_str());
    let status = filter.status.map(|status| status.as_str());
    let turn = filter.interaction_id.map(Uuid::into_bytes);
    let to = filter.to.map(|to| to.as_microsecond());
    let mut values: Vec<(&str, &dyn ToSql)> = vec![(":at", &at), (":id", &id), (":limit", &limit)];
    // Only what is asked for is in the statement: each filter has its index.
    if let Some(kind) = &kind {
        sql.push_str(" AND kind = :kind");
        values.push((":kind", kind));
    }
    if let Some(status) = &status {
        sql.push_str(" AND status = :status");
        values.push((":status", status));
    }
    if let Some(product) = &filter.product_id {
        sql.push_str(" AND product_id = :product");
        values.push((":product", product));
    }
    if let Some(turn) = &turn {
        sql.push_str(" AND interaction_id = :turn");
        values.push((":turn", turn));
    }
    if let Some(to) = &to {
        sql.push_str(" AND created_at < :to");
        values.push((":to", to));
    }
    sql.push_str(" ORDER BY created_at DESC, id DESC LIMIT :limit");
    connection
        .prepare_cached(&sql)?
        .query_map(values.as_slice(), from_row)?
        .collect()
}

fn near_duplicates(connection: &Connection, id: Uuid) -> rusqlite::Result<Vec<NearDuplicate>> {
    let own: Option<(Option<String>, Option<i64>)> = connection
        .prepare_cached("SELECT product_id, perceptual_hash FROM media WHERE id = ?1 AND status = 'ready'")?
        .query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((Some(product), Some(hash))) = own else {
        return Ok(Vec::new());
    };
    let others: rusqlite::Result<Vec<_>> = connection
        .prepare_cached(
            "SELECT id, perceptual_hash FROM media
             WHERE product_id = ?1 AND id <> ?2 AND status = 'ready' AND perceptual_hash IS NOT NULL
             ORDER BY created_at DESC, id DESC LIMIT ?3",
        )?
        .query_map(params![product, id.as_bytes(), MOST_COMPARED as i64], |row| {
            Ok((
                Uuid::from_bytes(row.get(0)?),
                row.get::<_, i64>(1)?.cast_unsigned(),
            ))
        })?
        .collect();
    Ok(NearDuplicate::among(hash.cast_unsigned(), others?))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Media> {
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
