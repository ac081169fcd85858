//! Interactions in Azure SQL.

use super::call::Call;
use super::columns::Columns;
use super::rows::{self, Shape, hex, optional_time, time};
use super::{AzureSqlStore, lists, rollups};
use crate::{CreateOutcome, Interactions, StoreError, UpdateOutcome};
use async_trait::async_trait;
use domain::analytics::quarter_of;
use domain::interactions::{Interaction, InteractionFilter};
use domain::page::PageRequest;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use tiberius::Row;
use uuid::Uuid;

/// The columns of a turn, in the order in which [`from_row`] reads them.
pub(super) const COLUMNS: &str = "id, type, session_id, user_id, parent_id, trace_id, channel, locale, provider, model, \
     model_version, deployment, prompt_name, prompt_version, request_text, response_text, started_at, completed_at, \
     duration_ms, time_to_first_token_ms, tokens_input, tokens_output, tokens_cached, audio_seconds, characters, images, \
     cost_micros, status, error_type, error_message, product_ids, context, metadata, rating, feedback_count, created_at, \
     updated_at, version, priced, repricings, supplied_hash";

/// What never changes once a turn is stored, in the order in which [`fixed`] sends it.
const FIXED: &Shape = &[
    ("id", "binary(16)"),
    ("started_at", "datetime2(7)"),
    ("session_id", "nvarchar(128)"),
    ("rating", "tinyint"),
    ("feedback_count", "bigint"),
    ("created_at", "datetime2(7)"),
    ("version", "bigint"),
    ("supplied_hash", "binary(32)"),
];

/// What an update writes, in the order in which [`changing`] sends it.
const CHANGING: &Shape = &[
    ("type", "nvarchar(16)"),
    ("status", "nvarchar(16)"),
    ("user_id", "nvarchar(128)"),
    ("provider", "nvarchar(128)"),
    ("model", "nvarchar(128)"),
    ("channel", "nvarchar(64)"),
    ("locale", "nvarchar(64)"),
    ("prompt_version", "nvarchar(128)"),
    ("completed_at", "datetime2(7)"),
    ("duration_ms", "float"),
    ("time_to_first_token_ms", "float"),
    ("tokens_input", "bigint"),
    ("tokens_output", "bigint"),
    ("tokens_cached", "bigint"),
    ("cost_micros", "bigint"),
    ("priced", "tinyint"),
    ("updated_at", "datetime2(7)"),
    ("parent_id", "binary(16)"),
    ("trace_id", "nvarchar(32)"),
    ("model_version", "nvarchar(128)"),
    ("deployment", "nvarchar(128)"),
    ("prompt_name", "nvarchar(128)"),
    ("audio_seconds", "float"),
    ("characters", "bigint"),
    ("images", "bigint"),
    ("error_type", "nvarchar(128)"),
    ("product_ids", "nvarchar(max)"),
    ("error_message", "nvarchar(max)"),
    ("request_text", "nvarchar(max)"),
    ("response_text", "nvarchar(max)"),
    ("context", "nvarchar(max)"),
    ("metadata", "nvarchar(max)"),
];

#[async_trait]
impl Interactions for AzureSqlStore {
    async fn create_interactions(
        &self,
        interactions: Vec<Interaction>,
    ) -> Result<Vec<CreateOutcome>, StoreError> {
        if interactions.is_empty() {
            return Ok(Vec::new());
        }
        // The first of each id is sent; what follows under the same id is compared with what is stored then.
        let mut places: HashMap<Uuid, usize> = HashMap::new();
        let mut sent: Vec<&Interaction> = Vec::with_capacity(interactions.len());
        for interaction in &interactions {
            places.entry(interaction.id).or_insert_with(|| {
                sent.push(interaction);
                sent.len() - 1
            });
        }
        let rows = sent.iter().enumerate().map(|(place, turn)| {
            let own = [json!(place), time(quarter_of(turn.started_at))];
            own.into_iter().chain(fixed(turn)).chain(changing(turn)).collect()
        });
        let call = Call::safe("create_interactions", create_sql()).bind(rows::rows(rows));
        let mut stored: Vec<Option<[u8; 32]>> = vec![None; sent.len()];
        for row in self.write(call).await?.into_iter().flatten() {
            let mut columns = Columns::of(row);
            let place: usize = columns.get()?;
            stored[place] = Some(columns.get()?);
        }
        let mut created = stored.iter().map(Option::is_none).collect::<Vec<_>>();
        Ok(interactions
            .iter()
            .map(|interaction| {
                let place = places[&interaction.id];
                let hash = stored[place].unwrap_or(sent[place].supplied_hash);
                if std::mem::take(&mut created[place]) {
                    CreateOutcome::Created
                } else if hash == interaction.supplied_hash {
                    CreateOutcome::Duplicate
                } else {
                    CreateOutcome::Conflict
                }
            })
            .collect())
    }

