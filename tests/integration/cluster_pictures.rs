//! Pictures of clusters, as `ekslint explain --format svg` draws them. Those of the fixtures are the files in `docs/pictures`.

use crate::support::folder::folder;
use assert_cmd::Command;
use bumpalo::Bump;
use ekslint::explain::explain;
use ekslint::facts::AsOf;
use ekslint::report::picture::{FlowAnchors, PictureFrame, svg};
use ekslint::scan::read_each;
use roxmltree::{Document, Node};
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn command(dir: &Path) -> Command {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(dir).env_clear().args(["explain", "--as-of", "2026-11-21"]);
    command
}

/// Exit code, standard output and standard error.
fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

/// The names of all fixtures.
fn fixtures() -> Vec<String> {
    let files = fs::read_dir(repository().join("fixtures")).expect("a folder");
    let files = files.map(|file| file.expect("a file").path());
    let json = files.filter(|file| file.extension().is_some_and(|extension| extension == "json"));
    let mut names: Vec<_> =
        json.map(|file| file.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(names.len() >= 10, "{names:?}");
    names
}

/// What a command prints without a word on standard error.
fn printed(args: &[&str]) -> String {
    let (code, out, err) = run(command(repository()).args(args));
    assert_eq!((code, err.as_str()), (0, ""), "{args:?}");
    out
}

#[test]
fn the_pictures_of_the_pages_are_those_of_the_fixtures() {
    let stored = repository().join("docs/pictures");
    let dir = folder(&[]);
    let place = format!("svg={}/", dir.path().display());
    assert_eq!(printed(&["fixtures", "--format", &place]), "");
    let drawn: BTreeSet<String> = names(dir.path());
    let expected: BTreeSet<String> = fixtures().iter().map(|name| format!("{name}.svg")).collect();
    assert_eq!(drawn, expected);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let _ = fs::remove_dir_all(&stored);
        fs::create_dir_all(&stored).expect("a folder");
        for name in &drawn {
            fs::copy(dir.path().join(name), stored.join(name)).expect("a copy");
        }
    }
    assert_eq!(names(&stored), drawn);
    for name in &drawn {
        let [old, new] =
            [&stored, dir.path()].map(|folder| fs::read_to_string(folder.join(name)).expect("a picture"));
        assert!(
            old == new,
            "docs/pictures/{name} is stale; run UPDATE_DOCS=1 cargo test pictures, and look at it"
        );
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).into_iter().flatten();
    files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect()
}

/// A flow: its letter, the kind and the name of its other end, the subnet, the verdict.
type FlowWords = (char, String, String, String, String);

/// The flows of `--format json`, and those of which only is known that there may be more.
fn flows_of_json(cluster: &Value) -> (BTreeSet<FlowWords>, BTreeSet<char>) {
    let lists = [('A', "apiServerToKubelet"), ('B', "kubeletToApiServer"), ('C', "kubectlToApiServer")];
    let (mut flows, mut hidden) = (BTreeSet::new(), BTreeSet::new());
    for (letter, list) in lists {
        let list = &cluster["flows"][list];
        for flow in list["flows"].as_array().expect("a list") {
            let text = |field: &str| flow[field].as_str().unwrap_or_default().to_owned();
            let verdict = flow["verdict"].as_str().unwrap_or("unknown").to_owned();
            flows.insert((letter, text("kind"), text("name"), text("subnet"), verdict));
        }
        if list["unknown"].as_array().is_some_and(|unknown| !unknown.is_empty()) {
            hidden.insert(letter);
        }
    }
    (flows, hidden)
}

fn with_class<'a, 'i>(document: &'a Document<'i>, class: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(move |node| node.attribute("class") == Some(class))
}

fn attribute(node: &Node<'_, '_>, name: &str) -> String {
    node.attribute(name).unwrap_or_else(|| panic!("{name} is missing")).to_owned()
}

