//! The queries of the pages, and those that are saved in the workspace.

use super::kql::{Token, tokens, unknown};
use super::pages::{blocks, pages, sources};
use crate::support::repository;

/// Where what is recorded gets its names.
const RECORDING: [&str; 4] = [
    "functions",
    "handlers/blobs/src",
    "handlers/pravis/src",
    "handlers/store/src",
];

/// A query and what is said of it.
struct Query {
    text: String,
    columns: Vec<String>,
    place: String,
}

/// Those in the pages, and those that are saved in the workspace, which stand in a table of the guide.
fn queries() -> Vec<Query> {
    let code = |text: &str| {
        text.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut all: Vec<_> = blocks("kql")
        .into_iter()
        .map(|block| Query {
            columns: code(block.after.strip_prefix("Columns: ").unwrap_or_default()),
            text: block.text,
            place: block.place,
        })
        .collect();
    for page in pages() {
        for row in page.text.lines().filter(|line| line.starts_with("| [")) {
            let link = row.split(['(', ')']).nth(1).unwrap();
            if link.ends_with(".kql") {
                all.push(Query {
                    text: std::fs::read_to_string(repository().join("docs").join(link)).unwrap(),
                    columns: code(row.rsplit(" | ").next().unwrap()),
                    place: link.to_owned(),
                });
            }
        }
    }
    all
}

#[test]
fn queries_name_only_what_is_recorded() {
    let sources = sources(&RECORDING);
    for query in queries() {
        assert_eq!(unknown(&query.text, &sources), [""; 0], "{}", query.place);
    }
}

#[test]
fn queries_have_the_columns_that_are_told() {
    for query in queries() {
        assert!(!query.columns.is_empty(), "{}: no columns are told", query.place);
        // The last stage that says which columns there are.
        let shaping = |stage: &&str| matches!(stage.split_whitespace().next(), Some("summarize" | "project"));
        let last = query.text.split("\n| ").filter(shaping).last();
        let names = tokens(last.unwrap_or_default());
        for column in query.columns {
            assert!(
                names.contains(&Token::Name(column.clone())),
                "{}: {column}",
                query.place
            );
        }
    }
}

#[test]
fn every_saved_query_is_in_the_guide() {
    let told: Vec<_> = queries().into_iter().map(|query| query.place).collect();
    for entry in std::fs::read_dir(repository().join("infra/queries")).unwrap() {
        let link = format!(
            "../infra/queries/{}",
            entry.unwrap().file_name().to_string_lossy()
        );
        assert!(told.contains(&link), "{link}");
    }
}
