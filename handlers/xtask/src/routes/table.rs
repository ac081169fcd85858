//! The operations as text, one line each.

use super::Operation;

const HEADINGS: [&str; 4] = ["folder", "route", "handler", "store"];

/// Renders the table, with columns as wide as their widest cell.
pub(super) fn render(operations: &[Operation]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(operations.iter().map(cells));
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for row in &rows {
        let line = format!(
            "{:<a$}  {:<b$}  {:<c$}  {}",
            row[0],
            row[1],
            row[2],
            row[3],
            a = widths[0],
            b = widths[1],
            c = widths[2]
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The trait is left to the JSON: a method's name alone finds it.
fn cells(operation: &Operation) -> [String; 4] {
    let methods: Vec<_> = operation
        .store
        .iter()
        .map(|path| path.rsplit("::").next().unwrap_or(path))
        .collect();
    [
        operation.folder.clone(),
        operation.route.clone(),
        operation
            .handler
            .clone()
            .unwrap_or_else(|| "(no handler)".to_owned()),
        if methods.is_empty() {
            "-".to_owned()
        } else {
            methods.join(", ")
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let operation = |folder: &str, handler: Option<&str>, store: &[&str]| Operation {
            folder: folder.to_owned(),
            route: "GET /api/x".to_owned(),
            handler: handler.map(str::to_owned),
            store: store.iter().map(|&one| one.to_owned()).collect(),
        };
        let text = render(&[
            operation("get_x", Some("api::x::get_x"), &["Xs::find_x", "Keys::find_key"]),
            operation("lost", None, &[]),
        ]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "folder  route       handler        store");
        assert_eq!(lines[1], "get_x   GET /api/x  api::x::get_x  find_x, find_key");
        assert_eq!(lines[2], "lost    GET /api/x  (no handler)   -");
    }
}
