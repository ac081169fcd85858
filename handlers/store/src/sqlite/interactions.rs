//! Interactions in SQLite.

use super::columns::{Columns, json, optional_json};
use super::{SqliteStore, lists, rollups, sessions};
use crate::{CreateOutcome, Interactions, StoreError, UpdateOutcome};
use async_trait::async_trait;
use domain::interactions::{Interaction, InteractionFilter};
use domain::page::PageRequest;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use uuid::Uuid;

/// The columns of a turn, in the order in which [`from_row`] reads them.
pub(super) const COLUMNS: &str = "id, type, session_id, user_id, parent_id, trace_id, channel, locale, provider, model, \
     model_version, deployment, prompt_name, prompt_version, request_text, response_text, started_at, completed_at, \
     duration_ms, time_to_first_token_ms, tokens_input, tokens_output, tokens_cached, audio_seconds, characters, images, \
     cost_micros, status, error_type, error_message, product_ids, context, metadata, rating, feedback_count, created_at, \
     updated_at, version, priced, repricings, supplied_hash";

#[async_trait]
impl Interactions for SqliteStore {
    async fn create_interactions(
        &self,
        interactions: Vec<Interaction>,
    ) -> Result<Vec<CreateOutcome>, StoreError> {
        let create = move |connection: &Connection| {
            let outcomes: rusqlite::Result<Vec<_>> = interactions
                .iter()
                .map(|interaction| create(connection, interaction))
                .collect();
            let outcomes = outcomes?;
            let created = interactions
                .iter()
                .zip(&outcomes)
                .filter(|(_, outcome)| **outcome == CreateOutcome::Created);
            rollups::mark(
                connection,
                rollups::INTERACTIONS,
                created.map(|(interaction, _)| interaction.started_at),
            )?;
            Ok(outcomes)
        };
        self.writer.write(create).await
    }

    async fn get_interaction(&self, id: Uuid) -> Result<Option<Interaction>, StoreError> {
        let get = move |connection: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM interactions WHERE id = ?1");
            connection
                .prepare_cached(&sql)?
                .query_row([id.as_bytes()], from_row)
                .optional()
        };
        self.readers.read(get).await
    }

    async fn update_interaction(
        &self,
        updated: Interaction,
        expected: i64,
    ) -> Result<UpdateOutcome, StoreError> {
        self.writer
            .write(move |connection| update(connection, &updated, expected))
            .await
    }

    async fn list_interactions(
        &self,
        filter: InteractionFilter,
        page: PageRequest,
    ) -> Result<Vec<Interaction>, StoreError> {
        self.readers
            .read(move |connection| lists::interactions(connection, &filter, &page))
            .await
    }

    async fn list_session_interactions(
        &self,
        session_id: String,
        page: PageRequest,
    ) -> Result<Vec<Interaction>, StoreError> {
        let list = move |connection: &Connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM interactions INDEXED BY interactions_by_session
                 WHERE session_seq = (SELECT session_seq FROM sessions WHERE session_id = :session_id)
                   AND (started_at, id) > (:at, :id)
                 ORDER BY started_at, id LIMIT :limit"
            );
            let (at, id) = page.after.map_or((i64::MIN, Uuid::nil()), |last| {
                (last.at.as_microsecond(), last.key)
            });
            let values = named_params! {
                ":session_id": session_id, ":at": at, ":id": id.as_bytes(), ":limit": page.limit as i64 + 1,
            };
            connection
                .prepare_cached(&sql)?
                .query_map(values, from_row)?
                .collect()
        };
        self.readers.read(list).await
    }
}

fn create(connection: &Connection, interaction: &Interaction) -> rusqlite::Result<CreateOutcome> {
    let session = sessions::join(connection, interaction)?;
    if insert(connection, interaction, session.seq)? {
        session.note(connection, interaction)?;
        return Ok(CreateOutcome::Created);
    }
    session.leave(connection)?;
    let stored: [u8; 32] = connection
        .prepare_cached("SELECT supplied_hash FROM interactions WHERE id = ?1")?
        .query_row([interaction.id.as_bytes()], |row| row.get(0))?;
    let same = stored == interaction.supplied_hash;
    Ok(if same {
        CreateOutcome::Duplicate
    } else {
        CreateOutcome::Conflict
    })
}

/// Inserts the turn unless its id is taken; tells whether it did.
fn insert(connection: &Connection, interaction: &Interaction, session_seq: i64) -> rusqlite::Result<bool> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO interactions (
               id, started_at, type, status, session_id, session_seq, user_id, provider, model, channel, locale,
               prompt_version, completed_at, duration_ms, time_to_first_token_ms, tokens_input, tokens_output,
               tokens_cached, cost_micros, rating, feedback_count, created_at, updated_at, version, supplied_hash,
               parent_id, trace_id, model_version, deployment, prompt_name, audio_seconds, characters, images,
               error_type, product_ids, error_message, request_text, response_text, context, metadata, priced
             ) VALUES (
               ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
               ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41
             ) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(rusqlite::params![
            interaction.id.as_bytes(),
            interaction.started_at.as_microsecond(),
            interaction.kind.as_str(),
            interaction.status.as_str(),
            interaction.session_id,
            session_seq,
            interaction.user_id,
            interaction.provider,
            interaction.model,
            interaction.channel,
            interaction.locale,
            interaction.prompt_version,
            interaction.completed_at.map(|at| at.as_microsecond()),
            interaction.duration_ms,
            interaction.time_to_first_token_ms,
            interaction.tokens_input,
            interaction.tokens_output,
            interaction.tokens_cached,
            interaction.cost_micros,
            interaction.rating,
            interaction.feedback_count,
            interaction.created_at.as_microsecond(),
            interaction.updated_at.as_microsecond(),
            interaction.version,
            interaction.supplied_hash,
            interaction.parent_id.as_ref().map(Uuid::as_bytes),
            interaction.trace_id,
            interaction.model_version,
            interaction.deployment,
            interaction.prompt_name,
            interaction.audio_seconds,
            interaction.characters,
            interaction.images,
            interaction.error_type,
            json(&interaction.product_ids)?,
            interaction.error_message,
            interaction.request_text,
            interaction.response_text,
            optional_json(interaction.context.as_ref())?,
            optional_json(interaction.metadata.as_ref())?,
            interaction.priced,
        ])?;
    Ok(inserted == 1)
}

