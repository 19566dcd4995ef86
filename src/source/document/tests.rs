//! What a text is taken apart into, and what is said of the rest.

use super::{Documents, NotJson};
use bumpalo::Bump;

/// The documents of a text with their lines, and what stands in the place of others.
fn read(text: &str) -> Vec<Result<(Option<u32>, String), String>> {
    let (arena, mut documents, mut all) = (Bump::new(), Documents::of(text), Vec::new());
    while let Some(next) = documents.next(&arena) {
        all.push(match next {
            Ok(document) => {
                assert!(text[document.offset..].starts_with(document.text));
                Ok((document.line, document.root.to_string()))
            }
            Err(NotJson { place, message }) => {
                let place = place.map_or_else(String::new, |place| format!("{place}: "));
                Err(place + message.strip_prefix("is not JSON: ").unwrap_or(&message))
            }
        });
    }
    all
}

/// The documents of a text.
fn good(text: &str) -> Vec<String> {
    read(text).into_iter().flatten().map(|(_, document)| document).collect()
}

fn said(text: &str) -> Vec<String> {
    read(text).into_iter().filter_map(Result::err).collect()
}

#[test]
fn one_value_is_one_document_however_it_is_laid_out() {
    for text in ["{\"a\": 1}", "{\n\"a\": 1\n}\n", "[\n{}\n]", "{}", "null", " 7 \n", "\n\n{}\n\n"] {
        let all = read(text);
        assert_eq!(all.len(), 1, "{text}");
        assert!(matches!(all[0], Ok((None, _))), "{text}");
    }
}

#[test]
fn values_one_after_another_are_documents() {
    let one = |line, text: &str| Ok((Some(line), text.to_owned()));
    let lines = "{\"a\":1}\n\n  {\"b\":2}\r\n7\n[3]\n";
    assert_eq!(read(lines), [one(1, "{\"a\":1}"), one(3, "{\"b\":2}"), one(4, "7"), one(5, "[3]")]);
    let printed = "{\n    \"a\": [\n    ]\n}\n{\n    \"b\": 2\n}{\"c\":3}\u{FEFF}{\"d\":4}";
    let rest = [one(5, "{\"b\":2}"), one(7, "{\"c\":3}"), one(7, "{\"d\":4}")];
    assert_eq!(read(printed), [&[one(1, "{\"a\":[]}")], &rest[..]].concat());
}

#[test]
fn a_broken_line_costs_itself_whichever_it_is() {
    let lines = ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"];
    for broken in
        ["INFO start", "{\"x\": ", "{\"x\": \"", "{", "[", "[1", "{x}", "{\"x\": {\"y\": [", "}", "\u{1A}"]
    {
        for at in 0..=lines.len() {
            let mut all = lines.to_vec();
            all.insert(at, broken);
            let text = all.join("\n");
            assert_eq!(good(&text), lines, "{text}");
            let told = said(&text);
            let line = format!("{}:", at + 1);
            // What follows an open list are items of it, and between them a comma is missing.
            let is_there = broken == "[" || told[0].starts_with(&line);
            assert!(told.len() == 1 && is_there, "{text}: {told:?}");
        }
    }
}

#[test]
fn a_broken_document_of_several_lines_costs_itself() {
    let good_one = "{\n    \"a\": {\n        \"b\": [\n            {\"c\": 1}\n        ]\n    }\n}\n";
    for broken in [
        good_one.replacen("{\"c\": 1}", "{\"c\": }", 1),
        good_one.replacen("\"b\"", "\"b", 1),
        good_one[..good_one.len() - 2].to_owned(),
        good_one.lines().take(3).map(|line| format!("{line}\n")).collect(),
    ] {
        for text in [format!("{broken}{good_one}"), format!("{good_one}{broken}{good_one}")] {
            let expected = text.matches("{\"c\": 1}\n").count() - broken.matches("{\"c\": 1}\n").count();
            assert_eq!(good(&text), vec!["{\"a\":{\"b\":[{\"c\":1}]}}"; expected], "{text}");
            assert_eq!(said(&text).len(), 1, "{text}: {:?}", said(&text));
        }
    }
}

#[test]
fn the_good_items_of_a_broken_list_are_documents() {
    for text in [
        "[\n{\"a\":1},\n{\"b\": },\n{\"c\":3}\n]\n",
        "[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\":\n  },\n  {\n    \"c\": 3\n  }\n]",
        "[{\n  \"a\": 1\n}, {\n  \"b\":\n}, {\n  \"c\": 3\n}]",
        "[{\"a\":1} {\"c\":3}]",
        "[\n{\"a\":1},\n{\"c\":3},\n",
    ] {
        assert_eq!(good(text), ["{\"a\":1}", "{\"c\":3}"], "{text}");
        assert_eq!(said(text).len(), 1, "{text}: {:?}", said(text));
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place_in_the_whole_text() {
    assert_eq!(said("{\n  x\n}"), ["2:3: key must be a string"]);
    assert_eq!(said("{\"a\": 1}\n{x"), ["2:2: key must be a string"]);
    assert_eq!(said("{}\n{\n  \"가\": x\n}\n{}"), ["3:8: expected value"]);
    assert_eq!(said("{\n  \"a\": [\n"), ["2:8: EOF while parsing a list"]);
    assert_eq!(said("{\"a\": {\"b\"\n{}\n"), ["1:10: EOF while parsing an object"]);
    assert_eq!(said("{} {}\n}"), ["2:1: expected value"]);
    assert_eq!(said("{}\nINFO one\n  two\n\nthree\n{}\n"), ["2:1: expected value (lines 2 to 5)"]);
    assert_eq!(said(" \n"), ["is empty: the command that should have filled it may have failed"]);
    assert_eq!(
        said("{}\n{\"a\": \"b\u{1A}\"}"),
        ["2:9: is neither UTF-8 text nor UTF-16 with a byte order mark; the AWS CLI writes UTF-8"]
    );
}

#[test]
fn no_text_takes_long() {
    // Each line could be where a document starts that takes in all lines after it.
    for line in ["[{", "{\"a\":", "{\"a\":[{", "[", "[{\"a\":", "}", "x", "{}x", "{\"a\":1,", "[[{}", "[{},"]
    {
        for end in ["\n", ""] {
            let text = format!("{line}{end}").repeat(2_000);
            let (arena, mut documents) = (Bump::new(), Documents::of(&text));
            while documents.next(&arena).is_some() {}
            // No deeper than 128 levels, as the parser gives up there.
            assert!(documents.in_vain <= 128 * text.len(), "{line:?}: {}", documents.in_vain);
        }
    }
}
