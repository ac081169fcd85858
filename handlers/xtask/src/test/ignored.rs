//! Finds the tests that need something: `#[ignore = "needs strace"]`. A plain `cargo test` skips them, so that it
//! passes on a bare machine; this task runs them where what they need is there.

use std::path::Path;

use syn::visit::{self, Visit};

use crate::{Outcome, workspace};

/// A test that is ignored unless its need is met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IgnoredTest {
    /// The function's name.
    pub(super) name: String,
    /// A program or an environment variable; see [`super::needs::met`].
    pub(super) need: String,
}

/// All such tests in the sources below `folder`.
pub(super) fn find(folder: &Path) -> Outcome<Vec<IgnoredTest>> {
    let mut found = Vec::new();
    for path in workspace::rust_files(folder)? {
        let text = workspace::read(&path)?;
        // Most files have none: parsing only the few keeps the start quick.
        if text.contains("#[ignore") {
            found.extend(in_source(&text).map_err(|fault| format!("{}: {fault}", path.display()))?);
        }
    }
    Ok(found)
}

fn in_source(text: &str) -> syn::Result<Vec<IgnoredTest>> {
    let mut finder = Finder::default();
    finder.visit_file(&syn::parse_file(text)?);
    Ok(finder.found)
}

#[derive(Default)]
struct Finder {
    found: Vec<IgnoredTest>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        let name = function.sig.ident.to_string();
        self.found
            .extend(function.attrs.iter().filter_map(need).map(|need| IgnoredTest {
                name: name.clone(),
                need,
            }));
        visit::visit_item_fn(self, function);
    }
}

/// `strace` of `#[ignore = "needs strace"]`; a test ignored for any other reason stays ignored, under that reason.
fn need(attribute: &syn::Attribute) -> Option<String> {
    if !attribute.path().is_ident("ignore") {
        return None;
    }
    let reason = match &attribute.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            value:
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }),
            ..
        }) => text.value(),
        _ => String::new(),
    };
    let need = reason
        .strip_prefix("needs ")
        .and_then(|rest| rest.split([',', ' ', ':', ';']).next());
    Some(need.map_or_else(|| format!("a person ({reason})"), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_name_and_need() {
        let source = r#"
            #[test] fn plain() {}
            mod inner {
                #[tokio::test]
                #[ignore = "needs strace, to count syncs"]
                async fn counts_syncs() {}
                #[test] #[ignore = "needs PRAVIS_TEST_SQL"] fn on_azure() {}
                #[test] #[ignore] fn by_hand() {}
            }
        "#;
        let found = in_source(source).unwrap();
        let pairs: Vec<_> = found
            .iter()
            .map(|test| (test.name.as_str(), test.need.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("counts_syncs", "strace"),
                ("on_azure", "PRAVIS_TEST_SQL"),
                ("by_hand", "a person ()")
            ]
        );
    }
}
