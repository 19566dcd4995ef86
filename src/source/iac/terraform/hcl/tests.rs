//! What files of Terraform give: values, and where they are written.

mod bundled;

use super::{RootModule, VariableFile, VariableInputs, find_roots, load};
use crate::source::iac::tree::{TemplateTree, TreeError, tree_path};
use crate::source::iac::{
    Mode, Place, ResourceCertainty, Template, TemplateResource, TemplateValue, TextPart, ValueKind,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Files in memory, by path.
struct MemoryTree(BTreeMap<String, String>);

impl MemoryTree {
    fn new(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    fn paths(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

impl TemplateTree for MemoryTree {
    fn list(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        let name = |path: &String| {
            let rest = if folder.is_empty() {
                path.as_str()
            } else {
                path.strip_prefix(folder)?.strip_prefix('/')?
            };
            (!rest.contains('/')).then(|| rest.to_owned())
        };
        let names: Vec<String> = self.0.keys().filter_map(name).collect();
        if names.is_empty() { Err(TreeError::Absent) } else { Ok(names) }
    }

    fn below(&self, folder: &str, most: usize) -> Result<Vec<String>, TreeError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let names: Vec<String> =
            self.0.keys().filter_map(|path| Some(path.strip_prefix(&prefix)?.to_owned())).collect();
        if names.len() > most { Err(TreeError::TooMany(most)) } else { Ok(names) }
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError> {
        let path = tree_path("", path).ok_or(TreeError::Outside)?;
        match self.0.get(&path) {
            Some(text) if text.len() > limit => Err(TreeError::TooLong(limit)),
            Some(text) => Ok(text.clone().into_bytes()),
            None => Err(TreeError::Absent),
        }
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

fn templates(files: &[(&str, &str)], inputs: &VariableInputs) -> Vec<Template> {
    let tree = MemoryTree::new(files);
    let roots = find_roots(&tree, &tree.paths());
    roots.iter().flat_map(|root| load(&tree, root, inputs)).collect()
}

/// The template of one root.
fn loaded(files: &[(&str, &str)], inputs: &VariableInputs) -> Template {
    let mut all = templates(files, inputs);
    assert_eq!(all.len(), 1, "one root: {:?}", all.iter().map(|one| &one.name).collect::<Vec<_>>());
    all.remove(0)
}

/// The template of `main.tf`.
fn main(text: &str) -> Template {
    loaded(&[("main.tf", text)], &VariableInputs::default())
}

fn resource<'t>(template: &'t Template, address: &str) -> &'t TemplateResource {
    let found = template.resources.iter().find(|resource| &*resource.address == address);
    found.unwrap_or_else(|| panic!("{address} is not among {:?}", addresses(template)))
}

fn addresses(template: &Template) -> Vec<&str> {
    template.resources.iter().map(|resource| &*resource.address).collect()
}

/// A value at a path of fields and indexes.
fn at<'v>(value: &'v TemplateValue, path: &str) -> &'v TemplateValue {
    path.split('.').filter(|part| !part.is_empty()).fold(value, |value, part| match &value.kind {
        ValueKind::Map(fields) => fields.get(part).unwrap_or_else(|| panic!("no {part} in {}", shown(value))),
        ValueKind::List(items) => &items[part.parse::<usize>().expect("an index")],
        _ => panic!("no {part} in {}", shown(value)),
    })
}

/// A value in one line.
fn shown(value: &TemplateValue) -> String {
    match &value.kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Bool(bool) => bool.to_string(),
        ValueKind::Number(number) => number.to_string(),
        ValueKind::Text(text) => format!("{:?}", &**text),
        ValueKind::Mixed(parts) => {
            let part = |part: &TextPart| match part {
                TextPart::Literal(text) => text.to_string(),
                TextPart::Symbol(symbol) => format!("${{{}}}", symbol.name),
                TextPart::Unknown(unknown) => format!("?{{{}}}", unknown.name.as_deref().unwrap_or("")),
            };
            format!("<{}>", parts.iter().map(part).collect::<String>())
        }
        ValueKind::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        ValueKind::Map(fields) => {
            let field =
                |(name, value): (&std::sync::Arc<str>, &TemplateValue)| format!("{name}: {}", shown(value));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Symbol(symbol) => format!("${{{}}}", symbol.name),
        ValueKind::Unknown(unknown) => format!("?({})", unknown.reason),
    }
}

/// A place: the file, the line, the text, and what the second one says.
fn place(template: &Template, place: &Place) -> String {
    let one = |place: &Place| {
        let file = template.file(place.file).expect("a file");
        let line = file.text[..place.range().start].matches('\n').count() + 1;
        format!("{}:{line} {}", file.name, &file.text[place.range()])
    };
    let mut text = one(place);
    if let Some(via) = &place.via {
        let _ = write!(text, " ← {}: {}", via.words, one(&via.place));
    }
    text
}

fn placed(template: &Template, value: &TemplateValue) -> String {
    place(template, value.place.as_ref().expect("a place"))
}

/// The value of `x` of `test.a` with these blocks beside it.
fn evaluated(expression: &str, beside: &str) -> String {
    let template = main(&format!("{beside}\nresource \"test\" \"a\" {{\n  x = {expression}\n}}\n"));
    assert_eq!(template.problems, [], "{expression}");
    shown(at(&resource(&template, "test.a").values, "x"))
}

const BESIDE: &str = r#"
variable "open" {}
variable "on" { default = true }
variable "list" { default = ["a", "b"] }
variable "map" { default = { a = 1, b = 2 } }
locals {
  nested = { list = [{ name = "x" }, { name = "y" }], empty = null }
}
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  count      = 2
  cidr_block = "10.0.${count.index}.0/24"
}
resource "aws_subnet" "e" {
  for_each   = { x = "10.1.0.0/24", y = "10.2.0.0/24" }
  cidr_block = each.value
}
data "aws_partition" "p" {}
resource "aws_eks_cluster" "c" { name = "prod" }
"#;

#[test]
fn expressions_give_what_terraform_gives() {
    for (expression, value) in [
        ("\"a${1 + 2}b\"", "\"a3b\""),
        ("\"${var.list}\"", "[\"a\", \"b\"]"),
        ("1 + 2 * 3", "7"),
        ("7 / 2", "3.5"),
        ("\"4\" + 1", "5"),
        ("-var.map.a", "-1"),
        ("10 % 4 >= 2 && !false", "true"),
        ("\"1\" == 1", "false"),
        ("var.list == [\"a\", \"b\"]", "true"),
        ("var.on ? \"yes\" : \"no\"", "\"yes\""),
        ("var.map[\"b\"]", "2"),
        ("var.list[1]", "\"b\""),
        ("local.nested.list[*].name", "[\"x\", \"y\"]"),
        ("local.nested.list.*.name", "[\"x\", \"y\"]"),
        ("local.nested.list.0.name", "\"x\""),
        ("local.nested.empty[*]", "[]"),
        ("[for i, v in var.list : \"${i}${v}\" if v != \"a\"]", "[\"1b\"]"),
        ("{ for k, v in var.map : upper(k) => v * 2 }", "{A: 2, B: 4}"),
        (
            "{ for v in [\"a1\", \"a2\", \"b1\"] : substr(v, 0, 1) => v... }",
            "{a: [\"a1\", \"a2\"], b: [\"b1\"]}",
        ),
        ("{ (var.list[0]) = 1, \"q\" = 2, var.list[1] = 3 }", "{a: 1, b: 3, q: 2}"),
        ("merge({ a = 1 }, [{ b = 2 }, { c = 3 }]...)", "{a: 1, b: 2, c: 3}"),
        ("try(local.nested.none, \"other\")", "\"other\""),
        ("can(local.nested.none)", "false"),
        ("can(var.list[0])", "true"),
        ("\"%{ if var.on }yes%{ else }no%{ endif }\"", "\"yes\""),
        ("\"%{ for v in var.list ~} ${v} %{ endfor ~}\"", "\"a b \""),
        ("\"$${x} %%{y}\"", "\"${x} %{y}\""),
        ("<<-EOT\n    a\n      b\n    EOT\n", "\"a\\n  b\\n\""),
        ("<<EOT\n  a ${var.list[0]}\nEOT\n", "\"  a a\\n\""),
        ("path.module", "\".\""),
        ("null", "null"),
    ] {
        assert_eq!(evaluated(expression, BESIDE), value, "{expression}");
    }
}

#[test]
fn references_to_resources_are_their_arguments_or_symbols() {
    for (expression, value) in [
        ("aws_vpc.v.cidr_block", "\"10.0.0.0/16\""),
        ("aws_vpc.v.id", "${aws_vpc.v.id}"),
        ("aws_vpc.v", "${aws_vpc.v}"),
        ("aws_subnet.s[*].id", "[${aws_subnet.s[0].id}, ${aws_subnet.s[1].id}]"),
        ("aws_subnet.s.*.cidr_block", "[\"10.0.0.0/24\", \"10.0.1.0/24\"]"),
        ("aws_subnet.s[1].arn", "${aws_subnet.s[1].arn}"),
        ("aws_subnet.e[\"x\"].cidr_block", "\"10.1.0.0/24\""),
        ("values(aws_subnet.e)[*].id", "[${aws_subnet.e[\"x\"].id}, ${aws_subnet.e[\"y\"].id}]"),
        ("{ for k, s in aws_subnet.e : k => s.cidr_block }", "{x: \"10.1.0.0/24\", y: \"10.2.0.0/24\"}"),
        ("\"arn:${data.aws_partition.p.partition}:iam\"", "<arn:${data.aws_partition.p.partition}:iam>"),
        (
            "aws_eks_cluster.c.identity[0].oidc[0].issuer",
            "<https://${aws_eks_cluster.c.identity[0].oidc[0].issuer}>",
        ),
        (
            "replace(aws_eks_cluster.c.identity[0].oidc[0].issuer, \"https://\", \"\")",
            "${aws_eks_cluster.c.identity[0].oidc[0].issuer}",
        ),
        (
            "one(flatten(aws_eks_cluster.c.identity[*].oidc[*].issuer))",
            "<https://${aws_eks_cluster.c.identity[0].oidc[0].issuer}>",
        ),
        ("aws_nothing.here.id", "${aws_nothing.here.id}"),
        ("{ \"${aws_vpc.v.id}:sub\" = 1 }", "{${aws_vpc.v.id}:sub: 1}"),
        ("aws_vpc.v.id == aws_vpc.v.id", "true"),
        ("aws_vpc.v.id == null || aws_vpc.v.id == \"\"", "false"),
        ("{ \"${aws_vpc.v.id}\" = { a = 1 } } != null", "true"),
        ("lookup({ a = { \"${aws_vpc.v.id}\" = 1 } }, \"b\", 2)", "2"),
        (
            "lookup({ \"${aws_vpc.v.id}\" = 1 }, \"b\", 2)",
            "?(lookup: keys of an object are known only after apply)",
        ),
        (
            "slice(data.aws_zones.z.names, 0, 2)",
            "[${data.aws_zones.z.names[0]}, ${data.aws_zones.z.names[1]}]",
        ),
    ] {
        assert_eq!(evaluated(expression, BESIDE), value, "{expression}");
    }
}

#[test]
fn what_is_unknown_stays_so_unless_it_does_not_matter() {
    let unknown = "?(var.open has no value; set it with --var or --var-file)";
    for (expression, value) in [
        ("var.open", unknown),
        ("var.open.field[0]", unknown),
        ("!var.open", unknown),
        ("var.open + 1", unknown),
        ("var.open == 1", unknown),
        ("var.open == var.open", "true"),
        ("var.open && false", "false"),
        ("false && var.open", "false"),
        ("var.open || true", "true"),
        ("var.open || false", unknown),
        ("var.open ? 1 : 1", "1"),
        ("var.open ? 1 : 2", unknown),
        ("try(var.open, 1)", unknown),
        ("try(var.list[0], var.open)", "\"a\""),
        ("coalesce(\"a\", var.open)", "\"a\""),
        ("length([var.open, 1])", "2"),
        ("[for v in var.open : v]", unknown),
        ("[for v in [var.open] : 1]", "[1]"),
        ("[for v in [var.open, true] : v if v]", unknown),
        ("contains([\"a\", var.open], \"a\")", "true"),
        ("contains([\"a\", var.open], \"b\")", unknown),
        ("\"a-${var.open}\"", "<a-?{var.open}>"),
        ("{ a = var.open, b = 1 }.b", "1"),
        ("aws_vpc.v.id == \"vpc-1\"", "?(`aws_vpc.v.id` is known only after apply)"),
        ("terraform.workspace", "?(terraform.workspace is known only when Terraform runs)"),
        ("var.none", "?(var.none is not declared)"),
        ("local.neted", "?(local.neted is not declared; did you mean `nested`?)"),
        ("local.nested.none", "?(the object has no none)"),
        ("uuid()", "?(`uuid` is another one in each run)"),
    ] {
        let found = evaluated(expression, BESIDE);
        let is_reason = value.starts_with("?(`uuid`") && found.starts_with("?(`uuid`");
        assert!(found == value || is_reason, "{expression}: {found}");
    }
}

#[test]
fn values_know_where_they_are_written() {
    let template = main(
        "variable \"cidrs\" {\n  default = [\"0.0.0.0/0\"]\n}\nlocals {\n  name = \"prod\"\n  all = var.cidrs\n}\nresource \"aws_eks_cluster\" \"c\" {\n  name = local.name\n  version = \"1.30\"\n  vpc_config {\n    public_access_cidrs = var.cidrs\n    other = local.all\n    subnet_ids = [\"subnet-1\"]\n  }\n  tags = { team = \"a\" }\n}\n",
    );
    let cluster = resource(&template, "aws_eks_cluster.c");
    assert_eq!(place(&template, &cluster.place), "main.tf:8 \"aws_eks_cluster\"");
    for (path, expected) in [
        ("name", "main.tf:9 local.name ← local.name: main.tf:5 \"prod\""),
        ("version", "main.tf:10 \"1.30\""),
        ("vpc_config", "main.tf:11 vpc_config"),
        ("vpc_config.0", "main.tf:11 vpc_config"),
        (
            "vpc_config.0.public_access_cidrs",
            "main.tf:12 public_access_cidrs ← default of var.cidrs: main.tf:2 default",
        ),
        (
            "vpc_config.0.public_access_cidrs.0",
            "main.tf:12 var.cidrs ← default of var.cidrs: main.tf:2 \"0.0.0.0/0\"",
        ),
        ("vpc_config.0.other.0", "main.tf:13 local.all ← default of var.cidrs: main.tf:2 \"0.0.0.0/0\""),
        ("vpc_config.0.subnet_ids", "main.tf:14 subnet_ids"),
        ("vpc_config.0.subnet_ids.0", "main.tf:14 \"subnet-1\""),
        ("tags", "main.tf:16 tags"),
        ("tags.team", "main.tf:16 \"a\""),
    ] {
        assert_eq!(placed(&template, at(&cluster.values, path)), expected, "{path}");
    }
}

#[test]
fn variables_are_given_in_the_order_of_terraform() {
    let variables = "variable \"a\" { default = \"default\" }\nvariable \"b\" { default = \"default\" }\nvariable \"c\" { default = \"default\" }\nvariable \"d\" {\n  default = \"default\"\n}\nvariable \"e\" { type = list(string) }\nresource \"test\" \"a\" {\n  x = [var.a, var.b, var.c, var.d, var.e]\n}\n";
    let files = [
        ("main.tf", variables),
        ("terraform.tfvars", "a = \"usual\"\nb = \"usual\"\nc = \"usual\"\nd = \"usual\"\n"),
        ("x.auto.tfvars.json", "{\"b\": \"auto\", \"c\": \"auto\", \"d\": \"auto\"}"),
        ("prod.tfvars", "a = \"never\""),
        ("other.tfvars", "a = \"in another environment\""),
    ];
    let inputs = VariableInputs {
        elsewhere: vec!["envs/x/other.tfvars".into()],
        environment: Some("prod".into()),
        files: vec![
            VariableFile { name: "envs/one.tfvars".into(), text: "c = \"one\"\nd = \"one\"".into() },
            VariableFile { name: "envs/two.tfvars".into(), text: "d = \"two\"\nbb = 1".into() },
        ],
        values: vec![("e".into(), "[\"x\", 1]".into())],
    };
    let template = loaded(&files, &inputs);
    assert_eq!(template.environment.as_deref(), Some("prod"));
    let x = at(&resource(&template, "test.a").values, "x");
    assert_eq!(shown(x), "[\"usual\", \"auto\", \"one\", \"two\", [\"x\", \"1\"]]");
    assert_eq!(
        placed(&template, at(x, "0")),
        "main.tf:9 var.a ← set in terraform.tfvars: terraform.tfvars:1 \"usual\""
    );
    assert_eq!(
        placed(&template, at(x, "1")),
        "main.tf:9 var.b ← set in x.auto.tfvars.json: x.auto.tfvars.json:1 \"auto\""
    );
    assert_eq!(
        placed(&template, at(x, "3")),
        "main.tf:9 var.d ← set in two.tfvars: envs/two.tfvars:1 \"two\""
    );
    assert_eq!(placed(&template, at(x, "4.0")), "main.tf:9 var.e ← set by --var e: --var e:1 \"x\"");
    let said = template.notices.iter().chain(&template.problems);
    let said: Vec<String> = said.map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "prod.tfvars: is not used: no option names it; pass --var-file prod.tfvars",
            "envs/two.tfvars:2:1: there is no variable `bb` in the module; did you mean `b`?"
        ]
    );
}

