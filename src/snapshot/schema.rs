//! What fields a snapshot has and of which type: generated from the AWS API models
//! (`schema.json`), plus the types of facts and the table of what an absent field means
//! (`absence.json`).

use crate::value::Json;
use bumpalo::Bump;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::LazyLock;

/// The type of a value. Indices point into the [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing is known: policy documents, values of fields that ekslint does not know.
    Any,
    /// A string, enumerations included.
    String,
    /// A whole number.
    Int,
    /// A number.
    Double,
    /// A boolean.
    Bool,
    /// ISO 8601 text or epoch seconds, as the AWS CLI prints either.
    Timestamp,
    /// A list.
    List(TypeId),
    /// An object whose field names are data, such as tags.
    Map(TypeId),
    /// An object with known fields.
    Struct(StructId),
}

/// The place of a type in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeId(u16);

/// The place of a structure in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StructId(u16);

/// One field of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its type.
    pub ty: Type,
    /// What its absence means, if that is known.
    pub absent: Option<Json<'static>>,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Whether AWS gives no empty text, or no negative number, for it: one then says nothing.
    pub filled: bool,
}

/// A structure: a name such as `eks.Nodegroup`, and its fields.
#[derive(Debug, Default)]
pub struct Struct {
    /// Service and shape, as in the AWS API model.
    pub name: String,
    fields: FxHashMap<String, Field>,
}

impl Struct {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// The names of all fields, sorted.
    pub fn field_names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// All types.
#[derive(Debug)]
pub struct Schema {
    types: Vec<Type>,
    structs: Vec<Struct>,
    sections: FxHashMap<String, Type>,
    facts: Type,
    by_name: FxHashMap<String, StructId>,
    places: FxHashMap<StructId, String>,
    secretive: FxHashSet<StructId>,
}

/// The facts, of which the page of facts is made as well: it takes the descriptions, which nothing here needs.
#[derive(Deserialize)]
struct FactsFile {
    types: BTreeMap<String, BTreeMap<String, FactField>>,
}

#[derive(Deserialize)]
struct FactField {
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Deserialize)]
struct SchemaFile {
    types: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    sections: BTreeMap<String, String>,
    #[serde(default)]
    secrets: HashSet<String>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::built_in);

/// The schema of this version of ekslint.
pub fn schema() -> &'static Schema {
    &SCHEMA
}

impl Schema {
    /// The type of a section; `Any` for a name that is no section.
    pub fn section(&self, name: &str) -> Type {
        self.sections.get(name).copied().unwrap_or(Type::Any)
    }

    /// The type of that name that is no list and no map: `ec2.Subnet`, `bool`; `Any` for any other name.
    pub fn named(&self, name: &str) -> Type {
        scalar(name).or_else(|| Some(Type::Struct(*self.by_name.get(name)?))).unwrap_or(Type::Any)
    }

    /// Where a snapshot has that structure, with `*` for positions: `/nodegroups/*/scalingConfig`.
    pub fn place_of(&self, id: StructId) -> Option<&str> {
        self.places.get(&id).map(String::as_str)
    }

    /// The type of `facts`.
    pub fn facts(&self) -> Type {
        self.facts
    }

    /// The type at a place.
    pub fn get(&self, id: TypeId) -> Type {
        self.types[usize::from(id.0)]
    }

    /// The structure at a place.
    pub fn structure(&self, id: StructId) -> &Struct {
        &self.structs[usize::from(id.0)]
    }

    /// A field of a structure, by their names: `ec2.Tag`, `Key`.
    pub fn field(&self, structure: &str, name: &str) -> Option<&Field> {
        self.structure(*self.by_name.get(structure)?).field(name)
    }

    /// All structures.
    pub fn structures(&self) -> impl Iterator<Item = &Struct> {
        self.structs.iter()
    }

    /// The field that selecting `name` on a value of that type leads to. `Ok(None)` where any name
    /// may be used; the structure where the name is not one of its fields.
    ///
    /// # Errors
    ///
    /// The structure that has no such field.
    pub fn select(&self, ty: Type, name: &str) -> Result<Option<Field>, &Struct> {
        match ty {
            Type::Struct(id) => {
                let structure = self.structure(id);
                structure.field(name).copied().map(Some).ok_or(structure)
            }
            Type::Map(id) => Ok(Some(Field { ty: self.get(id), absent: None, secret: false, filled: false })),
            _ => Ok(None),
        }
    }

