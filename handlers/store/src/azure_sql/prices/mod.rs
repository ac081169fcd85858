//! Prices in Azure SQL.

mod turns;

use super::answers::{last, results};
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::rows::{self, Shape, hex, time};
use super::value::Value;
use super::{AzureSqlStore, audit_log};
use crate::{Prices, SetPrice, StoreError};
use async_trait::async_trait;
use domain::audit::AuditEntry;
use domain::page::PageRequest;
use domain::pricing::{CostChange, DeploymentModel, ModelPrice, PriceFilter, PriceTable, PricedTurn};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tiberius::Row;
use uuid::Uuid;

const COLUMNS: &str = "id, provider, model, unit, price_micros, unit_count, effective_from, effective_to, source, set_by, \
     set_at";

/// What is sent of a price, in the order of [`sent`].
const SHAPE: &Shape = &[
    ("id", "binary(16)"),
    ("provider", "nvarchar(128)"),
    ("model", "nvarchar(128)"),
    ("unit", "nvarchar(32)"),
    ("price_micros", "bigint"),
    ("unit_count", "bigint"),
    ("effective_from", "datetime2(7)"),
    ("source", "nvarchar(512)"),
    ("set_by", "nvarchar(128)"),
    ("set_at", "datetime2(7)"),
];

/// Changes of prices are made one after the other: the lock ends with the transaction.
const LOCK: &str = "DECLARE @granted int;
         EXEC @granted = sp_getapplock @Resource = N'pravis_prices', @LockMode = N'Exclusive', @LockOwner = N'Transaction',
           @LockTimeout = 20000;
         IF @granted < 0 THROW 51222, N'The prices are being changed by another one for too long.', 1;";

/// Whether a row `p` is about what the sent row `n` is about.
const SAME: &str = "p.provider = n.provider AND p.model = n.model AND p.unit = n.unit";

#[async_trait]
impl Prices for AzureSqlStore {
    async fn set_price(&self, price: ModelPrice, audit: AuditEntry) -> Result<SetPrice, StoreError> {
        let call = Call::safe("set_price", set_sql())
            .bind(rows::rows([sent(&price)]))
            .bind(audit_log::sent(&audit));
        let too_early: Option<Timestamp> = Columns::of(last(self.pool.run(call).await?)?).get()?;
        Ok(too_early.map_or(SetPrice::Set, SetPrice::TooEarly))
    }

    async fn ship_prices(&self, prices: Vec<ModelPrice>, audit: AuditEntry) -> Result<u64, StoreError> {
        if prices.is_empty() {
            return Ok(0);
        }
        let call = Call::safe("ship_prices", ship_sql())
            .bind(rows::rows(prices.iter().map(sent)))
            .bind(audit_log::sent(&audit));
        Columns::of(last(self.pool.run(call).await?)?).get()
    }

    async fn price_table(&self) -> Result<PriceTable, StoreError> {
        let sql = format!(
            "SET NOCOUNT ON;
             SELECT {COLUMNS} FROM model_prices ORDER BY effective_from, id;
             SELECT deployment, provider, model, set_by, set_at FROM deployment_models ORDER BY deployment;"
        );
        let [prices, deployments] = results(self.pool.run(Call::safe("price_table", sql)).await?)?;
        Ok(PriceTable {
            prices: prices.into_iter().map(from_row).collect::<Result<_, _>>()?,
            deployments: deployments
                .into_iter()
                .map(deployment)
                .collect::<Result<_, _>>()?,
        })
    }

    async fn list_prices(
        &self,
        filter: PriceFilter,
        page: PageRequest,
    ) -> Result<Vec<ModelPrice>, StoreError> {
        let mut conditions = Conditions::beside(vec![Value::from(page.limit as i64 + 1)]);
        conditions.all("provider = {}", filter.provider);
        conditions.all("model = {}", filter.model);
        conditions.all("effective_from <= {}", filter.at);
        conditions.all("(effective_to IS NULL OR effective_to > {})", filter.at);
        if let Some(last) = page.after {
            conditions.before(("effective_from", "id"), last.at, last.key);
        }
        let sql = format!(
            "SELECT TOP (@P1) {COLUMNS} FROM model_prices{} ORDER BY effective_from DESC, id DESC",
            conditions.sql()
        );
        let call = Call::safe("list_prices", sql).with(conditions.values);
        self.all(call, from_row).await
    }

