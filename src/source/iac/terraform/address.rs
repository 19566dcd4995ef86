//! Addresses of Terraform: `module.vpc["a"].aws_subnet.private[0]`, and what expressions refer to.

/// A part of an address or of a reference: a name, with a key in brackets after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AddressStep<'t> {
    /// The name.
    pub(super) name: &'t str,
    /// What is in the brackets, as it is written: `0` or `"a"`. Of several brackets the first.
    pub(super) key: Option<&'t str>,
    /// Where the name ends.
    name_end: usize,
    /// Where the step ends, with its first bracket.
    end: usize,
}

/// The address of one instance of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResourceAddress<'t> {
    /// The instance of the module that it is in: `module.vpc["a"]`; empty for the root module.
    pub(super) module: &'t str,
    /// The address without the key of the instance.
    pub(super) base: &'t str,
    /// What the module itself calls the resource: `aws_subnet.private`, `data.aws_vpc.this`.
    pub(super) local: &'t str,
    /// Its type.
    pub(super) kind: &'t str,
    /// The key of the instance, as it is written.
    pub(super) key: Option<&'t str>,
    /// Whether it is a data source.
    pub(super) is_data: bool,
}

/// The steps of an address; none for what is no address.
pub(super) fn steps(text: &str) -> Option<Vec<AddressStep<'_>>> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let name_end = text[at..].find(['.', '[']).map_or(text.len(), |end| at + end);
        let name = &text[at..name_end];
        let (key, mut end) = bracket(text, name_end)?;
        let step_end = end;
        if name.is_empty() && key.is_none() {
            return None;
        }
        // Further brackets belong to the same step: `a[0][1]`.
        while text[end..].starts_with('[') {
            end = bracket(text, end)?.1;
        }
        found.push(AddressStep { name, key, name_end, end: step_end });
        match text[end..].strip_prefix('.') {
            Some(_) => at = end + 1,
            None if end == text.len() => return Some(found),
            None => return None,
        }
    }
}

/// What is in the brackets that may be at a place, and where they end.
fn bracket(text: &str, at: usize) -> Option<(Option<&str>, usize)> {
    let Some(rest) = text[at..].strip_prefix('[') else { return Some((None, at)) };
    let length = match rest.strip_prefix('"') {
        Some(quoted) => closing_quote(quoted)? + 2,
        None => rest.find(']')?,
    };
    rest[length..].starts_with(']').then(|| (Some(&rest[..length]), at + length + 2))
}

/// Where a quoted text ends.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })
}

impl<'t> ResourceAddress<'t> {
    /// Reads an address; none for what is none.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let steps = steps(text)?;
        let mut module_end = 0;
        let mut at = 0;
        while let [word, name, _, ..] = &steps[at..]
            && word.name == "module"
            && word.key.is_none()
        {
            module_end = name.end;
            at += 2;
        }
        let is_data = steps[at..].len() == 3 && steps[at].name == "data";
        let (kind, name) = match &steps[at + usize::from(is_data)..] {
            [kind, name] if kind.key.is_none() && name.end == text.len() => (kind, name),
            _ => return None,
        };
        let base = &text[..name.name_end];
        let local = base.get(module_end..)?;
        Some(Self {
            module: &text[..module_end],
            base,
            local: local.strip_prefix('.').unwrap_or(local),
            kind: kind.name,
            key: name.key,
            is_data,
        })
    }
}

/// The module that an instance of a module is in, and the call of it: its name, and the key of the instance.
pub(super) fn call_of(module: &str) -> Option<(&str, &str, Option<&str>)> {
    let steps = steps(module)?;
    let [.., word, name] = steps.as_slice() else { return None };
    (word.name == "module").then_some(())?;
    let start = word.name_end.checked_sub("module".len())?;
    let parent = module[..start].strip_suffix('.').unwrap_or(&module[..start]);
    Some((parent, name.name, name.key))
}

/// The names of the calls that lead to an instance of a module, with dots: `vpc.subnets` for `module.vpc[0].module.subnets`.
pub(super) fn calls(module: &str) -> String {
    let steps = steps(module).unwrap_or_default();
    let names: Vec<_> = steps.iter().skip(1).step_by(2).map(|step| step.name).collect();
    names.join(".")
}

/// What an expression refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpressionReference<'t> {
    /// `var.NAME`, with what follows.
    Variable(&'t str, &'t str),
    /// `module.NAME[KEY].OUTPUT`, with what follows.
    Output {
        /// The call with its key, as it is written: `module.vpc["a"]`.
        call: &'t str,
        /// The name of the call.
        name: &'t str,
        /// The output.
        output: &'t str,
        /// What follows.
        rest: &'t str,
    },
    /// A resource, or an attribute of it.
    Resource {
        /// What the module calls it: `aws_subnet.private`.
        local: &'t str,
        /// The key of the instance, if it is written.
        key: Option<&'t str>,
        /// The attribute, `vpc_config[0].vpc_id`; empty for all of the resource.
        attribute: &'t str,
    },
    /// `each.key` or `count.index`: which instance it is.
    Instance,
    /// What every plan knows: `path.module`, `terraform.workspace`.
    Known,
    /// Anything else: a local value, `each.value`, all of a module.
    Other,
}