    /// As [`select`](Self::select), also under the name that Go tools print.
    pub fn select_go_cased(&self, ty: Type, name: &str) -> Option<Field> {
        let exact = self.select(ty, name).ok().flatten();
        exact.or_else(|| {
            let mut chars = name.chars();
            let first = chars.next().filter(char::is_ascii_uppercase)?.to_ascii_lowercase();
            self.select(ty, &format!("{first}{}", chars.as_str())).ok().flatten()
        })
    }

    /// Whether values of that type may hold a secret, at any depth.
    pub fn holds_secrets(&self, ty: Type) -> bool {
        match ty {
            Type::List(id) | Type::Map(id) => self.holds_secrets(self.get(id)),
            Type::Struct(id) => self.secretive.contains(&id),
            _ => false,
        }
    }

    /// The structures that hold a secret, themselves or through a field.
    fn find_secretive(&self) -> FxHashSet<StructId> {
        let holds = |schema: &Self, ty: Type, known: &FxHashSet<StructId>| {
            let mut ty = ty;
            while let Type::List(id) | Type::Map(id) = ty {
                ty = schema.get(id);
            }
            matches!(ty, Type::Struct(id) if known.contains(&id))
        };
        let mut known = FxHashSet::default();
        loop {
            let before = known.len();
            for (at, structure) in self.structs.iter().enumerate() {
                if structure.fields.values().any(|field| field.secret || holds(self, field.ty, &known)) {
                    known.insert(StructId(small(at)));
                }
            }
            if known.len() == before {
                return known;
            }
        }
    }

    /// The type of a list's items; `Any` for anything else.
    pub fn item(&self, ty: Type) -> Type {
        match ty {
            Type::List(id) => self.get(id),
            _ => Type::Any,
        }
    }

    /// The list type of items of that type.
    pub fn list_of(&self, item: Type) -> Type {
        let known = self.types.iter().position(|ty| matches!(ty, Type::List(id) if self.get(*id) == item));
        known.map_or(Type::Any, |index| self.types[index])
    }

    /// A type in words that a rule author knows: `list<eks.Issue>`.
    pub fn describe(&self, ty: Type) -> String {
        match ty {
            Type::Any => "any".to_owned(),
            Type::String => "string".to_owned(),
            Type::Int => "int".to_owned(),
            Type::Double => "double".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Timestamp => "timestamp".to_owned(),
            Type::List(id) => format!("list<{}>", self.describe(self.get(id))),
            Type::Map(id) => format!("map<{}>", self.describe(self.get(id))),
            Type::Struct(id) => self.structure(id).name.clone(),
        }
    }

    /// Whether a value may be of that type. Numbers without a fraction are whole.
    pub fn accepts(ty: Type, node: &Json<'_>) -> bool {
        match ty {
            _ if matches!(node, Json::Null | Json::Unknown(_)) => true,
            Type::Any => true,
            Type::String => matches!(node, Json::Str(_) | Json::Symbol(_)),
            Type::Bool => matches!(node, Json::Bool(_)),
            Type::Int => match node {
                Json::Double(value) => value.fract() == 0.0,
                other => matches!(other, Json::Int(_)),
            },
            Type::Double => matches!(node, Json::Int(_) | Json::Double(_)),
            Type::Timestamp => matches!(node, Json::Str(_) | Json::Int(_) | Json::Double(_)),
            Type::List(_) => matches!(node, Json::List(_)),
            Type::Map(_) | Type::Struct(_) => matches!(node, Json::Object(_)),
        }
    }