    async fn set_deployment_model(
        &self,
        deployment: DeploymentModel,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SET NOCOUNT ON; SET XACT_ABORT ON;
             {audit}
             BEGIN TRANSACTION;
             UPDATE deployment_models SET provider = @P3, model = @P4, set_by = @P5, set_at = @P6 WHERE deployment = @P2;
             INSERT INTO deployment_models (deployment, provider, model, set_by, set_at)
             SELECT @P2, @P3, @P4, @P5, @P6
             WHERE NOT EXISTS (SELECT 1 FROM deployment_models WITH (UPDLOCK, HOLDLOCK) WHERE deployment = @P2);
             {append}
             COMMIT TRANSACTION;",
            audit = audit_log::declare("@P1"),
            append = audit_log::append(),
        );
        let call = Call::safe("set_deployment_model", sql)
            .bind(audit_log::sent(&audit))
            .bind(deployment.deployment)
            .bind(deployment.provider)
            .bind(deployment.model)
            .bind(deployment.set_by)
            .bind(deployment.set_at);
        self.write(call).await.map(|_| ())
    }

    async fn list_priced_turns(
        &self,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<PricedTurn>, StoreError> {
        self.all(turns::list_call(from, to, after, limit), turns::from_row)
            .await
    }

    async fn reprice(&self, changes: Vec<CostChange>, audit: AuditEntry) -> Result<Vec<Uuid>, StoreError> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let [done, stale] = results(self.pool.run(turns::reprice_call(&changes, &audit)).await?)?;
        if !done.is_empty() {
            return Ok(Vec::new());
        }
        stale.into_iter().map(|row| Columns::of(row).id()).collect()
    }
}

/// Ends the prices before those in `@new`, and adds these.
fn add() -> String {
    format!(
        "UPDATE p SET effective_to = n.effective_from FROM model_prices p JOIN (
           SELECT provider, model, unit, MIN(effective_from) AS effective_from FROM @new GROUP BY provider, model, unit
         ) n ON {SAME} WHERE p.effective_to IS NULL;
         INSERT INTO model_prices ({names}, effective_to)
         SELECT {names}, LEAD(effective_from) OVER (PARTITION BY provider, model, unit ORDER BY effective_from) FROM @new;",
        names = rows::names(SHAPE, ""),
    )
}

/// Adds a price, once; answers when the newest price begins where that is too late, else null.
fn set_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {new}
         {audit}
         BEGIN TRANSACTION;
         {LOCK}
         IF EXISTS (SELECT 1 FROM model_prices p JOIN @new n ON n.id = p.id)
         BEGIN COMMIT TRANSACTION; SELECT CONVERT(datetime2(7), NULL); RETURN; END;
         DECLARE @newest datetime2(7) = (SELECT MAX(p.effective_from) FROM model_prices p JOIN @new n ON {SAME});
         IF @newest >= (SELECT effective_from FROM @new)
         BEGIN COMMIT TRANSACTION; SELECT @newest; RETURN; END;
         {add}
         {append}
         COMMIT TRANSACTION;
         SELECT CONVERT(datetime2(7), NULL);",
        new = rows::declare("@new", SHAPE, "@P1"),
        audit = audit_log::declare("@P2"),
        add = add(),
        append = audit_log::append(),
    )
}

/// Adds what is later than all there is of the same and was not set by the shop; answers how many.
fn ship_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {new}
         {audit}
         BEGIN TRANSACTION;
         {LOCK}
         DELETE n FROM @new n WHERE EXISTS (
           SELECT 1 FROM model_prices p
           WHERE {SAME} AND (p.set_by <> N'shipped' OR p.effective_from >= n.effective_from));
         DECLARE @added int = (SELECT COUNT(*) FROM @new);
         IF @added > 0 BEGIN {add} {append} END;
         COMMIT TRANSACTION;
         SELECT @added;",
        new = rows::declare("@new", SHAPE, "@P1"),
        audit = audit_log::declare("@P2"),
        add = add(),
        append = audit_log::append(),
    )
}

fn sent(price: &ModelPrice) -> Vec<Json> {
    vec![
        hex(price.id.as_bytes()),
        json!(price.provider),
        json!(price.model),
        json!(price.unit.as_str()),
        json!(price.price_micros),
        json!(price.unit_count),
        time(price.effective_from),
        json!(price.source),
        json!(price.set_by),
        time(price.set_at),
    ]
}

fn from_row(row: Row) -> Result<ModelPrice, StoreError> {
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

fn deployment(row: Row) -> Result<DeploymentModel, StoreError> {
    let mut columns = Columns::of(row);
    Ok(DeploymentModel {
        deployment: columns.get()?,
        provider: columns.get()?,
        model: columns.get()?,
        set_by: columns.get()?,
        set_at: columns.time()?,
    })
}
