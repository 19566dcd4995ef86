//! Text for people: cut to a length that can be read, with the known name that was probably meant.

/// The longest text kept, in characters.
const MAX_TEXT: usize = 300;
/// The longest name kept, in characters: no ARN is longer.
const MAX_NAME: usize = 2048;
/// The longest name for which one that is like it is looked for, in bytes.
const MAX_LIKE: usize = 200;
/// The most names that a message lists.
const MAX_NAMES: usize = 30;

/// The first line of a text, cut to a length that a terminal can bear. What comes from a file may be
/// of any length.
pub(crate) fn bounded(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// A name or an ARN. Reports repeat it with each finding, so one that is longer than any of AWS is cut.
pub(crate) fn bounded_name(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// A hint at the known name that is most like the one written; empty if none is like it.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    if name.len() > MAX_LIKE {
        return String::new();
    }
    let best = known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()));
    match best {
        // One slip in three letters: beyond that, the names have nothing to do with each other.
        Some((distance, candidate)) if distance <= 1 + name.len() / 3 => {
            format!("; did you mean `{candidate}`?")
        }
        _ => String::new(),
    }
}

/// A hint at the known name that is most like the one written, or at all of them.
pub(crate) fn nearest_or_all(name: &str, known: &[&str]) -> String {
    let hint = nearest(name, known.iter().copied());
    match known {
        _ if !hint.is_empty() => hint,
        [] => "; there are none".to_owned(),
        _ if known.len() > MAX_NAMES => format!("; known are {}, …", known[..MAX_NAMES].join(", ")),
        _ => format!("; known are {}", known.join(", ")),
    }
}

/// What is wrong with a name that does not exist, and which names do.
pub(crate) fn not_known(what: &str, name: &str, known: &[&str]) -> String {
    let hint = nearest(name, known.iter().copied());
    format!("unknown {what} `{}`{hint}; known are {}", bounded(name), known.join(", "))
}