/// The flows of a picture: the words in its boxes.
fn flows_of_picture(document: &Document<'_>) -> BTreeSet<FlowWords> {
    let mut flows = BTreeSet::new();
    for node in with_class(document, "pic-nodes") {
        let of = |name: &str| attribute(&node, name);
        for (letter, verdict) in [('A', of("data-a")), ('B', of("data-b"))] {
            if !verdict.is_empty() {
                flows.insert((letter, of("data-kind"), of("data-name"), of("data-subnet"), verdict));
            }
        }
    }
    for node in with_class(document, "pic-end") {
        let end = attribute(&node, "data-end");
        if let Some(name) = end.strip_prefix("kubectl ") {
            flows.insert((
                'C',
                "kubectl".to_owned(),
                name.to_owned(),
                String::new(),
                attribute(&node, "data-c"),
            ));
        }
    }
    flows
}

/// The state of a line with that verdict.
fn state(verdict: &str) -> &'static str {
    match verdict {
        "in-vpc" => "stays",
        "leaves-vpc" | "accepted" => "leaves",
        "locked-out" | "unreachable" | "blocked" => "stopped",
        "unknown" => "unknown",
        other => panic!("{other} is no verdict"),
    }
}

/// Whether lines of that letter and state lead from one box to another.
fn leads(document: &Document<'_>, letter: char, state: &str, from: &str, to: &str) -> bool {
    let letter = letter.to_string();
    let is_own = |node: &Node<'_, '_>| {
        attribute(node, "data-flow") == letter && attribute(node, "data-state") == state
    };
    let lines: Vec<_> = with_class(document, "pic-way")
        .filter(is_own)
        .map(|node| (attribute(&node, "data-from"), attribute(&node, "data-to")))
        .collect();
    let (mut seen, mut next) = (BTreeSet::new(), VecDeque::from([from.to_owned()]));
    while let Some(at) = next.pop_front() {
        if at == to {
            return true;
        }
        for (_, other) in lines.iter().filter(|(start, _)| *start == at) {
            if seen.insert(other.clone()) {
                next.push_back(other.clone());
            }
        }
    }
    false
}

/// Each flow of the text is in the picture, with its verdict, and a line in its state leads from its one end to the other.
#[test]
fn the_flows_of_a_picture_are_those_of_the_text() {
    let mut seen = BTreeSet::new();
    for name in fixtures() {
        let file = format!("fixtures/{name}.json");
        let json: Value = serde_json::from_str(&printed(&[&file, "--format", "json"])).expect("JSON");
        let cluster = &json["clusters"][0];
        let (flows, hidden) = flows_of_json(cluster);
        let svg = printed(&[&file, "--format", "svg"]);
        let document = Document::parse(&svg).expect("XML");
        assert_eq!(flows_of_picture(&document), flows, "{name}");
        for (letter, kind, end, subnet, verdict) in &flows {
            seen.insert((*letter, verdict.clone()));
            let of_flow = |flow: &&Value| {
                flow["name"] == **end && flow["subnet"].as_str().unwrap_or_default() == subnet
            };
            let list = ["apiServerToKubelet", "kubeletToApiServer", "kubectlToApiServer"]
                [usize::from(*letter as u8 - b'A')];
            let all = cluster["flows"][list]["flows"].as_array().expect("a list");
            let via = all.iter().find(of_flow).expect("a flow")["via"].as_str().expect("a way");
            let server = if matches!(via, "private-endpoint" | "network-interface") {
                "api-server"
            } else {
                "public-endpoint"
            };
            let own = match kind.as_str() {
                "kubectl" => format!("kubectl {end}"),
                _ => with_class(&document, "pic-nodes")
                    .find(|node| {
                        attribute(node, "data-name") == *end && attribute(node, "data-subnet") == *subnet
                    })
                    .map(|node| attribute(&node, "data-box"))
                    .expect("nodes"),
            };
            let (from, to) = if *letter == 'A' { (server, own.as_str()) } else { (own.as_str(), server) };
            assert!(
                leads(&document, *letter, state(verdict), from, to),
                "{name}: {letter} {end} {subnet} {verdict}"
            );
        }
        for letter in hidden {
            let is_drawn = |node: Node<'_, '_>| {
                attribute(&node, "data-flow") == letter.to_string()
                    && attribute(&node, "data-state") == "unknown"
            };
            assert!(with_class(&document, "pic-way").any(is_drawn), "{name}: {letter}");
        }
    }
    let verdicts =
        [('A', "in-vpc"), ('B', "leaves-vpc"), ('B', "locked-out"), ('C', "accepted"), ('C', "blocked")];
    for (letter, verdict) in verdicts {
        assert!(seen.contains(&(letter, verdict.to_owned())), "no fixture has {letter} {verdict}");
    }
}

