//! What resources of templates are in snapshots: the tables `terraform.json` and `cloudformation.json`.
//!
//! A row has the name of a type of resource. It says which section the resource is an item of (`section`), or which list of
//! which item it adds to (`attach`), of which section it makes more items than can be known (`more`), which other items it is (`items`), of which sections a function writes items of it besides
//! (`also`), which argument names its cluster (`cluster`), which of its attributes are the same as another one (`same`), and what
//! its arguments become (`fields`). Keys of a field:
//!
//! | key | meaning |
//! |---|---|
//! | `to` | The field of the item: `resourcesVpcConfig.subnetIds` |
//! | `from` | The argument: `vpc_config.subnet_ids`. Of a nested block the first is meant. Without it, nobody can set the field. |
//! | `as` | How the value changes, if it does: see [`Transform`] |
//! | `each` | The fields of each block, where all blocks of a name become a list |
//! | `computed` | The attribute is set by AWS: until apply it is the symbol `${ADDRESS.ATTRIBUTE}` |
//! | `required` | The argument must be set: what is not known of it is a symbol. For what tells items apart. |
//! | `empty` | An empty text or list is as if it were not set |
//! | `absent` | What it means that it is not set. Without it, the field is absent too. |
//! | `within` | The same, where the block of the argument is there; without it, `absent` holds |
//!
//! What a resource becomes that no row can say is written by hand beside [`map`](super::map).

use crate::snapshot::TemplateSource;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What resources of one type are in snapshots.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceRow {
    /// The section that they are items of.
    #[serde(default)]
    pub section: Option<&'static str>,
    /// The list of an item that they add to.
    #[serde(default)]
    pub attach: Option<AttachRow>,
    /// The section that has more because of each of them: how many items it starts, no template says.
    #[serde(default)]
    pub more: Option<&'static str>,
    /// Sections of which a function writes items of them.
    #[serde(default)]
    pub also: Vec<&'static str>,
    /// The argument that names the cluster of EKS.
    #[serde(default)]
    pub cluster: Option<&'static str>,
    /// Attributes that always have the value of another one.
    #[serde(default)]
    pub same: BTreeMap<&'static str, &'static str>,
    /// What arguments become.
    #[serde(default)]
    pub fields: Vec<FieldRow>,
    /// Other items that each of them is.
    #[serde(default)]
    pub items: Vec<ItemRow>,
}

/// Another item that a resource is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemRow {
    /// Its section.
    pub section: &'static str,
    /// What arguments become.
    pub fields: Vec<FieldRow>,
}

/// A list of an item that a resource adds to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachRow {
    /// The section of the item.
    pub section: &'static str,
    /// The argument that tells the item apart.
    pub to: &'static str,
    /// The path to the list in the item.
    pub at: Vec<&'static str>,
}

/// What one argument becomes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRow {
    /// The field of the item, with dots.
    pub to: &'static str,
    /// The argument, with dots.
    #[serde(default)]
    pub from: Option<&'static str>,
    /// How the value changes.
    #[serde(default, rename = "as")]
    pub transform: Option<Transform>,
    /// The fields of each block.
    #[serde(default)]
    pub each: Vec<FieldRow>,
    /// Whether AWS sets it.
    #[serde(default)]
    pub computed: bool,
    /// Whether it is always there.
    #[serde(default)]
    pub required: bool,
    /// Whether an empty value is as if it were not set.
    #[serde(default)]
    pub empty: bool,
    /// What it means that it is not set.
    #[serde(default)]
    pub absent: Option<Absence>,
    /// What it means that it is not set in a block that is there.
    #[serde(default)]
    pub within: Option<Absence>,
}

/// What it means that an argument is not set.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Absence {
    /// It has a value all the same.
    Default {
        /// The value.
        value: Value,
        /// Whose default it is, in words.
        who: &'static str,
        /// Where that is written.
        source: &'static str,
        /// Since when, if it was another one before.
        #[serde(default)]
        since: Option<&'static str>,
    },
    /// It has one that the template does not tell.
    Unknown {
        /// Why, in words.
        unknown: &'static str,
        /// Where that is written.
        source: &'static str,
    },
}

/// How a value changes on its way into a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Transform {
    /// Numbers and booleans become texts.
    Text,
    /// Texts become numbers.
    Number,
    /// Texts become booleans.
    Bool,
    /// Tags, with those of the provider, as an object: `{"team": "a"}`.
    TagMap,
    /// Tags, with those of the provider, as a list: `[{"Key": "team", "Value": "a"}]`.
    TagList,
    /// One value becomes a list of it.
    ListOfOne,
    /// A list of pairs becomes an object: `[{"Key": "team", "Value": "a"}]` becomes `{"team": "a"}`.
    PairMap,
    /// Types of logs that are on become `[{"types": […], "enabled": true}]`.
    LogTypes,
    /// The same, where each stands in an object: `[{"Type": "api"}]`.
    LogTypeObjects,
}

/// The rows of one kind of template, by type.
type Table = BTreeMap<&'static str, ResourceRow>;

static TERRAFORM: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("terraform/terraform.json")).expect("an embedded file is valid")
});

