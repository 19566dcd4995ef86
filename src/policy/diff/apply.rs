//! Puts parts of one snapshot into another: what a cluster would be, had a field not changed.

use super::canonical::{CanonicalSnapshot, EditedSnapshot};
use super::changes::{Difference, is_at_or_below};
use crate::snapshot::NotCollected;
use crate::value::Pointer;
use serde_json::Value;
use std::cmp::Reverse;

/// The two snapshots of a cluster, seen from one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct EditView<'n> {
    /// The one that is changed.
    pub(super) subject: &'n CanonicalSnapshot,
    /// The one whose values are put in.
    pub(super) other: &'n CanonicalSnapshot,
    /// Which end of a difference is the subject's: 0 for OLD, 1 for NEW.
    pub(super) side: usize,
}

impl EditView<'_> {
    /// The subject, with the other's values at these differences.
    pub(super) fn with(&self, differences: &[&Difference]) -> EditedSnapshot {
        let mut draft = self.subject.draft.clone();
        draft.symbols.extend(self.other.draft.symbols.iter().cloned());
        // What is put in goes to the end of its list, and what is taken out goes last first: until
        // then, every position is the subject's own.
        let (mut taken, put): (Vec<_>, Vec<_>) =
            differences.iter().copied().partition(|difference| !difference.ends[1 - self.side].present);
        put.iter().for_each(|difference| self.put(difference, &mut draft));
        taken.sort_by_key(|difference| Reverse(by_position(&difference.ends[self.side].pointer)));
        taken.iter().for_each(|difference| self.take(difference, &mut draft));
        draft
    }

    /// Takes out what the other does not have, and says what the other says about its absence.
    fn take(&self, difference: &Difference, draft: &mut EditedSnapshot) {
        let (here, there) = (&difference.ends[self.side], &difference.ends[1 - self.side]);
        take(&here.pointer, draft);
        let place =
            if here.in_list { here.pointer.parent().unwrap_or_default() } else { here.pointer.clone() };
        let moved_gaps = self.other.draft.gaps.iter().filter_map(|gap| moved(gap, &there.pointer, &place));
        let moved_gaps: Vec<_> = moved_gaps.filter(|gap| !here.in_list || gap.at == place).collect();
        draft.gaps.retain(|gap| moved_gaps.iter().all(|other| other.at != gap.at));
        draft.gaps.extend(moved_gaps);
    }

    fn put(&self, difference: &Difference, draft: &mut EditedSnapshot) {
        let (here, there) = (&difference.ends[self.side], &difference.ends[1 - self.side]);
        if difference.only_known {
            let is_here = |gap: &NotCollected| gap.at == here.pointer;
            draft.gaps.retain(|gap| !is_here(gap));
            let gaps = self.other.draft.gaps.iter().filter(|gap| gap.at == there.pointer);
            draft.gaps.extend(gaps.map(|gap| NotCollected { at: here.pointer.clone(), ..gap.clone() }));
            return;
        }
        let Some(value) = self.other.draft.document.pointer(there.pointer.as_str()) else { return };
        let place = match (here.present, here.in_list) {
            (false, true) => append(&here.pointer, value, draft),
            _ => set(&here.pointer, value, draft),
        };
        let Some(place) = place else { return };
        draft.gaps.retain(|gap| !is_at_or_below(&gap.at, &place));
        let gaps = self.other.draft.gaps.iter().filter_map(|gap| moved(gap, &there.pointer, &place));
        draft.gaps.extend(gaps);
    }
}

/// Positions in lists as numbers, so that the tenth comes after the second.
fn by_position(pointer: &Pointer) -> Vec<(usize, String)> {
    pointer.segments().map(|segment| (segment.parse().unwrap_or_default(), segment)).collect()
}

fn append(list: &Pointer, value: &Value, draft: &mut EditedSnapshot) -> Option<Pointer> {
    let items = draft.document.pointer_mut(list.as_str())?.as_array_mut()?;
    items.push(value.clone());
    Some(list.index(items.len() - 1))
}

fn set(place: &Pointer, value: &Value, draft: &mut EditedSnapshot) -> Option<Pointer> {
    if let Some(known) = draft.document.pointer_mut(place.as_str()) {
        *known = value.clone();
    } else {
        let parent = draft.document.pointer_mut(place.parent()?.as_str())?.as_object_mut()?;
        parent.insert(place.segments().last()?, value.clone());
    }
    Some(place.clone())
}

/// Takes a value away, and what is said about what it lacks. Later items of its list move up.
fn take(place: &Pointer, draft: &mut EditedSnapshot) {
    draft.gaps.retain(|gap| !is_at_or_below(&gap.at, place));
    let (Some(parent), Some(last)) = (place.parent(), place.segments().last()) else { return };
    match draft.document.pointer_mut(parent.as_str()) {
        Some(Value::Object(fields)) => drop(fields.shift_remove(&last)),
        Some(Value::Array(items)) => {
            let Some(at) = last.parse().ok().filter(|at| *at < items.len()) else { return };
            items.remove(at);
            draft.gaps.iter_mut().for_each(|gap| move_up(gap, &parent, at));
        }
        _ => {}
    }
}

