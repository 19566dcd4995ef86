//! A document seen as snapshots: which of its parts fills which section, and where it stands.

use super::envelope;
use super::section::{self, Section};
use super::unknown::{Unknown, UnknownKind};
use crate::value::{Node, Object, Pointer};
use bumpalo::Bump;

/// One snapshot in a document.
#[derive(Debug)]
pub struct Snapshot<'t> {
    /// Where it stands in the document.
    pub pointer: Pointer,
    /// Whose snapshot it is.
    pub identity: Identity,
    /// Which kind of cluster.
    pub kind: Kind,
    parts: Vec<Option<Part<'t>>>,
    gaps: Vec<Gap<'t>>,
    absent: Vec<(usize, Unknown)>,
}

/// Name and place of a cluster, as far as the snapshot says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The cluster's name.
    pub name: Option<String>,
    /// Its ARN; put together from the snapshot's account and region where it is not written.
    pub arn: Option<String>,
    /// The AWS account.
    pub account: Option<String>,
    /// The AWS region.
    pub region: Option<String>,
}

/// What the control plane runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// In AWS.
    Eks,
    /// On an Outpost.
    Outpost,
    /// Elsewhere: registered through the EKS Connector.
    Connected,
}

/// A section of a snapshot.
#[derive(Debug)]
pub struct Part<'t> {
    /// Which section.
    pub section: &'static Section,
    /// The list or the object.
    pub node: Node<'t>,
    /// Why it may lack items that exist, if it may.
    pub incomplete: Option<Unknown>,
    places: Places,
    /// For longer keyed lists: positions sorted by key.
    by_key: Vec<u32>,
}

/// Where the items of a part stand in the document.
#[derive(Debug)]
enum Places {
    /// At the part's own pointer, followed by the position.
    Under(Pointer),
    /// Each at its own.
    Each(Vec<Pointer>),
}

/// A part of an object that could not be read, as `notCollected` says.
#[derive(Debug)]
struct Gap<'t> {
    object: &'t Object<'t>,
    /// The field; none for the whole object.
    field: Option<String>,
    unknown: Unknown,
}

/// Keyed lists up to this length are searched one by one.
const SCAN_LIMIT: usize = 8;

impl<'t> Part<'t> {
    fn new(section: &'static Section, node: Node<'t>, places: Places) -> Self {
        let mut part = Self { section, node, incomplete: None, places, by_key: Vec::new() };
        if part.items().len() > SCAN_LIMIT {
            let mut order: Vec<u32> = (0..).take(part.items().len()).collect();
            order.sort_by_cached_key(|at| part.key_of(*at as usize));
            part.by_key = order;
        }
        part
    }