/// The value `x` of `test.a` in a folder with some files.
fn value_of_x(expression: &str) -> String {
    let text =
        format!("variable \"v\" {{}}\nvariable \"w\" {{}}\nresource \"test\" \"a\" {{ x = {expression} }}\n");
    let files =
        [("main.tf", &*text), ("policies/a.json", "{}"), ("policies/more/b.json", "{}"), ("c.yaml", "")];
    let template = loaded(&files, &VariableInputs::default());
    shown(at(&resource(&template, "test.a").values, "x"))
}

#[test]
fn what_is_made_of_something_unknown_is_not_the_same() {
    let unknown = "?(var.v has no value; set it with --var or --var-file)";
    for same in ["var.v == var.v", "jsonencode(var.v) == jsonencode(var.v)", "[var.v] == [var.v]"] {
        assert_eq!(value_of_x(same), "true", "{same}");
    }
    for same in ["jsondecode(jsonencode({ a = var.v })).a == var.v", "contains(toset([var.v, 1]), var.v)"] {
        assert_eq!(value_of_x(same), "true", "{same}");
    }
    let others = [
        "\"x-${jsonencode(var.v)}\" == \"x-${var.v}\"",
        "jsondecode(\"[${var.v}]\")[0] == var.v",
        "contains(toset([var.v, \"a\"]), var.v)",
        "contains(toset([var.v, var.w]), var.v)",
    ];
    for other in others {
        assert_eq!(value_of_x(other), unknown, "{other}");
    }
}