    async fn get_interaction(&self, id: Uuid) -> Result<Option<Interaction>, StoreError> {
        let call = Call::safe(
            "get_interaction",
            format!("SELECT {COLUMNS} FROM interactions WHERE id = @P1"),
        )
        .bind(id);
        self.first(call).await?.map(from_row).transpose()
    }

    async fn update_interaction(
        &self,
        updated: Interaction,
        expected: i64,
    ) -> Result<UpdateOutcome, StoreError> {
        let own = [time(quarter_of(updated.started_at)), hex(updated.id.as_bytes())];
        let row = own.into_iter().chain(changing(&updated)).collect();
        let call = Call::once("update_interaction", update_sql())
            .bind(rows::rows([row]))
            .bind(expected);
        self.updated(call).await
    }

    async fn list_interactions(
        &self,
        filter: InteractionFilter,
        page: PageRequest,
    ) -> Result<Vec<Interaction>, StoreError> {
        lists::interactions(self, &filter, &page).await
    }

    async fn list_session_interactions(
        &self,
        session_id: String,
        page: PageRequest,
    ) -> Result<Vec<Interaction>, StoreError> {
        let after = page.after.map(|last| (last.at, last.key)).unzip();
        let call = Call::safe(
            "list_session_interactions",
            format!(
                "SELECT TOP (@P2) {COLUMNS} FROM interactions WITH (INDEX(interactions_by_session))
                 WHERE session_seq = (SELECT session_seq FROM sessions WHERE session_id = @P1)
                   AND (@P3 IS NULL OR started_at > @P3 OR (started_at = @P3 AND id > @P4))
                 ORDER BY started_at, id"
            ),
        )
        .bind(session_id)
        .bind(page.limit as i64 + 1)
        .bind(after.0)
        .bind(after.1);
        self.all(call, from_row).await
    }
}

/// Stores the turns that are not there yet, in one transaction; answers place and hash of those that were.
fn create_sql() -> String {
    let shape: Vec<_> = [("position", "int"), ("bucket", "datetime2(7)")]
        .into_iter()
        .chain(FIXED.iter().chain(CHANGING).copied())
        .collect();
    let stored: Vec<_> = shape[2..].to_vec();
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {turns}
         BEGIN TRANSACTION;
         SELECT t.position, i.supplied_hash
         FROM @turns t JOIN interactions i WITH (UPDLOCK, HOLDLOCK) ON i.id = t.id;
         DELETE t FROM @turns t WHERE EXISTS (SELECT 1 FROM interactions i WHERE i.id = t.id);

         INSERT INTO sessions (session_id, started_at)
         SELECT t.session_id, MIN(t.started_at) FROM @turns t
         WHERE NOT EXISTS (SELECT 1 FROM sessions s WITH (UPDLOCK, HOLDLOCK) WHERE s.session_id = t.session_id)
         GROUP BY t.session_id;
         UPDATE s SET started_at = e.started_at
         FROM sessions s JOIN (
           SELECT session_id, MIN(started_at) AS started_at FROM @turns GROUP BY session_id
         ) e ON e.session_id = s.session_id
         WHERE e.started_at < s.started_at;
         UPDATE s SET user_id = l.user_id
         FROM sessions s JOIN (
           SELECT session_id, user_id, ROW_NUMBER() OVER (PARTITION BY session_id ORDER BY position DESC) AS nth
           FROM @turns WHERE user_id IS NOT NULL
         ) l ON l.session_id = s.session_id
         WHERE l.nth = 1 AND (s.user_id IS NULL OR s.user_id <> l.user_id);

         INSERT INTO interactions (session_seq, {stored})
         SELECT s.session_seq, {selected} FROM @turns t JOIN sessions s ON s.session_id = t.session_id;
         INSERT INTO session_users (user_id, session_seq)
         SELECT DISTINCT t.user_id, s.session_seq FROM @turns t JOIN sessions s ON s.session_id = t.session_id
         WHERE t.user_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM session_users u WITH (UPDLOCK, HOLDLOCK)
           WHERE u.user_id = t.user_id AND u.session_seq = s.session_seq);

         {dirty} SELECT DISTINCT {kind}, bucket FROM @turns;
         {mark}
         COMMIT TRANSACTION;",
        turns = rows::declare("@turns", &shape, "@P1"),
        stored = rows::names(&stored, ""),
        selected = rows::names(&stored, "t."),
        kind = rollups::INTERACTIONS,
        dirty = rollups::DIRTY,
        mark = rollups::MARK,
    )
}