static CLOUDFORMATION: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("cloudformation/cloudformation.json"))
        .expect("an embedded file is valid")
});

/// The row of a type of resource: no two kinds of templates have a name for one in common.
pub fn row(kind: &str) -> Option<&'static ResourceRow> {
    if kind.contains("::") { CLOUDFORMATION.get(kind) } else { TERRAFORM.get(kind) }
}

/// All rows of a kind of template, by type.
pub fn rows(source: TemplateSource) -> impl Iterator<Item = (&'static str, &'static ResourceRow)> {
    let table = match source {
        TemplateSource::Terraform => &TERRAFORM,
        // eksctl makes stacks.
        TemplateSource::CloudFormation | TemplateSource::Eksctl => &CLOUDFORMATION,
    };
    table.iter().map(|(kind, row)| (*kind, row))
}

impl ResourceRow {
    /// The sections that such a resource may add to.
    pub fn sections(&self) -> impl Iterator<Item = &'static str> {
        let attach = self.attach.as_ref().map(|attach| attach.section);
        let items = self.items.iter().map(|item| item.section);
        let also = self.also.iter().copied().chain(self.more);
        self.section.into_iter().chain(attach).chain(items).chain(also)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{Type, schema, section};
    use crate::value::Json;
    use bumpalo::Bump;

    fn all_rows() -> impl Iterator<Item = (&'static str, &'static ResourceRow)> {
        rows(TemplateSource::Terraform).chain(rows(TemplateSource::CloudFormation))
    }

    /// The type of a field of a type; `None` for one that is not there.
    fn field_type(of: Type, path: &str) -> Option<Type> {
        path.split('.').try_fold(of, |ty, name| match schema().select(ty, name) {
            Ok(Some(field)) => Some(field.ty),
            _ => None,
        })
    }

    fn check(kind: &str, of: Type, fields: &[FieldRow]) {
        for field in fields {
            let name = format!("{kind}: {}", field.to);
            let ty = field_type(of, field.to).unwrap_or_else(|| panic!("{name} is not in the schema"));
            assert!(!field.required || field.from.is_some() && !field.computed, "{name} is required");
            assert!(!field.computed || field.from.is_some(), "{name} is computed, of which attribute?");
            assert!(field.from.is_some() || field.absent.is_some(), "{name} has no value");
            for absence in field.absent.iter().chain(&field.within) {
                check_absence(&name, ty, absence);
            }
            if !field.each.is_empty() {
                assert!(matches!(ty, Type::List(_)), "{name} is no list");
                check(&name, schema().item(ty), &field.each);
            }
        }
    }

    fn check_absence(name: &str, ty: Type, absence: &Absence) {
        let source = match absence {
            Absence::Default { value, who, source, .. } => {
                let (text, arena) = (value.to_string(), Bump::new());
                let node = Json::parse(&text, &arena).unwrap();
                assert!(crate::snapshot::Schema::accepts(ty, &node), "{name}: {value} has another type");
                assert!(!value.is_null(), "{name}: leave the absence out");
                assert!(!who.is_empty(), "{name}: whose default is it?");
                source
            }
            Absence::Unknown { unknown, source } => {
                assert!(!unknown.is_empty(), "{name}: why is it unknown?");
                source
            }
        };
        assert!(!source.is_empty(), "{name}: where is that written?");
    }

    #[test]
    fn every_row_leads_to_fields_of_the_schema() {
        assert!(all_rows().count() > 0);
        for (kind, row) in all_rows() {
            for section in row.sections() {
                let section = section::by_name(section).unwrap_or_else(|| panic!("{kind}: no {section}"));
                // A template has the instances that it makes itself.
                let may_be = !section.running_only || section.name == "instances";
                assert!(may_be, "{kind}: {} are in no template", section.name);
            }
            let section = row.section.or(row.attach.as_ref().map(|attach| attach.section));
            let Some(section) = section else {
                assert!(row.fields.is_empty(), "{kind}: fields of what?");
                continue;
            };
            assert!(row.section.is_none() || row.attach.is_none(), "{kind} is an item, or adds to one");
            let found = section::by_name(section).unwrap();
            let ty = schema().section(section);
            let item = if found.is_list() { schema().item(ty) } else { ty };
            for item in &row.items {
                check(kind, schema().item(schema().section(item.section)), &item.fields);
            }
            let item = row.attach.iter().fold(item, |item, attach| {
                let list = field_type(item, &attach.at.join("."));
                schema().item(list.unwrap_or_else(|| panic!("{kind}: {:?} is not in the schema", attach.at)))
            });
            // What policies hold is of no type.
            if item != Type::Any {
                check(kind, item, &row.fields);
            }
        }
    }

    #[test]
    fn the_cluster_of_what_belongs_to_one_is_known() {
        use section::SectionScope;
        for (kind, row) in all_rows() {
            let Some(section) = row.section.and_then(section::by_name) else { continue };
            let belongs = section.scope == SectionScope::Cluster && section.name != "cluster";
            assert_eq!(row.cluster.is_some(), belongs, "{kind}");
        }
    }
}
