//! User data as people write it, and as nobody should.

use super::*;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde_json::json;
use std::time::{Duration, Instant};

fn reduced(text: impl AsRef<[u8]>) -> Value {
    let arena = Bump::new();
    let facts = reduce(&BASE64_STANDARD.encode(text), &arena).to_string();
    serde_json::from_str(&facts).expect("JSON")
}

const ENDPOINT: &str = "https://ABCDEF0123456789.gr7.us-west-2.eks.amazonaws.com";

#[test]
fn bootstrap_sh_of_a_managed_node_group() {
    let script = format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"//\"\n\n--//\n\
        Content-Type: text/x-shellscript; charset=\"us-ascii\"\n\n#!/bin/bash\n\
        set -ex\nB64_CLUSTER_CA=LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t\nAPI_SERVER_URL={ENDPOINT}\n\
        K8S_CLUSTER_DNS_IP=172.20.0.10\n\
        /etc/eks/bootstrap.sh prod --kubelet-extra-args '--node-labels=a=b,c=d --max-pods=58' \
        --b64-cluster-ca $B64_CLUSTER_CA --apiserver-endpoint $API_SERVER_URL \
        --dns-cluster-ip $K8S_CLUSTER_DNS_IP --use-max-pods false\n\n--//--"
    );
    let facts = json!({
        "format": "mime",
        "parts": ["shell"],
        "clusterName": "prod",
        "apiServerEndpoint": ENDPOINT,
        "bootstrap": "bootstrap.sh",
        "kubelet": {"flags": ["--node-labels=a=b,c=d", "--max-pods=58"]},
        "secretPatterns": [],
    });
    assert_eq!(reduced(script), facts);
}

#[test]
fn bootstrap_sh_by_hand() {
    let facts = reduced(
        "#!/bin/bash -xe\n# /etc/eks/bootstrap.sh other\nTOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token)\n\
        /etc/eks/bootstrap.sh ${CLUSTER} \\\n  --container-runtime containerd \\\n\
        --kubelet-extra-args \"--anonymous-auth=true --node-ip=$(curl -s http://169.254.169.254/) --x='a b'\"\n",
    );
    let want = json!({
        "format": "shell",
        "bootstrap": "bootstrap.sh",
        "kubelet": {"flags": ["--anonymous-auth=true", "--node-ip=$(...)", "--x=a b"]},
        "secretPatterns": [],
    });
    assert_eq!(facts, want);
}

fn node_config(rest: &str) -> String {
    format!(
        "---\napiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: prod\n    \
        apiServerEndpoint: {ENDPOINT}\n    certificateAuthority: Y2VydGlmaWNhdGU=\n    cidr: 10.100.0.0/16\n{rest}"
    )
}

#[test]
fn nodeadm_in_parts() {
    let first = node_config(
        "  kubelet:\n    config:\n      maxPods: 58\n      authentication: {anonymous: {enabled: true}}\n    \
        flags:\n    - \"--node-labels=a=b\"\n",
    );
    let second = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    config:\n      \
        maxPods: 20\n      authentication: {webhook: {enabled: false}}\n    flags: [--v=4]\n";
    let message = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"//\"\r\n\r\n\
        --//\r\nContent-Type: application/node.eks.aws\r\n\r\n{first}\r\n\
        --//\r\nContent-Type: text/cloud-config; charset=\"us-ascii\"\r\n\r\nusers: []\r\n\
        --//\r\nContent-Type: application/node.eks.aws\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n\
        --//\r\nContent-Type: application/node.eks.aws\r\n\r\nspec: [\r\n--//--\r\n",
        BASE64_STANDARD.encode(second)
    );
    let facts = json!({
        "format": "mime",
        "parts": ["nodeadm", "cloud-config", "nodeadm", "other"],
        "clusterName": "prod",
        "apiServerEndpoint": ENDPOINT,
        "bootstrap": "nodeadm",
        "kubelet": {
            "flags": ["--node-labels=a=b", "--v=4"],
            "config": {
                "maxPods": 20,
                "authentication": {"anonymous": {"enabled": true}, "webhook": {"enabled": false}},
            },
        },
        "secretPatterns": [],
    });
    assert_eq!(reduced(message), facts);
}