#[test]
fn conditions_give_one_type() {
    assert_eq!(value_of_x("true ? 1 : \"a\""), "\"1\"");
    assert_eq!(
        value_of_x("[for x in [1, 2] : x == 1 ? x : var.v]"),
        "[1, ?(var.v has no value; set it with --var or --var-file)]"
    );
    assert_eq!(
        value_of_x("true ? [1] : \"a\""),
        "?(the two results of a condition must have one type, but are a list and a text)"
    );
    // Which type var.v has decides whether Terraform refuses it.
    assert_eq!(
        value_of_x("try(true ? [1] : var.v, 2)"),
        "?(it is not known whether the first argument of try is there)"
    );
}

#[test]
fn files_are_found_by_patterns() {
    assert_eq!(value_of_x("fileset(\"policies\", \"**/*.json\")"), "[\"a.json\", \"more/b.json\"]");
    assert_eq!(value_of_x("fileset(path.module, \"*/*.{json,yaml}\")"), "[\"policies/a.json\"]");
    assert_eq!(value_of_x("[for k, v in fileset(\".\", \"*.yaml\") : k]"), "[\"c.yaml\"]");
    assert_eq!(value_of_x("fileset(\"..\", \"*\")"), "?(.. lies outside of the repository, and is not read)");
}

