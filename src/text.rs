//! Text for people: cut to a length that can be read, with the known name that was probably meant, and without characters
//! that show as something else than they are.

/// The longest text kept, in characters.
const MAX_TEXT: usize = 300;
/// The longest name kept, in characters: no ARN is longer.
const MAX_NAME: usize = 2048;
/// The longest name for which one that is like it is looked for, in bytes.
const MAX_LIKE: usize = 200;
/// The most names that a message lists.
const MAX_NAMES: usize = 30;

/// The first names of a list, and how many more there are: `a, b and 3 more`.
pub(crate) fn first_names(names: &[impl AsRef<str>], most: usize) -> String {
    let shown = names.iter().take(most).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A list in words: `a, b and c`.
pub(crate) fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, others @ [_, ..])) => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}

/// What several things are called that are one together, `a, b and c together`; one is called as it is.
pub(crate) fn together(names: &[String]) -> String {
    let together = if names.len() > 1 { " together" } else { "" };
    format!("{}{together}", listed(names))
}

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

/// Whether a character is obeyed or hidden rather than shown: it controls a terminal, ends a line for some readers and
/// not for others, changes the direction of what follows, or takes no room, so that two names look alike or a text has
/// another within it that only programs read. Those that choose how an emoji looks, U+FE00 to U+FE0F, stay.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Soft hyphen, joiners, fillers and separators that are blank.
            '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{3164}' | '\u{FFA0}'
            // Zero width, and the marks, embeddings and isolates of directions.
            | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            // Ends of lines and of paragraphs.
            | '\u{2028}' | '\u{2029}'
            // Annotations, and invisible marks of shorthand and of music.
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            // Tags, which are letters that nobody sees, and more selectors than there are letters.
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Bytes in hexadecimal digits, as programs print digests.
pub(crate) fn hexadecimal(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A character by its number, as in a string of JSON.
pub(crate) fn json_escape(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// A hint at the known name that is most like the one written; empty if none is like it.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    nearest_name(name, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// The known name that is most like the one written, if one is like it.
pub(crate) fn nearest_name<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > MAX_LIKE {
        return None;
    }
    let (distance, candidate) = known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))?;
    // One slip in three letters: beyond that, the names have nothing to do with each other.
    (distance <= 1 + name.len() / 3).then_some(candidate)
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

/// A text by which lists are sorted as people count: `5.4.9` before `5.4.10`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NaturalKey<'t> {
    pieces: Vec<NaturalPiece<'t>>,
    text: &'t str,
}

/// A number, or what stands between numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NaturalPiece<'t> {
    Number(u64),
    Text(&'t str),
}

impl<'t> NaturalKey<'t> {
    /// The key of a text.
    pub(crate) fn of(text: &'t str) -> Self {
        let is_digit = |c: char| c.is_ascii_digit();
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| is_digit(c) != is_digit(first)).unwrap_or(rest.len());
            let (piece, more) = rest.split_at(end);
            // A number that is too large is a text.
            pieces.push(piece.parse().map_or(NaturalPiece::Text(piece), NaturalPiece::Number));
            rest = more;
        }
        Self { pieces, text }
    }

    /// The text itself.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }
}

/// What is wrong with a name that does not exist, and which names do.
pub(crate) fn not_known(what: &str, name: &str, known: &[&str]) -> String {
    let hint = nearest(name, known.iter().copied());
    format!("unknown {what} `{}`{hint}; known are {}", bounded(name), known.join(", "))
}