#[test]
fn nodeadm_alone() {
    let facts = reduced(node_config(""));
    let want = json!({
        "format": "nodeadm",
        "clusterName": "prod",
        "apiServerEndpoint": ENDPOINT,
        "bootstrap": "nodeadm",
        "secretPatterns": [],
    });
    assert_eq!(facts, want);
}

#[test]
fn bottlerocket() {
    let facts = reduced(format!(
        "[settings.kubernetes]\ncluster-name = \"prod\"\napi-server = \"{ENDPOINT}\"\n\
        cluster-certificate = \"Y2VydGlmaWNhdGU=\"\nbootstrap-token = \"abcdef.0123456789abcdef\"\nmax-pods = 58\n\
        [settings.kubernetes.node-labels]\nteam = \"a\"\n\
        [settings.kubernetes.static-pods.x]\nmanifest = \"Y2VydGlmaWNhdGU=\"\n[settings.host-containers.admin]\nenabled = true\n"
    ));
    let want = json!({
        "format": "bottlerocket",
        "clusterName": "prod",
        "apiServerEndpoint": ENDPOINT,
        "bootstrap": "bottlerocket",
        "kubelet": {"config": {"max-pods": 58, "node-labels": {"team": "a"}}},
        "secretPatterns": ["password-assignment"],
    });
    assert_eq!(facts, want);
    let facts = reduced("[settings.kernel]\nlockdown = \"integrity\"\n");
    assert_eq!(facts, json!({"format": "bottlerocket", "secretPatterns": []}));
}

#[test]
fn windows() {
    let facts = reduced(format!(
        "<powershell>\r\n[string]$EKSBootstrapScriptFile = \"$env:ProgramFiles\\Amazon\\EKS\\Start-EKSBootstrap.ps1\"\r\n\
        & $EKSBootstrapScriptFile -EKSClusterName \"prod\" -APIServerEndpoint '{ENDPOINT}' -Base64ClusterCA \"LS0t\" \
        -KubeletExtraArgs \"--node-labels=os=windows --v=4\" 3>&1 4>&1\r\n</powershell>\r\n"
    ));
    let want = json!({
        "format": "powershell",
        "clusterName": "prod",
        "apiServerEndpoint": ENDPOINT,
        "bootstrap": "Start-EKSBootstrap.ps1",
        "kubelet": {"flags": ["--node-labels=os=windows", "--v=4"]},
        "secretPatterns": [],
    });
    assert_eq!(facts, want);
    let variable = reduced("<powershell>\nStart-EKSBootstrap.ps1 -EKSClusterName $Name\n</powershell>");
    assert_eq!(variable.get("clusterName"), None);
}

#[test]
fn cloud_config() {
    for command in [
        "/etc/eks/bootstrap.sh prod --kubelet-extra-args --v=4",
        "[sudo, /etc/eks/bootstrap.sh, prod, --kubelet-extra-args, --v=4]",
        "[sh, -c, '/etc/eks/bootstrap.sh prod --kubelet-extra-args --v=4']",
    ] {
        let facts = reduced(format!("#cloud-config\nruncmd:\n  - {command}\n"));
        let want = json!({
            "format": "cloud-config",
            "clusterName": "prod",
            "bootstrap": "bootstrap.sh",
            "kubelet": {"flags": ["--v=4"]},
            "secretPatterns": [],
        });
        assert_eq!(facts, want, "{command}");
    }
}

