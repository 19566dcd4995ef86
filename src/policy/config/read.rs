//! Reads the tables of the configuration file.

use super::error::ConfigErrors;
use super::keys::{CLUSTER, ConfigKey, ENVIRONMENT, RULE, SELECTOR, TERRAFORM, TOP, WAIVER};
use super::values::{ConfigField, ConfigReader, ConfigTable};
use super::{ClusterEntry, Config, Located, RuleEntry, SharedList, WaivedClusters, Waiver};
use crate::engine::ClusterSelector;
use crate::rule::RulePattern;
use crate::source::TerraformEnvironment;
use crate::value::position::LineIndex;
use serde_json::Value;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Lists with such a name hold address blocks.
const CIDRS: &str = "cidrs";

/// The configuration that a text describes, or its mistakes.
pub(super) fn config(file: &Path, text: &str) -> Result<Config, ConfigErrors> {
    let mut reader = ConfigReader {
        file: file.display().to_string(),
        folder: file.parent().map(Path::to_owned).unwrap_or_default(),
        lines: LineIndex::new(text),
        errors: Vec::new(),
    };
    let config = match DeTable::parse(text) {
        Ok(table) => {
            let table = reader.known("", table.get_ref(), &TOP);
            reader.config(&table)
        }
        Err(error) => {
            // What follows a mistake of TOML's own is guesswork.
            let span = error.span().unwrap_or_default();
            reader.wrong(span, "", &format!("is not TOML: {}", error.message()));
            Config::default()
        }
    };
    ConfigErrors::some(reader.errors)?;
    Ok(Config { file: Some(file.to_owned()), text: text.to_owned(), ..config })
}

