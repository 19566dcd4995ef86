//! Conditions of policy statements. Operators and keys are not case-sensitive; the values of a
//! condition are alternatives, and all conditions of a statement must hold.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

/// One operator on one key.
#[derive(Clone, Debug)]
pub(super) struct Condition<'t> {
    pub(super) operator: Operator,
    pub(super) key: &'t str,
    pub(super) values: Vec<&'t str>,
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
    /// Numbers, dates, `Null`, and what AWS may add: nothing follows from them here.
    Other,
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
            None => (Test::Other, false),
        };
        Self { test, negated, if_exists, for_all }
    }

    /// Whether it asks that the key has one of the values, where the key is there.
    pub(super) fn wants_a_value(self) -> bool {
        !self.negated && self.test != Test::Other
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
            ("Null", Test::Other, false, false, false),
        ] {
            assert_eq!(Operator::read(name), Operator { test, negated, if_exists, for_all }, "{name}");
        }
    }
}
