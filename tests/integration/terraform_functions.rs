//! Functions of Terraform on values of which not all is known.

#[path = "../oracle/expressions.rs"]
mod expressions;

use ekslint::source::iac::terraform::convert::{text_of, to_text};
use ekslint::source::iac::terraform::functions::{self, FunctionRow, FunctionWork};
use ekslint::source::iac::{FileId, Place, Symbol, TemplateValue, TextPart, UnknownValue, ValueKind};
use expressions::{arguments, cases, evaluated};
use hcl_edit::expr::Expression;
use std::sync::Arc;

fn symbol(name: &str) -> Arc<Symbol> {
    Arc::new(Symbol { name: name.into(), resource: Some(name.into()), attribute: "id".into() })
}

/// The names that the expressions of these tests may use.
fn variable(name: &str) -> TemplateValue {
    match name {
        "a" | "b" => TemplateValue::new(ValueKind::Symbol(symbol(name)), None),
        "u" => TemplateValue::unknown("var.u has no value", Some("var.u".into()), None),
        "secret" => TemplateValue { sensitive: true, ..TemplateValue::text("x", None) },
        _ => panic!("no variable {name}"),
    }
}

/// A value in one line: `~` for a list in no known order, `?` for what is not known.
fn shown(value: &TemplateValue) -> String {
    let text = match &value.kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Bool(is) => is.to_string(),
        ValueKind::Number(number) => number.to_string(),
        ValueKind::Text(text) => format!("{text:?}"),
        ValueKind::Symbol(_) => value.join_key().expect("a symbol has a key"),
        ValueKind::Mixed(parts) => format!("\"{}\"", parts.iter().map(part).collect::<String>()),
        ValueKind::Unknown(unknown) => format!("? {}", unknown.reason),
        ValueKind::List(items) => {
            let items: Vec<_> = items.iter().map(shown).collect();
            format!("{}[{}]", if value.loose { "~" } else { "" }, items.join(", "))
        }
        ValueKind::Map(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, field)| format!("{name}: {}", shown(field))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    };
    if value.sensitive { format!("secret {text}") } else { text }
}

fn part(part: &TextPart) -> String {
    match part {
        TextPart::Literal(text) => text.to_string(),
        TextPart::Symbol(symbol) => format!("${{{}}}", symbol.name),
        TextPart::Unknown(unknown) => format!("?{{{}}}", unknown.name.as_deref().unwrap_or_default()),
    }
}

fn said(text: &str) -> String {
    let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    evaluated(&expression, &variable).map_or_else(|error| format!("wrong: {error}"), |value| shown(&value))
}

