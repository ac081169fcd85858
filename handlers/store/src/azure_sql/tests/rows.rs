//! What the columns of an answer are read as.

use super::super::columns::Columns;
use super::super::session::Answer;
use super::super::value::Value;
use super::{Bench, safe};
use domain::interactions::Status;
use jiff::Timestamp;
use testkit::tds::{Cell, Parameter, Reply, Table, Type};

/// The first row of the first result set.
pub(super) fn first(answer: Answer) -> Columns {
    Columns::of(answer.into_iter().flatten().next().unwrap())
}

#[tokio::test]
async fn every_result_set_comes_in_its_place() {
    let bench = Bench::new().await;
    let empty = Table::of([("id", Type::BigInt)]);
    bench.server.then(
        Reply::rows(empty.clone())
            .and_rows(Table::number(5).row([Cell::Int(6)]))
            .and_rows(empty),
    );
    let answer = bench.pool.run(safe()).await.unwrap();
    assert_eq!(answer.iter().map(Vec::len).collect::<Vec<_>>(), [0, 2, 0]);
}

#[tokio::test]
async fn columns_are_read_in_order_whatever_their_width() {
    let bench = Bench::new().await;
    let table = Table::of([
        ("bit", Type::Bit),
        ("tiny", Type::TinyInt),
        ("int", Type::Int),
        ("big", Type::BigInt),
        ("real", Type::Float),
        ("text", Type::Text),
        ("id", Type::Bytes),
        ("at", Type::Time),
        ("json", Type::Text),
        ("a", Type::TinyInt),
        ("b", Type::BigInt),
        ("bytes", Type::Bytes),
    ]);
    let row = [
        Cell::Bit(true),
        Cell::Int(255),
        Cell::Int(-5),
        Cell::Int(i64::MIN),
        Cell::Float(0.1),
        Cell::Text("Zürich 🛍".to_owned()),
        Cell::Bytes(vec![9; 16]),
        Cell::Time(719_162, 15),
        Cell::Text("[1,2]".to_owned()),
        Cell::Int(1),
        Cell::Int(2),
        Cell::Bytes(vec![4]),
    ];
    bench.server.then(Reply::rows(table.row(row)));
    let mut columns = first(bench.pool.run(safe()).await.unwrap());
    assert!(columns.get::<bool>().unwrap());
    assert_eq!(columns.get::<u8>().unwrap(), 255);
    assert_eq!(columns.get::<Option<i64>>().unwrap(), Some(-5));
    assert_eq!(columns.get::<i64>().unwrap(), i64::MIN);
    assert_eq!(columns.get::<f64>().unwrap(), 0.1);
    assert_eq!(columns.get::<String>().unwrap(), "Zürich 🛍");
    assert_eq!(columns.id().unwrap().into_bytes(), [9; 16]);
    assert_eq!(columns.time().unwrap(), Timestamp::from_microsecond(1).unwrap());
    assert_eq!(columns.json::<Vec<i64>>().unwrap(), [1, 2]);
    assert_eq!(columns.array::<2>().unwrap(), [1, 2]);
    assert_eq!(
        columns
            .decoded("four", |bytes| (bytes == [4]).then_some(4))
            .unwrap(),
        4
    );
}

#[tokio::test]
async fn nulls_are_none_and_nothing_else() {
    let bench = Bench::new().await;
    let types = [
        Type::Bit,
        Type::TinyInt,
        Type::Int,
        Type::BigInt,
        Type::Float,
        Type::Text,
        Type::Bytes,
        Type::Time,
    ];
    let nulls = Table::of(types.map(|of| ("", of))).row(types.map(|_| Cell::Null));
    bench.server.on_statement(move |_| Reply::rows(nulls.clone()));
    let mut columns = first(bench.pool.run(safe()).await.unwrap());
    assert_eq!(columns.get::<Option<bool>>().unwrap(), None);
    assert_eq!(columns.get::<Option<u8>>().unwrap(), None);
    assert_eq!(columns.get::<Option<i64>>().unwrap(), None);
    assert_eq!(columns.get::<Option<u64>>().unwrap(), None);
    assert_eq!(columns.get::<Option<f64>>().unwrap(), None);
    assert_eq!(columns.optional_name::<Status>().unwrap(), None);
    assert_eq!(columns.optional_id().unwrap(), None);
    assert_eq!(columns.optional_time().unwrap(), None);
    let mut columns = first(bench.pool.run(safe()).await.unwrap());
    let error = columns.get::<bool>().unwrap_err();
    assert!(error.to_string().contains("column 1: is not a bit"), "{error}");
}

#[tokio::test]
async fn what_a_column_cannot_be_is_told_without_its_value() {
    let bench = Bench::new().await;
    let table = Table::of([("a", Type::BigInt), ("b", Type::Text), ("c", Type::Bytes)]);
    let row = [
        Cell::Int(-1),
        Cell::Text("secret".to_owned()),
        Cell::Bytes(vec![1, 2]),
    ];
    bench.server.then(Reply::rows(table.row(row)));
    let mut columns = first(bench.pool.run(safe()).await.unwrap());
    assert!(columns.get::<u8>().is_err());
    let error = columns.get::<i64>().unwrap_err().to_string();
    assert!(error.contains("column 2") && !error.contains("secret"), "{error}");
    assert!(columns.id().is_err());
    assert!(
        columns
            .get::<i64>()
            .unwrap_err()
            .to_string()
            .contains("column 4: is not there")
    );
}

#[tokio::test]
async fn parameters_arrive_as_they_were_bound() {
    let bench = Bench::new().await;
    let at: Timestamp = "0001-01-02T00:00:00.000001Z".parse().unwrap();
    let call = safe()
        .bind(i64::MAX)
        .bind(1.5)
        .bind("'; DROP TABLE kept; --")
        .bind([7_u8; 16])
        .bind(at)
        .bind(Value::Null)
        .bind(None::<[u8; 16]>)
        .bind("ü".repeat(100_000))
        .bind(vec![1; 100_000]);
    bench.pool.run(call).await.unwrap();
    let statement = bench.server.statements().remove(0);
    assert!(statement.sql.ends_with("SELECT 1"), "{}", statement.sql);
    assert_eq!(
        statement.declared,
        "@P1 bigint,@P2 float(53),@P3 nvarchar(4000),@P4 varbinary(8000),@P5 datetime2,@P6 nvarchar(4000),\
         @P7 varbinary(max),@P8 nvarchar(max),@P9 varbinary(max)"
    );
    let expected = [
        Parameter::Int(i64::MAX),
        Parameter::Float(1.5),
        Parameter::Text("'; DROP TABLE kept; --".to_owned()),
        Parameter::Bytes(vec![7; 16]),
        Parameter::Time(1, 10),
        Parameter::Null,
        Parameter::Null,
        Parameter::Text("ü".repeat(100_000)),
        Parameter::Bytes(vec![1; 100_000]),
    ];
    assert!(statement.parameters == expected);
}