#[test]
fn variables_have_types() {
    let given = |kind: &str, value: &str| {
        let text = format!(
            "variable \"v\" {{\n  type = {kind}\n  default = {value}\n}}\nresource \"test\" \"a\" {{ x = var.v }}\n"
        );
        shown(at(&resource(&main(&text), "test.a").values, "x"))
    };
    for (kind, value, converted) in [
        ("bool", "\"true\"", "true"),
        ("string", "1.5", "\"1.5\""),
        ("number", "\"12\"", "12"),
        ("list(string)", "[1, true]", "[\"1\", \"true\"]"),
        ("set(string)", "[\"b\", \"a\", \"b\"]", "[\"a\", \"b\"]"),
        ("map(number)", "{ a = \"1\" }", "{a: 1}"),
        ("tuple([string, number])", "[1, \"2\"]", "[\"1\", 2]"),
        (
            "object({ a = string, b = optional(number, 3), c = optional(object({ d = optional(bool, true) }), {}), e = optional(list(string)) })",
            "{ a = 1, z = 9 }",
            "{a: \"1\", b: 3, c: {d: true}, e: null}",
        ),
        ("any", "{ a = [1] }", "{a: [1]}"),
        ("number", "\"x\"", "?(var.v: \"x\" is no number)"),
        ("list(string)", "\"x\"", "?(var.v: it is a text, and must be a list)"),
    ] {
        let found = given(kind, value);
        let is_fault = converted.starts_with('?') && found.starts_with("?(var.v: ");
        assert!(found == converted || is_fault, "{kind}: {found}");
    }
}

#[test]
fn null_counts_as_no_value_where_a_variable_is_not_nullable() {
    let files = [
        ("main.tf", "module \"m\" {\n  source = \"./m\"\n  v = null\n  w = null\n}\n"),
        (
            "m/main.tf",
            "variable \"v\" {\n  default = 1\n  nullable = false\n}\nvariable \"w\" { default = 1 }\nresource \"test\" \"a\" { x = [var.v, var.w] }\n",
        ),
    ];
    let template = loaded(&files, &VariableInputs::default());
    assert_eq!(shown(at(&resource(&template, "module.m.test.a").values, "x")), "[1, null]");
}

#[test]
fn sensitive_values_are_marked_and_so_are_their_places() {
    let template = main(
        "variable \"p\" {\n  default = \"secret\"\n  sensitive = true\n}\nresource \"test\" \"a\" {\n  x = \"a-${var.p}\"\n  y = { z = upper(var.p) }\n}\n",
    );
    let values = &resource(&template, "test.a").values;
    assert!(at(values, "x").sensitive && at(values, "y.z").sensitive);
    let secret = &template.files[0].secrets;
    assert_eq!(
        secret.iter().map(|range| &template.files[0].text[range.clone()]).collect::<Vec<_>>(),
        ["\"secret\""]
    );
}

#[test]
fn count_and_for_each_make_instances() {
    let template = main(
        "variable \"create\" {}\nvariable \"names\" {}\nresource \"a\" \"none\" { count = 0 }\nresource \"a\" \"two\" {\n  count = \"2\"\n  x = count.index\n}\nresource \"a\" \"set\" {\n  for_each = toset([\"q\", \"p\"])\n  x = \"${each.key}-${each.value}\"\n}\nresource \"a\" \"perhaps\" { count = var.create ? 1 : 0 }\nresource \"a\" \"some\" { count = var.create ? 3 : 1 }\nresource \"a\" \"open\" {\n  for_each = var.names\n  x = each.value\n}\nresource \"a\" \"either\" {\n  for_each = var.create ? { a = 1, b = 2 } : { b = 2 }\n  x = each.value\n}\nresource \"b\" \"uses\" {\n  x = a.perhaps[0].id\n  y = a.perhaps[*].id\n  z = try(a.perhaps[0].id, \"none\")\n}\n",
    );
    assert_eq!(
        addresses(&template),
        [
            "a.two[0]",
            "a.two[1]",
            "a.set[\"p\"]",
            "a.set[\"q\"]",
            "a.perhaps[0]",
            "a.some[0]",
            "a.some[1]",
            "a.some[2]",
            "a.open[each.key]",
            "a.either[\"a\"]",
            "a.either[\"b\"]",
            "b.uses"
        ]
    );
    let reason = "its count is not known: var.create has no value; set it with --var or --var-file";
    assert_eq!(resource(&template, "a.perhaps[0]").certainty, ResourceCertainty::Perhaps(reason.into()));
    assert_eq!(resource(&template, "a.some[0]").certainty, ResourceCertainty::Certain);
    assert!(matches!(resource(&template, "a.some[1]").certainty, ResourceCertainty::Perhaps(_)));
    assert!(matches!(resource(&template, "a.open[each.key]").certainty, ResourceCertainty::Perhaps(_)));
    assert!(matches!(resource(&template, "a.either[\"a\"]").certainty, ResourceCertainty::Perhaps(_)));
    assert_eq!(resource(&template, "a.either[\"b\"]").certainty, ResourceCertainty::Certain);
    assert_eq!(shown(at(&resource(&template, "a.two[1]").values, "x")), "1");
    assert_eq!(shown(at(&resource(&template, "a.set[\"p\"]").values, "x")), "\"p-p\"");
    let uses = &resource(&template, "b.uses").values;
    assert_eq!(shown(at(uses, "x")), "${a.perhaps[0].id}");
    assert_eq!(shown(at(uses, "y")), format!("?({reason})"));
    assert!(at(uses, "z").is_unknown());
}

#[test]
fn dynamic_blocks_are_written_out() {
    let template = main(
        "variable \"open\" {}\nlocals {\n  rules = { ssh = { port = 22, cidrs = [\"0.0.0.0/0\"] } }\n}\nresource \"aws_security_group\" \"g\" {\n  ingress {\n    from_port = 443\n  }\n  dynamic \"ingress\" {\n    for_each = local.rules\n    iterator = rule\n    content {\n      from_port = rule.value.port\n      cidr_blocks = rule.value[\"cidrs\"]\n      description = rule.key\n      dynamic \"inner\" {\n        for_each = [1, 2]\n        content { x = \"${rule.key}${inner.value}${inner.key}\" }\n      }\n    }\n  }\n  dynamic \"egress\" {\n    for_each = var.open\n    content { from_port = egress.value }\n  }\n  dynamic \"timeouts\" {\n    for_each = []\n    content {}\n  }\n}\n",
    );
    let values = &resource(&template, "aws_security_group.g").values;
    assert_eq!(
        shown(at(values, "ingress")),
        "[{from_port: 443}, {cidr_blocks: [\"0.0.0.0/0\"], description: \"ssh\", from_port: 22, inner: [{x: \"ssh10\"}, {x: \"ssh21\"}]}]"
    );
    assert_eq!(placed(&template, at(values, "ingress.1")), "main.tf:9 \"ingress\"");
    assert_eq!(
        placed(&template, at(values, "ingress.1.from_port")),
        "main.tf:13 rule.value.port ← local.rules: main.tf:3 22"
    );
    assert!(at(values, "egress").is_unknown());
    assert!(values.get("timeouts").is_none());
}