fn update(connection: &Connection, updated: &Interaction, expected: i64) -> rusqlite::Result<UpdateOutcome> {
    let session: Option<i64> = connection
        .prepare_cached(
            "UPDATE interactions SET
               type = :type, status = :status, user_id = :user_id, provider = :provider, model = :model,
               channel = :channel, locale = :locale, prompt_version = :prompt_version, completed_at = :completed_at,
               duration_ms = :duration_ms, time_to_first_token_ms = :time_to_first_token_ms,
               tokens_input = :tokens_input, tokens_output = :tokens_output, tokens_cached = :tokens_cached,
               cost_micros = :cost_micros, priced = :priced, updated_at = :updated_at, version = version + 1, parent_id = :parent_id,
               trace_id = :trace_id, model_version = :model_version, deployment = :deployment,
               prompt_name = :prompt_name, audio_seconds = :audio_seconds, characters = :characters, images = :images,
               error_type = :error_type, product_ids = :product_ids, error_message = :error_message,
               request_text = :request_text, response_text = :response_text, context = :context, metadata = :metadata
             WHERE id = :id AND version = :expected RETURNING session_seq",
        )?
        .query_row(named_params! {
            ":id": updated.id.as_bytes(),
            ":expected": expected,
            ":type": updated.kind.as_str(),
            ":status": updated.status.as_str(),
            ":user_id": updated.user_id,
            ":provider": updated.provider,
            ":model": updated.model,
            ":channel": updated.channel,
            ":locale": updated.locale,
            ":prompt_version": updated.prompt_version,
            ":completed_at": updated.completed_at.map(|at| at.as_microsecond()),
            ":duration_ms": updated.duration_ms,
            ":time_to_first_token_ms": updated.time_to_first_token_ms,
            ":tokens_input": updated.tokens_input,
            ":tokens_output": updated.tokens_output,
            ":tokens_cached": updated.tokens_cached,
            ":cost_micros": updated.cost_micros,
            ":priced": updated.priced,
            ":updated_at": updated.updated_at.as_microsecond(),
            ":parent_id": updated.parent_id.as_ref().map(Uuid::as_bytes),
            ":trace_id": updated.trace_id,
            ":model_version": updated.model_version,
            ":deployment": updated.deployment,
            ":prompt_name": updated.prompt_name,
            ":audio_seconds": updated.audio_seconds,
            ":characters": updated.characters,
            ":images": updated.images,
            ":error_type": updated.error_type,
            ":product_ids": json(&updated.product_ids)?,
            ":error_message": updated.error_message,
            ":request_text": updated.request_text,
            ":response_text": updated.response_text,
            ":context": optional_json(updated.context.as_ref())?,
            ":metadata": optional_json(updated.metadata.as_ref())?,
        }, |row| row.get(0)).optional()?;
    let Some(session) = session else {
        return Ok(UpdateOutcome::Stale);
    };
    sessions::note_user(connection, session, updated.user_id.as_deref())?;
    rollups::mark(connection, rollups::INTERACTIONS, [updated.started_at])?;
    // Feedback is counted by type, model and channel of its turn, which may have changed.
    let feedback: rusqlite::Result<Vec<_>> = connection
        .prepare_cached("SELECT created_at FROM feedback WHERE interaction_id = ?1")?
        .query_map([updated.id.as_bytes()], |row| super::columns::time_at(row, 0))?
        .collect();
    rollups::mark(connection, rollups::FEEDBACK, feedback?)?;
    Ok(UpdateOutcome::Updated)
}

/// Reads a turn from a row of [`COLUMNS`].
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Interaction> {
    let mut columns = Columns::of(row);
    Ok(Interaction {
        id: columns.id()?,
        kind: columns.name()?,
        session_id: columns.get()?,
        user_id: columns.get()?,
        parent_id: columns.optional_id()?,
        trace_id: columns.get()?,
        channel: columns.get()?,
        locale: columns.get()?,
        provider: columns.get()?,
        model: columns.get()?,
        model_version: columns.get()?,
        deployment: columns.get()?,
        prompt_name: columns.get()?,
        prompt_version: columns.get()?,
        request_text: columns.get()?,
        response_text: columns.get()?,
        started_at: columns.time()?,
        completed_at: columns.optional_time()?,
        duration_ms: columns.get()?,
        time_to_first_token_ms: columns.get()?,
        tokens_input: columns.get()?,
        tokens_output: columns.get()?,
        tokens_cached: columns.get()?,
        audio_seconds: columns.get()?,
        characters: columns.get()?,
        images: columns.get()?,
        cost_micros: columns.get()?,
        status: columns.name()?,
        error_type: columns.get()?,
        error_message: columns.get()?,
        product_ids: columns.json()?,
        context: columns.optional_json()?,
        metadata: columns.optional_json()?,
        rating: columns.get()?,
        feedback_count: columns.get()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
        version: columns.get()?,
        priced: columns.get::<Option<bool>>()?.unwrap_or_default(),
        repricings: columns.get::<Option<i64>>()?.unwrap_or_default(),
        supplied_hash: columns.get()?,
    })
}
