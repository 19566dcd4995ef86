//! The versions that a call of a module allows: `~> 20.0`, `>= 19.0, < 21.0`.

use semver::{Prerelease, Version};

/// All terms must hold.
#[derive(Debug)]
pub(super) struct VersionConstraint {
    terms: Vec<VersionTerm>,
}

#[derive(Debug)]
struct VersionTerm {
    operator: VersionOperator,
    version: Version,
    /// How many numbers of the version are written.
    numbers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum VersionOperator {
    Equal,
    NotEqual,
    Greater,
    AtLeast,
    Less,
    AtMost,
    /// Only the last number that is written may be greater.
    Pessimistic,
}

/// Longer ones first.
const OPERATORS: [(&str, VersionOperator); 7] = [
    ("~>", VersionOperator::Pessimistic),
    (">=", VersionOperator::AtLeast),
    ("<=", VersionOperator::AtMost),
    ("!=", VersionOperator::NotEqual),
    (">", VersionOperator::Greater),
    ("<", VersionOperator::Less),
    ("=", VersionOperator::Equal),
];

impl VersionConstraint {
    /// Reads one as Terraform writes them; none if it is not one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let terms = text.split(',').map(VersionTerm::parse).collect::<Option<_>>()?;
        Some(Self { terms })
    }

    /// Whether it allows a version.
    pub(super) fn allows(&self, version: &Version) -> bool {
        self.terms.iter().all(|term| term.allows(version))
    }

    /// The least version that it may allow, if it has a lower bound.
    pub(super) fn least(&self) -> Option<&Version> {
        use VersionOperator::{AtLeast, Equal, Greater, Pessimistic};
        let is_bound = |term: &&VersionTerm| matches!(term.operator, Equal | Greater | AtLeast | Pessimistic);
        self.terms.iter().filter(is_bound).map(|term| &term.version).max()
    }
}

impl VersionTerm {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let found = OPERATORS.iter().find_map(|(word, operator)| Some((text.strip_prefix(word)?, *operator)));
        let (rest, operator) = found.unwrap_or((text, VersionOperator::Equal));
        let (version, numbers) = parse_version(rest.trim())?;
        Some(Self { operator, version, numbers })
    }

    fn allows(&self, version: &Version) -> bool {
        match self.operator {
            VersionOperator::Equal => *version == self.version,
            VersionOperator::NotEqual => *version != self.version,
            VersionOperator::Greater => *version > self.version,
            VersionOperator::AtLeast => *version >= self.version,
            VersionOperator::Less => *version < self.version,
            VersionOperator::AtMost => *version <= self.version,
            VersionOperator::Pessimistic => *version >= self.version && self.is_near(version),
        }
    }

    /// Whether all written numbers but the last are those of a version.
    fn is_near(&self, version: &Version) -> bool {
        let pairs = [(self.version.major, version.major), (self.version.minor, version.minor)];
        pairs.iter().take(self.numbers - 1).all(|(own, other)| own == other)
    }
}

/// A version of one to three numbers, and how many they are.
fn parse_version(text: &str) -> Option<(Version, usize)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, _) = text.split_once('+').unwrap_or((text, ""));
    let (numbers, before) = text.split_once('-').unwrap_or((text, ""));
    let numbers: Vec<u64> = numbers.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let [major, rest @ ..] = numbers.as_slice() else { return None };
    let number = |at: usize| rest.get(at).copied().unwrap_or(0);
    let mut version = Version::new(*major, number(0), number(1));
    version.pre = Prerelease::new(before).ok()?;
    (numbers.len() <= 3).then_some((version, numbers.len()))
}