/// Changes the turn if it has the expected version; answers whether it did.
fn update_sql() -> String {
    let shape: Vec<_> = [("bucket", "datetime2(7)"), ("id", "binary(16)")]
        .into_iter()
        .chain(CHANGING.iter().copied())
        .collect();
    let set: Vec<_> = CHANGING
        .iter()
        .map(|(name, _)| format!("{name} = t.{name}"))
        .collect();
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {turns}
         BEGIN TRANSACTION;
         UPDATE i SET {set}, version = i.version + 1
         FROM interactions i JOIN @turns t ON t.id = i.id WHERE i.version = @P2;
         IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; SELECT 0; RETURN; END;
         UPDATE s SET user_id = t.user_id
         FROM @turns t JOIN interactions i ON i.id = t.id JOIN sessions s ON s.session_seq = i.session_seq
         WHERE t.user_id IS NOT NULL;
         INSERT INTO session_users (user_id, session_seq)
         SELECT t.user_id, i.session_seq FROM @turns t JOIN interactions i ON i.id = t.id
         WHERE t.user_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM session_users u WITH (UPDLOCK, HOLDLOCK)
           WHERE u.user_id = t.user_id AND u.session_seq = i.session_seq);
         -- Feedback is counted by type, model and channel of its turn, which may have changed.
         {dirty} SELECT {interactions}, bucket FROM @turns
         UNION
         SELECT {feedback}, {quarter} FROM feedback f JOIN @turns t ON f.interaction_id = t.id;
         {mark}
         COMMIT TRANSACTION;
         SELECT 1;",
        turns = rows::declare("@turns", &shape, "@P1"),
        set = set.join(", "),
        interactions = rollups::INTERACTIONS,
        feedback = rollups::FEEDBACK,
        quarter = rollups::quarter_of("f.created_at"),
        dirty = rollups::DIRTY,
        mark = rollups::MARK,
    )
}

fn fixed(turn: &Interaction) -> [Json; 8] {
    [
        hex(turn.id.as_bytes()),
        time(turn.started_at),
        json!(turn.session_id),
        json!(turn.rating),
        json!(turn.feedback_count),
        time(turn.created_at),
        json!(turn.version),
        hex(&turn.supplied_hash),
    ]
}

fn changing(turn: &Interaction) -> [Json; 32] {
    [
        json!(turn.kind.as_str()),
        json!(turn.status.as_str()),
        json!(turn.user_id),
        json!(turn.provider),
        json!(turn.model),
        json!(turn.channel),
        json!(turn.locale),
        json!(turn.prompt_version),
        optional_time(turn.completed_at),
        json!(turn.duration_ms),
        json!(turn.time_to_first_token_ms),
        json!(turn.tokens_input),
        json!(turn.tokens_output),
        json!(turn.tokens_cached),
        json!(turn.cost_micros),
        json!(u8::from(turn.priced)),
        time(turn.updated_at),
        turn.parent_id.map_or(Json::Null, |id| hex(id.as_bytes())),
        json!(turn.trace_id),
        json!(turn.model_version),
        json!(turn.deployment),
        json!(turn.prompt_name),
        json!(turn.audio_seconds),
        json!(turn.characters),
        json!(turn.images),
        json!(turn.error_type),
        text(Some(&turn.product_ids)),
        json!(turn.error_message),
        json!(turn.request_text),
        json!(turn.response_text),
        text(turn.context.as_ref()),
        text(turn.metadata.as_ref()),
    ]
}

/// A value as a text of JSON: as an object in the rows, some servers would write it anew.
fn text(value: Option<&impl Serialize>) -> Json {
    value.map_or(Json::Null, |value| Json::String(json!(value).to_string()))
}

/// Reads a turn from a row of [`COLUMNS`].
pub(super) fn from_row(row: Row) -> Result<Interaction, StoreError> {
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
