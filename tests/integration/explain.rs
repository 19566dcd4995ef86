//! `ekslint explain` as a user runs it: the real binary on real files.

use crate::support::folder::folder;
use assert_cmd::Command;
use ekslint::explain::Verdict;
use ekslint::source::Documents;
use ekslint::value::Pointer;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const STORIES: [&str; 5] =
    ["locked-out-nodes", "private-hardened", "study-lab", "fargate-only", "connected-cluster"];

fn command(dir: &Path, width: &str) -> Command {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(dir).env_clear().env("COLUMNS", width).args(["explain", "--as-of", "2026-11-21"]);
    command
}

/// Exit code, standard output and standard error.
fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(name: &str) -> String {
    format!("fixtures/{name}.json")
}

fn read_fixture(name: &str) -> Value {
    let text = fs::read_to_string(repository().join(fixture(name))).expect("a fixture");
    serde_json::from_str(&text).expect("JSON")
}

/// What is explained without a word on standard error.
fn explained(args: &[&str]) -> String {
    let (code, out, err) = run(command(repository(), "80").args(args));
    assert_eq!((code, err.as_str()), (0, ""), "{args:?}");
    out
}

#[test]
fn each_story_is_a_page() {
    for name in STORIES {
        assert_snapshot!(format!("{name}_text"), explained(&[&fixture(name)]));
    }
}

#[test]
fn each_story_is_json() {
    for name in STORIES {
        assert_snapshot!(format!("{name}_json"), explained(&[&fixture(name), "--format", "json"]));
    }
}

#[test]
fn each_story_is_a_diagram() {
    for name in STORIES {
        let args = [&fixture(name), "--flows", "--format", "mermaid"];
        assert_snapshot!(format!("{name}_mermaid"), explained(&args));
    }
}

#[test]
fn flows_alone_and_wider_pages() {
    assert_snapshot!(explained(&[&fixture("locked-out-nodes"), "--flows"]));
    let (_, wide, _) = run(command(repository(), "120").arg(fixture("private-hardened")));
    assert_snapshot!(wide);
    let too_long = |line: &&str| line.chars().count() > 120;
    assert_eq!(wide.lines().find(too_long), None);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["text", "json", "mermaid"] {
        let once = explained(&["fixtures", "--format", format]);
        assert_eq!(once, explained(&["fixtures", "--format", format]), "{format}");
        assert!(once.len() > 1000, "{format}");
    }
}

/// What is refused shows the action that would tell; what is not in the snapshot is never left out.
#[test]
fn what_is_not_known_is_said_with_the_way_out() {
    let mut snapshot = read_fixture("locked-out-nodes");
    let fields = snapshot.as_object_mut().expect("an object");
    fields.remove("natGateways");
    fields.remove("instances");
    fields.insert(
        "notCollected".to_owned(),
        json!([{"at": "/natGateways", "api": "ec2:DescribeNatGateways", "action": "ec2:DescribeNatGateways",
                "kind": "denied", "reason": "AccessDenied"}]),
    );
    snapshot["cluster"]["remoteNetworkConfig"] = json!({"remoteNodeNetworks": [{"cidrs": ["10.99.0.0/16"]}]});
    let dir = folder(&[("prod.json", &snapshot.to_string())]);
    let (code, out, _) = run(command(dir.path(), "80").args(["prod.json", "--flows"]));
    assert_eq!(code, 0);
    assert_snapshot!(out);
}

