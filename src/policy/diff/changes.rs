//! What differs between two snapshots, field by field. Items of sections are matched by what tells
//! them apart, other lists by value, so that another order is no change. What one side does not have
//! is unknown there, not empty.

use super::canonical::CanonicalSnapshot;
use crate::snapshot::{NotCollected, section};
use crate::value::Pointer;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Pairs of items that are tried for being the same, at most.
const MAX_PAIRS: usize = 10_000;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// In OLD and in NEW.
    pub(super) ends: [DifferenceEnd; 2],
    /// Whether the values are the same, and only one of them is known to be all there is.
    pub(super) only_known: bool,
}

/// One end of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DifferenceEnd {
    /// Where the value is; where it would be, if it is no item of a list; else its list.
    pub(super) pointer: Pointer,
    /// Whether it is there.
    pub(super) present: bool,
    /// Whether it is an item of a list.
    pub(super) in_list: bool,
}

impl Difference {
    /// The section in which it is.
    pub(super) fn section(&self) -> String {
        self.ends[0].pointer.segments().next().unwrap_or_default()
    }

    /// Whether it is a whole section, which one side does not have.
    pub(super) fn is_section(&self) -> bool {
        self.ends.iter().any(|end| !end.present)
            && self.ends[0].pointer.segments().count() == 1
            && !self.ends[0].in_list
    }
}

/// Everything in which two snapshots of a cluster differ.
pub(super) fn compare(old: &CanonicalSnapshot, new: &CanonicalSnapshot) -> Vec<Difference> {
    let mut walk = DiffWalk::default();
    for section in section::all() {
        let place = Pointer::root().key(&section.name);
        let (from, to) = (old.section(section), new.section(section));
        match (from, to) {
            (Some(Value::Array(from)), Some(Value::Array(to))) if section.is_list() => {
                let (mut left, mut right) = (Lists::all(from, &place), Lists::all(to, &place));
                let pairs = by_key(old.keys(section), new.keys(section));
                walk.pairs(&mut left, &mut right, pairs);
                walk.lists(left, right);
            }
            _ => walk.fields(from, to, [&place, &place]),
        }
    }
    let mut found = walk.found;
    found.extend(gap_changes(old, new, &found));
    found
}

/// Items of a list that are still to be matched, with their positions.
struct Lists<'v> {
    items: Vec<(usize, &'v Value)>,
    place: Pointer,
}

impl<'v> Lists<'v> {
    fn all(items: &'v [Value], place: &Pointer) -> Self {
        Self { items: items.iter().enumerate().collect(), place: place.clone() }
    }

    fn at(&self, position: usize) -> Option<&'v Value> {
        self.items.iter().find(|(at, _)| *at == position).map(|(_, item)| *item)
    }
}

/// Positions of items with the same key, the first with the first.
fn by_key(old: &[Option<String>], new: &[Option<String>]) -> Vec<(usize, usize)> {
    let mut known: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, key) in new.iter().enumerate().rev() {
        known.entry(key.as_deref().unwrap_or_default()).or_default().push(at);
    }
    let pair = |(at, key): (usize, &Option<String>)| Some((at, known.get_mut(key.as_deref()?)?.pop()?));
    old.iter().enumerate().filter_map(pair).collect()
}

#[derive(Default)]
struct DiffWalk {
    found: Vec<Difference>,
}

impl DiffWalk {
    fn found(&mut self, old: DifferenceEnd, new: DifferenceEnd) {
        self.found.push(Difference { ends: [old, new], only_known: false });
    }

    /// Compares what may be in a field. A `null` is absent.
    fn fields(&mut self, old: Option<&Value>, new: Option<&Value>, places: [&Pointer; 2]) {
        let old = old.filter(|value| !value.is_null());
        let new = new.filter(|value| !value.is_null());
        match (old, new) {
            (None, None) => {}
            (Some(old), Some(new)) => self.values(old, new, places, false),
            _ => {
                let end = |place: &Pointer, present| DifferenceEnd {
                    pointer: place.clone(),
                    present,
                    in_list: false,
                };
                self.found(end(places[0], old.is_some()), end(places[1], new.is_some()));
            }
        }
    }

    fn values(&mut self, old: &Value, new: &Value, places: [&Pointer; 2], in_list: bool) {
        match (old, new) {
            (Value::Object(from), Value::Object(to)) => {
                let names: BTreeSet<_> = from.keys().chain(to.keys()).collect();
                for name in names {
                    let places = places.map(|place| place.key(name));
                    self.fields(from.get(name), to.get(name), [&places[0], &places[1]]);
                }
            }
            (Value::Array(from), Value::Array(to)) => {
                self.lists(Lists::all(from, places[0]), Lists::all(to, places[1]));
            }
            _ if old == new => {}
            _ => {
                let end = |place: &Pointer| DifferenceEnd { pointer: place.clone(), present: true, in_list };
                self.found(end(places[0]), end(places[1]));
            }
        }
    }

    /// Compares items that belong together, and takes them out of the lists.
    fn pairs(&mut self, old: &mut Lists<'_>, new: &mut Lists<'_>, pairs: Vec<(usize, usize)>) {
        for (from, to) in &pairs {
            let (Some(left), Some(right)) = (old.at(*from), new.at(*to)) else { continue };
            self.values(left, right, [&old.place.index(*from), &new.place.index(*to)], true);
        }
        let (from, to): (BTreeSet<_>, BTreeSet<_>) = pairs.into_iter().unzip();
        old.items.retain(|(at, _)| !from.contains(at));
        new.items.retain(|(at, _)| !to.contains(at));
    }

