//! The reference of the facts, `docs/facts.md`, has every type of the schema with every field, and no other.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Types by name; of each the fields, with their types.
type Types = BTreeMap<String, BTreeMap<String, String>>;

/// How a table of fields begins; other tables do not count.
const TABLE: &str = "| field | type |";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("UTF-8")
}

/// What a schema has.
fn of_schema(text: &str) -> Types {
    #[derive(serde::Deserialize)]
    struct Fact {
        #[serde(rename = "type")]
        ty: String,
    }
    let schema: Value = serde_json::from_str(text).expect("JSON");
    let types: BTreeMap<String, BTreeMap<String, Fact>> =
        serde_json::from_value(schema["types"].clone()).expect("types with fields");
    let fields = |fields: BTreeMap<String, Fact>| fields.into_iter().map(|(name, fact)| (name, fact.ty));
    types.into_iter().map(|(name, facts)| (name, fields(facts).collect())).collect()
}

/// What stands in backquotes, if that is all.
fn quoted(text: &str) -> Option<&str> {
    text.trim().strip_prefix('`')?.strip_suffix('`')
}

/// What a page has: the types that headings name, and the rows of the tables below. Also what it has twice,
/// or below no type.
fn of_page(page: &str) -> (Types, Vec<String>) {
    let (mut types, mut wrong) = (Types::new(), Vec::new());
    let (mut heading, mut in_table) = (String::new(), false);
    for line in page.lines() {
        if line.starts_with('#') {
            heading = quoted(line.trim_start_matches('#')).unwrap_or_default().to_owned();
            if !heading.is_empty() && types.insert(heading.clone(), BTreeMap::new()).is_some() {
                wrong.push(format!("{heading} has two headings"));
            }
        }
        in_table = line.starts_with(TABLE) || (in_table && line.starts_with('|'));
        let mut cells = line.split('|').skip(1).map(quoted);
        let (true, Some(Some(field)), Some(Some(ty))) = (in_table, cells.next(), cells.next()) else {
            continue;
        };
        match types.get_mut(&heading).map(|fields| fields.insert(field.to_owned(), ty.to_owned())) {
            Some(None) => {}
            Some(Some(_)) => wrong.push(format!("{heading}.{field} has two rows")),
            None => wrong.push(format!("the row of {field} is below no type")),
        }
    }
    (types, wrong)
}

/// Where a page and a schema differ.
fn differences(page: &str, schema: &str) -> Vec<String> {
    let ((page, mut found), schema) = (of_page(page), of_schema(schema));
    for (name, fields) in &schema {
        let Some(rows) = page.get(name) else {
            found.push(format!("{name} has no heading"));
            continue;
        };
        for (field, ty) in fields {
            match rows.get(field) {
                Some(written) if written == ty => {}
                Some(written) => found.push(format!("{name}.{field} is {ty}, and not {written}")),
                None => found.push(format!("{name}.{field} has no row")),
            }
        }
        let unheard = rows.keys().filter(|field| !fields.contains_key(*field));
        found.extend(unheard.map(|field| format!("there is no {name}.{field}")));
    }
    let unheard = page.keys().filter(|name| !schema.contains_key(*name));
    found.extend(unheard.map(|name| format!("there is no {name}")));
    found
}

#[test]
fn the_page_has_every_fact_and_no_other() {
    let found = differences(&read("docs/facts.md"), &read("src/facts/schema.json"));
    assert!(found.is_empty(), "docs/facts.md is stale: {found:#?}");
}

#[test]
fn a_stale_page_is_found_out() {
    let schema = r#"{"types": {
        "facts.Flow": {"verdict": {"type": "string"}, "hops": {"type": "list<facts.Hop>"}},
        "facts.Hop": {"id": {"type": "string"}}
    }}"#;
    let hop = "### `facts.Hop`\n\n| field | type | meaning |\n|---|---|---|\n| `id` | `string` | Its id |\n";
    let flow =
        "### `facts.Flow`\n\n| field | type | meaning |\n|---|---|---|\n| `verdict` | `string` | How |\n";
    let hops = "| `hops` | `list<facts.Hop>` | The steps |\n";
    let verdicts = "\n| verdict | meaning |\n|---|---|\n| `blocked` | `no` |\n\n";
    let whole = format!("{flow}{hops}{verdicts}{hop}");
    let found = |page: &str| differences(page, schema);
    assert!(found(&whole).is_empty(), "{:?}", found(&whole));
    assert_eq!(found(hop), ["facts.Flow has no heading"]);
    assert_eq!(found(&format!("{flow}{verdicts}{hop}")), ["facts.Flow.hops has no row"]);
    assert_eq!(
        found(&whole.replace("`hops`", "`steps`")),
        ["facts.Flow.hops has no row", "there is no facts.Flow.steps"]
    );
    assert_eq!(
        found(&whole.replace("`list<facts.Hop>`", "`string`")),
        ["facts.Flow.hops is list<facts.Hop>, and not string"]
    );
    assert_eq!(found(&format!("{whole}{hop}")), ["facts.Hop has two headings"]);
    assert_eq!(found(&format!("{flow}{hops}{hops}{hop}")), ["facts.Flow.hops has two rows"]);
    assert_eq!(found(&format!("{whole}## More\n\n{TABLE}\n{hops}")), ["the row of hops is below no type"]);
    assert_eq!(found(&format!("{whole}{}", hop.replace("Hop", "Step"))), ["there is no facts.Step"]);
}
