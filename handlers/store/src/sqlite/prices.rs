//! Prices in SQLite.

use super::columns::{Columns, time_at};
use super::{SqliteStore, audit_log, rollups};
use crate::{Prices, SetPrice, StoreError};
use async_trait::async_trait;
use domain::audit::AuditEntry;
use domain::page::PageRequest;
use domain::pricing::{
    CostChange, DeploymentModel, ModelPrice, PriceFilter, PriceTable, PricedTurn, SHIPPED,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use uuid::Uuid;

const COLUMNS: &str = "id, provider, model, unit, price_micros, unit_count, effective_from, effective_to, source, set_by, \
     set_at";

#[async_trait]
impl Prices for SqliteStore {
    async fn set_price(&self, price: ModelPrice, audit: AuditEntry) -> Result<SetPrice, StoreError> {
        let set = move |connection: &Connection| {
            if exists(connection, price.id)? {
                return Ok(SetPrice::Set);
            }
            if let Some((newest, _)) = newest(connection, &price)?
                && newest >= price.effective_from
            {
                return Ok(SetPrice::TooEarly(newest));
            }
            add(connection, &price)?;
            audit_log::append(connection, &audit)?;
            Ok(SetPrice::Set)
        };
        self.writer.write(set).await
    }

    async fn ship_prices(&self, prices: Vec<ModelPrice>, audit: AuditEntry) -> Result<u64, StoreError> {
        let ship = move |connection: &Connection| {
            let mut added = 0;
            for price in &prices {
                let newest = newest(connection, price)?;
                if newest.is_none_or(|(from, set_by)| set_by == SHIPPED && from < price.effective_from) {
                    add(connection, price)?;
                    added += 1;
                }
            }
            if added > 0 {
                audit_log::append(connection, &audit)?;
            }
            Ok(added)
        };
        self.writer.write(ship).await
    }

    async fn price_table(&self) -> Result<PriceTable, StoreError> {
        let read = |connection: &Connection| {
            let prices: rusqlite::Result<_> = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM model_prices ORDER BY effective_from, id"
                ))?
                .query_map([], from_row)?
                .collect();
            let deployments: rusqlite::Result<_> = connection
                .prepare_cached("SELECT deployment, provider, model, set_by, set_at FROM deployment_models ORDER BY deployment")?
                .query_map([], deployment)?
                .collect();
            Ok(PriceTable {
                prices: prices?,
                deployments: deployments?,
            })
        };
        self.readers.read(read).await
    }

    async fn list_prices(
        &self,
        filter: PriceFilter,
        page: PageRequest,
    ) -> Result<Vec<ModelPrice>, StoreError> {
        let list = move |connection: &Connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM model_prices
                 WHERE (effective_from, id) < (:from, :id)
                   AND (:provider IS NULL OR provider = :provider) AND (:model IS NULL OR model = :model)
                   AND (:at IS NULL OR (effective_from <= :at AND (effective_to IS NULL OR effective_to > :at)))
                 ORDER BY effective_from DESC, id DESC LIMIT :limit"
            );
            let (from, id) = page.after.map_or((i64::MAX, Uuid::max()), |last| {
                (last.at.as_microsecond(), last.key)
            });
            let values = named_params! {
                ":from": from, ":id": id.as_bytes(), ":provider": filter.provider, ":model": filter.model,
                ":at": filter.at.map(|at| at.as_microsecond()), ":limit": page.limit as i64 + 1,
            };
            connection
                .prepare_cached(&sql)?
                .query_map(values, from_row)?
                .collect()
        };
        self.readers.read(list).await
    }

    async fn set_deployment_model(
        &self,
        deployment: DeploymentModel,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let set = move |connection: &Connection| {
            connection
                .prepare_cached(
                    "INSERT INTO deployment_models (deployment, provider, model, set_by, set_at)
                     VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (deployment) DO UPDATE SET
                       provider = excluded.provider, model = excluded.model, set_by = excluded.set_by,
                       set_at = excluded.set_at",
                )?
                .execute(params![
                    deployment.deployment,
                    deployment.provider,
                    deployment.model,
                    deployment.set_by,
                    deployment.set_at.as_microsecond(),
                ])?;
            audit_log::append(connection, &audit)
        };
        self.writer.write(set).await
    }

    async fn list_priced_turns(
        &self,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<PricedTurn>, StoreError> {
        let list = move |connection: &Connection| {
            let (at, id) = after.map_or((i64::MIN, Uuid::nil()), |(at, id)| (at.as_microsecond(), id));
            connection
                .prepare_cached(
                    "SELECT id, started_at, version, provider, model, model_version, deployment, tokens_input,
                       tokens_output, tokens_cached, audio_seconds, characters, images, cost_micros
                     FROM interactions INDEXED BY interactions_by_time
                     WHERE started_at >= :from AND started_at < :to AND (started_at, id) > (:at, :id)
                       AND (priced = 1 OR cost_micros IS NULL)
                     ORDER BY started_at, id LIMIT :limit",
                )?
                .query_map(
                    named_params! {
                        ":from": from.as_microsecond().max(at), ":to": to.as_microsecond(), ":at": at,
                        ":id": id.as_bytes(), ":limit": limit as i64,
                    },
                    turn,
                )?
                .collect()
        };
        self.readers.read(list).await
    }

    async fn reprice(&self, changes: Vec<CostChange>, audit: AuditEntry) -> Result<Vec<Uuid>, StoreError> {
        let reprice = move |connection: &Connection| {
            let stale = stale(connection, &changes)?;
            if !stale.is_empty() || changes.is_empty() {
                return Ok(stale);
            }
            let mut update = connection.prepare_cached(
                "UPDATE interactions SET cost_micros = ?2, priced = ?2 IS NOT NULL, version = version + 1,
                   repricings = coalesce(repricings, 0) + 1, updated_at = max(updated_at, ?3)
                 WHERE id = ?1",
            )?;
            for change in &changes {
                update.execute(params![
                    change.id.as_bytes(),
                    change.cost_micros,
                    audit.at.as_microsecond()
                ])?;
            }
            let starts = changes.iter().map(|change| change.started_at);
            rollups::mark(connection, rollups::INTERACTIONS, starts)?;
            audit_log::append(connection, &audit)?;
            Ok(Vec::new())
        };
        self.writer.write(reprice).await
    }
}

