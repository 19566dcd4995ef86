//! `semver()` and its methods, named as in Kubernetes. It also takes the two numbers that AWS
//! writes (`1.30`), so that versions compare as versions.

use super::call::{
    Args, CallResult, Function, FunctionBody, between, boolean, function, int, method, no_overload, on, own,
    text,
};
use super::error::invalid;
use super::types::Ty;
use crate::text::bounded;
use cel::ExecutionError;
use cel::common::traits::Comparer;
use cel::common::types::Type;
use cel::common::value::{CowVal, StaticVal, Val};
use semver::Version;
use std::any::Any;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
struct SemverVal(Version);

static SEMVER_TYPE: Type = Type::new_unspecified_type("semver");

impl Val for SemverVal {
    fn get_type(&self) -> &Type {
        &SEMVER_TYPE
    }

    fn cel_type() -> &'static Type {
        &SEMVER_TYPE
    }

    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for SemverVal {}

impl Comparer for SemverVal {
    fn compare(&self, other: &dyn Val) -> Result<Ordering, ExecutionError> {
        match other.downcast_ref::<Self>() {
            Some(other) => Ok(self.0.cmp_precedence(&other.0)),
            None => Err(no_overload("compare", &[self, other])),
        }
    }
}

pub(super) const FUNCTIONS: &[Function] = &[
    function("semver", 1..=1, Ty::Str, Ty::Semver, own(semver)),
    function("isSemver", 1..=1, Ty::Str, Ty::Bool, own(is_semver)),
    method(Ty::Semver, "major", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Own(on(&SEMVER_TYPE, major))),
    method(Ty::Semver, "minor", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Own(on(&SEMVER_TYPE, minor))),
    method(Ty::Semver, "patch", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Own(on(&SEMVER_TYPE, patch))),
    method(
        Ty::Semver,
        "isGreaterThan",
        1..=1,
        Ty::Semver,
        Ty::Bool,
        FunctionBody::Own(between(&SEMVER_TYPE, is_greater)),
    ),
    method(
        Ty::Semver,
        "isLessThan",
        1..=1,
        Ty::Semver,
        Ty::Bool,
        FunctionBody::Own(between(&SEMVER_TYPE, is_less)),
    ),
    method(
        Ty::Semver,
        "compareTo",
        1..=1,
        Ty::Semver,
        Ty::Int,
        FunctionBody::Own(between(&SEMVER_TYPE, compare_to)),
    ),
];

/// A version as text.
pub(super) fn written(value: &dyn Val) -> Option<String> {
    value.downcast_ref::<SemverVal>().map(|version| version.0.to_string())
}

/// The longest version, in bytes: it is copied like a number.
const MAX_VERSION: usize = 256;

fn parse(text: &str) -> Option<Version> {
    if text.len() > MAX_VERSION {
        return None;
    }
    let text = text.strip_prefix('v').unwrap_or(text);
    Version::parse(text).or_else(|_| Version::parse(&format!("{text}.0"))).ok()
}

fn semver<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let text = text("semver", args[0].as_ref())?;
    match parse(text) {
        Some(version) => Ok(CowVal::owned(SemverVal(version))),
        None => invalid(format!("'{}' is not a version", bounded(text))),
    }
}

fn is_semver<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(parse(text("isSemver", args[0].as_ref())?).is_some())
}

fn part<'b, 'v>(args: &Args<'b, 'v>, pick: fn(&Version) -> u64) -> CallResult<'b, 'v> {
    match args[0].downcast_ref::<SemverVal>() {
        Some(version) => int(i64::try_from(pick(&version.0)).unwrap_or(i64::MAX)),
        None => Err(no_overload("semver", &[args[0].as_ref()])),
    }
}

fn major<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    part(&args, |version| version.major)
}

fn minor<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    part(&args, |version| version.minor)
}

fn patch<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    part(&args, |version| version.patch)
}

fn order(args: &Args<'_, '_>) -> Result<Ordering, ExecutionError> {
    let comparer = args[0].as_comparer().ok_or_else(|| no_overload("semver", &[args[0].as_ref()]))?;
    comparer.compare(args[1].as_ref())
}

fn is_greater<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(order(&args)? == Ordering::Greater)
}

fn is_less<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(order(&args)? == Ordering::Less)
}

fn compare_to<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    int(order(&args)? as i64)
}
