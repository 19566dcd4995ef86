//! Calls of functions. Those that look at expressions or at files are here; all others are `terraform::functions`.

use super::super::functions;
use super::computed::{kind_of_address, known_texts};
use super::evaluator::{Evaluated, Evaluator};
use super::limits::{MAX_FILE_BYTES, MAX_FILESET};
use super::parse::parse_pattern;
use super::scope::{EvalScope, LoopName};
use super::syntax::{HclCall, HclExpr};
use super::unknown::{has_open_keys, is_open_key, opaque, part_of, reason_of};
use crate::source::iac::tree::{TreeError, tree_path};
use crate::source::iac::{Place, Symbol, TemplateValue, TextPart, ValueKind};
use globset::GlobBuilder;
use std::sync::Arc;

/// Functions that look for a key in an object.
const KEYED: [&str; 4] = ["keys", "lookup", "transpose", "zipmap"];
/// Functions that compare values, whatever is in them.
const COMPARING: [&str; 9] = [
    "contains",
    "distinct",
    "index",
    "matchkeys",
    "setintersection",
    "setproduct",
    "setsubtract",
    "setunion",
    "toset",
];

/// Functions of a text that give a text, and an empty one of an empty one alone.
const NEVER_EMPTY: [&str; 5] = ["basename", "dirname", "lower", "title", "upper"];

/// Functions that never fail for what the items of their arguments are.
const SURE: [&str; 14] = [
    "concat",
    "element",
    "flatten",
    "jsonencode",
    "keys",
    "length",
    "merge",
    "nonsensitive",
    "one",
    "reverse",
    "sensitive",
    "slice",
    "values",
    "yamlencode",
];

/// ARNs of OpenID Connect providers as there are, before the issuer and from it on.
const PROVIDER_ARNS: [(&str, &str); 4] = [
    (
        "arn:aws:iam::111122223333:oidc-provider/",
        "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
    ),
    (
        "arn:aws-cn:iam::444455556666:oidc-provider/",
        "oidc.eks.cn-north-1.amazonaws.com.cn/id/FEDCBA9876543210FEDCBA9876543210",
    ),
    (
        "arn:aws-us-gov:iam::777788889999:oidc-provider/",
        "oidc-eks.us-gov-west-1.api.aws/id/00000000000000000000000000000000",
    ),
    ("arn:aws:iam::123456789012:oidc-provider/", "token.example.com"),
];