fn move_up(gap: &mut NotCollected, list: &Pointer, removed: usize) {
    let Some(rest) = gap.at.as_str().strip_prefix(&format!("{list}/")) else { return };
    let (position, rest) = rest.split_once('/').map_or((rest, None), |(at, rest)| (at, Some(rest)));
    let Some(at) = position.parse::<usize>().ok().filter(|at| *at > removed) else { return };
    let rest = rest.map_or_else(String::new, |rest| format!("/{rest}"));
    gap.at = Pointer::parse(&format!("{list}/{}{rest}", at - 1));
}

/// A gap at or below a place, as it is below another.
fn moved(gap: &NotCollected, from: &Pointer, to: &Pointer) -> Option<NotCollected> {
    is_at_or_below(&gap.at, from).then_some(())?;
    let rest = gap.at.as_str().strip_prefix(from.as_str())?;
    Some(NotCollected { at: Pointer::parse(&format!("{to}{rest}")), ..gap.clone() })
}

#[cfg(test)]
mod tests {
    use super::EditView;
    use crate::policy::diff::canonical::CanonicalSnapshot;
    use crate::policy::diff::changes::{Difference, compare};
    use crate::scan::read_each;
    use bumpalo::Bump;
    use serde_json::{Value, json};

    fn normal(document: &Value) -> CanonicalSnapshot {
        let text = document.to_string();
        let read = read_each("a.json", &text, true, &mut Bump::new(), |opened, _| {
            opened.snapshots.iter().map(|snapshot| CanonicalSnapshot::of(opened, snapshot)).collect()
        });
        read.made.into_iter().next().unwrap()
    }

    /// Node groups of these names, and what is not known.
    fn nodegroups(names: &[&str], gaps: &[&str]) -> Value {
        let items: Vec<_> =
            names.iter().map(|name| json!({"nodegroupName": name, "tags": {"n": name}})).collect();
        let gaps: Vec<_> =
            gaps.iter().map(|at| json!({"at": at, "reason": "no", "kind": "denied"})).collect();
        json!({"cluster": {"name": "demo"}, "nodegroups": items, "notCollected": gaps})
    }

    /// Everything taken back at once: the names that are then there, and the gaps.
    fn all_taken_back(old: &Value, new: &Value) -> (Vec<String>, Vec<String>) {
        let (old, new) = (normal(old), normal(new));
        let differences = compare(&old, &new);
        let all: Vec<&Difference> = differences.iter().collect();
        let draft = EditView { subject: &new, other: &old, side: 1 }.with(&all);
        let items = draft.document["nodegroups"].as_array().cloned().unwrap_or_default();
        let names = items.iter().map(|item| item["nodegroupName"].as_str().unwrap_or("?").to_owned());
        let mut gaps: Vec<_> = draft.gaps.iter().map(|gap| gap.at.to_string()).collect();
        gaps.sort();
        (names.collect(), gaps)
    }

    #[test]
    fn items_come_and_go_and_gaps_move_with_them() {
        let old = nodegroups(&["a", "b"], &["/nodegroups/1/labels"]);
        let new = nodegroups(&["x", "y", "a"], &["/nodegroups/2/taints"]);
        let (names, gaps) = all_taken_back(&old, &new);
        assert_eq!(names, ["a", "b"]);
        // The gap of `a` is one of NEW only: that is a difference too, and taken back.
        assert_eq!(gaps, ["/nodegroups/1/labels"]);
    }

    #[test]
    fn a_section_that_was_not_known_is_not_known_again() {
        let mut old = nodegroups(&[], &["/nodegroups"]);
        old.as_object_mut().unwrap().remove("nodegroups");
        assert_eq!(all_taken_back(&old, &nodegroups(&["a"], &[])), (vec![], vec!["/nodegroups".to_owned()]));
    }

    #[test]
    fn an_item_that_an_incomplete_list_lacked_is_unknown_without_it() {
        let (old, new) = (nodegroups(&["a"], &["/nodegroups"]), nodegroups(&["a", "b"], &[]));
        let (old, new) = (normal(&old), normal(&new));
        let differences = compare(&old, &new);
        let added: Vec<_> = differences.iter().filter(|difference| !difference.only_known).collect();
        let draft = EditView { subject: &new, other: &old, side: 1 }.with(&added);
        assert_eq!(draft.gaps.iter().map(|gap| gap.at.as_str()).collect::<Vec<_>>(), ["/nodegroups"]);
    }
}