#[test]
fn what_is_known_decides() {
    let expected = [
        ("length([a, u])", "2"),
        ("length(concat([a], [u, 1]))", "3"),
        ("length({ x = u })", "1"),
        ("length(toset([a, u]))", "? `a` is"),
        ("length(u)", "? var.u has no value"),
        ("length(\"x${a}\")", "? `a` is known only after apply"),
        ("contains([u, \"x\"], \"x\")", "true"),
        ("contains([a, \"x\"], \"y\")", "? `a` is"),
        ("contains([a, b], a)", "true"),
        ("contains([1, 2], u)", "? var.u"),
        ("coalesce(a, \"x\")", "${a}"),
        ("coalesce(null, \"\", a)", "${a}"),
        ("coalesce(u, \"x\")", "? var.u"),
        ("coalesce(\"x\", u)", "\"x\""),
        ("coalesce(\"${u}-x\", \"y\")", "\"?{var.u}-x\""),
        ("coalesce(\"${u}${u}\", \"y\")", "? var.u"),
        ("coalescelist([], [u])", "[? var.u has no value]"),
        ("concat([a], [\"x\"])", "[${a}, \"x\"]"),
        ("concat(u, [\"x\"])", "? var.u"),
        ("merge({ x = u }, { y = 1 })", "{x: ? var.u has no value, y: 1}"),
        ("merge({ x = u }, { x = 1 })", "{x: 1}"),
        ("merge(u, { y = 1 })", "? var.u"),
        ("lookup({ x = u, y = 1 }, \"y\", 2)", "1"),
        ("lookup({ y = 1 }, \"x\", u)", "? var.u"),
        ("lookup(u, \"x\", 1)", "? var.u"),
        ("keys({ x = u })", "[\"x\"]"),
        ("values({ x = u, y = a })", "[? var.u has no value, ${a}]"),
        ("element([a, u], 0)", "${a}"),
        ("element([a, u], u)", "? var.u"),
        ("element(toset([a, \"x\"]), 0)", "? `a` is"),
        ("slice([a, u, \"x\"], 0, 2)", "[${a}, ? var.u has no value]"),
        ("toset([\"b\", a, \"b\", a, u])", "~[\"b\", ${a}, ? var.u has no value]"),
        ("toset([a])", "[${a}]"),
        ("distinct([a, a, \"x\", \"x\"])", "~[${a}, \"x\"]"),
        ("compact([a, \"\", \"x\"])", "[${a}, \"x\"]"),
        ("compact([u, \"\", \"x\"])", "~[? var.u has no value, \"x\"]"),
        ("flatten([[a], u])", "~[${a}, ? var.u has no value]"),
        ("flatten([[\"x\"], [\"y\"]])", "[\"x\", \"y\"]"),
        ("sort([\"b\", a, \"a\"])", "~[${a}, \"a\", \"b\"]"),
        ("alltrue([false, u])", "false"),
        ("alltrue([true, u])", "? var.u"),
        ("anytrue([true, u])", "true"),
        ("one([a])", "${a}"),
        ("index([\"x\", u], \"x\")", "0"),
        ("index([u, \"x\"], \"x\")", "? var.u"),
        ("zipmap([\"x\"], [u])", "{x: ? var.u has no value}"),
        ("zipmap([a], [1])", "? `a` is"),
        ("setunion([a], [\"x\"])", "~[\"x\", ${a}]"),
        ("setsubtract([\"x\", a], [a])", "? `a` is"),
        ("setintersection([a], [a])", "[${a}]"),
        ("setproduct([a], [\"x\"])", "[[${a}, \"x\"]]"),
        ("range(u)", "? var.u"),
        ("can(u)", "? var.u"),
        ("try(u, 1)", "? var.u"),
        ("try(tonumber(\"x\"), a)", "${a}"),
        ("tostring(a)", "${a}"),
        ("tolist(u)", "? var.u"),
        ("tolist([1, \"x\", u])", "[\"1\", \"x\", ? var.u has no value]"),
        ("sum([1, u])", "? var.u"),
    ];
    compare(&expected);
}