#[test]
fn secrets_are_named_and_not_copied() {
    let script = "#!/bin/bash\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE DB_PASSWORD=hunter2hunter\n\
        KEY=AKIAIOSFODNN7EXAMPLE\n/etc/eks/bootstrap.sh AKIAIOSFODNN7EXAMPLE \
        --apiserver-endpoint https://me:hunter2@example.com --kubelet-extra-args \"--a=$KEY --b --token abcdef\"";
    let facts = json!({
        "format": "shell",
        "bootstrap": "bootstrap.sh",
        "kubelet": {"flags": ["***", "--b", "--token", "***"]},
        "secretPatterns": ["aws-access-key-id", "password-assignment", "url-credentials"],
    });
    assert_eq!(reduced(script), facts);
    let part = format!(
        "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{}",
        BASE64_STANDARD.encode("-----BEGIN PRIVATE KEY-----")
    );
    let facts = json!({"format": "mime", "parts": ["other"], "secretPatterns": ["private-key"]});
    assert_eq!(reduced(part), facts, "in a part that is encoded");
}

#[test]
fn what_cannot_be_read_has_no_list_of_secrets() {
    assert_eq!(reduced([0x1f, 0x8b, 8, 0]), json!({"format": "gzip"}));
    assert_eq!(reduced([0xff, 0xfe, 65, 0]), json!({"format": "undecodable"}));
    let arena = Bump::new();
    for text in ["#!/bin/bash", "a", "가", &"a".repeat(MAX_BASE64 + 4)] {
        assert_eq!(reduce(text, &arena).to_string(), r#"{"format":"undecodable"}"#);
    }
    for part in ["Content-Transfer-Encoding: base64\n\n%", "Content-Transfer-Encoding: quoted-printable\n\na"]
    {
        let message = format!("Content-Type: multipart/mixed; boundary=x\n\n--x\n{part}\n--x--");
        assert_eq!(reduced(message), json!({"format": "mime", "parts": ["undecodable"]}), "{part}");
    }
}

#[test]
fn other_formats() {
    for (text, format) in [
        ("", "empty"),
        (" \n", "empty"),
        ("hello", "other"),
        ("#!/usr/bin/env python3\nprint()", "other"),
        ("#!/usr/bin/env bash\n", "shell"),
        ("#! /bin/sh -e\n", "shell"),
        ("#cloud-boothook\necho", "shell"),
        ("#include https://example.com", "other"),
        ("apiVersion: v1\nkind: NodeConfig # node.eks.aws/v1alpha1\n", "other"),
        ("\u{feff}<PowerShell>\n</PowerShell>", "powershell"),
        ("settings = 1", "other"),
    ] {
        assert_eq!(reduced(text), json!({"format": format, "secretPatterns": []}), "{text}");
    }
}

#[test]
fn hostile_text_takes_no_time() {
    let begin = "apiVersion: node.eks.aws/v1\nspec:\n  kubelet:\n    config:\n";
    let mut bomb = format!("{begin}      a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (name, of) in [('b', 'a'), ('c', 'b'), ('d', 'c'), ('e', 'd'), ('f', 'e'), ('g', 'f')] {
        bomb += &format!("      {name}: &{name} [*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of}]\n");
    }
    let nested = |depth: usize| {
        let mut text = "Content-Type: multipart/mixed; boundary=x0\n\n".to_owned();
        for at in 0..depth {
            text += &format!("--x{at}\nContent-Type: multipart/mixed; boundary=x{}\n\n", at + 1);
        }
        text
    };
    let begun = Instant::now();
    for text in [
        bomb,
        format!("{begin}      a: {}", "[".repeat(40_000)),
        format!("{begin}{}", (6..200).map(|at| format!("{}a:\n", " ".repeat(at))).collect::<String>()),
        format!("[settings.{}b]\n", "a.".repeat(20_000)),
        format!("settings.{}b = 1\n", "a.".repeat(20_000)),
        format!("settings.kubernetes.a = {}", "[".repeat(40_000)),
        format!("settings.kubernetes = {}", "{a=".repeat(13_000)),
        format!("settings.kubernetes = {}1{}", "{a=".repeat(10_000), "}".repeat(10_000)),
        format!("#!/bin/sh\n{}", "/etc/eks/bootstrap.sh '\n".repeat(2_000)),
        format!("#!/bin/sh\n{}", "A=$(((((\n".repeat(5_000)),
        format!("#!/bin/sh\n{}", "/etc/eks/bootstrap.sh".repeat(2_300)),
        format!("#!/bin/sh\nA='{}'\n/etc/eks/bootstrap.sh {}", "a ".repeat(10_000), "$A ".repeat(8_000)),
        nested(1_000),
        format!("Content-Type: multipart/mixed; boundary=x\n\n{}", "--x\n".repeat(12_000)),
        "password=".repeat(5_000),
        "https://a:".repeat(4_800),
    ] {
        let start = text[..text.len().min(60)].to_owned();
        let (facts, taken) = (reduced(text), begun.elapsed());
        assert!(facts.to_string().len() < 400_000, "{start}");
        assert!(taken < Duration::from_secs(20), "{start}");
    }
}

/// Pieces of user data, well formed or not.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: [&str; 60] = [
        "#!/bin/bash\n",
        "#cloud-config\n",
        "<powershell>",
        "Content-Type: multipart/mixed; boundary=x\n\n",
        "--x\n",
        "--x--",
        "Content-Type: application/node.eks.aws\n\n",
        "Content-Transfer-Encoding: base64\n",
        "apiVersion: node.eks.aws/v1\n",
        "spec:\n",
        "  kubelet:\n",
        "    flags:\n",
        "    config:\n",
        "      ",
        "    - ",
        "settings.kubernetes.",
        "[settings.kubernetes]\n",
        "a=",
        "a: ",
        "\"a\" = ",
        "password",
        "token",
        "secret: ",
        "password=",
        "\"password\": ",
        "password\": ",
        "'",
        "\"",
        "\\",
        "\n",
        " ",
        "$",
        "${A}",
        "$(",
        "(",
        ")",
        "`",
        "#",
        "A=",
        "/etc/eks/bootstrap.sh ",
        "--kubelet-extra-args ",
        "--apiserver-endpoint ",
        "-EKSClusterName ",
        "-KubeletExtraArgs ",
        "AKIAIOSFODNN7EXAMPLE",
        "hunter2hunter",
        "https://me:hunter2@a",
        "-----BEGIN PRIVATE KEY-----",
        "aws_secret_access_key",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "xoxb-1234567890",
        "--token ",
        "{",
        "}",
        "[",
        "]",
        ",",
        ": ",
        "\u{1}",
        "가",
    ];
    prop_oneof![9 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => ".{0,3}"]
}

