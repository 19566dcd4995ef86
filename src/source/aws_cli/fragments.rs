//! Answers that tell a part of a resource and often do not say of which: policies of a role, the
//! document of a policy, the entries of a prefix list. The names of their files say it then.

use super::ImportFile;
use super::place::{Clusters, hints, named_after};
use super::read::{Answers, Fragment};
use crate::snapshot::section::SectionScope;
use crate::snapshot::{Identity, Section, envelope, section};
use crate::source::assemble::{Piece, PieceItem, policy_document};
use crate::value::{Json, Object};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fields to join to resources.
#[derive(Debug, Default)]
pub(super) struct Fields<'t> {
    known: HashMap<(usize, String), Vec<(&'t str, Json<'t>)>>,
    partial: HashMap<(usize, String, &'static str), String>,
}

impl<'t> Fields<'t> {
    /// The fields of a resource.
    pub(super) fn of(&self, section: &Section, key: &str) -> &[(&'t str, Json<'t>)] {
        self.known.get(&(section.index(), key.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Why a field is not among them, if a part of it is known.
    pub(super) fn why_partial(&self, section: &Section, key: &str, field: &'static str) -> Option<&str> {
        self.partial.get(&(section.index(), key.to_owned(), field)).map(String::as_str)
    }
}

/// The key of an access entry: two clusters may admit the same principal.
pub(super) fn access_entry(cluster: usize, principal: &str) -> String {
    format!("{cluster} {principal}")
}

/// Finds the resources of all fragments.
pub(super) fn join<'t>(
    answers: &mut Answers<'t>,
    clusters: &Clusters<'t>,
    texts: &'t [ImportFile],
    arena: &'t Bump,
) -> Fields<'t> {
    let fragments = std::mem::take(&mut answers.fragments);
    let mut joiner = FragmentJoiner {
        answers,
        clusters,
        texts,
        arena,
        fields: Fields::default(),
        inline: BTreeMap::new(),
    };
    for fragment in &fragments {
        if let Err(message) = joiner.fragment(fragment) {
            joiner.answers.note(fragment.file, message);
        }
    }
    joiner.inline_policies();
    joiner.fields
}

struct FragmentJoiner<'c, 't> {
    answers: &'c mut Answers<'t>,
    clusters: &'c Clusters<'t>,
    texts: &'t [ImportFile],
    arena: &'t Bump,
    fields: Fields<'t>,
    inline: BTreeMap<String, Inline<'t>>,
}

/// What is known of a role's inline policies.
#[derive(Debug, Default)]
struct Inline<'t> {
    names: Option<Vec<&'t str>>,
    documents: BTreeMap<&'t str, Json<'t>>,
}