    /// Matches items by value, then those that look alike; the others are only on one side.
    fn lists(&mut self, mut old: Lists<'_>, mut new: Lists<'_>) {
        take_equal(&mut old.items, &mut new.items);
        let alike = alike(&old.items, &new.items);
        self.pairs(&mut old, &mut new, alike);
        let here = |list: &Lists<'_>, at| DifferenceEnd {
            pointer: list.place.index(at),
            present: true,
            in_list: true,
        };
        let nowhere =
            |list: &Lists<'_>| DifferenceEnd { pointer: list.place.clone(), present: false, in_list: true };
        for (at, _) in &old.items {
            self.found(here(&old, *at), nowhere(&new));
        }
        for (at, _) in &new.items {
            self.found(nowhere(&old), here(&new, *at));
        }
    }
}

/// Takes out what is in both lists.
fn take_equal(old: &mut Vec<(usize, &Value)>, new: &mut Vec<(usize, &Value)>) {
    let mut known: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, item) in new.iter() {
        known.entry(canonical(item)).or_default().push(*at);
    }
    let mut taken = BTreeSet::new();
    old.retain(|(_, item)| match known.get_mut(&canonical(item)).and_then(Vec::pop) {
        Some(at) => !taken.insert(at),
        None => true,
    });
    new.retain(|(at, _)| !taken.contains(at));
}

/// Which items are the same one, changed: the only ones left, or objects with most fields in common.
fn alike(old: &[(usize, &Value)], new: &[(usize, &Value)]) -> Vec<(usize, usize)> {
    if let ([(from, _)], [(to, _)]) = (old, new) {
        return vec![(*from, *to)];
    }
    if old.len() * new.len() > MAX_PAIRS {
        return Vec::new();
    }
    let mut scored = Vec::new();
    for (from, left) in old {
        for (to, right) in new {
            let common = common_fields(left, right);
            if common > 0 {
                scored.push((std::cmp::Reverse(common), from.abs_diff(*to), *from, *to));
            }
        }
    }
    scored.sort_unstable();
    let (mut used_old, mut used_new) = (BTreeSet::new(), BTreeSet::new());
    let mut free = |from, to| {
        let free = !used_old.contains(&from) && !used_new.contains(&to);
        free && used_old.insert(from) && used_new.insert(to)
    };
    scored.into_iter().filter(|(.., from, to)| free(*from, *to)).map(|(.., from, to)| (from, to)).collect()
}

fn common_fields(old: &Value, new: &Value) -> usize {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return 0 };
    let same = |(name, value): &(&String, &Value)| {
        new.get(*name).is_some_and(|other| canonical(other) == canonical(value))
    };
    old.iter().filter(same).count()
}

/// A text that is the same for values that are, whatever the order of their fields and items.
fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(canonical).collect();
            items.sort_unstable();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => {
            let present = fields.iter().filter(|(_, value)| !value.is_null());
            let mut fields: Vec<_> = present
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            fields.sort_unstable();
            format!("{{{}}}", fields.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// Places whose values are the same, but which only one side knows to be all there is.
fn gap_changes(old: &CanonicalSnapshot, new: &CanonicalSnapshot, found: &[Difference]) -> Vec<Difference> {
    let sides = [old, new];
    let mut changes: Vec<Difference> = Vec::new();
    for (this, other) in [(0, 1), (1, 0)] {
        for gap in &sides[this].draft.gaps {
            let is_told = found.iter().any(|difference| {
                let end = &difference.ends[this];
                let is_above = is_at_or_below(&gap.at, &end.pointer);
                is_above && (end.present || !end.in_list)
            });
            let Some(there) = counterpart(sides[this], sides[other], gap).filter(|_| !is_told) else {
                continue;
            };
            if sides[other].draft.gaps.iter().any(|other| other.at == there) {
                continue;
            }
            let end =
                |pointer: &Pointer| DifferenceEnd { pointer: pointer.clone(), present: true, in_list: false };
            let mut ends = [end(&gap.at), end(&there)];
            if this == 1 {
                ends.reverse();
            }
            changes.push(Difference { ends, only_known: true });
        }
    }
    changes
}

/// Where the other side has what a gap is about; none if it does not have the section or the item.
fn counterpart(this: &CanonicalSnapshot, other: &CanonicalSnapshot, gap: &NotCollected) -> Option<Pointer> {
    let mut segments = gap.at.segments();
    let section = section::by_name(&segments.next()?)?;
    (this.section(section).is_some() && other.section(section).is_some()).then_some(())?;
    let place = Pointer::root().key(&section.name);
    let Some(next) = segments.next() else { return Some(place) };
    let start = match next.parse::<usize>().ok().filter(|_| section.is_list()) {
        None => place.key(&next),
        Some(at) => {
            let key = this.keys(section).get(at)?.as_ref()?;
            place.index(other.keys(section).iter().position(|other| other.as_ref() == Some(key))?)
        }
    };
    Some(segments.fold(start, |place, segment| place.key(&segment)))
}

/// Whether a pointer leads to a place or into it.
pub(super) fn is_at_or_below(pointer: &Pointer, place: &Pointer) -> bool {
    let rest = pointer.as_str().strip_prefix(place.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