    /// The items; none for an object.
    pub fn items(&self) -> &'t [Node<'t>] {
        self.node.as_list().unwrap_or_default()
    }

    /// Where the part stands: for items that stand apart, the first of them.
    pub fn pointer(&self) -> Pointer {
        match &self.places {
            Places::Under(pointer) => pointer.clone(),
            Places::Each(pointers) => pointers.first().cloned().unwrap_or_default(),
        }
    }

    /// Where an item stands.
    pub fn item_pointer(&self, at: usize) -> Pointer {
        match &self.places {
            Places::Under(pointer) => pointer.index(at),
            Places::Each(pointers) => pointers.get(at).cloned().unwrap_or_default(),
        }
    }

    /// Whether a pointer leads into the part: to which item, and the rest of the pointer from there.
    pub fn find<'p>(&self, pointer: &'p str) -> Option<(Option<usize>, &'p str)> {
        let below = |place: &Pointer| {
            let rest = pointer.strip_prefix(place.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        match &self.places {
            Places::Each(places) => {
                places.iter().enumerate().find_map(|(at, place)| Some((Some(at), below(place)?)))
            }
            Places::Under(place) => {
                let rest = below(place)?;
                let item = self.section.is_list().then(|| {
                    let (at, rest) = split_segment(rest)?;
                    Some((Some(at.parse().ok()?), rest))
                });
                Some(item.flatten().unwrap_or((None, rest)))
            }
        }
    }

    /// What tells an item apart from the others of its section.
    pub fn key_of(&self, at: usize) -> Option<String> {
        let item = self.items().get(at)?;
        let text = |field: &String| match item.get_go_cased(field)? {
            Node::Str(text) => Some(text.to_owned()),
            Node::Int(number) => Some(number.to_string()),
            _ => None,
        };
        match &self.section.key {
            Some(field) => text(field),
            None if self.section.compound_key.is_empty() => None,
            None => {
                let fields: Option<Vec<_>> = self.section.compound_key.iter().map(text).collect();
                fields.map(|fields| fields.join(":"))
            }
        }
    }

    /// The position of the item with that key.
    pub fn position(&self, key: &str) -> Option<usize> {
        let same = |at: &usize| self.key_of(*at).as_deref() == Some(key);
        if self.by_key.is_empty() {
            return (0..self.items().len()).find(same);
        }
        let first = self.by_key.partition_point(|at| self.key_of(*at as usize).as_deref() < Some(key));
        self.by_key.get(first).map(|at| *at as usize).filter(same)
    }
}

/// The first segment of a pointer, as written, and the rest.
fn split_segment(pointer: &str) -> Option<(&str, &str)> {
    let segment = pointer.strip_prefix('/')?;
    Some(segment.split_at(segment.find('/').unwrap_or(segment.len())))
}

impl<'t> Snapshot<'t> {
    /// The sections that the snapshot has.
    pub fn parts(&self) -> impl Iterator<Item = &Part<'t>> {
        self.parts.iter().flatten()
    }

    /// The section, if the snapshot has it.
    pub fn part(&self, section: &Section) -> Option<&Part<'t>> {
        self.parts[section.index()].as_ref()
    }

    /// The section of that name, if there is such a section and the snapshot has it.
    pub fn part_named(&self, name: &str) -> Option<&Part<'t>> {
        self.part(section::by_name(name)?)
    }

    /// The cluster itself.
    pub fn cluster(&self) -> Option<Node<'t>> {
        self.part_named("cluster").map(|part| part.node)
    }

    /// Why the snapshot does not have a section.
    pub fn why_absent(&self, section: &Section) -> Unknown {
        let noted = self.absent.iter().find(|(at, _)| *at == section.index());
        noted.map_or_else(|| Unknown::section_absent(section), |(_, unknown)| unknown.clone())
    }

    /// Why an object may lack a field that exists, if it may.
    pub fn why_missing(&self, object: &Object<'t>, field: &str) -> Option<&Unknown> {
        let here = |gap: &&Gap<'t>| {
            std::ptr::eq(gap.object, object) && gap.field.as_deref().is_none_or(|f| f == field)
        };
        self.gaps.iter().find(here).map(|gap| &gap.unknown)
    }

    /// The snapshots of a document.
    ///
    /// # Errors
    ///
    /// What the document is instead, in words.
    pub fn read(root: Node<'t>, arena: &'t Bump) -> Result<Vec<Self>, NotASnapshot> {
        match root {
            Node::Object(object) => {
                Reader::new(Pointer::root(), arena).read(object).map(|snapshot| vec![snapshot])
            }
            Node::List([]) => Err(NotASnapshot::Other("an empty list".to_owned())),
            Node::List(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| match item {
                    Node::Object(object) => Reader::new(Pointer::root().index(at), arena).read(object),
                    other => Err(NotASnapshot::Other(format!("a list with {}", other.kind()))),
                })
                .collect(),
            other => Err(NotASnapshot::Other(other.kind().to_owned())),
        }
    }
}

/// What a JSON document is instead of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASnapshot {
    /// The body of a failed API call.
    #[error("is an AWS error answer, not a snapshot: {0}")]
    ErrorAnswer(String),
    /// The answer of a call that changes something.
    #[error(
        "is the answer to a change ({0}), not the description of a cluster; save the output of `aws eks describe-cluster` instead"
    )]
    UpdateAnswer(String),
    /// A snapshot of another version of ekslint.
    #[error("has schemaVersion {0}; this version of ekslint reads schemaVersion 1")]
    SchemaVersion(String),
    /// Something else.
    #[error("is not a snapshot of an EKS cluster but {0}")]
    Other(String),
}

struct Reader<'t> {
    arena: &'t Bump,
    pointer: Pointer,
    parts: Vec<Option<Part<'t>>>,
}

impl<'t> Reader<'t> {
    fn new(pointer: Pointer, arena: &'t Bump) -> Self {
        Self { arena, pointer, parts: section::all().iter().map(|_| None).collect() }
    }