#[test]
fn local_modules_are_followed() {
    let files = [
        (
            "envs/prod/main.tf",
            "variable \"cidrs\" {\n  default = [\"10.0.0.0/8\"]\n}\nmodule \"eks\" {\n  source = \"../../modules/eks\"\n  name = \"prod\"\n  cidrs = var.cidrs\n}\nmodule \"many\" {\n  for_each = { a = \"x\" }\n  source = \"../../modules/eks\"\n  name = each.value\n}\nresource \"test\" \"a\" {\n  x = module.eks.id\n  y = module.many[\"a\"].cidrs\n  z = module.eks.none\n}\n",
        ),
        (
            "modules/eks/main.tf",
            "variable \"name\" {}\nvariable \"cidrs\" { default = [\"0.0.0.0/0\"] }\nresource \"aws_eks_cluster\" \"this\" {\n  name = var.name\n  vpc_config {\n    public_access_cidrs = var.cidrs\n  }\n  x = path.module\n  y = file(\"${path.module}/x.txt\")\n}\noutput \"id\" { value = aws_eks_cluster.this.id }\noutput \"cidrs\" { value = var.cidrs }\n",
        ),
        ("modules/eks/x.txt", "text"),
    ];
    let template = loaded(&files, &VariableInputs::default());
    assert_eq!(template.name, "envs/prod");
    assert_eq!(
        addresses(&template),
        ["test.a", "module.eks.aws_eks_cluster.this", "module.many[\"a\"].aws_eks_cluster.this"]
    );
    let test = &resource(&template, "test.a").values;
    assert_eq!(shown(at(test, "x")), "${module.eks.aws_eks_cluster.this.id}");
    assert_eq!(shown(at(test, "y")), "[\"0.0.0.0/0\"]");
    assert_eq!(shown(at(test, "z")), "?(module.eks.none is not declared as an output)");
    let cluster = &resource(&template, "module.eks.aws_eks_cluster.this").values;
    assert_eq!(shown(at(cluster, "x")), "\"../../modules/eks\"");
    assert_eq!(shown(at(cluster, "y")), "\"text\"");
    for (path, expected) in [
        (
            "name",
            "envs/prod/main.tf:6 \"prod\" ← in module.eks (modules/eks/main.tf): modules/eks/main.tf:4 var.name",
        ),
        (
            "vpc_config.0.public_access_cidrs.0",
            "envs/prod/main.tf:7 var.cidrs ← default of var.cidrs: envs/prod/main.tf:2 \"10.0.0.0/8\"",
        ),
    ] {
        assert_eq!(placed(&template, at(cluster, path)), expected, "{path}");
    }
    let many = &resource(&template, "module.many[\"a\"].aws_eks_cluster.this").values;
    assert_eq!(
        placed(&template, at(many, "vpc_config.0.public_access_cidrs.0")),
        "modules/eks/main.tf:6 var.cidrs ← default of var.cidrs in module.many[\"a\"]: modules/eks/main.tf:2 \"0.0.0.0/0\""
    );
}

#[test]
fn modules_of_others_stand_on_their_call() {
    let files = [
        (
            "main.tf",
            "module \"eks\" {\n  source = \"terraform-aws-modules/eks/aws\"\n  name = \"prod\"\n}\nmodule \"vpc\" {\n  source = \"example/vpc/aws\"\n}\nresource \"test\" \"a\" { x = module.vpc.private_subnets }\n",
        ),
        (
            ".terraform/modules/modules.json",
            "{\"Modules\": [{\"Key\": \"\", \"Dir\": \".\"}, {\"Key\": \"eks\", \"Source\": \"x\", \"Dir\": \".terraform/modules/eks\"}]}",
        ),
        (
            ".terraform/modules/eks/main.tf",
            "variable \"name\" {}\nmodule \"inner\" {\n  source = \"./inner\"\n  name = var.name\n}\n",
        ),
        (
            ".terraform/modules/eks/inner/main.tf",
            "variable \"name\" {}\nresource \"aws_eks_cluster\" \"this\" {\n  name = var.name\n  version = \"1.30\"\n}\n",
        ),
    ];
    let template = loaded(&files, &VariableInputs::default());
    let cluster = resource(&template, "module.eks.module.inner.aws_eks_cluster.this");
    let inner = "in module.eks.module.inner (.terraform/modules/eks/inner/main.tf)";
    assert_eq!(
        place(&template, &cluster.place),
        format!("main.tf:1 \"eks\" ← {inner}: .terraform/modules/eks/inner/main.tf:2 \"aws_eks_cluster\"")
    );
    assert_eq!(
        placed(&template, at(&cluster.values, "version")),
        format!("main.tf:1 \"eks\" ← {inner}: .terraform/modules/eks/inner/main.tf:4 \"1.30\"")
    );
    assert!(placed(&template, at(&cluster.values, "name")).starts_with("main.tf:3 \"prod\" ← in module.eks"));
    let [missing] = &template.missing[..] else { panic!("{:?}", template.missing) };
    assert_eq!(&*missing.address, "module.vpc");
    let reason = "module.vpc: its source example/vpc/aws is not here; run `terraform init`, or scan the plan";
    assert_eq!(missing.reason, reason);
    assert_eq!(place(&template, &missing.place), "main.tf:5 \"vpc\"");
    let x = at(&resource(&template, "test.a").values, "x");
    assert_eq!(
        (shown(x), x.join_key().as_deref()),
        (format!("?({reason})"), Some("${module.vpc.private_subnets}"))
    );
}

#[test]
fn modules_that_are_called_are_no_roots() {
    let files = [
        ("main.tf", "locals {}"),
        ("examples/a/main.tf", "module \"m\" {\n  source = \"../..\"\n}"),
        ("loop/a/main.tf", "module \"b\" { source = \"../b\" }"),
        ("loop/b/main.tf", "module \"a\" { source = \"../a\" }"),
        ("json/main.tf.json", "{\"module\": {\"x\": {\"source\": \"./inner\"}}}"),
        ("json/inner/main.tofu", "locals {}"),
        ("x/.terraform/modules/y/main.tf", "locals {}"),
        ("x/readme.md", ""),
    ];
    let tree = MemoryTree::new(&files);
    let roots = find_roots(&tree, &tree.paths());
    assert_eq!(
        roots.iter().map(|root| root.folder.as_str()).collect::<Vec<_>>(),
        ["examples/a", "json", "loop/a"]
    );
    let template = load(&tree, &roots[2], &VariableInputs::default()).remove(0);
    assert!(
        template.missing[0].reason.contains("the module in loop/a calls itself"),
        "{:?}",
        template.missing
    );
}