impl<'t> FragmentJoiner<'_, 't> {
    fn fragment(&mut self, fragment: &Fragment<'t>) -> Result<(), String> {
        if envelope::is_cut(fragment.object) {
            return Err(format!("is cut off: `aws {}` has more pages", fragment.row.command));
        }
        let value = fragment.object.get(fragment.row.field).unwrap_or(Json::Null);
        match fragment.row.field {
            "associatedAccessPolicies" => self.access_policies(fragment, value),
            "AttachedPolicies" => {
                let role = self.resource(fragment, None, &["RoleName"])?;
                self.add(fragment.row.section, role, "AttachedPolicies", value);
                Ok(())
            }
            "PolicyNames" => {
                let names = value.as_list().unwrap_or_default().iter().filter_map(Json::as_str).collect();
                let role = self.resource(fragment, None, &["RoleName"])?;
                self.inline.entry(role).or_default().names = Some(names);
                Ok(())
            }
            "PolicyDocument" => self.inline_policy(fragment, value),
            "PolicyVersion" => self.policy_version(fragment, value),
            "Entries" => {
                let list = self.resource(fragment, None, &["PrefixListId", "PrefixListName"])?;
                self.add(fragment.row.section, list, "Entries", value);
                Ok(())
            }
            _ => self.provider(fragment),
        }
    }

    fn add(&mut self, section: &str, key: String, field: &'t str, value: Json<'t>) {
        if let Some(section) = section::by_name(section) {
            self.fields.known.entry((section.index(), key)).or_default().push((field, value));
        }
    }

    /// The key of the resource that an answer names, else of the one that its file's name names.
    fn resource(
        &self,
        fragment: &Fragment<'t>,
        named: Option<&'t str>,
        by: &[&str],
    ) -> Result<String, String> {
        let hints = named.map_or_else(|| hints(&self.texts[fragment.file].path), |name| vec![name]);
        let found = hints.iter().find_map(|hint| {
            let keys: BTreeSet<_> = self.called(fragment.row.section, by, hint).collect();
            (!keys.is_empty()).then_some(keys)
        });
        let command = fragment.row.command;
        let title = fragment.row.section().map_or("resource", |section| section.title.as_str());
        match (found.map(Vec::from_iter).as_deref(), named) {
            (Some([key]), _) => Ok(key.clone()),
            (Some(keys), _) => {
                Err(format!("may be about {}: import one account at a time", keys.join(" or ")))
            }
            (None, Some(name)) => Err(format!("is about the {title} {name}, which no other file describes")),
            (None, None) => Err(match named_after(&self.texts[fragment.file].path) {
                Some(name) => format!("is about the {title} {name}, which no other file describes"),
                None => format!(
                    "`aws {command}` does not print whose answer it is: put the name of the {title} into that of the file, as in {}.NAME.json",
                    command.rsplit(' ').next().unwrap_or(command)
                ),
            }),
        }
    }

    /// The keys of resources that are called so.
    fn called(&self, section: &str, by: &[&str], name: &str) -> impl Iterator<Item = String> {
        let pieces = self.answers.pieces.iter().filter(move |piece| piece.section.name == section);
        pieces.flat_map(|piece| piece.items.iter().map(move |item| (piece.section, item))).filter_map(
            move |(section, item)| {
                let same = |field: &&str| item.node.get(field).and_then(|node| node.as_str()) == Some(name);
                by.iter().any(same).then(|| section.key_of(&item.node)).flatten()
            },
        )
    }

    fn access_policies(&mut self, fragment: &Fragment<'t>, value: Json<'t>) -> Result<(), String> {
        let text = |field: &str| fragment.object.get(field).and_then(|node| node.as_str());
        let principal = text("principalArn").ok_or("has no principalArn")?;
        let owner =
            text("clusterName").map(|name| Identity { name: Some(name.to_owned()), ..Identity::default() });
        let cluster = self.clusters.owner(owner.as_ref(), fragment.file).ok_or_else(|| {
            format!(
                "is about the cluster {}, which no other file describes",
                text("clusterName").unwrap_or("?")
            )
        })?;
        self.add(fragment.row.section, access_entry(cluster, principal), "associatedAccessPolicies", value);
        Ok(())
    }

    fn inline_policy(&mut self, fragment: &Fragment<'t>, value: Json<'t>) -> Result<(), String> {
        let text = |field: &str| fragment.object.get(field).and_then(|node| node.as_str());
        let name = text("PolicyName").ok_or("has no PolicyName")?;
        let role = self.resource(fragment, text("RoleName"), &["RoleName"])?;
        let document = policy_document(value, self.arena);
        self.inline.entry(role).or_default().documents.insert(name, document);
        Ok(())
    }

    fn policy_version(&mut self, fragment: &Fragment<'t>, value: Json<'t>) -> Result<(), String> {
        let document = value.get("Document").ok_or("has no Document")?;
        let policy = self.resource(fragment, None, &["PolicyName", "Arn"])?;
        let default = value.get("IsDefaultVersion").and_then(|node| node.as_bool());
        if default == Some(false) {
            return Err(format!("is not the default version of {policy}, which alone is in force"));
        }
        self.add(fragment.row.section, policy, "Document", policy_document(document, self.arena));
        Ok(())
    }

    /// GetOpenIDConnectProvider prints everything but the ARN, which follows from the URL.
    fn provider(&mut self, fragment: &Fragment<'t>) -> Result<(), String> {
        let section = fragment.row.section().ok_or("fills no section")?;
        let url = fragment.object.get("Url").and_then(|node| node.as_str()).ok_or("has no Url")?;
        let url = url.trim_start_matches("https://");
        let listed = self.listed_provider(section, url);
        let arn = listed.or_else(|| self.provider_arn(fragment.file, url));
        let arn =
            arn.ok_or("does not say of which account it is: add `aws iam list-open-id-connect-providers`")?;
        let arn = Json::Str(self.arena.alloc_str(&arn));
        let fields = std::iter::once(("Arn", arn)).chain(fields(fragment.object, &["Arn"]));
        let node = Json::object(self.arena, fields);
        let item = PieceItem::in_file(section, node, fragment.file, self.arena);
        self.answers.pieces.push(Piece::in_file(section, fragment.file, vec![item]));
        Ok(())
    }

    fn listed_provider(&self, section: &Section, url: &str) -> Option<String> {
        let pieces = self.answers.pieces.iter().filter(|piece| piece.section == section);
        let mut keys = pieces.flat_map(|piece| &piece.items).filter_map(|item| section.key_of(&item.node));
        keys.find(|arn| arn.split_once(":oidc-provider/").is_some_and(|(_, end)| end == url))
    }

    fn provider_arn(&self, file: usize, url: &str) -> Option<String> {
        let cluster = *self.clusters.near(file, SectionScope::Account).first()?;
        let identity = &self.clusters.all[cluster].identity;
        let partition = identity.arn.as_deref().and_then(|arn| arn.split(':').nth(1))?;
        Some(format!("arn:{partition}:iam::{}:oidc-provider/{url}", identity.account.as_deref()?))
    }

    /// Inline policies are known when all that are listed are described.
    fn inline_policies(&mut self) {
        let Some(roles) = section::by_name("roles") else { return };
        for (role, inline) in std::mem::take(&mut self.inline) {
            let missing = inline.missing();
            match missing {
                Some(reason) => {
                    self.fields.partial.insert((roles.index(), role, "InlinePolicies"), reason);
                }
                None => {
                    let policy = |(name, document): (&&'t str, &Json<'t>)| {
                        Json::object(
                            self.arena,
                            [("PolicyName", Json::Str(name)), ("PolicyDocument", *document)],
                        )
                    };
                    let policies = Json::list(self.arena, inline.documents.iter().map(policy));
                    self.add("roles", role, "InlinePolicies", policies);
                }
            }
        }
    }
}

impl Inline<'_> {
    fn missing(&self) -> Option<String> {
        let Some(names) = &self.names else {
            return Some("no answer of iam:ListRolePolicies says whether there are more".to_owned());
        };
        let missing: Vec<_> =
            names.iter().filter(|name| !self.documents.contains_key(*name)).copied().collect();
        let reason = || format!("no answer of iam:GetRolePolicy for {}", missing.join(", "));
        (!missing.is_empty()).then(reason)
    }
}

/// The fields of an object but for some.
fn fields<'t>(object: &'t Object<'t>, but: &'t [&'t str]) -> impl Iterator<Item = (&'t str, Json<'t>)> {
    object.entries().iter().filter(|(name, _)| !but.contains(name)).copied()
}