    fn read(mut self, object: &'t Object<'t>) -> Result<Snapshot<'t>, NotASnapshot> {
        refuse(object)?;
        for (field, value) in object.entries() {
            self.read_field(field, *value);
        }
        self.read_whole(object);
        if self.parts.iter().all(Option::is_none) {
            return Err(NotASnapshot::Other(describe(object)));
        }
        Ok(self.finish(object))
    }

    /// Reads one top-level field, if it is a section or an answer of the AWS CLI.
    fn read_field(&mut self, field: &str, value: Node<'t>) {
        let section =
            section::by_name(field).or_else(|| section::by_name(envelope::by_field(field)?.section));
        let Some(section) = section else { return };
        let place = self.pointer.key(field);
        let part = match value {
            Node::List(items) if field == "Reservations" => self.instances(section, items, &place),
            Node::List([vpc @ Node::Object(_)]) if !section.is_list() => {
                Some(Part::new(section, *vpc, Places::Under(place.index(0))))
            }
            Node::List(items) => self.list(section, items, place),
            Node::Object(_) if !section.is_list() => {
                belongs(section, value).then(|| Part::new(section, value, Places::Under(place)))
            }
            Node::Object(_) if section::by_name(field).is_none() => belongs(section, value).then(|| {
                let list = Node::list(self.arena, [value]);
                let mut part = Part::new(section, list, Places::Each(vec![place]));
                part.incomplete = Some(Unknown::section_incomplete(section));
                part
            }),
            _ => None,
        };
        if let Some(part) = part {
            let at = part.section.index();
            self.parts[at].get_or_insert(part);
        }
    }

    /// A list of items, or of names only.
    fn list(&self, section: &'static Section, items: &'t [Node<'t>], place: Pointer) -> Option<Part<'t>> {
        if !section.is_list() {
            return None;
        }
        let versions = |item: &Node<'_>| section.name == "addons" && item.get("addonVersions").is_some();
        if items.iter().any(versions) {
            return self.list(section::by_name("addonVersions")?, items, place);
        }
        let names = items.iter().any(|item| matches!(item, Node::Str(_)));
        if names {
            let mut part = Part::new(section, Node::List(&[]), Places::Under(place));
            part.incomplete = Some(Unknown::section_incomplete(section));
            return Some(part);
        }
        let ours = items.iter().all(|item| belongs(section, *item));
        ours.then(|| Part::new(section, Node::List(items), Places::Under(place)))
    }

    /// `Reservations[].Instances[]` as one list.
    fn instances(
        &self,
        section: &'static Section,
        reservations: &'t [Node<'t>],
        place: &Pointer,
    ) -> Option<Part<'t>> {
        let (mut items, mut places) = (Vec::new(), Vec::new());
        for (at, reservation) in reservations.iter().enumerate() {
            let instances = reservation.get("Instances").and_then(|node| node.as_list())?;
            for (inner, instance) in instances.iter().enumerate() {
                items.push(*instance);
                places.push(place.index(at).key("Instances").index(inner));
            }
        }
        Some(Part::new(section, Node::list(self.arena, items), Places::Each(places)))
    }

    /// A document that is itself a section's object: a bare cluster, or the answer of a call that
    /// has no envelope.
    fn read_whole(&mut self, object: &'t Object<'t>) {
        let has = |field: &str| object.get_go_cased(field).is_some();
        let name = if has("name") && has("arn") && (has("resourcesVpcConfig") || has("connectorConfig")) {
            "cluster"
        } else if object.get("EbsEncryptionByDefault").is_some() {
            "ebsEncryptionByDefault"
        } else {
            return;
        };
        if let Some(section) = section::by_name(name) {
            let part = Part::new(section, Node::Object(object), Places::Under(self.pointer.clone()));
            self.parts[section.index()].get_or_insert(part);
        }
    }

    fn finish(mut self, object: &'t Object<'t>) -> Snapshot<'t> {
        let (mut gaps, mut absent) = (Vec::new(), Vec::new());
        let noted = object.get("notCollected").and_then(|node| node.as_list()).unwrap_or_default();
        for (at, unknown) in noted.iter().filter_map(not_collected) {
            self.note(&at, unknown, &mut gaps, &mut absent);
        }
        let cluster = self.parts[0].as_ref().map(|part| part.node);
        Snapshot {
            identity: identity(object, cluster, &self.parts),
            kind: cluster.map_or(Kind::Eks, kind),
            pointer: self.pointer,
            parts: self.parts,
            gaps,
            absent,
        }
    }

    /// Files one entry of `notCollected` with the section or the object that it concerns.
    fn note(
        &mut self,
        at: &Pointer,
        unknown: Unknown,
        gaps: &mut Vec<Gap<'t>>,
        absent: &mut Vec<(usize, Unknown)>,
    ) {
        let mut segments = at.segments();
        let Some(section) = segments.next().and_then(|name| section::by_name(&name)) else { return };
        let Some(part) = &mut self.parts[section.index()] else {
            absent.push((section.index(), unknown));
            return;
        };
        let mut node = part.node;
        for segment in segments {
            let next = match node {
                Node::List(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)).copied(),
                _ => node.get_go_cased(&segment),
            };
            match (next, node) {
                (Some(next), _) => node = next,
                (None, Node::Object(object)) => {
                    gaps.push(Gap { object, field: Some(segment), unknown });
                    return;
                }
                (None, _) => {
                    part.incomplete = Some(unknown);
                    return;
                }
            }
        }
        match node {
            Node::Object(object) => gaps.push(Gap { object, field: None, unknown }),
            _ => part.incomplete = Some(unknown),
        }
    }
}

