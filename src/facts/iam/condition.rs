//! Conditions of policy statements. Operators and keys are not case-sensitive; the values of a
//! condition are alternatives, and all conditions of a statement must hold.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::wildcard::matches;
use std::borrow::Cow;

/// One operator on one key.
#[derive(Clone, Debug)]
pub(super) struct Condition<'t> {
    pub(super) operator: Operator,
    pub(super) key: &'t str,
    pub(super) values: Vec<&'t str>,
    /// Whether its key or a value is a text with symbols.
    pub(super) has_symbols: bool,
}

/// An operator with what is written around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) test: Test,
    /// `StringNotEquals` and the like: none of the values. It holds where the key is missing.
    pub(super) negated: bool,
    /// `…IfExists`: it holds where the key is missing.
    pub(super) if_exists: bool,
    /// `ForAllValues:`: it holds where the key is missing.
    pub(super) for_all: bool,
}

/// How values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// `StringEquals`: `*` and `?` mean themselves.
    Equals,
    /// `StringEqualsIgnoreCase`.
    EqualsIgnoreCase,
    /// `StringLike`, `ArnLike`, `ArnEquals`: with wildcards.
    Like,
    /// `IpAddress`.
    Address,
    /// `Bool`.
    Bool,
    /// `Null`: whether the key is missing.
    Null,
    /// Numbers, dates, and what AWS may add: nothing follows from them here.
    Other,
}

/// What a request has under a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyContent<'r> {
    /// It does not have the key.
    Missing,
    /// It has these values: one, but for keys that are lists.
    Values(Vec<Cow<'r, str>>),
    /// That differs from request to request, as the name of a pod does, or no AWS API of the cluster
    /// tells it, as the organization.
    Open,
}

/// Whether requests meet a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meets {
    Never,
    /// Some may, and some may not.
    Perhaps,
    Always,
}

impl Meets {
    fn from(meets: bool) -> Self {
        if meets { Self::Always } else { Self::Never }
    }

    fn opposite(self) -> Self {
        match self {
            Self::Never => Self::Always,
            Self::Perhaps => Self::Perhaps,
            Self::Always => Self::Never,
        }
    }
}

const TESTS: [(&str, Test, bool); 12] = [
    ("stringequals", Test::Equals, false),
    ("stringnotequals", Test::Equals, true),
    ("stringequalsignorecase", Test::EqualsIgnoreCase, false),
    ("stringnotequalsignorecase", Test::EqualsIgnoreCase, true),
    ("stringlike", Test::Like, false),
    ("stringnotlike", Test::Like, true),
    ("arnequals", Test::Like, false),
    ("arnlike", Test::Like, false),
    ("arnnotequals", Test::Like, true),
    ("arnnotlike", Test::Like, true),
    ("ipaddress", Test::Address, false),
    ("notipaddress", Test::Address, true),
];

impl Operator {
    /// Reads the name of an operator.
    pub(super) fn read(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let (for_all, name) = match name.split_once(':') {
            Some((quantifier, name)) => (quantifier == "forallvalues", name),
            None => (false, name.as_str()),
        };
        let (name, if_exists) = name.strip_suffix("ifexists").map_or((name, false), |name| (name, true));
        let known = TESTS.iter().find(|(known, ..)| *known == name);
        let (test, negated) = match known {
            Some((_, test, negated)) => (*test, *negated),
            None if name == "bool" => (Test::Bool, false),
            None if name == "null" => (Test::Null, false),
            None => (Test::Other, false),
        };
        Self { test, negated, if_exists, for_all }
    }

    /// Whether it asks that the key has one of the values, where the key is there.
    pub(super) fn wants_a_value(self) -> bool {
        !self.negated && !matches!(self.test, Test::Null | Test::Other)
    }

    /// Whether it holds where the key is missing.
    pub(super) fn holds_without_key(self) -> bool {
        self.negated || self.if_exists || self.for_all
    }

    /// Whether `*` and `?` in its values are wildcards.
    pub(super) fn has_wildcards(self) -> bool {
        self.test == Test::Like
    }
}