/// One change to a story, and what becomes of its flows.
#[test]
fn verdicts_follow_the_fields() {
    let mut told = String::new();
    let ec2 = json!([{"VpcEndpointId": "vpce-0a1b2c3d4e5f60001", "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.ap-southeast-1.ec2", "State": "available", "PrivateDnsEnabled": true,
        "PolicyDocument": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"ec2:CreateTags\",\"Resource\":\"*\"}]}",
        "SubnetIds": [], "RouteTableIds": [], "Groups": [{"GroupId": "sg-02654aab4d86931bd"}]}]);
    let cases: [(&str, &str, Value, &str); 8] = [
        ("private-hardened", "/vpc/EnableDnsSupport", json!(false), "no DNS in the VPC"),
        ("private-hardened", "/securityGroups/0/IpPermissions", json!([]), "the nodes are not admitted"),
        ("private-hardened", "/vpcEndpoints/1/PrivateDnsEnabled", json!(false), "a dead VPC endpoint"),
        ("study-lab", CIDRS, json!(["203.0.113.16/28"]), "today's addresses alone"),
        ("study-lab", CIDRS, json!(["203.0.113.22/32", "?"]), "an entry that is no CIDR"),
        ("locked-out-nodes", "/natGateways/0/State", json!("failed"), "a dead NAT gateway"),
        ("locked-out-nodes", CIDRS, json!(["198.51.100.24/32"]), "the NAT gateway's address is accepted"),
        ("locked-out-nodes", "/vpcEndpoints", ec2, "a VPC endpoint in the way"),
    ];
    for (story, field, value, words) in cases {
        let mut snapshot = read_fixture(story);
        *snapshot.pointer_mut(field).expect("a field") = value;
        let (code, out, _) = run(command(repository(), "100").arg("-").write_stdin(snapshot.to_string()));
        assert_eq!(code, 0);
        let page =
            out.split_once("\nA. ").and_then(|(_, rest)| rest.split_once("\nSubnets")).expect("a page").0;
        told.push_str(&format!("# {story}: {words}\n\nA. {page}\n"));
    }
    assert_snapshot!(told);
}

/// What stands out about identities, and what is not known about them.
#[test]
fn identities_show_what_stands_out() {
    let mut told = String::new();
    let mut tell = |words: &str, snapshot: &Value| {
        let args = ["--mask-account", "-"];
        let (code, out, _) = run(command(repository(), "100").args(args).write_stdin(snapshot.to_string()));
        assert_eq!(code, 0);
        let page = out.split_once("\nIdentities\n").expect("a section").1;
        told.push_str(&format!("# {words}\n\n{page}\n"));
    };
    let mut snapshot = read_fixture("office-access");
    let issuer = "oidc.eks.ap-northeast-2.amazonaws.com/id/";
    let roles = snapshot["roles"].as_array_mut().expect("a list");
    let attached =
        |name: &str| json!({"PolicyName": name, "PolicyArn": format!("arn:aws:iam::aws:policy/{name}")});
    let named = |roles: &[Value], name: &str| {
        roles.iter().position(|role| role["RoleName"] == format!("office-access-{name}")).expect("a role")
    };
    let (cluster, node) = (named(roles, "cluster"), named(roles, "node"));
    let (cni, csi) = (named(roles, "vpc-cni"), named(roles, "ebs-csi"));
    roles[node]["AttachedPolicies"] = json!([attached("AdministratorAccess")]);
    roles[cluster]["InlinePolicies"] = json!([{"PolicyName": "all-of-iam", "PolicyDocument":
        {"Statement": {"Effect": "Allow", "Action": "iam:*Policy*", "Resource": "*"}}}]);
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
    roles[csi]["AssumeRolePolicyDocument"]["Statement"].as_array_mut().expect("a list").push(statement);
    let trust = &mut roles[cni]["AssumeRolePolicyDocument"]["Statement"][0];
    assert!(trust.to_string().contains(issuer));
    trust["Condition"] = json!({});
    tell("roles that stand out", &snapshot);
    let mut unknown = snapshot.clone();
    unknown.as_object_mut().expect("an object").remove("openIDConnectProviders");
    unknown["roles"][node]["AttachedPolicies"] =
        json!([{"PolicyName": "own", "PolicyArn": "arn:aws:iam::111122223333:policy/own"}]);
    unknown["roles"][cluster].as_object_mut().expect("an object").remove("AssumeRolePolicyDocument");
    unknown["roles"].as_array_mut().expect("a list").remove(csi);
    tell("parts that are missing", &unknown);
    for section in ["roles", "podIdentityAssociations", "accessEntries", "addons"] {
        unknown.as_object_mut().expect("an object").remove(section);
    }
    tell("no roles at all", &unknown);
    let mut entries = read_fixture("office-access");
    entries["accessEntries"].as_array_mut().expect("a list").extend([
        json!({"principalArn": "arn:aws:iam::111122223333:role/gone", "type": "STANDARD"}),
        json!({"principalArn": "arn:aws:iam::444455556666:role/partner", "type": "STANDARD"}),
        json!({"principalArn": "arn:aws:iam::111122223333:role/office-access-cluster", "type": "EC2_LINUX",
               "createdAt": "2026-11-01T00:00:00Z"}),
        json!({"principalArn": "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/x"}),
    ]);
    tell("access entries", &entries);
    assert!(!told.contains("111122223333"));
    assert_snapshot!(told);
}

