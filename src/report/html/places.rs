//! Where something is written, as a page shows it: file and line.

use super::shown::ShownText;
use crate::explain::Explained;
use crate::value::{Location, Pointer};

/// `prod.json:12`; of what is no file, the name and the pointer.
pub(in crate::report) fn place(location: &Location) -> ShownText<String> {
    let name = &location.file.name;
    ShownText(match location.file.is_file() {
        true => format!("{name}:{}", location.span.start_line),
        false => format!("{name} {}", location.pointer.as_str()),
    })
}

/// The place of a pointer of a cluster, if it has one.
pub(in crate::report) fn place_in(
    explained: &Explained,
    pointer: Option<&Pointer>,
) -> Option<ShownText<String>> {
    explained.location(pointer).map(place)
}
