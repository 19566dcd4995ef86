//! Tables that pages take from the program: each stands below a comment, `<!-- table: NAME -->`, and is what the program
//! says. `UPDATE_DOCS=1` writes them anew.

use super::page::{Page, all, root};
use ekslint::rule::Severity;
use ekslint::rule::schema::schema as rule_schema;
use ekslint::snapshot::envelope::{ENVELOPES, Holds};
use ekslint::snapshot::{TemplateSource, schema, section};
use ekslint::source::iac::eksctl::{config_keys, unread_keys};
use ekslint::source::iac::table::{ResourceRow, rows as resource_rows};
use ekslint::source::iac::terraform::bundled_modules;
use ekslint::source::iac::terraform::functions::{FunctionGroup, FunctionWork, functions};
use serde_json::Value;
use std::fs;
use std::ops::Range;

const MARK: &str = "<!-- table: ";

type Make = fn() -> Table;

/// Every table by its name, but for those of facts, which have the names of their types.
const TABLES: [(&str, Make); 15] = [
    ("severities", severities),
    ("sections", sections),
    ("absences", absences),
    ("answers", answers),
    ("terraform-resources", || resources(TemplateSource::Terraform)),
    ("cloudformation-resources", || resources(TemplateSource::CloudFormation)),
    ("eksctl-keys", eksctl_keys),
    ("terraform-functions", terraform_functions),
    ("bundled-modules", bundled_modules_table),
    ("not-in-templates", not_in_templates),
    ("rule", || keys("", true)),
    ("remediation", || keys("/properties/remediation", false)),
    ("check", || keys("/$defs/check", false)),
    ("example", || keys("/$defs/example", false)),
    ("param", || keys("/$defs/param/anyOf/0", false)),
];

struct Table {
    heading: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn text(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | ").replace(" |  |", " | |"));
        let heading: Vec<_> = self.heading.iter().map(|cell| (*cell).to_owned()).collect();
        let rule = format!("|{}\n", "---|".repeat(self.heading.len()));
        line(&heading) + &rule + &self.rows.iter().map(|row| line(row)).collect::<String>()
    }
}

/// The table of that name: one of [`TABLES`], or the fields of a type of facts.
fn table(name: &str) -> Option<Table> {
    let known = TABLES.iter().find(|(known, _)| *known == name);
    known.map(|(_, make)| make()).or_else(|| facts(name))
}

/// The types of facts, each with its fields.
fn fact_types() -> serde_json::Map<String, Value> {
    let text = fs::read_to_string(root().join("src/facts/schema.json")).expect("UTF-8");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    schema["types"].as_object().expect("types").clone()
}

/// The fields of a type of facts.
fn facts(name: &str) -> Option<Table> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let row = |(field, fact): (&String, &Value)| {
        let description = text(&fact["description"]);
        assert!(!description.is_empty(), "{name}.{field} has no description");
        vec![quoted(field), quoted(&text(&fact["type"])), description]
    };
    let rows = fact_types().get(name)?.as_object().expect("fields").iter().map(row).collect();
    Some(Table { heading: vec!["field", "type", "meaning"], rows })
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

/// What each severity stands for.
fn severities() -> Table {
    let row = |severity: Severity| vec![quoted(severity.as_str()), severity.meaning().to_owned()];
    Table { heading: vec!["severity", "meaning"], rows: Severity::ALL.map(row).to_vec() }
}

/// The sections of a snapshot.
fn sections() -> Table {
    let key = |section: &section::Section| match &section.key {
        Some(key) => quoted(key),
        None if section.compound_key.is_empty() => "the only one".to_owned(),
        None => quoted(&section.compound_key.join(":")),
    };
    let calls = |section: &section::Section| {
        let calls: Vec<_> = section.calls.iter().map(|call| call.api.clone()).collect();
        calls.join(", ")
    };
    let rows = section::all().iter();
    let rows = rows
        .map(|section| vec![quoted(&section.name), quoted(&section.singular), key(section), calls(section)]);
    Table { heading: vec!["section", "one of them", "key", "API calls"], rows: rows.collect() }
}