#[test]
fn one_broken_block_costs_that_block() {
    let template = main(
        "\u{feff}resource \"aws_eks_cluster\" \"bad\" {\n  name = = 1\n}\nresource \"aws_eks_cluster\" \"good\" {\n  name = local.name\n}\nlocals {\n  name = \"x\"\n}\nresource \"aws_vpc\" \"open\" {\n  x = [\n\ndata \"aws_vpc\" \"b\" {\n}\n",
    );
    assert_eq!(addresses(&template), ["aws_eks_cluster.good", "data.aws_vpc.b"]);
    let missing: Vec<(&str, &str)> =
        template.missing.iter().map(|missing| (&*missing.kinds[0], &*missing.address)).collect();
    assert_eq!(missing, [("aws_eks_cluster", "aws_eks_cluster.bad"), ("aws_vpc", "aws_vpc.open")]);
    assert!(
        template.missing[0].reason.starts_with("aws_eks_cluster.bad could not be read: main.tf:2:"),
        "{:?}",
        template.missing
    );
    assert_eq!(template.problems.len(), 2);
    let good = resource(&template, "aws_eks_cluster.good");
    assert_eq!(
        placed(&template, at(&good.values, "name")),
        "main.tf:5 local.name ← local.name: main.tf:8 \"x\""
    );
}

#[test]
fn keys_that_stand_twice_in_an_object_are_no_fault() {
    let template = main(
        "resource \"test\" \"a\" {\n  x = {\n    a = 1\n    \"b\" = 1\n    a = 2\n    b = \"${3}\"\n  }\n}\nlocals {\n  a = {\n    q = 1\n    q = 2\n  }\n}\n",
    );
    assert_eq!((template.missing.len(), template.problems.len()), (0, 0));
    let x = at(&resource(&template, "test.a").values, "x");
    assert_eq!(shown(x), "{a: 2, b: 3}");
    assert_eq!(placed(&template, at(x, "a")), "main.tf:5 2");
}

#[test]
fn json_is_read_like_hcl() {
    let files = [(
        "main.tf.json",
        "{\n  \"//\": \"x\",\n  \"variable\": {\"v\": {\"type\": \"list(string)\", \"default\": [\"a\"]}},\n  \"locals\": {\"l\": \"${var.v[0]}-\\u00e9\"},\n  \"provider\": {\"aws\": [{\"region\": \"eu-west-1\", \"default_tags\": {\"tags\": {\"t\": \"1\"}}}]},\n  \"resource\": {\"aws_eks_cluster\": {\"c\": {\n    \"name\": \"${local.l}\",\n    \"vpc_config\": {\"subnet_ids\": [\"${aws_subnet.s[0].id}\"]},\n    \"lifecycle\": {\"ignore_changes\": [\"version\"]}\n  }}, \"aws_subnet\": {\"s\": [{\"count\": 1}]}},\n  \"data\": [{\"aws_vpc\": {\"v\": {}}}]\n}",
    )];
    let template = loaded(&files, &VariableInputs::default());
    assert_eq!(template.problems, []);
    let mut found = addresses(&template);
    found.sort_unstable();
    assert_eq!(found, ["aws_eks_cluster.c", "aws_subnet.s[0]", "data.aws_vpc.v"]);
    let cluster = resource(&template, "aws_eks_cluster.c");
    assert_eq!(shown(&cluster.values), "{name: \"a-é\", vpc_config: {subnet_ids: [${aws_subnet.s[0].id}]}}");
    assert_eq!(placed(&template, at(&cluster.values, "vpc_config")), "main.tf.json:8 \"vpc_config\"");
    assert_eq!(
        placed(&template, at(&cluster.values, "vpc_config.subnet_ids.0")),
        "main.tf.json:8 \"${aws_subnet.s[0].id}\""
    );
    assert_eq!(cluster.ignored_changes.iter().map(|name| &**name).collect::<Vec<_>>(), ["version"]);
    assert_eq!(cluster.region.as_ref().map(shown).as_deref(), Some("\"eu-west-1\""));
    assert_eq!(cluster.default_tags.as_ref().map(shown).as_deref(), Some("{t: \"1\"}"));
}

#[test]
fn override_files_and_tofu_files_win() {
    let files = [
        ("a.tf", "resource \"test\" \"a\" { x = \"tf\" }"),
        (
            "a.tofu",
            "resource \"test\" \"a\" {\n  x = \"tofu\"\n  y = 1\n  b { z = 1 }\n  b { z = 2 }\n}\nlocals {\n  l = 1\n  m = 1\n}\n",
        ),
        (
            "x_override.tf",
            "resource \"test\" \"a\" {\n  y = local.l + local.m\n  b { z = 3 }\n}\nlocals { l = 10 }\n",
        ),
    ];
    let template = loaded(&files, &VariableInputs::default());
    assert_eq!(shown(&resource(&template, "test.a").values), "{b: [{z: 3}], x: \"tofu\", y: 11}");
}

#[test]
fn files_that_declare_the_same_are_modules_of_their_own() {
    let files = [
        ("positive1.tf", "locals { n = 1 }\nresource \"test\" \"a\" { x = local.n }"),
        (
            "positive2.tf",
            "locals { n = 2 }\nresource \"test\" \"a\" { x = local.n }\nresource \"test\" \"a\" { x = 3 }",
        ),
        ("variables.tf", "variable \"x\" {}"),
    ];
    let all = templates(&files, &VariableInputs::default());
    let found: Vec<_> = all.iter().map(|one| (one.name.as_str(), shown(&one.resources[0].values))).collect();
    assert_eq!(found, [("positive1.tf", "{x: 1}".to_owned()), ("positive2.tf", "{x: 2}".to_owned())]);
    assert_eq!(addresses(&all[1]), ["test.a", "test.a (2)"]);
}