/// The turns that do not have the version of their change.
fn stale(connection: &Connection, changes: &[CostChange]) -> rusqlite::Result<Vec<Uuid>> {
    let mut current =
        connection.prepare_cached("SELECT 1 FROM interactions WHERE id = ?1 AND version = ?2")?;
    let mut stale = Vec::new();
    for change in changes {
        if !current.exists(params![change.id.as_bytes(), change.version])? {
            stale.push(change.id);
        }
    }
    Ok(stale)
}

fn exists(connection: &Connection, id: Uuid) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM model_prices WHERE id = ?1")?
        .exists([id.as_bytes()])
}

/// When the newest price of the same provider, model and unit begins, and who set it.
fn newest(connection: &Connection, price: &ModelPrice) -> rusqlite::Result<Option<(Timestamp, String)>> {
    connection
        .prepare_cached(
            "SELECT effective_from, set_by FROM model_prices WHERE provider = ?1 AND model = ?2 AND unit = ?3
             ORDER BY effective_from DESC LIMIT 1",
        )?
        .query_row(params![price.provider, price.model, price.unit.as_str()], |row| {
            Ok((time_at(row, 0)?, row.get(1)?))
        })
        .optional()
}

/// Ends the price before and adds this one, which has no end.
fn add(connection: &Connection, price: &ModelPrice) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE model_prices SET effective_to = ?4
             WHERE provider = ?1 AND model = ?2 AND unit = ?3 AND effective_to IS NULL",
        )?
        .execute(params![
            price.provider,
            price.model,
            price.unit.as_str(),
            price.effective_from.as_microsecond(),
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO model_prices (
               id, provider, model, unit, price_micros, unit_count, effective_from, source, set_by, set_at
             ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            price.id.as_bytes(),
            price.provider,
            price.model,
            price.unit.as_str(),
            price.price_micros,
            price.unit_count,
            price.effective_from.as_microsecond(),
            price.source,
            price.set_by,
            price.set_at.as_microsecond(),
        ])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ModelPrice> {
    let mut columns = Columns::of(row);
    Ok(ModelPrice {
        id: columns.id()?,
        provider: columns.get()?,
        model: columns.get()?,
        unit: columns.name()?,
        price_micros: columns.get()?,
        unit_count: columns.get()?,
        effective_from: columns.time()?,
        effective_to: columns.optional_time()?,
        source: columns.get()?,
        set_by: columns.get()?,
        set_at: columns.time()?,
    })
}

fn deployment(row: &Row<'_>) -> rusqlite::Result<DeploymentModel> {
    let mut columns = Columns::of(row);
    Ok(DeploymentModel {
        deployment: columns.get()?,
        provider: columns.get()?,
        model: columns.get()?,
        set_by: columns.get()?,
        set_at: columns.time()?,
    })
}

fn turn(row: &Row<'_>) -> rusqlite::Result<PricedTurn> {
    let mut columns = Columns::of(row);
    Ok(PricedTurn {
        id: columns.id()?,
        started_at: columns.time()?,
        version: columns.get()?,
        provider: columns.get()?,
        model: columns.get()?,
        model_version: columns.get()?,
        deployment: columns.get()?,
        tokens_input: columns.get()?,
        tokens_output: columns.get()?,
        tokens_cached: columns.get()?,
        audio_seconds: columns.get()?,
        characters: columns.get()?,
        images: columns.get()?,
        cost_micros: columns.get()?,
    })
}