/// What pages with a strict policy refuse, and what would make a picture more than a picture.
fn is_a_picture_alone(svg: &str) {
    let document = Document::parse(svg).expect("XML");
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let known = ["svg", "title", "desc", "style", "rect", "path", "circle", "text", "g"];
        assert!(known.contains(&name), "{name}");
        for attribute in node.attributes() {
            assert!(
                attribute.name() != "style" && !attribute.name().starts_with("on"),
                "{}",
                attribute.name()
            );
            assert!(!attribute.value().contains("url("), "{}", attribute.value());
        }
    }
    let rest = svg.replacen("xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    assert!(!rest.contains("xmlns") && !rest.contains("@import") && !rest.contains("url("));
    let root = document.root_element();
    let named = attribute(&root, "aria-labelledby");
    assert_eq!(root.attribute("role"), Some("img"));
    for id in named.split(' ') {
        let found: Vec<_> = document.descendants().filter(|node| node.attribute("id") == Some(id)).collect();
        assert!(matches!(found[..], [node] if node.text().is_some_and(|text| !text.is_empty())), "{id}");
    }
}

#[test]
fn pictures_are_pictures_alone() {
    for name in fixtures() {
        is_a_picture_alone(&printed(&[&format!("fixtures/{name}.json"), "--format", "svg"]));
    }
}

/// Names that would break out of text, that nobody sees, that turn around what follows, and that are long.
#[test]
fn hostile_names_are_text() {
    let hostile = [
        "</style></svg><script>alert(1)</script>".to_owned(),
        "\"><svg onload=alert(1)>".to_owned(),
        "a\u{202e}b\u{200b}c\u{0}\u{1b}[2J\u{7f}\u{fffe}\u{ffff}]]>&lt;&#x1;".to_owned(),
        "팀".repeat(2000),
        "x".repeat(10_000),
        "e\u{301}".repeat(3_000),
    ];
    let text = fs::read_to_string(repository().join("fixtures/study-lab.json")).expect("a fixture");
    for name in &hostile {
        let mut snapshot: Value = serde_json::from_str(&text).expect("JSON");
        let vpc = snapshot["vpc"]["VpcId"].as_str().expect("an id").to_owned();
        let quoted = |text: &str| serde_json::to_string(text).expect("a string");
        for old in
            ["ng1", "study-lab", "ap-northeast-2a", "igw-0216de23aae1c7ff2", "subnet-01334a4707606742f", &vpc]
        {
            snapshot = serde_json::from_str(&snapshot.to_string().replace(&quoted(old), &quoted(name)))
                .expect("JSON");
        }
        let (code, svg, _) =
            run(command(repository()).args(["-", "--format", "svg"]).write_stdin(snapshot.to_string()));
        assert_eq!(code, 0);
        is_a_picture_alone(&svg);
        let unseen = |c: char| {
            c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{200b}' | '\u{fffe}' | '\u{ffff}')
        };
        assert!(!svg.contains(unseen), "{name:.40}");
        assert!(svg.len() < 400_000, "{} bytes for {name:.40}", svg.len());
    }
}

/// Thousands of node groups, subnets and zones are a picture of a size that somebody can look at.
#[test]
fn a_large_cluster_is_folded() {
    let text = fs::read_to_string(repository().join("fixtures/private-hardened.json")).expect("a fixture");
    let mut snapshot: Value = serde_json::from_str(&text).expect("JSON");
    let ids: Vec<Value> = (0..120).map(|at| json!(format!("subnet-{at:017x}"))).collect();
    let one = snapshot["subnets"][3].clone();
    let subnets = ids.iter().enumerate().map(|(at, id)| {
        let mut subnet = one.clone();
        subnet["SubnetId"] = id.clone();
        subnet["AvailabilityZone"] =
            json!(format!("ap-northeast-2{}", char::from(b'a' + u8::try_from(at % 20).expect("small"))));
        subnet["CidrBlock"] = json!(format!("10.20.{at}.0/24"));
        subnet
    });
    snapshot["subnets"].as_array_mut().expect("a list").extend(subnets);
    let group = snapshot["nodegroups"][0].clone();
    let groups = (0..30).map(|at| {
        let mut group = group.clone();
        group["nodegroupName"] = json!(format!("apps-{at}"));
        group["subnets"] = json!(ids);
        group
    });
    snapshot["nodegroups"] = json!(groups.collect::<Vec<_>>());
    let (code, svg, _) =
        run(command(repository()).args(["-", "--format", "svg"]).write_stdin(snapshot.to_string()));
    assert_eq!(code, 0);
    is_a_picture_alone(&svg);
    let size = |name: &str| {
        let document = Document::parse(&svg).expect("XML");
        attribute(&document.root_element(), name).parse::<i32>().expect("a number")
    };
    assert!(size("width") < 2_600 && size("height") < 4_000, "{} {}", size("width"), size("height"));
    assert!(svg.contains("and 25 more") && svg.contains("more like it"), "what is folded is counted");
    assert!(svg.len() < 200_000, "{}", svg.len());
}

/// What the snapshot does not have is said in the picture, and nothing unknown looks as if it were fine.
#[test]
fn what_is_not_collected_is_said() {
    let text = fs::read_to_string(repository().join("fixtures/study-lab.json")).expect("a fixture");
    let snapshot: Value = serde_json::from_str(&text).expect("JSON");
    let alone = json!({"cluster": snapshot["cluster"]}).to_string();
    let (code, svg, _) = run(command(repository()).args(["-", "--format", "svg"]).write_stdin(alone));
    assert_eq!(code, 0);
    is_a_picture_alone(&svg);
    assert!(svg.contains("subnets: not known") && svg.contains("(ec2:DescribeSubnets)"), "{svg}");
    let document = Document::parse(&svg).expect("XML");
    let states: BTreeSet<_> = with_class(&document, "pic-way")
        .filter(|node| attribute(node, "data-flow") != "C")
        .map(|node| attribute(&node, "data-state"))
        .collect();
    assert_eq!(states, BTreeSet::from(["unknown".to_owned()]));
}

/// On a page, arrows and boxes lead to the steps of their flows, and the ids of two pictures differ.
#[test]
fn arrows_and_boxes_are_links_on_a_page() {
    let text = fs::read_to_string(repository().join("fixtures/locked-out-nodes.json")).expect("a fixture");
    let as_of: AsOf = "2026-11-21".parse().expect("a day");
    let mut arena = Bump::new();
    let read = read_each("a.json", &text, true, &mut arena, |opened, arena| {
        let drawn = |snapshot: &_| {
            let explanation = explain(snapshot, as_of, arena);
            let anchors = FlowAnchors::of(&explanation, "c1-");
            let frame = PictureFrame { id_prefix: "c1", anchors: Some(&anchors), has_style: false };
            let flows = [
                ('a', &explanation.to_kubelets),
                ('b', &explanation.to_api_server),
                ('c', &explanation.from_kubectl),
            ];
            let ids: BTreeSet<String> = flows
                .iter()
                .flat_map(|(letter, all)| {
                    all.items.iter().map(|flow| anchors.get(*letter, flow).expect("an id").to_owned())
                })
                .collect();
            (svg(&explanation, &frame), ids)
        };
        opened.snapshots.iter().map(drawn).collect()
    });
    let [(svg, ids)] = &read.made[..] else { panic!("one cluster") };
    let document = Document::parse(svg).expect("XML");
    let links =
        || document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "a")));
    let targets: BTreeSet<String> =
        links().map(|node| attribute(&node, "href").trim_start_matches('#').to_owned()).collect();
    assert_eq!(&targets, ids);
    let expected =
        ["c1-flow-a-apps", "c1-flow-b-apps", "c1-flow-c-inside-the-vpc", "c1-flow-c-outside-the-vpc"];
    assert_eq!(targets, expected.map(str::to_owned).into());
    for target in expected {
        let own = links().filter(|node| attribute(node, "href") == format!("#{target}"));
        let (again, first): (Vec<_>, Vec<_>) = own.partition(|node| node.attribute("tabindex") == Some("-1"));
        assert!(!again.is_empty() && !first.is_empty(), "{target}");
    }
    assert!(!links().any(|node| {
        node.ancestors().skip(1).any(|outer| outer.has_tag_name(("http://www.w3.org/2000/svg", "a")))
    }));
    assert_eq!(document.root_element().attribute("role"), Some("group"));
    assert_eq!(document.root_element().attribute("aria-labelledby"), Some("c1-title c1-desc"));
    assert!(!svg.contains("<style"));
}