const CIDRS: &str = "/cluster/resourcesVpcConfig/publicAccessCidrs";

#[test]
fn a_cluster_alone_is_a_page_too() {
    let cluster = json!({"cluster": read_fixture("office-access")["cluster"]});
    let (code, out, _) = run(command(repository(), "80").arg("-").write_stdin(cluster.to_string()));
    assert_eq!(code, 0);
    assert_snapshot!(out);
}

/// What is missing is said once, with the command that collects it; parts of which nothing is known are named there.
#[test]
fn what_is_missing_is_said_once() {
    let whole = read_fixture("office-access");
    let page = |snapshot: &Value, args: &[&str]| {
        let mut command = command(repository(), "80");
        let (code, out, _) = run(command.args(args).arg("-").write_stdin(snapshot.to_string()));
        assert_eq!(code, 0);
        out
    };
    assert!(!page(&whole, &[]).contains("Missing"));
    let bare = page(&json!({"cluster": whole["cluster"]}), &[]);
    assert_eq!(bare.matches("  Missing ").count(), 1);
    assert!(bare.contains(
        "    ekslint snapshot --region ap-northeast-2 --cluster office-access \\\n        -o snapshots\n"
    ));
    // The version's sentence gives its own reasons.
    let unknowns = bare.lines().filter(|line| line.trim_start().starts_with("unknown")).count();
    assert!(unknowns <= 5, "{unknowns}: {bare}");
    for heading in ["A. API server to kubelet", "Subnets in use", "VPC endpoints that shut"] {
        assert!(!bare.contains(&format!("\n{heading}")), "{heading}");
    }
    // With the commands that would tell, the flows are there.
    let more = page(&json!({"cluster": whole["cluster"]}), &["--flows", "-v"]);
    assert!(more.contains("\nA. API server to kubelet") && more.contains("<NODE_NAME>"), "{more}");
    // A section that is there and empty is not missing, and one that AWS refuses has its own reason.
    let mut refused = whole.clone();
    refused.as_object_mut().expect("an object").remove("subnets");
    refused["notCollected"] = json!([{"at": "/subnets", "api": "ec2:DescribeSubnets",
        "action": "ec2:DescribeSubnets", "kind": "denied", "reason": "AccessDenied"}]);
    let refused = page(&refused, &[]);
    assert!(!refused.contains("Missing") && refused.contains("AWS refused ec2:DescribeSubnets"), "{refused}");
}

/// Every place that is named shows the value that stands there.
#[test]
fn places_are_right() {
    for name in STORIES {
        let text = fs::read_to_string(repository().join(fixture(name))).expect("a fixture");
        let json: Value =
            serde_json::from_str(&explained(&[&fixture(name), "--format", "json"])).expect("JSON");
        let mut places = Vec::new();
        find_locations(&json, &mut places);
        assert!(name == "connected-cluster" || places.len() > 20, "{name}");
        for place in places {
            let number = |field: &str| place[field].as_u64().expect("a number") as usize;
            let pointer = place["pointer"].as_str().expect("a pointer");
            let arena = bumpalo::Bump::new();
            let document = Documents::of(&text).next(&arena).expect("a document").expect("JSON");
            let range = document.places(&[&Pointer::parse(pointer)])[0].clone();
            let line = text.lines().nth(number("startLine") - 1).expect("a line");
            let shown: String = line.chars().skip(number("startColumn") - 1).collect();
            assert!(shown.starts_with(&text[range]), "{pointer}: {shown}");
        }
    }
}