/// The fields whose absence has a meaning, by their places.
fn absences() -> Table {
    let text = fs::read_to_string(root().join("src/snapshot/absence.json")).expect("UTF-8");
    let absences: Value = serde_json::from_str(&text).expect("JSON");
    let row = |(field, value): (&String, &Value)| {
        let (structure, name) = field.rsplit_once('.').expect("structure and field");
        let known = schema().named(structure);
        let ekslint::snapshot::Type::Struct(id) = known else { panic!("{structure} is no structure") };
        let place = schema().place_of(id).unwrap_or_default();
        let place = place.trim_start_matches('/').replace("/*", "[]").replace('/', ".");
        vec![quoted(&format!("{place}.{name}")), quoted(&value.to_string())]
    };
    let rows = absences.as_object().expect("an object").iter().map(row).collect();
    Table { heading: vec!["absent field", "is read as"], rows }
}

/// The commands of the AWS CLI whose answers are read.
fn answers() -> Table {
    let holds = |holds: Holds| match holds {
        Holds::Resources | Holds::Whole(_) => String::new(),
        Holds::Summaries(_) => "less than the description".to_owned(),
        Holds::Field(field) => format!("`{field}` of one; only joined"),
        Holds::Attribute(_) => "a part; only joined".to_owned(),
    };
    let rows = ENVELOPES.iter();
    let rows =
        rows.map(|row| vec![quoted(&format!("aws {}", row.command)), quoted(row.section), holds(row.holds)]);
    let mut rows: Vec<_> = rows.collect();
    rows.dedup();
    Table { heading: vec!["command", "section", "holds"], rows }
}

/// The types of resources of a kind of template that are understood, and what they are in a snapshot.
fn resources(source: TemplateSource) -> Table {
    let row = |(kind, row): (&str, &ResourceRow)| {
        let mut sections: Vec<_> =
            row.section.into_iter().chain(row.items.iter().map(|item| item.section)).collect();
        sections.extend(row.also.iter().filter(|also| !sections.contains(also)).copied().collect::<Vec<_>>());
        let mut is: Vec<_> = sections.iter().map(|section| quoted(section)).collect();
        is.extend(row.attach.as_ref().map(|to| format!("`{}` of `{}`", to.at.join("."), to.section)));
        is.extend(row.more.map(|section| format!("more of `{section}` than the template says")));
        vec![quoted(kind), is.join(", ")]
    };
    Table { heading: vec!["resource", "is"], rows: resource_rows(source).map(row).collect() }
}

/// The keys of eksctl, by object: those that are read, and those of which only the names are known.
fn eksctl_keys() -> Table {
    let row = |object: &&'static str| {
        let keys = config_keys().objects[object].keys();
        let unread = unread_keys().get(object).map(Vec::as_slice).unwrap_or_default();
        let (other, read): (Vec<_>, Vec<_>) = keys.copied().partition(|key| unread.contains(key));
        let listed = |keys: Vec<&str>| keys.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
        vec![quoted(object), listed(read), listed(other)]
    };
    let has_read = |object: &&&'static str| {
        let unread = unread_keys().get(**object).map_or(0, Vec::len);
        config_keys().objects[**object].len() > unread
    };
    let rows = config_keys().objects.keys().filter(has_read).map(row).collect();
    Table { heading: vec!["object", "read", "not read"], rows }
}

/// The modules of the registry whose sources are built in.
fn bundled_modules_table() -> Table {
    let row = |(module, versions): (&str, Vec<String>)| vec![quoted(module), versions.join(", ")];
    Table { heading: vec!["module", "versions"], rows: bundled_modules().map(row).collect() }
}

/// The functions of Terraform and OpenTofu that are evaluated, and those that are not.
fn terraform_functions() -> Table {
    let group = |group: FunctionGroup| {
        let of_group: Vec<_> = functions().iter().filter(|row| row.group == group).collect();
        let names = |is_known: bool| {
            let rows =
                of_group.iter().filter(|row| matches!(row.work, FunctionWork::NotKnown(_)) != is_known);
            rows.map(|row| quoted(row.name)).collect::<Vec<_>>().join(", ")
        };
        vec![format!("{group:?}").to_lowercase(), names(true), names(false)]
    };
    let mut groups: Vec<_> = functions().iter().map(|row| row.group).collect();
    groups.dedup();
    Table {
        heading: vec!["functions", "evaluated", "unknown until apply"],
        rows: groups.into_iter().map(group).collect(),
    }
}