impl Evaluator<'_> {
    /// The value of a call.
    pub(super) fn call(&self, call: &HclCall, place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let name = call.name.strip_prefix("core::").unwrap_or(&call.name);
        match name {
            "try" => return self.try_each(&call.arguments, place, scope),
            "can" => return self.can(&call.arguments, place, scope),
            _ => {}
        }
        let arguments = match self.arguments(call, scope)? {
            Ok(arguments) => arguments,
            Err(why) => return Ok(TemplateValue::unknown(why, None, Some(place.clone()))),
        };
        match name {
            "file" | "filebase64" | "fileexists" | "fileset" | "templatefile" => {
                self.file_call(name, &arguments, place, scope)
            }
            _ if name.starts_with("file") && functions::is_function(&name[4..]) => {
                self.hashed_file(&name[4..], &arguments, place)
            }
            "slice" => match sliced(&arguments, place) {
                Some(items) => self.measured(items),
                None => self.pure(name, arguments, place),
            },
            _ => self.pure(name, arguments, place),
        }
    }

    fn pure(&self, name: &str, arguments: Vec<TemplateValue>, place: &Place) -> Evaluated {
        if let Some(issuer) = self.issuer_in_arn(name, &arguments, place) {
            return Ok(issuer);
        }
        if let Some(value) = Self::found_in_all(name, &arguments, place) {
            return Ok(value);
        }
        let is_open = |value: &&TemplateValue| match &value.kind {
            ValueKind::Map(fields) if KEYED.contains(&name) => fields.keys().any(|key| is_open_key(key)),
            _ => COMPARING.contains(&name) && has_open_keys(value),
        };
        if let Some(open) = arguments.iter().find(is_open) {
            let reason = format!("{name}: keys of an object are known only after apply");
            let unknown = TemplateValue::unknown(reason, None, Some(place.clone()));
            return Ok(TemplateValue { sensitive: open.sensitive, ..unknown });
        }
        let decides = arguments
            .iter()
            .find(|value| !value.is_known())
            .or_else(|| arguments.iter().find(|value| has_via(value)));
        let via = decides.and_then(|value| value.place.as_ref()?.via.clone());
        let here = Place { via, ..place.clone() };
        let called = call_name(name, &arguments);
        let is_something = NEVER_EMPTY.contains(&name) && arguments.iter().all(is_some_text);
        if !SURE.contains(&name) && arguments.iter().any(has_unknown) {
            self.doubt.set(true);
        } else {
            self.may_fail(&arguments);
        }
        let mut value = functions::call(name, arguments, Some(here)).map_err(|error| error.to_string())?;
        if let (ValueKind::Unknown(_), Some(called), true) = (&value.kind, &called, is_something) {
            let symbol = Symbol { name: called.as_str().into(), resource: None, attribute: "".into() };
            value.kind = ValueKind::Symbol(Arc::new(symbol));
        } else if let (ValueKind::Unknown(unknown), Some(called)) = (&value.kind, called) {
            // The text of a value is another one than the value.
            if unknown.name.is_none() || matches!(name, "jsonencode" | "yamlencode") {
                value.kind = TemplateValue::unknown(unknown.reason.clone(), Some(called.into()), None).kind;
            }
        }
        self.measured(value)
    }

    /// `regexall("^[a-z]{2}-", …)` of the name of a zone, as modules tell names from ids: how often the pattern is in it, where it is
    /// in all names as often. One that is in none of those that are tried may be in another.
    fn found_in_all(name: &str, arguments: &[TemplateValue], place: &Place) -> Option<TemplateValue> {
        let [pattern, text] = arguments else { return None };
        let ValueKind::Symbol(symbol) = &text.kind else { return None };
        let texts = known_texts(symbol).filter(|_| name == "regexall")?;
        let found = texts.iter().map(|text| {
            let arguments = vec![pattern.clone(), TemplateValue::text(*text, None)];
            functions::call(name, arguments, None).ok().map(|found| found.items().len())
        });
        let found: Vec<usize> = found.collect::<Option<_>>()?;
        let often =
            *found.first().filter(|often| **often > 0 && found.iter().all(|other| other == *often))?;
        let one = || TemplateValue::unknown(reason_of(text), None, Some(place.clone()));
        Some(TemplateValue::list((0..often).map(|_| one()).collect(), Some(place.clone())))
    }

    /// `replace(aws_iam_openid_connect_provider.x.arn, "/^(.*provider/)/", "")`, as modules take the issuer from the ARN of the
    /// provider that they are handed: the issuer, where the call leaves nothing else of any such ARN.
    fn issuer_in_arn(&self, name: &str, arguments: &[TemplateValue], place: &Place) -> Option<TemplateValue> {
        let (arn, rest) = arguments.split_first()?;
        let ValueKind::Symbol(symbol) = &arn.kind else { return None };
        let provider = symbol.resource.as_ref().filter(|resource| {
            name == "replace"
                && &*symbol.attribute == "arn"
                && kind_of_address(resource) == "aws_iam_openid_connect_provider"
                && self.is_known_resource(resource)
        })?;
        let gives_issuer = PROVIDER_ARNS.iter().all(|(start, issuer)| {
            let arn = TemplateValue::text(format!("{start}{issuer}"), None);
            let all = std::iter::once(arn).chain(rest.iter().cloned()).collect();
            functions::call(name, all, None).is_ok_and(|value| value.as_str() == Some(issuer))
        });
        let url = gives_issuer.then(|| self.resource_attribute(provider, &"url".into(), place))?;
        let scheme = ["https://", ""].map(|text| TemplateValue::text(text, None));
        let issuer = functions::call(name, std::iter::once(url).chain(scheme).collect(), None).ok()?;
        (!issuer.is_unknown())
            .then(|| TemplateValue { sensitive: arn.sensitive, ..issuer.at(arn.place.clone()) })
    }

    /// The arguments of a call; an inner error says why they are not known.
    fn arguments(
        &self,
        call: &HclCall,
        scope: EvalScope<'_>,
    ) -> Result<Result<Vec<TemplateValue>, String>, String> {
        let mut values = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            let value = self.eval(argument, scope)?;
            values.push(self.measured(value)?);
        }
        if let Some(last) = values.pop_if(|_| call.spreads) {
            match &last.kind {
                ValueKind::List(items) if !last.loose => values.extend(items.iter().cloned()),
                ValueKind::List(_) | ValueKind::Symbol(_) | ValueKind::Unknown(_) => {
                    return Ok(Err(reason_of(&last)));
                }
                _ => return Err("what stands before ... is no list".to_owned()),
            }
        }
        Ok(Ok(values))
    }

    /// The first argument that Terraform would not refuse.
    fn try_each(&self, arguments: &[HclExpr], place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let mut fault = "try needs an argument".to_owned();
        for argument in arguments {
            let outer = self.doubt.replace(false);
            let value = self.eval(argument, scope);
            let doubt = self.doubt.replace(outer);
            if let Some(why) = self.budget.exhausted() {
                return Err(why.to_owned());
            }
            match value {
                // Whether it fails is not known.
                Ok(value) if doubt || is_nameless(&value) => return Ok(self.tried(&value, place)),
                Ok(value) => return Ok(value),
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }

    fn tried(&self, value: &TemplateValue, place: &Place) -> TemplateValue {
        let reason = match value.is_known() {
            true => "it is not known whether the first argument of try is there".to_owned(),
            false => reason_of(value),
        };
        let unknown = TemplateValue::unknown(reason, None, Some(place.clone()));
        TemplateValue { sensitive: value.sensitive, ..unknown }
    }

    fn can(&self, arguments: &[HclExpr], place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let [argument] = arguments else { return Err("can takes 1 argument".to_owned()) };
        let outer = self.doubt.replace(false);
        let value = self.eval(argument, scope);
        let doubt = self.doubt.replace(outer);
        if let Some(why) = self.budget.exhausted() {
            return Err(why.to_owned());
        }
        let known = |bool| Ok(TemplateValue::new(ValueKind::Bool(bool), Some(place.clone())));
        match value {
            Ok(value) if doubt || !value.is_known() => Ok(opaque(&value, place)),
            Ok(_) => known(true),
            Err(_) => known(false),
        }
    }

    /// The path of an argument in the tree. As Terraform does, from the folder of the root module.
    fn argument_path(&self, argument: &TemplateValue) -> Result<Result<String, String>, String> {
        match &argument.kind {
            ValueKind::Text(path) => {
                let found = tree_path(&self.folder, path);
                Ok(found.ok_or_else(|| format!("{path} lies outside of the repository, and is not read")))
            }
            ValueKind::Mixed(_) | ValueKind::Symbol(_) | ValueKind::Unknown(_) => {
                Ok(Err(reason_of(argument)))
            }
            _ => Err("the path of a file is no text".to_owned()),
        }
    }

    fn file_call(
        &self,
        name: &str,
        arguments: &[TemplateValue],
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let unknown = |why: String| Ok(TemplateValue::unknown(why, None, Some(place.clone())));
        let Some(first) = arguments.first() else { return Err(format!("{name} needs the path of a file")) };
        let path = match self.argument_path(first)? {
            Ok(path) => path,
            Err(why) => return unknown(why),
        };
        if name == "fileset" {
            return self.file_set(&path, arguments.get(1), place);
        }
        let bytes = match self.tree.read(&path, MAX_FILE_BYTES) {
            Ok(bytes) if name != "fileexists" => bytes,
            Ok(_) => return Ok(TemplateValue::new(ValueKind::Bool(true), Some(place.clone()))),
            Err(TreeError::Absent) if name == "fileexists" => {
                return Ok(TemplateValue::new(ValueKind::Bool(false), Some(place.clone())));
            }
            Err(TreeError::Absent) => return Err(format!("{} is not there", self.tree.shown(&path))),
            Err(error) => return unknown(format!("{} {error}", self.tree.shown(&path))),
        };
        self.budget.take(bytes.len() / 64)?;
        if name == "filebase64" {
            use base64::Engine;
            let text = base64::engine::general_purpose::STANDARD.encode(bytes);
            return Ok(TemplateValue::text(text, Some(place.clone())));
        }
        let Ok(text) = String::from_utf8(bytes) else { return Err(format!("{path} is not UTF-8")) };
        if name == "file" {
            return Ok(TemplateValue::text(text, Some(place.clone())));
        }
        self.template_file(&text, &path, arguments.get(1), place, scope)
    }

    /// The paths below a folder that fit a pattern, as a set.
    fn file_set(&self, folder: &str, pattern: Option<&TemplateValue>, place: &Place) -> Evaluated {
        let unknown = |why: String| Ok(TemplateValue::unknown(why, None, Some(place.clone())));
        let pattern = match pattern.map(|pattern| (&pattern.kind, pattern)) {
            Some((ValueKind::Text(pattern), _)) => pattern,
            Some((_, pattern)) if !pattern.is_known() => return unknown(reason_of(pattern)),
            _ => return Err("the pattern of fileset is no text".to_owned()),
        };
        let glob = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build();
        let glob = match glob {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => {
                return unknown(format!("the pattern of fileset is not understood: {}", error.kind()));
            }
        };
        let paths = match self.tree.below(folder, MAX_FILESET) {
            Ok(paths) => paths,
            Err(TreeError::Absent) => Vec::new(),
            Err(error) => return unknown(format!("{} {error}", self.tree.shown(folder))),
        };
        self.budget.take(paths.len())?;
        let found = paths.into_iter().filter(|path| glob.is_match(path));
        let found = found.map(|path| TemplateValue::text(path, Some(place.clone()))).collect();
        Ok(TemplateValue::list(found, Some(place.clone())))
    }

    fn template_file(
        &self,
        text: &str,
        path: &str,
        variables: Option<&TemplateValue>,
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let pieces = parse_pattern(text, place, self.files.borrow_mut().names());
        let pieces = pieces.map_err(|why| format!("{} is no template: {why}", self.tree.shown(path)))?;
        let fields = match variables.map(|variables| &variables.kind) {
            None => None,
            Some(ValueKind::Map(fields)) => Some(fields),
            Some(ValueKind::Unknown(_) | ValueKind::Symbol(_)) => {
                return Ok(variables
                    .map(|variables| opaque(variables, place))
                    .unwrap_or_else(|| TemplateValue::null(None)));
            }
            Some(_) => return Err("the variables of templatefile are no object".to_owned()),
        };
        let names: Vec<(&Arc<str>, &TemplateValue)> =
            fields.into_iter().flat_map(|fields| fields.iter()).collect();
        let scope = EvalScope { names: None, is_closed: true, ..scope };
        self.named(&names, scope, &|scope| self.text(&pieces, place, scope))
    }

    /// Evaluates with names, one after another.
    fn named(
        &self,
        names: &[(&Arc<str>, &TemplateValue)],
        scope: EvalScope<'_>,
        then: &dyn Fn(EvalScope<'_>) -> Evaluated,
    ) -> Evaluated {
        let Some(((name, value), rest)) = names.split_first() else { return then(scope) };
        self.budget.enter()?;
        let inner = LoopName { name, value, outer: scope.names, moves: false };
        let value = self.named(rest, scope.with(&inner), then);
        self.budget.leave();
        value
    }

    /// `filesha256` and the like: the function on the text of the file.
    fn hashed_file(&self, name: &str, arguments: &[TemplateValue], place: &Place) -> Evaluated {
        let Some(first) = arguments.first() else {
            return Err(format!("file{name} needs the path of a file"));
        };
        let why = match self.argument_path(first)? {
            Err(why) => why,
            Ok(path) => match self.tree.read(&path, MAX_FILE_BYTES) {
                Err(TreeError::Absent) => return Err(format!("{} is not there", self.tree.shown(&path))),
                Err(error) => format!("{} {error}", self.tree.shown(&path)),
                Ok(bytes) => match String::from_utf8(bytes) {
                    Ok(text) => {
                        return self.pure(name, vec![TemplateValue::text(text, Some(place.clone()))], place);
                    }
                    Err(_) => format!("{} is not UTF-8", self.tree.shown(&path)),
                },
            },
        };
        Ok(TemplateValue::unknown(why, None, Some(place.clone())))
    }
}

/// Whether something in a value is unknown.
fn has_unknown(value: &TemplateValue) -> bool {
    match &value.kind {
        ValueKind::List(items) => items.iter().any(has_unknown),
        ValueKind::Map(fields) => fields.values().any(has_unknown),
        ValueKind::Mixed(parts) => parts.iter().any(|part| matches!(part, TextPart::Unknown(_))),
        _ => value.is_unknown(),
    }
}

/// Whether a value is not known, and nothing says what it is the value of.
fn is_nameless(value: &TemplateValue) -> bool {
    matches!(&value.kind, ValueKind::Unknown(unknown) if unknown.name.is_none())
}

/// Whether it is a text that is not empty, whatever its symbols are.
fn is_some_text(value: &TemplateValue) -> bool {
    match &value.kind {
        ValueKind::Symbol(_) => true,
        ValueKind::Mixed(parts) => parts.iter().all(|part| !matches!(part, TextPart::Unknown(_))),
        _ => false,
    }
}

fn has_via(value: &TemplateValue) -> bool {
    value.place.as_ref().is_some_and(|place| place.via.is_some())
}

/// Bytes of the name of a call.
const MAX_CALL_NAME: usize = 200;

/// What a call is called, if it gives the same wherever it is called so: a function of nothing else than its arguments.
fn call_name(name: &str, arguments: &[TemplateValue]) -> Option<String> {
    let row = functions::function(name)?;
    let is_pure = matches!(row.work, functions::FunctionWork::Pure(_)) && !arguments.is_empty();
    let argument = |value: &TemplateValue| match &value.kind {
        ValueKind::Text(text) => Some(format!("{:?}", &**text)),
        ValueKind::Number(number) => Some(number.to_string()),
        ValueKind::Bool(bool) => Some(bool.to_string()),
        ValueKind::Symbol(symbol) => Some(symbol.name.to_string()),
        ValueKind::Mixed(_) => value.join_key().map(|text| format!("{text:?}")),
        ValueKind::Unknown(unknown) => unknown.name.as_deref().map(str::to_owned),
        _ => None,
    };
    let arguments: Option<Vec<String>> = arguments.iter().map(argument).collect();
    let called = format!("{name}({})", arguments?.join(", "));
    (is_pure && called.len() <= MAX_CALL_NAME).then_some(called)
}

/// `slice` of a list of which only the name is known: its items, by their index. It has them, or Terraform refuses.
fn sliced(arguments: &[TemplateValue], place: &Place) -> Option<TemplateValue> {
    let [list, from, to] = arguments else { return None };
    let bound = |value: &TemplateValue| match &value.kind {
        ValueKind::Number(number) => number.as_u64().filter(|bound| *bound <= 1_000),
        _ => None,
    };
    if !matches!(list.kind, ValueKind::Symbol(_)) {
        return None;
    }
    let items: Option<Vec<_>> =
        (bound(from)?..bound(to)?).map(|at| part_of(list, &format!("[{at}]"), place)).collect();
    Some(TemplateValue::list(items?, Some(place.clone())))
}