    fn built_in() -> Self {
        let api: SchemaFile = embedded(include_str!("schema.json"));
        let facts: FactsFile = embedded(include_str!("../facts/schema.json"));
        let absence: &'static str = include_str!("absence.json");
        let arena: &'static Bump = Box::leak(Box::new(Bump::new()));
        let absence = Json::parse(absence, arena).unwrap_or(Json::Null);

        let names: Vec<_> = api.types.keys().chain(facts.types.keys()).cloned().collect();
        let by_name =
            names.iter().enumerate().map(|(at, name)| (name.clone(), StructId(small(at)))).collect();
        let mut reader = TypeReader { ids: &by_name, types: Vec::new() };
        let mut structs = Vec::new();
        for (name, fields) in &api.types {
            let field = |(field, ty): (&String, &String)| {
                let path = format!("{name}.{field}");
                let secret = api.secrets.contains(&path);
                let (ty, filled) = ty.strip_suffix('!').map_or((ty.as_str(), false), |ty| (ty, true));
                let absent = absence.get(&path);
                let field_type = Field { ty: reader.read(ty), absent, secret, filled };
                (field.clone(), field_type)
            };
            structs.push(Struct { name: name.clone(), fields: fields.iter().map(field).collect() });
        }
        for (name, fields) in &facts.types {
            let field = |(field, fact): (&String, &FactField)| {
                let ty = reader.read(&fact.ty);
                (field.clone(), Field { ty, absent: None, secret: false, filled: false })
            };
            structs.push(Struct { name: name.clone(), fields: fields.iter().map(field).collect() });
        }
        let sections = api.sections.iter().map(|(name, ty)| (name.clone(), reader.read(ty))).collect();
        let facts = reader.read("facts.Facts");
        let types = reader.types;
        let mut schema = Self {
            types,
            structs,
            sections,
            facts,
            by_name,
            places: FxHashMap::default(),
            secretive: FxHashSet::default(),
        };
        schema.places = schema.find_places();
        schema.secretive = schema.find_secretive();
        schema
    }

    /// For each structure, where a snapshot first has it, in the order of the sections.
    fn find_places(&self) -> FxHashMap<StructId, String> {
        let mut places = FxHashMap::default();
        let roots = super::section::all().iter().map(|s| (format!("/{}", s.name), self.section(&s.name)));
        let mut queue: VecDeque<_> = roots.collect();
        while let Some((place, ty)) = queue.pop_front() {
            match ty {
                Type::List(id) | Type::Map(id) => queue.push_back((format!("{place}/*"), self.get(id))),
                Type::Struct(id) if !places.contains_key(&id) => {
                    let structure = self.structure(id);
                    for name in structure.field_names() {
                        queue.push_back((format!("{place}/{name}"), structure.fields[name].ty));
                    }
                    places.insert(id, place);
                }
                _ => {}
            }
        }
        places
    }
}

/// Reads a file that is part of the program; a test holds that it parses.
fn embedded<T: for<'de> Deserialize<'de>>(text: &'static str) -> T {
    serde_json::from_str(text).expect("an embedded file is valid")
}

fn small(index: usize) -> u16 {
    u16::try_from(index).expect("the schema has fewer than 65,536 types")
}

/// A type without parts.
fn scalar(name: &str) -> Option<Type> {
    Some(match name {
        "string" | "blob" => Type::String,
        "int" => Type::Int,
        "double" => Type::Double,
        "bool" => Type::Bool,
        "timestamp" => Type::Timestamp,
        "any" => Type::Any,
        _ => return None,
    })
}

struct TypeReader<'n> {
    ids: &'n FxHashMap<String, StructId>,
    types: Vec<Type>,
}

impl TypeReader<'_> {
    fn read(&mut self, text: &str) -> Type {
        let inner = |prefix: &str| text.strip_prefix(prefix)?.strip_suffix('>');
        if let Some(item) = inner("list<") {
            return Type::List(self.intern(item));
        }
        if let Some(value) = inner("map<") {
            return Type::Map(self.intern(value));
        }
        scalar(text).unwrap_or_else(|| self.ids.get(text).map_or(Type::Any, |id| Type::Struct(*id)))
    }

    fn intern(&mut self, text: &str) -> TypeId {
        let ty = self.read(text);
        let at = self.types.iter().position(|known| *known == ty).unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        });
        // A list of this type is interned too, so that `list_of` finds it.
        let list = Type::List(TypeId(small(at)));
        if !self.types.contains(&list) {
            self.types.push(list);
        }
        TypeId(small(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_absence_table_names_a_field_of_its_type() {
        let rows: BTreeMap<String, serde_json::Value> = embedded(include_str!("absence.json"));
        for (path, value) in rows {
            let (structure, name) = path.rsplit_once('.').expect("structure.field");
            let field = schema().field(structure, name);
            let field = field.unwrap_or_else(|| panic!("{path} is not in the schema"));
            let (text, arena) = (value.to_string(), Bump::new());
            let node = Json::parse(&text, &arena).expect("JSON");
            assert!(Schema::accepts(field.ty, &node), "{path} is {}", schema().describe(field.ty));
        }
    }

    #[test]
    fn secrets_are_marked() {
        let cluster = schema().section("cluster");
        let token = schema().select(cluster, "clientRequestToken").expect("known").expect("typed");
        assert!(token.secret);
    }
}