/// What the API server does with the role of nodes is beside what their packets do.
#[test]
fn nodes_that_are_refused_are_crossed_out() {
    let text = fs::read_to_string(repository().join("fixtures/office-access.json")).expect("a fixture");
    let drawn = |snapshot: String| {
        let (code, svg, _) = run(command(repository()).args(["-", "--format", "svg"]).write_stdin(snapshot));
        assert_eq!(code, 0);
        svg
    };
    let states = |svg: &str| -> BTreeSet<String> {
        let document = Document::parse(svg).expect("XML");
        let of_b = with_class(&document, "pic-way").filter(|node| attribute(node, "data-flow") == "B");
        of_b.map(|node| attribute(&node, "data-state")).collect()
    };
    let refused = drawn(text.replace("\"EC2_LINUX\"", "\"STANDARD\""));
    assert!(refused.contains("refused: its role is not admitted"));
    assert_eq!(states(&refused), BTreeSet::from(["stopped".to_owned()]));
    let mut unknown: Value = serde_json::from_str(&text).expect("JSON");
    unknown.as_object_mut().expect("an object").remove("accessEntries");
    let unknown = drawn(unknown.to_string());
    assert!(unknown.contains("admitted or refused: unknown"));
    assert_eq!(states(&unknown), BTreeSet::from(["stays".to_owned()]));
    let admitted = drawn(text);
    assert!(!admitted.contains("refused: its") && !admitted.contains("admitted or refused"));
}

