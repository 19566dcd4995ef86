//! Expressions that nobody wrote, over the whole grammar that rules use: each is evaluated by both evaluators, as every
//! expression is in tests, and they must agree. Some are refused by the compiler; most are not.

use super::{SNAPSHOT, SYMBOLIC, evaluate_on};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many expressions are generated.
const CASES: u32 = 1_500;

type Source = BoxedStrategy<String>;

fn one_of(sources: &[&'static str]) -> Source {
    proptest::sample::select(sources.to_vec()).prop_map(str::to_owned).boxed()
}

/// Puts what is generated in the places of `{}`.
fn filled(form: &'static str, parts: Vec<Source>) -> Source {
    parts
        .prop_map(move |parts| {
            let mut parts = parts.into_iter();
            let mut pieces = form.split("{}");
            let mut text = pieces.next().unwrap_or_default().to_owned();
            for piece in pieces {
                text.push_str(&parts.next().unwrap_or_default());
                text.push_str(piece);
            }
            text
        })
        .boxed()
}

fn any_of(forms: Vec<(u32, Source)>) -> Source {
    proptest::strategy::Union::new_weighted(forms).boxed()
}

fn texts() -> Source {
    one_of(&[
        "cluster.name",
        "cluster.version",
        "cluster.status",
        "cluster.roleArn",
        "cluster.arn",
        "'demo'",
        "'1.30'",
        "''",
        "'a,b,c'",
        "cluster.clientRequestToken",
        "cluster.tags['team']",
        "cluster.tags.team",
        "cluster.tags.other",
        "cluster.tags['issuer']",
        "nodegroups['blue'].version",
        "nodegroups['n'].nodegroupName",
        "nodegroups[0].version",
        "nodegroups['nope'].version",
        "addons['vpc-cni'].addonVersion",
        "subnets['s1'].VpcId",
        "'10.0.0.0/8'",
        "cluster['newField'].ttl",
        "cluster['nothing']",
        "vpc.VpcId",
        "facts.cluster.version",
        "cluster.resourcesVpcConfig.publicAccessCidrs[0]",
        "cluster.resourcesVpcConfig.subnetIds[1]",
        "dyn(5)",
    ])
}

fn text(depth: u32) -> Source {
    if depth == 0 {
        return texts();
    }
    let (a, b) = (|| text(depth - 1), || boolean(depth - 1));
    any_of(vec![
        (4, texts()),
        (1, filled("({} + {})", vec![a(), a()])),
        (1, filled("({} ? {} : {})", vec![b(), a(), a()])),
        (
            2,
            filled(
                "cluster.?{}.orValue({})",
                vec![one_of(&["name", "status", "version", "platformVersion"]), a()],
            ),
        ),
        (1, filled("cluster.tags[?{}].orValue({})", vec![a(), a()])),
        (1, filled("{}.lowerAscii()", vec![a()])),
        (1, filled("{}.trim()", vec![a()])),
        (1, filled("{}.replace({}, 'x')", vec![a(), a()])),
        (1, filled("{}.substring({})", vec![a(), int(depth - 1)])),
        (1, filled("{}.charAt({})", vec![a(), int(depth - 1)])),
        (1, filled("{}.join({})", vec![strings(depth - 1), a()])),
        (1, filled("string({})", vec![any(depth - 1)])),
        (1, filled("{}.first().orValue({})", vec![strings(depth - 1), a()])),
        (1, filled("{}.last().value()", vec![strings(depth - 1)])),
        (1, filled("{}[{}]", vec![strings(depth - 1), int(depth - 1)])),
        (1, filled("json({}).a", vec![one_of(&["'{\"a\": \"b\"}'", "'a: [1, 2]'", "'{'", "cluster.name"])])),
        (1, filled("{}.optMap(o, o + {}).orValue('none')", vec![optional(depth - 1), a()])),
    ])
}

fn optional(depth: u32) -> Source {
    let a = || text(depth.saturating_sub(1));
    any_of(vec![
        (
            3,
            one_of(&[
                "cluster.?name",
                "cluster.?status",
                "cluster.?tags.?team",
                "cluster.tags[?'no']",
                "nodegroups[?'blue'].?version",
                "optional.none()",
            ]),
        ),
        (1, filled("optional.of({})", vec![a()])),
        (1, filled("cluster.?status.or({})", vec![one_of(&["cluster.?name", "optional.none()"])])),
        (1, filled("{}.last()", vec![strings(depth.saturating_sub(1))])),
    ])
}

fn int(depth: u32) -> Source {
    let leaves = one_of(&[
        "0",
        "1",
        "2",
        "-3",
        "9223372036854775807",
        "params.limit",
        "nodegroups['blue'].scalingConfig.minSize",
        "minor('1.30')",
        "nodegroups[1].scalingConfig.desiredSize",
        "size(addons)",
        "subnets.size()",
        "fargateProfiles.size()",
    ]);
    if depth == 0 {
        return leaves;
    }
    let (a, t) = (|| int(depth - 1), || text(depth - 1));
    any_of(vec![
        (3, leaves),
        (1, filled("({} + {})", vec![a(), a()])),
        (1, filled("({} - {})", vec![a(), a()])),
        (1, filled("({} * {})", vec![a(), a()])),
        (1, filled("({} / {})", vec![a(), a()])),
        (1, filled("({} % {})", vec![a(), a()])),
        (1, filled("-({})", vec![a()])),
        (1, filled("{}.size()", vec![t()])),
        (2, filled("size({})", vec![any_list(depth - 1)])),
        (1, filled("minor({})", vec![t()])),
        (1, filled("int({})", vec![any(depth - 1)])),
        (1, filled("{}.indexOf({})", vec![t(), t()])),
        (1, filled("cidr({}).prefixLength()", vec![t()])),
        (1, filled("{}.map(n, {}).sum()", vec![any_list(depth - 1), a()])),
        (1, filled("[{}, {}].max()", vec![a(), a()])),
        (1, filled("({} ? {} : {})", vec![boolean(depth - 1), a(), a()])),
    ])
}

/// Lists of texts.
fn strings(depth: u32) -> Source {
    let leaves = one_of(&[
        "cluster.resourcesVpcConfig.publicAccessCidrs",
        "cluster.resourcesVpcConfig.securityGroupIds",
        "[]",
        "['a', 'b', 'a']",
        "cluster.resourcesVpcConfig.subnetIds",
        "nodegroups[0].subnets",
        "nodegroups['n'].subnets",
        "'a,b,,c'.split(',')",
        "nodegroups.map(n, n.nodegroupName)",
        "subnets.map(s, s.SubnetId)",
        "addons.map(a, a.addonName)",
        "cluster.tags.map(k, k)",
    ]);
    if depth == 0 {
        return leaves;
    }
    let (s, t, b) = (|| strings(depth - 1), || text(depth - 1), || boolean(depth - 1));
    any_of(vec![
        (3, leaves),
        (1, filled("[{}, {}]", vec![t(), t()])),
        (1, filled("[{}, ?{}]", vec![t(), optional(depth - 1)])),
        (1, filled("({} + {})", vec![s(), s()])),
        (1, filled("{}.filter(x, {})", vec![s(), with_item(depth)])),
        (1, filled("{}.map(x, {}, {})", vec![s(), with_item(depth), item_text(depth)])),
        (1, filled("{}.map(x, {})", vec![s(), item_text(depth)])),
        (1, filled("{}.distinct()", vec![s()])),
        (1, filled("{}.reverse()", vec![s()])),
        (1, filled("{}.sort()", vec![s()])),
        (1, filled("{}.sortBy(x, {})", vec![s(), item_text(depth)])),
        (1, filled("{}.slice(0, {})", vec![s(), int(depth - 1)])),
        (1, filled("[{}, {}].flatten()", vec![s(), s()])),
        (1, filled("{}.split({})", vec![t(), t()])),
        (1, filled("{}.transformList(i, x, {} + string(i))", vec![s(), item_text(depth)])),
        (1, filled("({} ? {} : {})", vec![b(), s(), s()])),
        (1, filled("cluster.?resourcesVpcConfig.?subnetIds.orValue({})", vec![s()])),
    ])
}

fn any_list(depth: u32) -> Source {
    any_of(vec![
        (
            2,
            one_of(&[
                "nodegroups",
                "subnets",
                "addons",
                "fargateProfiles",
                "accessEntries",
                "cluster.tags",
                "[1, 2]",
                "{'a': 1}",
                "[[1], [2, 3]]",
            ]),
        ),
        (2, strings(depth)),
    ])
}

/// A text in which the variable of a loop may stand.
fn item_text(depth: u32) -> Source {
    any_of(vec![(2, one_of(&["x"])), (1, text(depth - 1)), (1, filled("(x + {})", vec![text(depth - 1)]))])
}

/// A test in which the variable of a loop may stand.
fn with_item(depth: u32) -> Source {
    let t = || text(depth - 1);
    any_of(vec![
        (2, filled("x == {}", vec![t()])),
        (1, filled("x.startsWith({})", vec![t()])),
        (1, filled("x in {}", vec![strings(depth - 1)])),
        (1, boolean(depth - 1)),
        (1, filled("{}.exists(y, y == x)", vec![strings(depth - 1)])),
    ])
}

fn boolean(depth: u32) -> Source {
    let leaves = one_of(&[
        "true",
        "false",
        "has(cluster.status)",
        "has(cluster.name)",
        "has(cluster.vpc)",
        "has(vpc.VpcId)",
        "cluster.deletionProtection",
        "cluster.resourcesVpcConfig.endpointPublicAccess",
        "subnets['s1'].MapPublicIpOnLaunch",
        "has(nodegroups['blue'].labels)",
        "cluster.?status.hasValue()",
        "dyn(1)",
        "'blue' in nodegroups",
        "'s1' in subnets",
        "'team' in cluster.tags",
    ]);
    if depth == 0 {
        return leaves;
    }
    let (b, t, i) = (|| boolean(depth - 1), || text(depth - 1), || int(depth - 1));
    let (s, l) = (|| strings(depth - 1), || any_list(depth - 1));
    any_of(vec![
        (2, leaves),
        (3, filled("({} && {})", vec![b(), b()])),
        (3, filled("({} || {})", vec![b(), b()])),
        (1, filled("!({})", vec![b()])),
        (1, filled("({} ? {} : {})", vec![b(), b(), b()])),
        (2, filled("({} == {})", vec![t(), t()])),
        (1, filled("({} != {})", vec![t(), t()])),
        (1, filled("({} == {})", vec![l(), l()])),
        (1, filled("({} != {})", vec![any(depth - 1), any(depth - 1)])),
        (1, filled("({} < {})", vec![i(), i()])),
        (1, filled("({} >= {})", vec![i(), i()])),
        (1, filled("({} <= {})", vec![any(depth - 1), any(depth - 1)])),
        (1, filled("({} in {})", vec![t(), s()])),
        (1, filled("({} in ['demo', '1.30', ''])", vec![t()])),
        (1, filled("({} in {})", vec![any(depth - 1), l()])),
        (1, filled("{}.startsWith({})", vec![t(), t()])),
        (1, filled("{}.endsWith({})", vec![t(), t()])),
        (1, filled("{}.contains({})", vec![t(), t()])),
        (1, filled("{}.matches({})", vec![t(), one_of(&["'^a'", "'[0-9]+'", "cluster.name", "'eks$'"])])),
        (1, filled("{}.glob({})", vec![t(), one_of(&["'*'", "'a?m*'", "'arn:*:role/*'", "cluster.name"])])),
        (2, filled("{}.all(x, {})", vec![s(), with_item(depth)])),
        (2, filled("{}.exists(x, {})", vec![s(), with_item(depth)])),
        (1, filled("{}.exists_one(x, {})", vec![s(), with_item(depth)])),
        (1, filled("{}.all(z, {})", vec![l(), b()])),
        (1, filled("{}.exists(i, x, i > {} && {})", vec![s(), i(), with_item(depth)])),
        (1, filled("cluster.tags.all(k, x, k != {} || {})", vec![t(), with_item(depth)])),
        (1, filled("nodegroups.exists(n, n.scalingConfig.minSize > {})", vec![i()])),
        (1, filled("nodegroups.all(n, n.?version.orValue({}) == {})", vec![t(), t()])),
        (1, filled("subnets.exists(n, n.SubnetId == {})", vec![t()])),
        (1, filled("sets.contains({}, {})", vec![s(), s()])),
        (1, filled("sets.intersects({}, {})", vec![s(), s()])),
        (1, filled("isCIDR({})", vec![t()])),
        (1, filled("cidr({}).containsIP({})", vec![t(), one_of(&["'10.1.2.3'", "'x'", "cluster.name"])])),
        (1, filled("cidrs({}).widerThan({}, 64)", vec![s(), i()])),
        (
            1,
            filled(
                "(type({}) == {})",
                vec![any(depth - 1), one_of(&["int", "string", "list", "map", "bool", "null_type"])],
            ),
        ),
        (
            1,
            filled(
                "(time({}) - now < days({}))",
                vec![one_of(&["cluster.createdAt", "'2026-01-01T00:00:00Z'", "'x'"]), i()],
            ),
        ),
    ])
}

fn any(depth: u32) -> Source {
    any_of(vec![
        (2, text(depth)),
        (2, int(depth)),
        (1, boolean(depth)),
        (1, any_list(depth)),
        (
            1,
            one_of(&[
                "null",
                "1.5",
                "cluster",
                "cluster.resourcesVpcConfig",
                "now",
                "days(3)",
                "cidr('10.0.0.0/8')",
                "semver('1.2.3')",
                "cluster.createdAt",
                "nodegroups['blue']",
                "subnets['s1']",
                "{'a': [1], 'b': null}",
                "{1: 2, 1: 3}",
                "{1: 2, 1u: 3}[1]",
                "{true: 1}[true]",
            ]),
        ),
        (1, optional(depth)),
        (1, filled("dyn({'a': {}}).a", vec![text(depth)])),
    ])
}

#[test]
fn both_evaluators_agree_on_generated_expressions() {
    let (compiled, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let expression = prop_oneof![boolean(3), any(2), strings(3)];
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(source in expression)| {
        for text in [SNAPSHOT, SYMBOLIC] {
            let got = evaluate_on(text, &source);
            all.fetch_add(1, Ordering::Relaxed);
            compiled.fetch_add(usize::from(!got.starts_with("mistake")), Ordering::Relaxed);
        }
    });
    let (compiled, all) = (compiled.into_inner(), all.into_inner());
    assert!(compiled * 2 > all, "{compiled} of {all} expressions compile");
}
