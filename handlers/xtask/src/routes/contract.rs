//! The methods that the store promises: those of the traits in the files directly in its `src`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Outcome, workspace};

/// Method to trait. Each method of the contract has a name of its own, since `Store` is the sum of all traits.
pub(super) type Contract = BTreeMap<String, String>;

/// Reads the contract. The folders below hold the backends, whose private traits promise nothing.
pub(super) fn read(folder: &Path) -> Outcome<Contract> {
    let mut contract = Contract::new();
    for path in workspace::rust_files(folder)? {
        if path.parent() == Some(folder) {
            let found = in_source(&workspace::read(&path)?);
            contract.extend(found.map_err(|fault| format!("{}: {fault}", path.display()))?);
        }
    }
    Ok(contract)
}

pub(super) fn in_source(text: &str) -> syn::Result<Contract> {
    let mut contract = Contract::new();
    for item in syn::parse_file(text)?.items {
        let syn::Item::Trait(definition) = item else {
            continue;
        };
        for item in definition.items {
            if let syn::TraitItem::Fn(method) = item {
                contract.insert(method.sig.ident.to_string(), definition.ident.to_string());
            }
        }
    }
    Ok(contract)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_of_traits_and_nothing_else() {
        let source = "
            #[async_trait] pub trait Keys: Send { async fn find_key(&self); fn list_keys(&self) {} const N: u8; }
            impl Keys for Sqlite { fn hidden() {} }
            pub fn open() {}";
        let contract = in_source(source).unwrap();
        assert_eq!(contract.keys().collect::<Vec<_>>(), ["find_key", "list_keys"]);
        assert_eq!(contract["find_key"], "Keys");
    }
}
