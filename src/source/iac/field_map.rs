//! The fields of an object, in the order of their names.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Fields by name. Objects have few, and there are very many objects: a sorted list takes as much memory as its fields do,
/// where a `BTreeMap` takes a kilobyte for one.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldMap<V>(Vec<(Arc<str>, V)>);

/// So many fields are looked through one by one.
const FEW: usize = 16;

impl<V> Default for FieldMap<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> FieldMap<V> {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// A field by its name.
    pub fn get(&self, name: &str) -> Option<&V> {
        // Of few, most are told apart by their lengths, for which no name has to be read.
        match self.0.len() {
            0..=FEW => self.0.iter().find(|(known, _)| **known == *name).map(|(_, value)| value),
            _ => self.position(name).ok().map(|at| &self.0[at].1),
        }
    }

    /// Whether there is a field of a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Sets a field; gives what it was.
    pub fn insert(&mut self, name: Arc<str>, value: V) -> Option<V> {
        match self.position(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<V> {
        self.position(name).ok().map(|at| self.0.remove(at).1)
    }

    /// The names, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Arc<str>> + ExactSizeIterator {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.0.iter().map(|(_, value)| value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Arc<str>, &V)> + ExactSizeIterator {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Puts the fields into order; of those with one name the last one stays.
    fn sort(&mut self) {
        if self.0.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return;
        }
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.0.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
    }
}

impl<V> FromIterator<(Arc<str>, V)> for FieldMap<V> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, V)>>(fields: I) -> Self {
        let mut map = Self(fields.into_iter().collect());
        map.sort();
        map
    }
}

impl<V> Extend<(Arc<str>, V)> for FieldMap<V> {
    fn extend<I: IntoIterator<Item = (Arc<str>, V)>>(&mut self, fields: I) {
        self.0.extend(fields);
        self.sort();
    }
}

impl<V> From<BTreeMap<Arc<str>, V>> for FieldMap<V> {
    fn from(fields: BTreeMap<Arc<str>, V>) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl<V> IntoIterator for FieldMap<V> {
    type Item = (Arc<str>, V);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'f, V> IntoIterator for &'f FieldMap<V> {
    type Item = (&'f Arc<str>, &'f V);
    type IntoIter = std::iter::Map<std::slice::Iter<'f, (Arc<str>, V)>, fn(&'f (Arc<str>, V)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::FieldMap;

    #[test]
    fn fields_are_sorted_and_the_last_of_a_name_stays() {
        let field = |name: &str, value: &str| (name.into(), value.to_owned());
        let mut map: FieldMap<String> =
            [field("b", "1"), field("a", "2"), field("b", "3")].into_iter().collect();
        map.extend([field("a", "4")]);
        map.insert("c".into(), String::new());
        let texts: Vec<_> = map.iter().map(|(name, value)| (&**name, value.as_str())).collect();
        assert_eq!(texts, [("a", "4"), ("b", "3"), ("c", "")]);
        assert!(map.remove("b").is_some() && map.get("b").is_none() && map.contains_key("c"));
    }
}