#[test]
fn a_text_around_a_symbol_keeps_what_is_known() {
    let expected = [
        ("join(\",\", [\"x\", a])", "\"x,${a}\""),
        ("join(\",\", [a])", "${a}"),
        ("join(\"-\", [\"x\", u])", "\"x-?{var.u}\""),
        ("format(\"arn:%s:iam::%d:x\", a, u)", "\"arn:${a}:iam::?{var.u}:x\""),
        ("format(\"%q\", a)", "\"\"${a}\"\""),
        ("format(\"%5s|\", a)", "\"?{}|\""),
        ("formatlist(\"%s/x\", [a, \"y\"])", "[\"${a}/x\", \"y/x\"]"),
        ("replace(\"https://${a}\", \"https://\", \"\")", "${a}"),
        ("replace(\"https://${a}/x\", \"https://\", \"\")", "\"${a}/x\""),
        ("replace(a, \"https://\", \"\")", "${replace(a, \"https://\", \"\")}"),
        ("replace(a, \"-\", \"\")", "? `a` is known only after apply"),
        ("\"x-${replace(a, \"-\", \"\")}\"", "\"x-?{replace(a, \"-\", \"\")}\""),
        ("replace(\"x.${a}\", \".\", \"_\")", "\"x_${replace(a, \".\", \"_\")}\""),
        ("replace(\"x-X-y\", \"X\", a)", "\"x-${a}-y\""),
        ("replace(\"a-${a}\", \"-b\", \"\")", "? `a` is"),
        ("replace(a, \"/x/\", \"\")", "? `a` is"),
        ("trimprefix(\"https://${a}\", \"https://\")", "${a}"),
        ("trimprefix(\"x${a}\", \"https://\")", "\"x${a}\""),
        ("trimprefix(\"h${a}\", \"https://\")", "? `a` is"),
        ("trimprefix(a, \"https://\")", "${trimprefix(a, \"https://\")}"),
        ("trimsuffix(\"${a}.x\", \".x\")", "${a}"),
        ("trimspace(\" x${a} \")", "? `a` is"),
        ("trimspace(\" x${a}y \")", "\"x${a}y\""),
        ("chomp(\"${a}x\\n\")", "\"${a}x\""),
        ("startswith(\"x-${a}\", \"x\")", "true"),
        ("startswith(\"x-${a}\", \"y\")", "false"),
        ("startswith(\"x${a}\", \"xy\")", "? `a` is"),
        ("endswith(\"${a}:sub\", \":sub\")", "true"),
        ("endswith(a, \"\")", "true"),
        ("strcontains(\"x${a}\", \"x\")", "true"),
        ("strcontains(\"x${a}\", \"y\")", "? `a` is"),
        ("lower(\"X-${a}\")", "\"x-${lower(a)}\""),
        ("upper(u)", "? var.u"),
        ("substr(\"prefix-${a}\", 0, 6)", "\"prefix\""),
        ("substr(\"prefix-${a}\", 0, 7)", "? `a` is"),
        ("split(\"/\", \"x/${a}\")", "? `a` is"),
        ("indent(2, \"x\\n${a}\")", "\"x\n  ${indent(2, a)}\""),
        ("base64encode(a)", "${base64encode(a)}"),
        ("base64encode(\"x${a}\")", "? `a` is"),
        (
            "jsonencode({ x = a, y = u, z = [\"n-${a}\"] })",
            "\"{\"x\":\"${a}\",\"y\":?{jsonencode(var.u)},\"z\":[\"n-${a}\"]}\"",
        ),
        (
            "jsondecode(jsonencode({ x = a, y = u, z = [\"n-${a}\", 1] }))",
            "{x: ${a}, y: ? var.u has no value, z: [\"n-${a}\", 1]}",
        ),
        ("jsondecode(\"{\\\"${a}\\\": 1}\")", "? `a` is"),
        ("yamldecode(\"x: ${a}\\ny: 1\")", "{x: ${a}, y: 1}"),
        ("yamlencode({ x = a })", "\"\"x\": \"${a}\"\n\""),
        ("cidrsubnet(a, 8, 1)", "? `a` is"),
        ("regex(\"x\", \"x${a}\")", "? `a` is"),
    ];
    compare(&expected);
}

#[test]
fn errors_say_what_is_wrong() {
    let expected = [
        ("mergee({})", "wrong: there is no function `mergee`; did you mean `merge`?"),
        ("core::lower(\"X\")", "\"x\""),
        ("lower()", "wrong: `lower` takes 1 argument, not 0"),
        ("lookup({})", "wrong: `lookup` takes 2 to 3 arguments, not 1"),
        ("lower([])", "wrong: `lower`: its argument must be a text, but is a list"),
        ("cidrhost(\"x\", 1)", "wrong: `cidrhost`: \"x\" is no block of addresses"),
        ("element([\"x\"], \"y\")", "wrong: `element`: argument 2 is wrong: \"y\" is not a number"),
        ("length(null)", "wrong: `length`: its argument must not be null"),
        (
            "tolist([1, [2]])",
            "wrong: `tolist`: its items must have one type, but there are a list and a number",
        ),
        ("tonumber(\"x\")", "wrong: `tonumber`: \"x\" is not a number"),
        ("timestamp()", "? `timestamp` is the time of the apply"),
        ("md5(\"x\")", "? `md5` is not worked out here"),
        ("file(\"x\")", "? `file` is not evaluated here"),
    ];
    compare(&expected);
    let value = functions::call("provider::aws::arn_parse", vec![], None).expect("unknown");
    assert_eq!(shown(&value), "? `provider::aws::arn_parse` is a function of a provider");
}

