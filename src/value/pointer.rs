//! JSON pointers (RFC 6901): how rules, findings and `notCollected` name a place in a document.

use std::fmt::{self, Write};

/// A JSON pointer, kept in its written form (`/cluster/tags/a~1b`). The empty pointer is the
/// whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer to the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// A pointer from its written form; anything before the first `/` is dropped.
    pub fn parse(text: &str) -> Self {
        Self(text.find('/').map_or_else(String::new, |start| text[start..].to_owned()))
    }

    /// Gives back memory that is not needed, by a copy: allocators shrink in place by halves only.
    pub fn shrink_to_fit(&mut self) {
        self.0 = self.0.as_str().to_owned();
    }

    /// The written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it points to the whole document.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends a field name, escaped.
    pub fn push_key(&mut self, key: &str) {
        self.0.push('/');
        if !key.contains(['~', '/']) {
            self.0.push_str(key);
            return;
        }
        for c in key.chars() {
            match c {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                c => self.0.push(c),
            }
        }
    }

    /// Appends a position in a list.
    pub fn push_index(&mut self, index: usize) {
        let _ = write!(self.0, "/{index}");
    }

    /// How long its written form is: what [`truncate`](Self::truncate) goes back to.
    pub fn written_len(&self) -> usize {
        self.0.len()
    }

    /// Takes off what was appended since its written form was that long.
    pub fn truncate(&mut self, written_len: usize) {
        self.0.truncate(written_len);
    }

    /// This pointer with a field name appended.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut pointer = self.with_room_for(1 + key.len());
        pointer.push_key(key);
        pointer
    }

    /// This pointer with a position appended.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut pointer = self.with_room_for(8);
        pointer.push_index(index);
        pointer
    }

    /// A copy that grows by so many bytes without moving.
    fn with_room_for(&self, bytes: usize) -> Self {
        let mut text = String::with_capacity(self.0.len() + bytes);
        text.push_str(&self.0);
        Self(text)
    }

    /// The unescaped segments, outermost first.
    pub fn segments(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(|segment| match segment.contains('~') {
            true => segment.replace("~1", "/").replace("~0", "~"),
            false => segment.to_owned(),
        })
    }

    /// The pointer to what holds this place, or `None` for the whole document.
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|slash| Self(self.0[..slash].to_owned()))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn segments_give_back_what_was_pushed(keys in prop::collection::vec(".*", 0..6)) {
            let mut pointer = Pointer::root();
            for key in &keys {
                pointer.push_key(key);
            }
            prop_assert_eq!(pointer.segments().collect::<Vec<_>>(), keys);
        }
    }

    #[test]
    fn parents_end_at_the_root() {
        let pointer = Pointer::parse("/a/0");
        assert_eq!(pointer.parent(), Some(Pointer::parse("/a")));
        assert_eq!(Pointer::root().parent(), None);
    }
}