#[test]
fn providers_say_region_and_tags() {
    let files = [
        (
            "main.tf",
            "variable \"region\" { default = \"us-east-1\" }\nprovider \"aws\" {\n  region = var.region\n  default_tags {\n    tags = { owner = \"a\" }\n  }\n}\nprovider \"aws\" {\n  alias = \"west\"\n  region = \"us-west-2\"\n}\nresource \"aws_vpc\" \"a\" {}\nresource \"aws_vpc\" \"b\" { provider = aws.west }\nresource \"aws_vpc\" \"c\" { region = \"eu-west-1\" }\ndata \"aws_region\" \"r\" {}\nresource \"aws_vpc\" \"d\" {\n  x = data.aws_region.r.name\n  lifecycle { ignore_changes = [tags, cidr_block[0]] }\n}\nmodule \"m\" {\n  source = \"./m\"\n  providers = { aws = aws.west }\n}\nresource \"tls_key\" \"k\" {\n  lifecycle { ignore_changes = all }\n}\n",
        ),
        ("m/main.tf", "resource \"aws_vpc\" \"a\" {}\nmodule \"n\" { source = \"../n\" }"),
        ("n/main.tf", "resource \"aws_vpc\" \"a\" {}"),
    ];
    let template = loaded(&files, &VariableInputs::default());
    let region = |address: &str| resource(&template, address).region.as_ref().map(shown).unwrap_or_default();
    for (address, expected) in [
        ("aws_vpc.a", "\"us-east-1\""),
        ("aws_vpc.b", "\"us-west-2\""),
        ("aws_vpc.c", "\"eu-west-1\""),
        ("module.m.aws_vpc.a", "\"us-west-2\""),
        ("module.m.module.n.aws_vpc.a", "\"us-west-2\""),
        ("tls_key.k", ""),
    ] {
        assert_eq!(region(address), expected, "{address}");
    }
    assert_eq!(
        resource(&template, "aws_vpc.a").default_tags.as_ref().map(shown).as_deref(),
        Some("{owner: \"a\"}")
    );
    assert_eq!(shown(at(&resource(&template, "aws_vpc.d").values, "x")), "\"us-east-1\"");
    let ignored = |address: &str| {
        resource(&template, address).ignored_changes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(ignored("aws_vpc.d"), ["tags", "cidr_block"]);
    assert_eq!(ignored("tls_key.k"), ["*"]);
}

#[test]
fn data_sources_keep_their_blocks() {
    let template = main(
        "data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions = [\"sts:AssumeRole\"]\n  }\n}\nresource \"aws_iam_role\" \"r\" { assume_role_policy = data.aws_iam_policy_document.d.json }\n",
    );
    let data = resource(&template, "data.aws_iam_policy_document.d");
    assert_eq!(data.mode, Mode::Data);
    assert_eq!(shown(&data.values), "{statement: [{actions: [\"sts:AssumeRole\"]}]}");
    let policy = at(&resource(&template, "aws_iam_role.r").values, "assume_role_policy");
    let ValueKind::Symbol(symbol) = &policy.kind else { panic!("{}", shown(policy)) };
    assert_eq!(
        (symbol.resource.as_deref(), &*symbol.attribute),
        (Some("data.aws_iam_policy_document.d"), "json")
    );
}

#[test]
fn files_are_read_below_the_tree_only() {
    let files = [
        (
            "root/main.tf",
            "resource \"test\" \"a\" {\n  a = file(\"x.txt\")\n  b = file(\"${path.module}/../../../etc/passwd\")\n  c = file(\"/etc/passwd\")\n  d = try(file(\"none.txt\"), \"none\")\n  e = fileexists(\"none.txt\")\n  f = templatefile(\"t.tpl\", { name = \"n\", list = [1, 2] })\n  g = templatefile(\"t.tpl\", { name = aws_vpc.v.id, list = [] })\n  h = filebase64(\"x.txt\")\n  i = filesha256(\"x.txt\") == sha256(\"text\")\n}\n",
        ),
        ("root/x.txt", "text"),
        ("root/t.tpl", "%{ for i in list }${i}%{ endfor } ${name}"),
    ];
    let template = loaded(&files, &VariableInputs::default());
    let values = &resource(&template, "test.a").values;
    let outside = |path: &str| format!("?({path} lies outside of the repository, and is not read)");
    for (name, value) in [
        ("a", "\"text\"".to_owned()),
        ("b", outside("./../../../etc/passwd")),
        ("c", outside("/etc/passwd")),
        ("d", "\"none\"".to_owned()),
        ("e", "false".to_owned()),
        ("f", "\"12 n\"".to_owned()),
        ("g", "< ${aws_vpc.v.id}>".to_owned()),
        ("h", "\"dGV4dA==\"".to_owned()),
        ("i", "true".to_owned()),
    ] {
        assert_eq!(shown(at(values, name)), value, "{name}");
    }
}

#[test]
fn bare_true_is_read_with_a_word_about_it() {
    let template = main("resource \"test\" \"a\" { x = True }");
    assert_eq!(shown(at(&resource(&template, "test.a").values, "x")), "true");
    assert_eq!(template.problems[0].to_string(), "main.tf:1:27: True is no value of Terraform; write true");
}

#[test]
fn circles_end_in_a_sentence() {
    let template = main(
        "locals {\n  a = local.b\n  b = local.a\n}\nresource \"test\" \"a\" {\n  x = local.a\n  y = test.b.y\n}\nresource \"test\" \"b\" { y = test.a.y }\nresource \"test\" \"c\" { count = test.c[0].n }\n",
    );
    assert_eq!(shown(at(&resource(&template, "test.a").values, "x")), "?(local.a refers to itself)");
    assert_eq!(shown(at(&resource(&template, "test.a").values, "y")), "?(test.a.y refers to itself)");
    assert!(matches!(resource(&template, "test.c[0]").certainty, ResourceCertainty::Perhaps(_)));
}

#[test]
fn hostile_files_end_in_a_sentence() {
    let reason = |text: &str| {
        let template = main(text);
        let unknown = template.resources.iter().map(|one| shown(&one.values)).collect::<String>();
        let missing = template.missing.iter().map(|one| one.reason.clone()).collect::<String>();
        let perhaps = template.resources.iter().map(|one| format!("{:?}", one.certainty)).collect::<String>();
        format!("{unknown} {missing} {perhaps}")
    };
    let contains = |text: &str, part: &str| {
        let found = reason(text);
        assert!(found.contains(part), "{part}: {}", &found[..found.len().min(2_000)]);
    };
    contains("resource \"t\" \"a\" { count = 1000000000 }", "more than 2000 instances are not evaluated");
    contains(
        "resource \"t\" \"a\" { for_each = toset([for i in range(1000000000) : tostring(i)]) }",
        "range",
    );
    contains(&format!("resource \"t\" \"a\" {{ x = {} }}", "[".repeat(50_000)), "could not be read");
    contains(
        &format!("resource \"t\" \"a\" {{ x = {}1{} }}", "(".repeat(50_000), ")".repeat(50_000)),
        "could not be read",
    );
    // Twice as much each time.
    let doubled: String = (0..60).map(|i| format!("  l{} = [local.l{i}, local.l{i}]\n", i + 1)).collect();
    contains(
        &format!("locals {{\n  l0 = [1]\n{doubled}}}\nresource \"t\" \"a\" {{ x = local.l60 }}"),
        "parts",
    );
    let doubled: String =
        (0..60).map(|i| format!("  l{} = \"${{local.l{i}}}${{local.l{i}}}\"\n", i + 1)).collect();
    contains(
        &format!("locals {{\n  l0 = \"a\"\n{doubled}}}\nresource \"t\" \"a\" {{ x = local.l60 }}"),
        "?{local.l",
    );
    // A chain, forwards and backwards, and one value deep in another.
    let chain: String = (0..20_000).map(|i| format!("  l{i} = local.l{}\n", i + 1)).collect();
    contains(
        &format!("locals {{\n{chain}  l20000 = 1\n}}\nresource \"t\" \"a\" {{ x = local.l0 }}"),
        "levels deep",
    );
    let nested: String = (0..2_000).map(|i| format!("  l{} = [local.l{i}]\n", i + 1)).collect();
    let uses: String = (0..2_000).step_by(50).map(|i| format!("  x{i} = local.l{i}\n")).collect();
    contains(&format!("locals {{\n  l0 = 1\n{nested}}}\nresource \"t\" \"a\" {{\n{uses}}}"), "levels deep");
    // Much work.
    let work = "resource \"t\" \"a\" {\n  count = 1000\n  x = [for i in range(1000) : [for j in range(1000) : i * j + count.index]]\n}\n";
    contains(work, "takes too many steps");
    let heredoc = format!("resource \"t\" \"a\" {{\n  x = <<EOT\n{}\nEOT\n}}\n", "a line\n".repeat(200_000));
    assert!(main(&heredoc).problems.is_empty());
}

#[test]
fn what_cannot_be_read_is_said() {
    struct Broken;
    impl TemplateTree for Broken {
        fn list(&self, _: &str) -> Result<Vec<String>, TreeError> {
            Ok(vec!["a.tf".into(), "b.tf".into()])
        }
        fn below(&self, _: &str, _: usize) -> Result<Vec<String>, TreeError> {
            Err(TreeError::Absent)
        }
        fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError> {
            match path {
                "a.tf" => Ok(vec![b'x', 0xff]),
                "b.tf" => Err(TreeError::TooLong(limit)),
                _ => Err(TreeError::Absent),
            }
        }
        fn shown(&self, path: &str) -> String {
            path.to_owned()
        }
    }
    let root = RootModule::of_files("", vec!["a.tf".into(), "b.tf".into()]);
    let template = load(&Broken, &root, &VariableInputs::default()).remove(0);
    let problems: Vec<String> = template.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "a.tf: is not UTF-8 from byte 1; save it as UTF-8",
            "b.tf: is longer than 16777216 bytes, and is not read"
        ]
    );
    assert_eq!(template.missing.len(), 2);
}

