use super::{ClusterLabel, SameClusters, same_clusters};
use crate::snapshot::{Identity, TemplateAddress};

/// A cluster: what it is, the file, and the hour at which it was read.
type Described = (Identity, &'static str, u32);

fn of_aws(account: &str, region: &str, name: &str) -> Identity {
    Identity {
        arn: Some(format!("arn:aws:eks:{region}:{account}:cluster/{name}")),
        account: Some(account.to_owned()),
        region: Some(region.to_owned()),
        ..named(name)
    }
}

fn named(name: &str) -> Identity {
    Identity { name: Some(name.to_owned()), ..Identity::default() }
}

fn of_template(name: Option<&str>, root: &str, environment: Option<&str>) -> Identity {
    let template = TemplateAddress {
        address: Some("aws_eks_cluster.this".to_owned()),
        root: Some(root.to_owned()),
        environment: environment.map(str::to_owned),
    };
    Identity { name: name.map(str::to_owned), template: Some(template), ..Identity::default() }
}

fn same(now: &[Described], before: &[Described]) -> SameClusters {
    let [now, before]: [Vec<_>; 2] = [now, before].map(|all| all.iter().map(label).collect());
    same_clusters(&now, &before)
}

fn label((identity, file, hour): &Described) -> ClusterLabel<'_> {
    let captured_at = format!("2026-11-20T{hour:02}:00:00Z").parse().expect("a time");
    ClusterLabel { identity, file, captured_at: Some(captured_at) }
}

fn found(earlier: &[Option<usize>], gone: &[usize]) -> SameClusters {
    SameClusters { earlier: earlier.to_vec(), gone: gone.to_vec() }
}

const A: &str = "111122223333";
const B: &str = "444455556666";

#[test]
fn an_arn_is_surer_than_a_name() {
    let now = [(of_aws(A, "eu-west-1", "prod"), "a.json", 8), (of_aws(B, "eu-west-1", "prod"), "b.json", 8)];
    let before =
        [(of_aws(B, "eu-west-1", "prod"), "a.json", 7), (of_aws(A, "eu-west-1", "prod"), "x.json", 7)];
    assert_eq!(same(&now, &before), found(&[Some(1), Some(0)], &[]));
    // The same name in another region is another cluster.
    let before = [(of_aws(A, "us-east-1", "prod"), "a.json", 7)];
    assert_eq!(same(&now, &before), found(&[None, None], &[0]));
}

#[test]
fn a_name_is_enough_where_nothing_contradicts() {
    let now = [(of_aws(A, "eu-west-1", "prod"), "a.json", 8)];
    assert_eq!(same(&now, &[(named("prod"), "b.json", 7)]), found(&[Some(0)], &[]));
    assert_eq!(same(&now, &[(of_template(Some("prod"), "infra", None), "infra", 7)]), found(&[Some(0)], &[]));
    assert_eq!(same(&now, &[(named("other"), "a.json", 7)]), found(&[None], &[0]));
    // Either may be it.
    let two =
        [(of_template(Some("prod"), "x", None), "x", 7), (of_template(Some("prod"), "y", None), "y", 7)];
    assert_eq!(same(&now, &two), found(&[None], &[0, 1]));
}

#[test]
fn masked_accounts_say_nothing() {
    let mask = "xxxxxxxxxxxx";
    let now = [(of_aws(A, "eu-west-1", "prod"), "a.json", 8), (of_aws(A, "us-east-1", "prod"), "b.json", 8)];
    let before =
        [(of_aws(mask, "us-east-1", "prod"), "x.json", 7), (of_aws(mask, "eu-west-1", "prod"), "y.json", 7)];
    assert_eq!(same(&now, &before), found(&[Some(1), Some(0)], &[]));
}

#[test]
fn templates_are_told_apart_by_their_place() {
    let dev_and_prod = || {
        ["dev", "prod"].map(|environment| (of_template(Some("main"), "infra", Some(environment)), "infra", 8))
    };
    assert_eq!(same(&dev_and_prod(), &dev_and_prod()), found(&[Some(0), Some(1)], &[]));
    let [_, prod] = dev_and_prod();
    assert_eq!(same(&[prod], &dev_and_prod()), found(&[Some(1)], &[0]));
    let unnamed = |root| (of_template(None, root, None), "infra", 8);
    assert_eq!(same(&[unnamed("a"), unnamed("b")], &[unnamed("b")]), found(&[None, Some(0)], &[]));
    // A template that was moved.
    let named = |root| (of_template(Some("main"), root, None), "infra", 8);
    assert_eq!(same(&[named("new")], &[named("old")]), found(&[Some(0)], &[]));
    let both = [named("a"), named("b")];
    assert_eq!(same(&[named("a")], &both), found(&[Some(0)], &[1]));
}

#[test]
fn a_cluster_in_several_files_is_one() {
    let prod = |file, hour| (of_aws(A, "eu-west-1", "prod"), file, hour);
    // The newest counts, and none of the others is gone.
    assert_eq!(
        same(&[prod("new.json", 12)], &[prod("a.json", 9), prod("b.json", 7)]),
        found(&[Some(0)], &[])
    );
    // A file of the same name is meant first.
    assert_eq!(
        same(&[prod("x/b.json", 12)], &[prod("a.json", 9), prod("y/b.json", 7)]),
        found(&[Some(1)], &[])
    );
    assert_eq!(
        same(&[prod("c.json", 12), prod("d.json", 12)], &[prod("a.json", 9)]),
        found(&[Some(0), Some(0)], &[])
    );
}

#[test]
fn what_has_no_name_goes_by_its_file() {
    let unnamed = |file| (Identity::default(), file, 8);
    assert_eq!(
        same(&[unnamed("x/a.json"), unnamed("b.json")], &[unnamed("y/a.json")]),
        found(&[Some(0), None], &[])
    );
}