fn user_data() -> impl Strategy<Value = String> {
    const STARTS: [&str; 6] = [
        "",
        "#!/bin/bash\n/etc/eks/bootstrap.sh a --kubelet-extra-args ",
        "<powershell> Start-EKSBootstrap.ps1 -KubeletExtraArgs ",
        "apiVersion: node.eks.aws/v1\nspec:\n  kubelet:\n    flags:\n    - ",
        "apiVersion: node.eks.aws/v1\nspec: {kubelet: {config: {",
        "[settings.kubernetes]\n",
    ];
    let pieces = prop::collection::vec(piece(), 0..12);
    (prop::sample::select(&STARTS[..]), pieces)
        .prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
}

fn no_secret(facts: &Value) -> Result<(), TestCaseError> {
    let text = facts.to_string();
    prop_assert_eq!(secrets::found(&text).collect::<Vec<_>>(), Vec::<&str>::new(), "{}", text);
    Ok(())
}

/// A configuration of the kubelet, made of pieces.
fn config() -> impl Strategy<Value = Value> {
    let text = || prop::collection::vec(piece(), 0..4).prop_map(|pieces| pieces.concat());
    let leaf =
        prop_oneof![4 => text().prop_map(Value::from), 1 => Just(json!(12345678)), 1 => Just(json!(true))];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_panics_or_leaks(text in user_data()) {
        no_secret(&reduced(text))?;
    }

    #[test]
    fn no_configuration_leaks(config in config(), flags in config()) {
        let text = json!({"apiVersion": "node.eks.aws/v1", "spec": {"kubelet": {"config": config, "flags": [flags]}}});
        let facts = reduced(text.to_string());
        no_secret(&facts)?;
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, base64 in ".{0,40}") {
        reduced(bytes);
        reduce(&base64, &Bump::new());
    }
}