fn find_locations<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| find_locations(item, found)),
        Value::Object(fields) => {
            found.extend(fields.get("location"));
            fields.values().for_each(|field| find_locations(field, found));
        }
        _ => {}
    }
}

#[test]
fn arrays_lines_and_chosen_clusters() {
    let (a, b) = (read_fixture("locked-out-nodes"), read_fixture("study-lab"));
    let dir = folder(&[
        ("array.json", &json!([a, b]).to_string()),
        ("lines.ndjson", &format!("{a}\n\n{b}\nbroken\n")),
    ]);
    let names = |out: &str| {
        let json: Value = serde_json::from_str(out).expect("JSON");
        let name = |cluster: &Value| format!("{} {}", cluster["cluster"]["name"], cluster["document"]);
        json["clusters"].as_array().expect("a list").iter().map(name).collect::<Vec<_>>()
    };
    let (code, out, _) = run(command(dir.path(), "80").args(["array.json", "--format", "json"]));
    assert_eq!(
        (code, names(&out)),
        (0, vec![r#""locked-out-nodes" null"#.into(), r#""study-lab" null"#.into()])
    );
    let (code, out, err) = run(command(dir.path(), "80").args(["lines.ndjson", "--format", "json"]));
    assert_eq!((code, names(&out)), (2, vec![r#""locked-out-nodes" 1"#.into(), r#""study-lab" 3"#.into()]));
    assert_eq!(err, "error: lines.ndjson:4:1: is not JSON: expected value\n");
    let choice = ["array.json", "--format", "json", "--cluster", "study-*"];
    let (code, out, _) = run(command(dir.path(), "80").args(choice));
    assert_eq!((code, names(&out)), (0, vec![r#""study-lab" null"#.into()]));
    let (code, _, err) = run(command(dir.path(), "80").args(["array.json", "--cluster", "prod"]));
    assert_eq!(
        (code, err.as_str()),
        (2, "error: --cluster prod: no cluster has this name; there are locked-out-nodes, study-lab\n")
    );
}

#[test]
fn what_is_wrong_is_said_and_the_good_is_explained() {
    let cluster = json!({"cluster": read_fixture("office-access")["cluster"]}).to_string();
    let dir = folder(&[
        ("good.json", &cluster),
        ("package.json", r#"{"name": "x"}"#),
        ("broken.json", "{\"cluster\": {\n  \"name\": }"),
    ]);
    let files = ["good.json", "package.json", "broken.json", "absent.json"];
    let (code, out, err) = run(command(dir.path(), "80").args(files));
    assert_eq!(code, 2);
    assert!(out.starts_with("office-access"), "{out}");
    assert_snapshot!(err);
    let (code, out, err) = run(command(dir.path(), "80").arg("."));
    assert_eq!(code, 2);
    assert!(out.starts_with("office-access"), "{out}");
    assert_snapshot!(err);
}

#[test]
fn nothing_to_explain_is_an_error() {
    let (code, out, err) = run(&mut command(repository(), "80"));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.starts_with("error: nothing to explain."), "{err}");
    let dir = folder(&[]);
    let (code, _, err) = run(command(dir.path(), "80").arg("."));
    assert_eq!(code, 2);
    assert!(err.starts_with("error: .: no clusters found"), "{err}");
}

/// Text that tries to be more than text: in a terminal, in Mermaid, in Markdown, in HTML.
const EVIL: &str = "x\"]:::stopped;click c0_api \"javascript:alert(1)\"\n\n%%{init:{}}%%\nend `**b**` \
    <img src=x> [l](http://evil.example) #quot; $$x$$ fa:fa-ban & | -- \u{1b}[2J\u{202e}\u{9b}31m";

#[test]
fn hostile_names_stay_text() {
    let mut snapshot = read_fixture("locked-out-nodes").to_string();
    let written = serde_json::to_string(EVIL).expect("JSON");
    let evil = &written[1..written.len() - 1];
    for name in [r#""locked-out-nodes""#, r#""apps""#, r#""1.36""#] {
        snapshot = snapshot.replace(name, &written);
    }
    snapshot = snapshot.replace("role/", &format!("role/{evil}"));
    for id in
        ["subnet-00a2bf14bc935ba34", "vpc-0905bc99614a502fd", "203.0.113.10/32", "nat-05df04ec273ff994a"]
    {
        snapshot = snapshot.replace(id, evil);
    }
    let dir = folder(&[("evil.json", &format!("[{snapshot},{snapshot}]"))]);
    let bad = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    for format in ["text", "json", "mermaid"] {
        let args = ["evil.json", "--color", "never", "--format", format];
        let (code, out, _) = run(command(dir.path(), "80").args(args));
        assert_eq!(code, 0);
        assert_eq!(out.find(bad), None, "{format}");
        if format == "mermaid" {
            out.lines().for_each(assert_is_diagram);
        }
    }
}

/// A line of a diagram: our own words, and labels of harmless characters.
fn assert_is_diagram(line: &str) {
    let id = "c[0-9]+(_[a-zA-Z]+[0-9]*)?";
    let label = r##""([\p{L}\p{N} ,./'-]|#[0-9]+;|[A-C]: |<br/>)*""##;
    let style = r"(classDef|linkStyle) [a-z0-9,]+ stroke:#[0-9a-f]{6},stroke-width:2px";
    let node = format!(r"(subgraph )?{id}\[{label}\](:::[a-z]+)?");
    let edge = format!(r"{id} (---|(-->|--x|-\.->)\|{label}\|) {id}");
    let pattern = format!("^ *(flowchart LR|end|{style}|{node}|{edge})$");
    assert!(regex::Regex::new(&pattern).expect("a pattern").is_match(line), "{line}");
}

#[test]
fn account_ids_can_be_masked() {
    for format in ["json", "text"] {
        let out = explained(&[&fixture("office-access"), "--format", format, "--mask-account"]);
        assert!(!out.contains("111122223333") && out.contains("xxxxxxxxxxxx"), "{format}");
    }
}

#[test]
fn the_page_says_what_each_verdict_means() {
    let page = fs::read_to_string(repository().join("docs/explain.md")).expect("a page");
    for verdict in Verdict::ALL {
        let row = format!("| {} | `{}` |", verdict.title(), verdict.as_str());
        assert!(page.contains(&row), "{row}");
    }
}

/// Which endpoint each has: the public one, the private one, both.
const ENDPOINTS: [&str; 3] = ["study-lab", "private-hardened", "office-access"];

#[test]
fn each_flow_shows_how_to_see_it() {
    for name in ENDPOINTS {
        assert_snapshot!(format!("{name}_see"), explained(&[&fixture(name), "--flows", "-v"]));
    }
    let others = ["locked-out-nodes", "fargate-only", "auto-mode"];
    let others = others.map(|name| explained(&[&fixture(name), "--flows", "-v"]));
    assert_snapshot!("others_see", others.join("\n"));
}

/// Without `-v` a page is as short as it was.
#[test]
fn commands_are_shown_only_where_more_is_asked_for() {
    for name in ENDPOINTS {
        let short = explained(&[&fixture(name), "--flows"]);
        assert!(!short.contains("prints: "), "{short}");
        // A program gets them anyway.
        let json = explained(&[&fixture(name), "--flows", "--format", "json"]);
        assert!(!commands_of(&json).is_empty(), "{name}");
    }
}

/// A row is wider than the terminal only if it is one word, or an option with its value.
#[test]
fn no_row_is_wider_than_the_terminal() {
    for name in STORIES.into_iter().chain(["auto-mode", "office-access", "self-managed-nodes"]) {
        let page = explained(&[&fixture(name), "--flows", "-v"]);
        let wide = page.lines().filter(|line| line.chars().count() > 80);
        for line in wide {
            let words: Vec<_> = line.trim_end_matches('\\').split_whitespace().collect();
            let is_one = words.len() == 1 || words.len() == 2 && words[0].starts_with("--");
            assert!(is_one, "{name}: {line}");
        }
    }
}

/// The commands of an explanation, each once.
fn commands_of(json: &str) -> BTreeSet<String> {
    fn find(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| find(item, found)),
            Value::Object(fields) => {
                found.extend(fields.get("command").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| find(field, found));
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    find(&serde_json::from_str(json).expect("JSON"), &mut found);
    found
}

/// What a shell makes of a text: whether it is one command, and its words.
fn assert_is_shell(script: &str) {
    // What a person fills in is a word.
    let blank = regex::Regex::new("<[A-Z_]+>").expect("a regex");
    let script = blank.replace_all(script, "x");
    let output = std::process::Command::new("bash").args(["-n", "-c", &script]).output().expect("bash runs");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_shell_reads_every_command() {
    let mut seen = 0;
    let files = fs::read_dir(repository().join("fixtures")).expect("fixtures");
    for file in files.map(|file| file.expect("a file").path()) {
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let path = file.to_str().expect("UTF-8");
        let json = explained(&[path, "--flows", "--format", "json"]);
        for command in commands_of(&json) {
            assert_is_shell(&command);
            seen += 1;
        }
        // The lines that a person copies are the same command.
        let page = explained(&[path, "--flows", "-v"]);
        let lines: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("    ")).collect();
        let page = lines.join("\n").replace(" \\\n    ", " ");
        for command in commands_of(&json) {
            assert!(page.lines().any(|line| line == command) || is_left_out(&command), "{path}: {command}");
        }
    }
    assert!(seen > 50, "{seen}");
}

/// Of several nodes for which the same holds, a page shows one.
fn is_left_out(command: &str) -> bool {
    ["/proxy/healthz", "aws ssm start-session", "kubectl debug"].iter().any(|part| command.contains(part))
}

/// Names that would be other commands, options or other names.
const DANGEROUS: [&str; 7] = [
    "x'; touch /tmp/pwned; '",
    "a\"$(reboot)`id`",
    "a b\nkubectl delete ns prod",
    "-f/etc/passwd",
    "x,Name=owner-id",
    "../../secrets\u{1b}[2J",
    "<IMAGE> | sh",
];

/// With such names a command has a blank, never the name: and its words are those of the harmless one.
#[test]
fn hostile_names_make_no_other_command() {
    let harmless = read_fixture("study-lab");
    let known = commands_of(&explained(&[&fixture("study-lab"), "--flows", "--format", "json"]));
    assert!(known.iter().any(|command| command.contains("i-0a672234780ca1c8e")));
    for name in DANGEROUS {
        let mut snapshot = harmless.clone();
        snapshot["cluster"]["endpoint"] = json!(format!("https://{name}"));
        snapshot["cluster"]["name"] = json!(name);
        snapshot["cluster"]["arn"] = json!(format!("arn:aws:eks:{name}:111122223333:cluster/{name}"));
        snapshot["region"] = json!(name);
        for instance in snapshot["instances"].as_array_mut().expect("a list") {
            instance["PrivateDnsName"] = json!(name);
            instance["InstanceId"] = json!(name);
            for tag in instance["Tags"].as_array_mut().expect("tags") {
                let of_cluster =
                    tag["Key"].as_str().is_some_and(|key| key.starts_with("kubernetes.io/cluster/"));
                if of_cluster {
                    tag["Key"] = json!(format!("kubernetes.io/cluster/{name}"));
                }
            }
        }
        let run_as = |args: &[&str]| {
            let mut command = command(repository(), "80");
            let (code, out, _) = run(command.args(args).arg("-").write_stdin(snapshot.to_string()));
            assert_eq!(code, 0, "{name}");
            out
        };
        let commands = commands_of(&run_as(&["--flows", "--format", "json"]));
        assert!(commands.iter().any(|command| command.contains("<HOST>")), "{commands:#?}");
        let shape = |command: &str| {
            // Programs and options stay what they are.
            let words = command.split_whitespace().filter(|word| !word.contains('<'));
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let known: BTreeSet<_> = known.iter().flat_map(|command| shape(command)).collect();
        for command in &commands {
            assert_is_shell(command);
            assert!(!command.contains(name.trim()), "{command}");
            for word in shape(command) {
                assert!(
                    known.contains(&word) || word == "'Name=description,Values=Amazon",
                    "{word}: {command}"
                );
            }
        }
        let page = run_as(&["--flows", "-v"]);
        assert_eq!(page.find(|c: char| c.is_control() && c != '\n'), None, "{name}");
    }
}