proptest! {
    /// A literal behind any chain of variables, locals and local modules is the literal.
    #[test]
    fn chains_give_what_is_at_their_end(links in prop::collection::vec(0..3_u8, 0..12), value in "[a-z0-9./]{0,12}") {
        let mut files: Vec<(String, String)> = vec![("main.tf".into(), String::new())];
        let mut expression = format!("\"{value}\"");
        let mut folder = String::new();
        for (at, link) in links.iter().enumerate() {
            let text = &mut files.last_mut().expect("a file").1;
            match link {
                0 => {
                    let _ = write!(text, "locals {{\n  l{at} = {expression}\n}}\n");
                    expression = format!("local.l{at}");
                }
                1 if expression.starts_with('"') => {
                    let _ = write!(text, "variable \"v{at}\" {{\n  default = {expression}\n}}\n");
                    expression = format!("var.v{at}");
                }
                _ => {
                    let _ = write!(text, "module \"m\" {{\n  source = \"./m\"\n  v = {expression}\n}}\n");
                    folder = format!("{folder}m/");
                    files.push((format!("{folder}main.tf"), "variable \"v\" {}\n".into()));
                    expression = "var.v".into();
                }
            }
        }
        let text = &mut files.last_mut().expect("a file").1;
        let _ = write!(text, "resource \"test\" \"a\" {{\n  x = {expression}\n}}\n");
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let template = loaded(&files, &VariableInputs::default());
        prop_assert_eq!(template.resources.len(), 1);
        prop_assert_eq!(at(&template.resources[0].values, "x").as_str(), Some(value.as_str()));
    }

    /// What is known while a variable has no value is what it is for each value of it.
    #[test]
    fn what_is_not_known_decides_nothing(expression in expressions()) {
        let with = |declared: &str| {
            let text = format!("variable \"v\" {{\n{declared}\n}}\nresource \"test\" \"a\" {{\n  x = {expression}\n}}\n");
            let template = main(&text);
            assert!(template.problems.is_empty(), "{:?}", template.problems);
            at(&template.resources[0].values, "x").clone()
        };
        let open = with("");
        // These make texts of what is beside a text, and `"1"` is another value than `1`.
        let unifies = ["toset", "distinct", "concat", "coalesce", "compact", "flatten", "join", "tostring", "jsonencode"].iter().any(|name| expression.contains(name));
        for value in ["null", "true", "false", "\"a\"", "\"\"", "1", "[]", "[\"a\"]", "{ a = 1 }"] {
            if unifies && ["true", "false", "1"].contains(&value) {
                continue;
            }
            let known = with(&format!("  default = {value}"));
            // What Terraform refuses has no value to compare with.
            if known.is_known() && open.is_known() {
                // Only the type may be another one: `coalesce(true, "a")` is a text.
                let plain = |value: &TemplateValue| shown(value).replace('"', "");
                prop_assert_eq!(plain(&open), plain(&known), "{} with {}", &expression, value);
            }
        }
    }
}

/// Expressions that use `var.v`.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "var.v",
        "var.v",
        "var.v.a",
        "var.v[0]",
        "true",
        "false",
        "\"a\"",
        "\"\"",
        "1",
        "[\"a\"]",
        "[]",
        "{ a = 1 }",
        "null",
        "[var.v, \"a\"]",
        "{ a = var.v }",
    ]);
    let leaf = leaf.prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        let binary = prop::sample::select(vec!["==", "!=", "&&", "||", "+", "<"]);
        let one = prop::sample::select(vec![
            "!(#)",
            "length(#)",
            "can(#)",
            "try(#, \"other\")",
            "[for x in # : x]",
            "[for x in # : 1]",
            "[for x in # : x if x == \"a\"]",
            "{ for k, v in # : k => v }",
            "\"t-${#}\"",
            "tostring(#)",
            "toset(#)",
            "keys(#)",
            "(#)[0]",
            "#[*]",
            "one(#)",
            "jsonencode(#)",
            "upper(#)",
            "compact([#])",
            "flatten([#])",
            "distinct([#, \"a\"])",
            "join(\",\", [#])",
            "coalesce(#, \"z\")",
        ]);
        prop_oneof![
            (one, inner).prop_map(|(pattern, inner)| pattern.replace('#', &inner)),
            (binary, two.clone())
                .prop_map(|(operator, (left, right))| format!("({left} {operator} {right})")),
            two.clone().prop_map(|(left, right)| format!("contains({left}, {right})")),
            two.clone().prop_map(|(left, right)| format!("concat({left}, {right})")),
            two.clone().prop_map(|(left, right)| format!("lookup({left}, \"a\", {right})")),
            two.clone().prop_map(|(left, right)| format!("merge({left}, {right})")),
            two.clone().prop_map(|(left, right)| format!("try({left}, {right})")),
            two.prop_map(|(left, right)| format!("coalesce({left}, {right})")),
            three.prop_map(|(condition, yes, no)| format!("({condition} ? {yes} : {no})")),
        ]
    })
}