impl<'t> ExpressionReference<'t> {
    /// Reads a reference as plans have it.
    pub(super) fn parse(text: &'t str) -> Self {
        let Some(steps) = steps(text) else { return Self::Other };
        let after = |end: usize| {
            let rest = &text[end..];
            rest.strip_prefix('.').unwrap_or(rest)
        };
        match steps.as_slice() {
            [word, name, ..] if word.name == "var" => Self::Variable(name.name, after(name.name_end)),
            [word, name, output, ..] if word.name == "module" => Self::Output {
                call: &text[..name.end],
                name: name.name,
                output: output.name,
                rest: after(output.name_end),
            },
            [word, name] if matches!((word.name, name.name), ("each", "key") | ("count", "index")) => {
                Self::Instance
            }
            [word, ..] if matches!(word.name, "path" | "terraform" | "tofu") => Self::Known,
            [word, ..]
                if matches!(
                    word.name,
                    "local" | "each" | "count" | "self" | "module" | "var" | "ephemeral"
                ) =>
            {
                Self::Other
            }
            [word, _, name, ..] if word.name == "data" => {
                Self::Resource { local: &text[..name.name_end], key: name.key, attribute: after(name.end) }
            }
            [kind, name, ..] if kind.key.is_none() => {
                Self::Resource { local: &text[..name.name_end], key: name.key, attribute: after(name.end) }
            }
            _ => Self::Other,
        }
    }
}

/// Which references of a plan an expression really has: after each one a plan lists what it begins with
/// (`a.b[0].id`, `a.b[0]`, `a.b`).
pub(super) fn full_references<'t>(listed: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut found: Vec<&str> = Vec::new();
    let mut last = "";
    for reference in listed {
        let rest = last.strip_prefix(reference).unwrap_or_default();
        if !rest.starts_with(['.', '[']) {
            found.push(reference);
        }
        last = reference;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_parts() {
        let text = r#"module.a["x.y[\"]"].module.b[0].aws_subnet.c["k.é"]"#;
        let address = ResourceAddress::parse(text).expect("an address");
        assert_eq!(address.module, r#"module.a["x.y[\"]"].module.b[0]"#);
        assert_eq!(
            (address.local, address.kind, address.key),
            ("aws_subnet.c", "aws_subnet", Some("\"k.é\""))
        );
        assert_eq!(address.base, r#"module.a["x.y[\"]"].module.b[0].aws_subnet.c"#);
        assert_eq!(calls(address.module), "a.b");
        assert_eq!(call_of(address.module), Some((r#"module.a["x.y[\"]"]"#, "b", Some("0"))));
        assert_eq!(call_of("module.a"), Some(("", "a", None)));
        let data = ResourceAddress::parse("data.aws_vpc.this[0]").expect("an address");
        assert_eq!((data.module, data.local, data.base), ("", "data.aws_vpc.this", "data.aws_vpc.this"));
        assert!(data.is_data);
        let module = ResourceAddress::parse("module.aws_x").map(|address| address.module);
        assert_eq!(module, Some(""), "a type may be called so");
        for wrong in
            ["", "a", "a.b.c", "a.b[", "a.b[\"x]", "a..b", "a.b[0]x", "a.b[0][1]", "module.a.b", "가[.b"]
        {
            assert_eq!(ResourceAddress::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn references_are_told_apart() {
        use ExpressionReference::*;
        for (text, want) in [
            ("var.ids[0]", Variable("ids", "[0]")),
            ("var.a.b", Variable("a", "b")),
            (
                r#"module.m["a"].ids[0]"#,
                Output { call: r#"module.m["a"]"#, name: "m", output: "ids", rest: "[0]" },
            ),
            ("module.m", Other),
            ("aws_subnet.a[0].id", Resource { local: "aws_subnet.a", key: Some("0"), attribute: "id" }),
            ("aws_subnet.a", Resource { local: "aws_subnet.a", key: None, attribute: "" }),
            (
                "aws_eks_cluster.a.identity[0].oidc[0].issuer",
                Resource { local: "aws_eks_cluster.a", key: None, attribute: "identity[0].oidc[0].issuer" },
            ),
            ("data.aws_vpc.a.id", Resource { local: "data.aws_vpc.a", key: None, attribute: "id" }),
            ("each.key", Instance),
            ("count.index", Instance),
            ("each.value.id", Other),
            ("local.a", Other),
            ("path.module", Known),
            ("a[", Other),
        ] {
            assert_eq!(ExpressionReference::parse(text), want, "{text}");
        }
    }

    #[test]
    fn what_a_reference_begins_with_is_no_reference() {
        let listed =
            ["a.b[0].id", "a.b[0]", "a.b", "a.b", "a.bc.id", "a.bc", "each.value.x", "each.value", "a.b"];
        assert_eq!(
            full_references(listed.into_iter()),
            ["a.b[0].id", "a.b", "a.bc.id", "each.value.x", "a.b"]
        );
    }
}
