//! Functions of cryptography.

use super::call::{FunctionArgs, FunctionOutcome};
use super::encoding::{base64_of, derived_whole};
use super::table::{FunctionGroup, FunctionRow, FunctionWork};
use crate::text::hexadecimal;
use sha2::{Digest, Sha256, Sha512};

const GROUP: FunctionGroup = FunctionGroup::Hash;
const ONE: (usize, Option<usize>) = (1, Some(1));
const WEAK: &str = "is not worked out here: it is a hash that rules do not read";

const fn reading(name: &'static str) -> FunctionRow {
    FunctionRow { work: FunctionWork::Elsewhere, ..FunctionRow::scalar(name, GROUP, ONE, sha256) }
}

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("base64sha256", GROUP, ONE, |call| {
        derived_whole(call, 0, "base64sha256", |text| base64_of(&Sha256::digest(text)))
    }),
    FunctionRow::scalar("base64sha512", GROUP, ONE, |call| {
        derived_whole(call, 0, "base64sha512", |text| base64_of(&Sha512::digest(text)))
    }),
    FunctionRow::not_known("bcrypt", GROUP, (1, Some(2)), "is another hash each time"),
    reading("filebase64sha256"),
    reading("filebase64sha512"),
    reading("filemd5"),
    reading("filesha1"),
    reading("filesha256"),
    reading("filesha512"),
    FunctionRow::not_known("md5", GROUP, ONE, WEAK),
    FunctionRow::not_known(
        "rsadecrypt",
        GROUP,
        (2, Some(2)),
        "is not worked out here: it needs a private key",
    ),
    FunctionRow::not_known("sha1", GROUP, ONE, WEAK),
    FunctionRow::scalar("sha256", GROUP, ONE, sha256),
    FunctionRow::scalar("sha512", GROUP, ONE, |call| {
        derived_whole(call, 0, "sha512", |text| hexadecimal(Sha512::digest(text)))
    }),
    FunctionRow::not_known("uuid", GROUP, (0, Some(0)), "is another name each time"),
    FunctionRow::not_known("uuidv5", GROUP, (2, Some(2)), WEAK),
];

fn sha256(call: &FunctionArgs) -> FunctionOutcome {
    derived_whole(call, 0, "sha256", |text| hexadecimal(Sha256::digest(text)))
}