impl ConfigReader<'_> {
    fn config(&mut self, top: &ConfigTable<'_>) -> Config {
        let get = |key: &str| top.get(key);
        Config {
            paths: get("paths").and_then(|field| self.paths(&field)),
            exclude: get("exclude").and_then(|field| self.excludes(&field)),
            rules_dirs: get("rules-dirs").and_then(|field| self.paths(&field)),
            level: get("level").and_then(|field| self.level(&field)),
            severity: get("severity").and_then(|field| self.severity(&field)),
            fail_on: get("fail-on").and_then(|field| self.fail_on(&field)),
            strict: get("strict").and_then(|field| self.flag(&field)),
            format: get("format").and_then(|field| self.outputs(&field)),
            baseline: get("baseline").and_then(|field| self.path(&field)),
            mask_account: get("mask-account").and_then(|field| self.flag(&field)),
            organization: self.organization(top),
            rules: self.rules(top),
            clusters: self.tables(top, "cluster", &CLUSTER, Self::cluster),
            waivers: self.tables(top, "waiver", &WAIVER, Self::waiver),
            environments: self.environments(top),
            ..Config::default()
        }
    }

    /// The tables of a `[[key]]`.
    fn tables<T>(
        &mut self,
        top: &ConfigTable<'_>,
        key: &str,
        keys: &[ConfigKey],
        read: fn(&mut Self, &ConfigField<'_>, &ConfigTable<'_>) -> T,
    ) -> Vec<T> {
        let Some(field) = top.get(key) else { return Vec::new() };
        if let DeValue::Table(_) = field.value.get_ref() {
            let message = format!("is one of a list; write [[{key}]] with two brackets");
            self.wrong(field.value.span(), key, &message);
            return Vec::new();
        }
        let items = self.items(&field, "tables").unwrap_or_default();
        let table = |item: &ConfigField<'_>| self.table(item, keys).map(|table| read(self, item, &table));
        items.iter().filter_map(table).collect()
    }

    fn environments(&mut self, top: &ConfigTable<'_>) -> Vec<TerraformEnvironment> {
        let Some(field) = top.get("terraform") else { return Vec::new() };
        let Some(table) = self.table(&field, &TERRAFORM) else { return Vec::new() };
        let read = self.tables(&table, "environment", &ENVIRONMENT, Self::environment);
        read.into_iter().flatten().collect()
    }

    fn environment(
        &mut self,
        field: &ConfigField<'_>,
        table: &ConfigTable<'_>,
    ) -> Option<TerraformEnvironment> {
        for key in ["name", "root"].into_iter().filter(|key| table.get(key).is_none()) {
            let message = format!("the key `{key}` is missing");
            self.wrong(field.value.span(), &field.path, &message);
        }
        let name = table.get("name").and_then(|field| self.filled(&field));
        let root = table.get("root").and_then(|field| self.path(&field));
        let var_files = table.get("var-files").and_then(|field| self.paths(&field));
        let var_files = var_files.map(|files| files.value).unwrap_or_default();
        Some(TerraformEnvironment { name: name?.value, root: root?.value, var_files })
    }

    fn organization(&mut self, table: &ConfigTable<'_>) -> Vec<SharedList> {
        let Some(field) = table.get("organization") else { return Vec::new() };
        let lists = self.entries(&field, "a table of lists");
        let list = |(name, field): (Located<String>, ConfigField<'_>)| {
            let items = if name.value.ends_with(CIDRS) { self.cidrs(&field) } else { self.texts(&field) };
            Some(SharedList { name, items: items? })
        };
        lists.into_iter().filter_map(list).collect()
    }

    fn rules(&mut self, table: &ConfigTable<'_>) -> Vec<RuleEntry> {
        let Some(field) = table.get("rules") else { return Vec::new() };
        let entries = self.entries(&field, "a table of rules");
        entries.into_iter().filter_map(|(name, field)| self.rule(name, &field)).collect()
    }

    fn rule(&mut self, name: Located<String>, field: &ConfigField<'_>) -> Option<RuleEntry> {
        let glob = self.matcher(&name.value, name.region, &field.path)?;
        let rules = Located { value: RulePattern::new(glob), region: name.region };
        let mut entry = RuleEntry { rules, enabled: None, severity: None, params: Vec::new() };
        if let DeValue::Table(_) = field.value.get_ref() {
            let table = self.table(field, &RULE)?;
            entry.enabled = table.get("enabled").and_then(|field| self.flag(&field));
            entry.severity = table.get("severity").and_then(|field| self.severity(&field));
            entry.params = table.get("params").map(|field| self.params(&field)).unwrap_or_default();
        } else {
            let (enabled, severity) = self.switch(field)?;
            entry.enabled = Some(enabled);
            entry.severity = severity;
        }
        Some(entry)
    }

    fn params(&mut self, field: &ConfigField<'_>) -> Vec<(Located<String>, Located<Value>)> {
        let entries = self.entries(field, "a table of parameters");
        let param = |(name, field): (_, ConfigField<'_>)| Some((name, self.param(&field)?));
        entries.into_iter().filter_map(param).collect()
    }

    fn selector(&mut self, table: &ConfigTable<'_>) -> ClusterSelector {
        let mut globs = |key: &str| table.get(key).map(|field| self.matchers(&field)).unwrap_or_default();
        ClusterSelector {
            name: globs("name"),
            arn: globs("arn"),
            account: globs("account"),
            region: globs("region"),
            tags: self.tags(table),
        }
    }

    fn tags(&mut self, table: &ConfigTable<'_>) -> Vec<(String, globset::GlobMatcher)> {
        let Some(field) = table.get("tags") else { return Vec::new() };
        let entries = self.entries(&field, "a table of tags");
        let tag =
            |(name, field): (Located<String>, ConfigField<'_>)| Some((name.value, self.glob(&field)?.value));
        entries.into_iter().filter_map(tag).collect()
    }

    /// Takes down a table that selects no clusters: it would mean all of them, perhaps by mistake.
    fn selects(&mut self, field: &ConfigField<'_>, table: &ConfigTable<'_>) {
        if !SELECTOR.iter().any(|key| table.get(key.name).is_some()) {
            let names = super::keys::names(SELECTOR).join(", ");
            let message = format!("does not say which clusters: give one of {names} (name = \"*\" for all)");
            self.wrong(field.value.span(), &field.path, &message);
        }
    }

    fn cluster(&mut self, field: &ConfigField<'_>, table: &ConfigTable<'_>) -> ClusterEntry {
        self.selects(field, table);
        ClusterEntry {
            clusters: self.selector(table),
            organization: self.organization(table),
            rules: self.rules(table),
            region: self.region(field.value.span()),
        }
    }

    fn waiver(&mut self, field: &ConfigField<'_>, table: &ConfigTable<'_>) -> Waiver {
        if table.get("rule").is_none() {
            let message = "the key `rule` is missing; it says what is accepted";
            self.wrong(field.value.span(), &field.path, message);
        }
        let mut text = |key: &str| table.get(key).and_then(|field| self.text(&field));
        let (reason, owner) = (text("reason"), text("owner"));
        let (approved_by, ticket) = (text("approved-by"), text("ticket"));
        Waiver {
            rules: table.get("rule").map(|field| self.rule_patterns(&field)).unwrap_or_default(),
            clusters: table.get("cluster").and_then(|field| self.waived(&field)),
            resources: table.get("resource").map(|field| self.matchers(&field)).unwrap_or_default(),
            reason,
            owner: owner.map(|owner| owner.value),
            approved_by: approved_by.map(|who| who.value),
            ticket: ticket.map(|ticket| ticket.value),
            expires: table.get("expires").and_then(|field| self.date(&field)),
            region: self.region(field.value.span()),
        }
    }

    fn waived(&mut self, field: &ConfigField<'_>) -> Option<WaivedClusters> {
        if let DeValue::Table(_) = field.value.get_ref() {
            let table = self.table(field, SELECTOR)?;
            self.selects(field, &table);
            return Some(WaivedClusters::Selected(self.selector(&table)));
        }
        Some(WaivedClusters::NameOrArn(self.matchers(field)))
    }
}