#[test]
fn where_pictures_go() {
    let fixture = |name: &str| {
        fs::read_to_string(repository().join(format!("fixtures/{name}.json"))).expect("a fixture")
    };
    let (one, other) = (fixture("study-lab"), fixture("office-access"));
    let again = one.replace("ap-northeast-2", "eu-west-1");
    let dir = folder(&[("a.json", &one), ("b.json", &again), ("c.json", &other)]);
    let at = |name: &str| -> PathBuf { dir.path().join(name) };
    let (code, out, err) = run(command(dir.path()).args([".", "--format", "svg"]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("there are 3") && err.contains("--cluster NAME") && err.contains("svg=DIR/"),
        "{err}"
    );
    let (code, _, err) = run(command(dir.path()).args([".", "--format", "svg=one.svg"]));
    assert!(code == 2 && err.contains("svg=DIR/") && !at("one.svg").exists(), "{err}");
    let (code, out, err) =
        run(command(dir.path()).args(["c.json", "--format", "svg=one.svg", "--format", "json"]));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.starts_with('{') && fs::read_to_string(at("one.svg")).expect("a picture").starts_with("<svg ")
    );
    let (code, _, err) = run(command(dir.path()).args([".", "--format", "svg=new/pictures/"]));
    assert_eq!((code, err.as_str()), (0, ""));
    let written = names(&at("new/pictures"));
    assert_eq!(
        written,
        ["office-access.svg", "study-lab-eu-west-1.svg", "study-lab.svg"].map(str::to_owned).into()
    );
    let (code, _, err) = run(command(dir.path()).args(["c.json", "--format", "svg=c.json"]));
    assert!(code == 2 && err.contains("is an input of this command"), "{err}");
    assert_eq!(fs::read_to_string(at("c.json")).expect("it is there"), other);
    let (code, _, err) = run(command(dir.path()).args(["c.json", "--format", "json=new/"]));
    assert!(code == 2 && err.contains("is a folder"), "{err}");
    let (code, out, _) = run(command(dir.path()).args(["c.json", "--format", "svg", "--mask-account"]));
    assert!(code == 0 && out.contains("account xxxxxxxxxxxx") && !out.contains("111122223333"));
}