#[test]
fn only_opentofu_has_some() {
    let expected = [
        ("cidrcontains(\"10.0.0.0/8\", \"10.1.0.0/16\")", "true"),
        ("cidrcontains(\"10.0.0.0/8\", \"11.0.0.1\")", "false"),
        ("cidrcontains(\"10.0.0.0/16\", \"10.0.0.0/8\")", "false"),
        ("urldecode(\"a%2Fb+c\")", "\"a/b c\""),
        ("urldecode(\"%zz\")", "wrong: `urldecode`: the text is no part of an address"),
        ("base64gunzip(\"x\")", "? `base64gunzip` is not worked out here"),
    ];
    compare(&expected);
}

#[test]
fn what_is_sensitive_stays_so() {
    let expected = [
        ("lower(secret)", "secret \"x\""),
        ("join(\",\", [secret, \"y\"])", "secret \"x,y\""),
        ("jsonencode({ x = [secret] })", "secret \"{\\\"x\\\":[\\\"x\\\"]}\""),
        ("[secret, \"y\"]", "[secret \"x\", \"y\"]"),
        ("concat([secret], [\"y\"])", "[secret \"x\", \"y\"]"),
        ("merge({ x = secret }, { y = 1 })", "{x: secret \"x\", y: 1}"),
        ("keys(sensitive({ x = 1 }))", "secret [\"x\"]"),
        ("length([secret])", "1"),
        ("nonsensitive(secret)", "\"x\""),
        ("issensitive(secret)", "true"),
        ("issensitive(lower(secret))", "true"),
        ("lookup({ x = secret }, \"x\")", "secret \"x\""),
        ("sha256(sensitive(a))", "secret ${sha256(a)}"),
    ];
    compare(&expected);
}