/// The sections that only a running cluster has.
fn not_in_templates() -> Table {
    // A template has the instances that it describes.
    let is_in_none = |section: &&section::Section| section.running_only && section.name != "instances";
    let rows = section::all().iter().filter(is_in_none);
    let rows = rows.map(|section| {
        let calls: Vec<_> = section.calls.iter().map(|call| call.api.clone()).collect();
        vec![quoted(&section.name), calls.join(", ")]
    });
    Table { heading: vec!["section", "what shows it"], rows: rows.collect() }
}

/// The keys of a part of the rule file; of the rule itself without those of its check.
fn keys(place: &str, is_rule: bool) -> Table {
    let whole = rule_schema();
    let object = whole.pointer(place).expect("a part of the schema");
    let check = whole["$defs"]["check"]["properties"].as_object().expect("an object");
    let required = object["required"].as_array().cloned().unwrap_or_default();
    let row = |(name, key): (&String, &Value)| {
        let needed = if required.contains(&Value::from(name.as_str())) { "yes" } else { "" };
        let mut meaning = key["description"].as_str().unwrap_or_default().to_owned();
        let values = key["enum"].as_array().cloned().unwrap_or_default();
        if !values.is_empty() && values.len() < 10 {
            let values: Vec<_> = values.iter().filter_map(Value::as_str).map(quoted).collect();
            meaning += &format!(" One of {}.", values.join(", "));
        }
        if let Some(default) = key.get("default") {
            meaning += &format!(" Default: `{}`.", default.to_string().replace('"', ""));
        }
        vec![quoted(name), needed.to_owned(), meaning]
    };
    let properties = object["properties"].as_object().expect("properties").iter();
    let own = properties.filter(|(name, _)| !is_rule || !check.contains_key(*name));
    Table { heading: vec!["key", "needed", "meaning"], rows: own.map(row).collect() }
}

/// The tables of a page: name, and where the table stands, with the space before it.
fn marks(text: &str) -> Vec<(String, Range<usize>)> {
    let mark = |(at, _): (usize, &str)| {
        let (name, _) = text[at + MARK.len()..].split_once(" -->").expect("the end of a comment");
        let start = at + MARK.len() + name.len() + " -->".len();
        let is_space = |line: &&str| line.trim().is_empty();
        let length = |lines: Vec<&str>| lines.into_iter().map(str::len).sum::<usize>();
        let before = start + length(text[start..].split_inclusive('\n').take_while(is_space).collect());
        let table = text[before..].split_inclusive('\n').take_while(|line| line.starts_with('|'));
        let table = length(table.collect());
        (name.to_owned(), start..if table > 0 { before + table } else { start + 1 })
    };
    text.match_indices(MARK).map(mark).collect()
}

/// A page with its tables as the program has them.
fn updated(page: &Page) -> String {
    let mut text = page.text.clone();
    for (name, place) in marks(&page.text).into_iter().rev() {
        let table = table(&name).unwrap_or_else(|| panic!("no table {name}"));
        text.replace_range(place, &format!("\n\n{}", table.text()));
    }
    text
}

/// Writes the tables into their pages.
pub(crate) fn update() {
    for page in all() {
        let text = updated(&page);
        if text != page.text {
            fs::write(root().join(&page.path), text).expect("the page is written");
        }
    }
}

#[test]
fn tables_are_what_the_program_says() {
    let mut seen = Vec::new();
    for page in super::pages() {
        seen.extend(marks(&page.text).into_iter().map(|(name, _)| name));
        let (is, should) = (page.text.clone(), updated(&page));
        let line = is.lines().zip(should.lines()).position(|(is, should)| is != should);
        assert_eq!(
            is,
            should,
            "{}:{}: UPDATE_DOCS=1 writes the table anew",
            page.path,
            line.unwrap_or(0) + 1
        );
    }
    seen.sort();
    let mut known: Vec<_> = TABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.extend(fact_types().into_iter().map(|(name, _)| name));
    known.sort_unstable();
    assert_eq!(seen, known, "each table stands on one page");
}

#[test]
fn a_stale_table_is_found_out() {
    let text = "<!-- table: param -->\n\n| old |\n|---|\n\nmore\n".to_owned();
    let page = Page::parse("page.md", text);
    let new = updated(&page);
    assert!(new.contains("| `default` |") && new.ends_with("|\n\nmore\n"), "{new}");
    assert_eq!(updated(&Page::parse("page.md", new.clone())), new);
}