impl Condition<'_> {
    pub(super) fn is_on(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }

    /// Whether requests meet it that have this under its key.
    pub(super) fn met_by(&self, content: &KeyContent<'_>) -> Meets {
        match content {
            KeyContent::Open => Meets::Perhaps,
            KeyContent::Missing => self.met_without_key(),
            KeyContent::Values(values) if self.operator.test == Test::Null => {
                self.met_if_missing(values.is_empty())
            }
            KeyContent::Values(values) => {
                let each = values.iter().map(|value| self.met_by_value(value));
                let all = if self.operator.for_all { each.min() } else { each.max() };
                all.unwrap_or(Meets::Perhaps)
            }
        }
    }

    fn met_without_key(&self) -> Meets {
        match self.operator.test {
            Test::Null => self.met_if_missing(true),
            // `NumericNotEquals` and the like hold without the key, and are not told apart here.
            Test::Other if !self.operator.holds_without_key() => Meets::Perhaps,
            _ => Meets::from(self.operator.holds_without_key()),
        }
    }

    fn met_if_missing(&self, missing: bool) -> Meets {
        Meets::from(self.values.iter().any(|value| value.eq_ignore_ascii_case("true") == missing))
    }

    fn met_by_value(&self, value: &str) -> Meets {
        if matches!(self.operator.test, Test::Address | Test::Other) {
            return Meets::Perhaps;
        }
        let wanted = self.values.iter().map(|wanted| self.fits(wanted, value));
        let met = wanted.max().unwrap_or(Meets::Never);
        if self.operator.negated { met.opposite() } else { met }
    }

    fn fits(&self, wanted: &str, value: &str) -> Meets {
        // A policy variable, such as `${aws:ResourceOrgId}`, stands for something of the request.
        if wanted.contains("${") {
            return Meets::Perhaps;
        }
        Meets::from(match self.operator.test {
            Test::Like => matches(wanted, value, false),
            Test::EqualsIgnoreCase | Test::Bool => wanted.eq_ignore_ascii_case(value),
            _ => wanted == value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_read_whatever_their_case() {
        for (name, test, negated, if_exists, for_all) in [
            ("StringEquals", Test::Equals, false, false, false),
            ("stringlike", Test::Like, false, false, false),
            ("StringLikeIfExists", Test::Like, false, true, false),
            ("ForAnyValue:StringEquals", Test::Equals, false, false, false),
            ("ForAllValues:StringEqualsIgnoreCase", Test::EqualsIgnoreCase, false, false, true),
            ("ArnNotLike", Test::Like, true, false, false),
            ("Bool", Test::Bool, false, false, false),
            ("BoolIfExists", Test::Bool, false, true, false),
            ("NumericEquals", Test::Other, false, false, false),
            ("Null", Test::Null, false, false, false),
        ] {
            assert_eq!(Operator::read(name), Operator { test, negated, if_exists, for_all }, "{name}");
        }
    }

    /// Each row with what a request has that has `a`, that has nothing, and of which nothing is known:
    /// always, never or perhaps met.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
    #[test]
    fn requests_meet_conditions() {
        for (operator, values, expected) in [
            ("StringEquals", vec!["a"], "A N ?"),
            ("StringEquals", vec!["b", "a"], "A N ?"),
            ("StringEquals", vec!["A"], "N N ?"),
            ("StringEquals", vec!["*"], "N N ?"),
            ("StringEquals", vec!["${aws:ResourceOrgId}"], "? N ?"),
            ("StringEquals", vec!["${aws:ResourceOrgId}", "a"], "A N ?"),
            ("StringEqualsIgnoreCase", vec!["A"], "A N ?"),
            ("StringLike", vec!["*"], "A N ?"),
            ("ArnLike", vec!["b*"], "N N ?"),
            ("StringNotEquals", vec!["a"], "N A ?"),
            ("StringNotEquals", vec!["b"], "A A ?"),
            ("StringEqualsIfExists", vec!["b"], "N A ?"),
            ("ForAnyValue:StringEquals", vec!["a"], "A N ?"),
            ("ForAllValues:StringEquals", vec!["b"], "N A ?"),
            ("Null", vec!["true"], "N A ?"),
            ("Null", vec!["false"], "A N ?"),
            ("Bool", vec!["true"], "N N ?"),
            ("NumericLessThan", vec!["3"], "? ? ?"),
            ("IpAddress", vec!["10.0.0.0/8"], "? N ?"),
            ("DateLessThanIfExists", vec!["2030-01-01T00:00:00Z"], "? A ?"),
        ] {
            let condition =
                Condition { operator: Operator::read(operator), key: "k", values, has_symbols: false };
            let contents =
                [KeyContent::Values(vec![Cow::Borrowed("a")]), KeyContent::Missing, KeyContent::Open];
            let met = contents.map(|content| match condition.met_by(&content) {
                Meets::Always => "A",
                Meets::Never => "N",
                Meets::Perhaps => "?",
            });
            assert_eq!(met.join(" "), expected, "{operator} {:?}", condition.values);
        }
    }
}