fn compare(expected: &[(&str, &str)]) {
    let is_said = |said: &str, wanted: &str| {
        // Reasons may be longer.
        said == wanted
            || (wanted.starts_with("? ") && (said.starts_with(wanted) || said.contains("order and number")))
    };
    let wrong: Vec<String> = expected
        .iter()
        .map(|(text, wanted)| (text, wanted, said(text)))
        .filter(|(_, wanted, said)| !is_said(said, wanted))
        .map(|(text, wanted, said)| format!("{text}\n  wanted {wanted}\n  got    {said}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn places_are_kept() {
    let place = |at: usize| Some(Place::new(FileId(0), at..at + 1));
    let list = TemplateValue::list(vec![TemplateValue::text("x", place(1))], place(2));
    let call = |name, args| functions::call(name, args, place(9)).expect("a value").place;
    let joined = functions::call("concat", vec![list.clone()], place(9)).expect("a list");
    assert_eq!((joined.place.clone(), joined.items()[0].place.clone()), (place(9), place(1)));
    assert_eq!(call("one", vec![list.clone()]), place(1));
    assert_eq!(call("join", vec![TemplateValue::text(",", None), list]), place(9));
    assert_eq!(call("coalesce", vec![TemplateValue::text("x", None)]), place(9));
}

#[test]
fn what_is_too_large_is_not_known() {
    let long = TemplateValue::text("x".repeat(3 << 20), None);
    let list = TemplateValue::list(vec![TemplateValue::null(None); 90_000], None);
    let numbers = functions::call("range", vec![number(1000)], None).expect("a list");
    let deep = (0..500).fold(TemplateValue::null(None), |inner, _| TemplateValue::list(vec![inner], None));
    // Each is twice the one before: 2 to the power of 60 values.
    let wide = (0..60)
        .fold(TemplateValue::null(None), |inner, _| TemplateValue::list(vec![inner.clone(), inner], None));
    let text = |text: &str| TemplateValue::text(text, None);
    for (name, args, reason) in [
        ("setproduct", vec![numbers.clone(), numbers.clone(), numbers], "it has more than 100,000 items"),
        ("concat", vec![list.clone(), list], "it has more than 100,000 items"),
        (
            "join",
            vec![text(""), TemplateValue::list(vec![long.clone(), long.clone()], None)],
            "it is a text of more than 4 MB",
        ),
        (
            "replace",
            vec![text(&"a".repeat(10_000)), text("a"), text(&"b".repeat(10_000))],
            "it is a text of more than 4 MB",
        ),
        (
            "replace",
            vec![text(&"a".repeat(10_000)), text("/a/"), text(&"b".repeat(10_000))],
            "it is a text of more than 4 MB",
        ),
        (
            "replace",
            vec![text(&"a".repeat(10_000)), text("/.*/"), text(&"$0".repeat(10_000))],
            "it is a text of more than 4 MB",
        ),
        (
            "replace",
            vec![text(&"a".repeat(10_000)), text(""), text(&"b".repeat(10_000))],
            "it is a text of more than 4 MB",
        ),
        (
            "replace",
            vec![long.clone(), text("/.*/"), text(&"$0".repeat(1_000_000))],
            "it is a text of more than 4 MB",
        ),
        (
            "join",
            vec![text(""), TemplateValue::list(vec![long.clone(); 90_000], None)],
            "it is a text of more than 4 MB",
        ),
        (
            "format",
            [vec![text(&"%9999s".repeat(90_000))], vec![number(1); 90_000]].concat(),
            "it is a text of more than 4 MB",
        ),
        (
            "formatlist",
            vec![text("%s"), TemplateValue::list(vec![long.clone(); 90_000], None)],
            "it is a text of more than 4 MB",
        ),
        ("regexall", vec![text(&"(x)".repeat(200)), long.clone()], "it has more than 100,000 items"),
        ("jsondecode", vec![text(&format!("[{}0]", "0,".repeat(1_000_000)))], "it has too many values"),
        ("indent", vec![number(10_000_000), text("a\nb")], "it is a text of more than 4 MB"),
        ("format", vec![text("%999999999d"), number(1)], "a width or precision is more than 10,000"),
        ("format", vec![text("%.999999999f"), number(1)], "a width or precision is more than 10,000"),
        ("split", vec![text(""), long.clone()], "it has more than 100,000 items"),
        ("regexall", vec![text("x"), long], "it has more than 100,000 items"),
        ("regex", vec![text("(((a{1000}){1000}){1000})"), text("a")], "the pattern"),
        ("jsonencode", vec![wide.clone()], "more than 200000 values in its arguments"),
        ("flatten", vec![wide], "more than 200000 values in its arguments"),
        ("tolist", vec![deep], "more than 200000 values in its arguments"),
        ("pow", vec![number(10), number(1000)], "the number is too large"),
    ] {
        let value = functions::call(name, args, None).expect("no error");
        let ValueKind::Unknown(unknown) = &value.kind else { panic!("{name} is known") };
        assert!(unknown.reason.contains(reason), "{name}: {}", unknown.reason);
    }
    assert_eq!(
        functions::call("range", vec![number(1_000_000_000)], None).expect_err("too many").to_string(),
        "`range`: it has more than 1024 numbers, the most that Terraform makes"
    );
}

fn number(number: i64) -> TemplateValue {
    TemplateValue::new(ValueKind::Number(number.into()), None)
}

#[test]
fn differences_are_few_and_have_reasons() {
    let reasons: Vec<String> =
        cases(include_str!("../oracle/functions.txt")).into_iter().filter_map(|case| case.differs).collect();
    assert!(reasons.len() <= 20, "{reasons:#?}");
    assert!(reasons.iter().all(|reason| reason.contains(" here")), "{reasons:#?}");
}

/// Whatever is made unknown in the arguments of a call: its value is unknown, or what is known of it is right.
#[test]
fn what_is_made_unknown_never_gives_another_value() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for case in cases(include_str!("../oracle/functions.txt")) {
        let Ok(Expression::FuncCall(call)) = case.text.parse::<Expression>() else { continue };
        let Ok(args) = arguments(&call, &variable) else { continue };
        let name = call.name.name.as_str();
        let Ok(known) = functions::call(name, args.clone(), None) else { continue };
        for at in 0..args.len() {
            let is_decoded = name.ends_with("decode");
            for hidden in variants(&args[at], is_decoded) {
                tried += 1;
                let mut args = args.clone();
                args[at] = hidden;
                let shown_args: Vec<_> = args.iter().map(shown).collect();
                match functions::call(name, args, None) {
                    Ok(value) if agrees(&read(name, value.clone()), &read(name, known.clone())) => {}
                    Ok(value) => wrong.push(format!(
                        "{name}({}): {}, not {}",
                        shown_args.join(", "),
                        shown(&value),
                        shown(&known)
                    )),
                    Err(error) => wrong.push(format!("{name}({}): {error}", shown_args.join(", "))),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong[..wrong.len().min(25)].join("\n"));
    assert!(tried > 5000, "{tried}");
}

/// YAML with what is not known in it has another form, but the same values.
fn read(name: &str, value: TemplateValue) -> TemplateValue {
    match name {
        "yamlencode" => functions::call("yamldecode", vec![value], None).expect("YAML"),
        _ => value,
    }
}

/// A value with something in it that is not known, in all ways.
fn variants(value: &TemplateValue, is_decoded: bool) -> Vec<TemplateValue> {
    let unknown = TemplateValue::unknown("hidden", Some("var.hidden".into()), None);
    let mut found = vec![unknown];
    match &value.kind {
        ValueKind::Text(text) if !text.is_empty() => {
            found.push(TemplateValue::new(ValueKind::Symbol(symbol("hidden")), None));
            let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            for (nth, start) in cuts.iter().enumerate() {
                for end in cuts[nth + 1..].iter().filter(|end| *end - start < text.len() && *end - start < 12)
                {
                    // What stands in a text that is decoded is taken for a text without a meaning there.
                    if !is_decoded || is_within_text(text, *start, *end) {
                        found.push(with_hole(text, *start, *end, false));
                        found.push(with_hole(text, *start, *end, true));
                    }
                }
            }
        }
        ValueKind::List(items) => {
            for (at, item) in items.iter().enumerate() {
                found.extend(variants(item, is_decoded).into_iter().map(|item| {
                    let mut items = items.to_vec();
                    items[at] = item;
                    TemplateValue::list(items, None)
                }));
            }
        }
        ValueKind::Map(fields) => {
            for (name, field) in fields.iter() {
                found.extend(variants(field, is_decoded).into_iter().map(|field| {
                    let mut fields = (**fields).clone();
                    fields.insert(name.clone(), field);
                    TemplateValue::map(fields, None)
                }));
            }
        }
        _ => {}
    }
    found
}

/// Whether a part of a text of JSON or YAML has only letters, and is not of a word that is no text or of a number.
fn is_within_text(text: &str, start: usize, end: usize) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let is_word = |c: &char| c.is_ascii_alphanumeric() || *c == '.';
    let before = text[..start].chars().rev().take_while(is_word).count();
    let after = text[end..].chars().take_while(is_word).count();
    let word = text[start - before..end + after].to_ascii_lowercase();
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    text[start..end].chars().all(is_letter)
        && !is_number
        && !["null", "true", "false", "yes", "on"].contains(&&*word)
}

fn with_hole(text: &str, start: usize, end: usize, is_symbol: bool) -> TemplateValue {
    let hole = match is_symbol {
        true => TextPart::Symbol(symbol("hidden")),
        false => TextPart::Unknown(Arc::new(UnknownValue { reason: "hidden".to_owned(), name: None })),
    };
    let parts = [TextPart::Literal(text[..start].into()), hole, TextPart::Literal(text[end..].into())];
    text_of(parts, None)
}

/// Whether what is known of a value is so in the other, of which all is known.
fn agrees(value: &TemplateValue, known: &TemplateValue) -> bool {
    match (&value.kind, &known.kind) {
        (ValueKind::Unknown(_), _) => true,
        (ValueKind::Symbol(_), kind) => *kind != ValueKind::Null && known.as_str() != Some(""),
        (ValueKind::Mixed(parts), ValueKind::Text(text)) => fits(parts, text),
        (ValueKind::List(items), ValueKind::List(all)) if value.loose => {
            let is_there =
                |item: &TemplateValue| !item.is_known() || all.iter().any(|known| agrees(item, known));
            items.iter().all(is_there)
        }
        (ValueKind::List(items), ValueKind::List(all)) => {
            items.len() == all.len() && items.iter().zip(all.iter()).all(|(item, known)| agrees(item, known))
        }
        (ValueKind::Map(fields), ValueKind::Map(all)) => {
            fields.keys().eq(all.keys())
                && fields.values().zip(all.values()).all(|(field, known)| agrees(field, known))
        }
        // With an item that may be a text, numbers may become texts.
        (_, ValueKind::Bool(_) | ValueKind::Number(_)) => {
            value.kind == known.kind || to_text(known).is_ok_and(|known| agrees(value, &known))
        }
        (ValueKind::Bool(_) | ValueKind::Number(_), _) => {
            to_text(value).is_ok_and(|value| value.kind == known.kind)
        }
        _ => value.kind == known.kind,
    }
}

/// Whether a text is these parts, with something for those that are not known; for a symbol one character at least.
fn fits(parts: &[TextPart], text: &str) -> bool {
    match parts.split_first() {
        None => text.is_empty(),
        Some((TextPart::Literal(literal), rest)) => {
            text.strip_prefix(&**literal).is_some_and(|text| fits(rest, text))
        }
        Some((hole, rest)) => {
            let least = usize::from(matches!(hole, TextPart::Symbol(_)));
            let cuts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            cuts.skip(least).any(|at| fits(rest, &text[at..]))
        }
    }
}

/// Values that functions do not expect.
fn odd_values() -> Vec<TemplateValue> {
    let texts = [
        "",
        "x",
        "%",
        "%[",
        "%.",
        "%[0]s",
        "%9999s",
        "%-010.5d",
        "%v%v%v%v",
        "/(/",
        "/a/",
        "//",
        "/",
        "🇩🇪é\u{301}",
        "\u{f0000}",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "::/0",
        "ffff::/128",
        "255.255.255.255/32",
        "2018-01-02T23:12:01Z",
        "9999-12-31T23:59:59Z",
        "9999999h",
        "-1.5h",
        ".h",
        "'",
        "''",
        "YYYY'",
        "{\"a\": [",
        "[1, {\"a\": null}]",
        "a: [",
        "&a [*a]",
        "a,b\n1",
        "\"",
        "====",
        "true",
        "1e308",
        "-170141183460469231731687303715884105728",
        "UTF-16LE",
        "..",
        "/../..",
        "~",
        "$1",
        "${a}",
    ];
    let numbers = [
        "0",
        "-1",
        "1.5",
        "3",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "1e300",
        "5e-324",
    ];
    let number = |text: &&str| {
        serde_json::from_str(text).map(|number| TemplateValue::new(ValueKind::Number(number), None))
    };
    let mut values: Vec<TemplateValue> = texts.iter().map(|text| TemplateValue::text(*text, None)).collect();
    values.extend(numbers.iter().map(|text| number(text).expect("a number")));
    values.extend(["a", "u"].map(variable));
    values.extend(
        [
            "null",
            "true",
            "[]",
            "{}",
            "[null]",
            "[1, \"a\"]",
            "[[1], [\"x\", u]]",
            "[a, u, a]",
            "{ x = u }",
            "\"x${a}y${u}\"",
            "{ x = [1, \"1\"], y = [null] }",
            "toset([a, \"x\"])",
            "[{ a = 1 }, { b = [] }]",
            "[true, false]",
            "[3, -1, 2]",
        ]
        .map(|text| evaluated(&text.parse().expect("an expression"), &variable).expect("a value")),
    );
    values
}

/// Whatever the arguments are, a call ends in a value or in words.
#[test]
fn nothing_panics() {
    let values = odd_values();
    let mut calls = 0;
    let mut call = |name: &str, args: &[&TemplateValue]| {
        let args: Vec<TemplateValue> = args.iter().map(|arg| (*arg).clone()).collect();
        let value = functions::call(name, args, None);
        assert!(
            value.map_or_else(|error| !error.to_string().is_empty(), |value| !shown(&value).is_empty()),
            "{name}"
        );
        calls += 1;
    };
    let takes = |row: &FunctionRow, count| row.min <= count && row.max.is_none_or(|max| count <= max);
    let pure = functions::functions().iter().filter(|row| matches!(row.work, FunctionWork::Pure(_)));
    for row in pure {
        for (nth, one) in values.iter().enumerate() {
            call(row.name, &[one]);
            for (mth, two) in values.iter().enumerate() {
                if takes(row, 2) {
                    call(row.name, &[one, two]);
                }
                if !takes(row, 3) {
                    continue;
                }
                // Each third argument with some of the first two.
                let three = &values[(nth * 7 + mth * 3) % values.len()];
                call(row.name, &[one, two, three]);
            }
        }
    }
    assert!(calls > 200_000, "{calls}");
}