/// Whether a value looks like an item of the section: it has the field that tells items apart, or
/// for a cluster its name or ARN.
fn belongs(section: &Section, value: Node<'_>) -> bool {
    let has = |field: &str| value.get_go_cased(field).is_some();
    match (&section.key, section.name.as_str()) {
        (_, "cluster") => has("name") || has("arn"),
        (_, "identityProviderConfigs") => has("name") || has("oidc"),
        (_, "podIdentityAssociations") => has("associationArn") || has("associationId"),
        (Some(key), _) => has(key),
        (None, _) => value.as_object().is_some(),
    }
}

fn refuse(object: &Object<'_>) -> Result<(), NotASnapshot> {
    let text = |field: &str| object.get(field).and_then(|node| node.as_str());
    if let Some(version) = object.get("schemaVersion").filter(|version| *version != Node::Int(1)) {
        return Err(NotASnapshot::SchemaVersion(version.to_string()));
    }
    if let Some(error) = object.get("Error") {
        let part = |field| error.get(field).and_then(|node| node.as_str()).unwrap_or("?");
        return Err(NotASnapshot::ErrorAnswer(format!("{}: {}", part("Code"), part("Message"))));
    }
    let code = text("__type").or(text("code")).or(text("Code"));
    let message = text("message").or(text("Message"));
    if let (Some(message), true) = (message, code.is_some() || object.entries().len() == 1) {
        let code = code.map_or_else(String::new, |code| format!("{code}: "));
        return Err(NotASnapshot::ErrorAnswer(format!("{code}{message}")));
    }
    if let Some(update) = object.get("update").filter(|_| object.get("schemaVersion").is_none()) {
        if let Some(kind) = update.get("type").and_then(|node| node.as_str()) {
            return Err(NotASnapshot::UpdateAnswer(kind.to_owned()));
        }
    }
    Ok(())
}

/// The first fields of an object, for a message.
fn describe(object: &Object<'_>) -> String {
    let names: Vec<_> = object.entries().iter().take(3).map(|(name, _)| format!("\"{name}\"")).collect();
    match names.is_empty() {
        true => "an empty object".to_owned(),
        false => format!("an object with {}", names.join(", ")),
    }
}

fn not_collected(entry: &Node<'_>) -> Option<(Pointer, Unknown)> {
    let text = |field: &str| entry.get(field).and_then(|node| node.as_str()).map(str::to_owned);
    let at = text("at")?;
    let kind = match text("kind").as_deref() {
        Some("notApplicable") => UnknownKind::NotApplicable,
        Some("sharedVpc") => UnknownKind::SharedVpc,
        Some("denied") => UnknownKind::Denied,
        _ => UnknownKind::Error,
    };
    let unknown = Unknown {
        kind,
        reason: text("reason").unwrap_or_else(|| "not collected".to_owned()),
        api: text("api"),
        action: text("action").or(text("api")).filter(|_| kind == UnknownKind::Denied),
        ..Unknown::invalid(String::new(), &at)
    };
    Some((Pointer::parse(&at), unknown))
}

fn kind(cluster: Node<'_>) -> Kind {
    if cluster.at(&["connectorConfig"]).is_some() || cluster.at(&["resourcesVpcConfig"]).is_none() {
        Kind::Connected
    } else if cluster.at(&["outpostConfig"]).is_some() {
        Kind::Outpost
    } else {
        Kind::Eks
    }
}

fn identity(object: &Object<'_>, cluster: Option<Node<'_>>, parts: &[Option<Part<'_>>]) -> Identity {
    let text = |node: Option<Node<'_>>| node.and_then(|node| node.as_str()).map(str::to_owned);
    let of_cluster = |field: &str| text(cluster.and_then(|cluster| cluster.get_go_cased(field)));
    let of_items = || {
        let first = |part: &Part<'_>| text(part.items().first()?.get("clusterName"));
        parts.iter().flatten().find_map(first)
    };
    let name = of_cluster("name").or_else(of_items);
    let written = of_cluster("arn");
    let fields: Vec<_> = written.as_deref().unwrap_or_default().split(':').collect();
    let field = |at: usize| fields.get(at).filter(|f| !f.is_empty()).map(|f| (*f).to_owned());
    let region = field(3).or_else(|| text(object.get("region")));
    let account = field(4).or_else(|| text(object.get("account")));
    let partition = text(object.get("partition")).unwrap_or_else(|| "aws".to_owned());
    let built = || {
        let (name, region, account) = (name.as_ref()?, region.as_ref()?, account.as_ref()?);
        Some(format!("arn:{partition}:eks:{region}:{account}:cluster/{name}"))
    };
    Identity { arn: written.clone().or_else(built), name, account, region }
}
