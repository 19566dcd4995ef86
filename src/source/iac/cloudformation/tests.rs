use super::super::testing::shown;
use super::{ParameterFile, StackHome, StackInputs, read_stack};
use crate::source::iac::tree::{TemplateTree, TreeError};
use crate::source::iac::{
    ConditionAssumption, ConditionCase, ResourceCertainty, Template, TemplateResource, TemplateValue,
    ValueKind,
};
use serde_json::{Value, json};

fn read(text: &str) -> Template {
    read_stack("stack.yaml", text.into(), &StackInputs::default(), None)
}

fn with_parameters(text: &str, files: &[(&str, &str)]) -> Template {
    let file = |(name, text): &(&str, &str)| ParameterFile { name: (*name).to_owned(), text: (*text).into() };
    let inputs = StackInputs { files: files.iter().map(file).collect(), ..StackInputs::default() };
    read_stack("stack.yaml", text.into(), &inputs, None)
}

fn assuming(text: &str, condition: &str, holds: bool) -> Template {
    let case = if holds { ConditionCase::Holds } else { ConditionCase::Fails };
    let assumed = ConditionAssumption { condition: condition.into(), case };
    read_stack("stack.yaml", text.into(), &StackInputs::default(), Some(&assumed))
}

fn resource<'t>(template: &'t Template, id: &str) -> &'t TemplateResource {
    template.resources.iter().find(|resource| &*resource.address == id).expect("a resource")
}

/// What a value in `Properties` of the only resource is.
fn property(template: &Template, name: &str) -> Value {
    template.resources[0].values.get(name).map_or(Value::Null, shown)
}

/// The values of a resource `X` with these properties, in a template with these sections.
fn values(sections: &str, properties: &str) -> Value {
    let properties: String = properties.lines().map(|line| format!("      {line}\n")).collect();
    let text = format!(
        "{sections}Resources:\n  X:\n    Type: A::B::C\n    Properties:\n{properties}  Y:\n    Type: A::B::D\n"
    );
    let template = read(&text);
    assert_eq!(template.problems, [], "{text}");
    shown(&resource(&template, "X").values)
}

fn problems(text: &str) -> Vec<String> {
    read(text).problems.iter().map(ToString::to_string).collect()
}

/// The text at a value's place, and what the place came through.
fn places(template: &Template, value: &TemplateValue) -> String {
    let text = |place: &crate::source::iac::Place| {
        let file = template.file(place.file).expect("a file");
        let line = file.text[..place.start as usize].lines().count().max(1);
        format!("{}:{line} {}", file.name, &file.text[place.range()])
    };
    let place = value.place.as_ref().expect("a place");
    let via = place.via.as_ref().map(|via| format!(" ← {}: {}", via.words, text(&via.place)));
    format!("{}{}", text(place), via.unwrap_or_default())
}

const SECTIONS: &str = "\
Parameters:
  Name: {Type: String, Default: prod}
  Open: {Type: String}
  Cidrs: {Type: CommaDelimitedList, Default: '10.0.0.0/8, 192.0.2.0/24'}
  Count: {Type: Number, Default: 3}
  Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/ami}
Mappings:
  M:
    a: {k: one, l: [x, y]}
    b: {k: two, same: s}
    c: {k: two, same: s}
Conditions:
  IsProd: !Equals [!Ref Name, prod]
  IsOpen: !Equals [!Ref Open, 'yes']
  Not: !Not [Condition: IsProd]
  Either: !Or [!Condition IsProd, !Condition IsOpen]
  Both: !And [!Condition IsProd, !Condition IsOpen]
  Neither: !And [!Condition Not, !Condition IsOpen]
";

#[test]
fn a_version_without_quotes_is_a_version_and_a_note_says_so() {
    let text = "Parameters:\n  V:\n    Type: String\n    Default: 1.30\nResources:\n  C:\n    Type: A::B::C\n    \
        Properties: {Version: 1.20, Name: '1.30', Size: 0.50}\n";
    let notices: Vec<_> = read(text).notices.iter().map(ToString::to_string).collect();
    let note = |place: &str, text: &str| {
        format!("stack.yaml:{place}: {text} without quotes is another number to some tools: write \"{text}\"")
    };
    assert_eq!(notices, [note("4:14", "1.30"), note("8:27", "1.20")]);
}

#[test]
fn functions_give_what_they_give_in_cloudformation() {
    let open = "?parameter Open has no value; pass --parameters=Open";
    for (written, want) in [
        ("!Ref Name", json!("prod")),
        ("{Ref: Name}", json!("prod")),
        ("!Ref Cidrs", json!(["10.0.0.0/8", "192.0.2.0/24"])),
        ("!Ref Count", json!(3)),
        ("!Ref Open", json!(open)),
        ("!Ref Image", json!("${Image}")),
        ("!Ref Y", json!("${Y}")),
        ("!Ref AWS::Region", json!("${AWS::Region}")),
        ("!Ref Nobody", json!("?Nobody is no parameter and no resource of this template")),
        ("!GetAtt Y.Arn", json!("${Y.Arn}")),
        ("!GetAtt [Y, Outputs.Z]", json!("${Y.Outputs.Z}")),
        ("{'Fn::GetAtt': [Y, Arn]}", json!("${Y.Arn}")),
        ("!Sub '${Name}-${!Literal}-${Count}'", json!("prod-${Literal}-3")),
        ("!Sub 'arn:${AWS::Partition}:x/${Y.Id}'", json!("arn:${AWS::Partition}:x/${Y.Id}")),
        ("!Sub ['${A}${Name}', {A: !Ref Count}]", json!("3prod")),
        ("!Sub '${Y}'", json!("${Y}")),
        ("!Join ['-', [a, !Ref Name, !Ref Count]]", json!("a-prod-3")),
        ("!Join [',', !Ref Cidrs]", json!("10.0.0.0/8,192.0.2.0/24")),
        ("!Join ['', [!Ref Open]]", json!(open)),
        ("!Split [',', 'a,b']", json!(["a", "b"])),
        ("!Select [1, !Split ['|', 'a|b']]", json!("b")),
        ("!Select ['0', !Ref Cidrs]", json!("10.0.0.0/8")),
        ("!Select [0, !GetAZs '']", json!("${Fn::GetAZs[0]}")),
        ("!Select [1, !GetAZs {Ref: 'AWS::Region'}]", json!("${Fn::GetAZs[1]}")),
        ("!Select [5, [a]]", json!("?the list has no item 5")),
        ("!FindInMap [M, a, k]", json!("one")),
        ("!FindInMap [M, a, l]", json!(["x", "y"])),
        ("!FindInMap [M, !Ref Open, same]", json!("s")),
        ("!FindInMap [M, z, k]", json!("?the mapping has no such key")),
        ("!FindInMap [M, z, k, {DefaultValue: d}]", json!("d")),
        ("!If [IsProd, yes, no]", json!("yes")),
        ("!If [Not, yes, no]", json!("no")),
        ("!If [Either, yes, no]", json!("yes")),
        ("!If [Neither, yes, no]", json!("no")),
        ("!If [IsOpen, same, same]", json!("same")),
        ("!If [Not, a, !Ref 'AWS::NoValue']", Value::Null),
        ("[a, !If [Not, b, !Ref 'AWS::NoValue']]", json!(["a"])),
        ("!Cidr [10.0.0.0/16, 2, 8]", json!(["10.0.0.0/24", "10.0.1.0/24"])),
        ("!Select [1, !Cidr ['2001:db8::/56', 2, 64]]", json!("2001:db8:0:1::/64")),
        ("!Cidr [10.0.0.0/28, 2000, 8]", json!("?Fn::Cidr has no such blocks")),
        ("!Base64 hello", json!("aGVsbG8=")),
        ("{'Fn::ToJsonString': {a: [1, !Ref Name]}}", json!("{\"a\":[1,\"prod\"]}")),
        ("{'Fn::Length': !Ref Cidrs}", json!(2)),
        ("!ImportValue x", json!("${Fn::ImportValue(x)}")),
        ("!ImportValue {'Fn::Sub': '${Open}-vpc'}", json!("${Fn::ImportValue(Open-vpc)}")),
        (
            "{'Fn::Transform': {Name: 'AWS::Include'}}",
            json!("?Fn::Transform makes it of what is not in the template"),
        ),
        ("{'Fn::Novelty': 1}", json!("?Fn::Novelty is not worked out")),
        ("'{{resolve:ssm:/ami:3}}'", json!("${resolve:ssm:/ami:3}")),
        ("!Sub 'a-{{resolve:ssm:/${Name}/x}}'", json!("a-${resolve:ssm:/prod/x}")),
        ("!Sub '{{resolve:ssm:/${Y}/x}}'", json!("?what a dynamic reference is to is not known")),
        ("1.50.0", json!("1.50.0")),
        ("0.30", json!("?0.30 without quotes may be read as another number; put it in quotes")),
        ("1.30", json!("1.30")),
        ("'1.30'", json!("1.30")),
    ] {
        let found = values(SECTIONS, &format!("P: {written}"));
        assert_eq!(found.get("P").cloned().unwrap_or(Value::Null), want, "{written}");
    }
}

#[test]
fn what_depends_on_a_condition_that_is_not_known_is_not_known() {
    let why = "?the condition IsOpen is not known: parameter Open has no value; pass --parameters";
    assert_eq!(values(SECTIONS, "P: !If [IsOpen, a, b]")["P"], why);
    assert_eq!(values(SECTIONS, "P: !If [Both, a, b]")["P"], why);
    // Whether the second item is there decides how long the list is.
    assert_eq!(values(SECTIONS, "P: [a, !If [IsOpen, b, !Ref 'AWS::NoValue']]")["P"], why);
    let text = format!(
        "{SECTIONS}Resources:\n  X:\n    Type: A::B::C\n    Condition: Both\n    Properties: {{P: !If [IsOpen, a, b]}}\n  Z: {{Type: A::B::C, Condition: Not}}\n"
    );
    let template = read(&text);
    let open: Vec<_> = template.conditions.iter().map(|condition| &*condition.name).collect();
    assert_eq!(open, ["the condition IsOpen"]);
    assert!(
        matches!(&template.resources[0].certainty, ResourceCertainty::Perhaps(words) if words.contains("Open has no value"))
    );
    assert_eq!(template.resources.len(), 1);
    let holds = assuming(&text, "the condition IsOpen", true);
    assert_eq!(holds.resources[0].certainty, ResourceCertainty::Certain);
    assert_eq!(property(&holds, "P"), "a");
    assert_eq!(assuming(&text, "the condition IsOpen", false).resources.len(), 0);
}

#[test]
fn a_parameter_with_a_few_values_is_a_condition_with_as_many_cases() {
    let text = "Parameters:\n  Env: {Type: String, AllowedValues: [lab, prod, prod]}\n  Hidden: {Type: String, NoEcho: true, AllowedValues: [a]}\n  \
        List: {Type: CommaDelimitedList, AllowedValues: [a, b]}\n  Many: {Type: String, AllowedValues: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\n  \
        Version: {Type: String, AllowedValues: [1.30, '1.31']}\nConditions:\n  IsLab: !Equals [!Ref Env, lab]\n  Mixed: !Equals [!Sub '${Env}${Many}', lab]\n\
        Resources:\n  X: {Type: 'A::B::C', Condition: IsLab, Properties: {P: !Sub '${Env}-${Version}', Q: !If [Mixed, 1, 2]}}\n";
    let open: Vec<_> = read(text)
        .conditions
        .iter()
        .map(|open| {
            format!(
                "{}: {}",
                open.name,
                open.cases().iter().map(ConditionCase::in_words).collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    // What decides the first condition is the parameter alone.
    let want = [
        "the parameter Env: it is lab, it is prod",
        "the parameter Version: it is 1.30, it is 1.31",
        "the condition Mixed: it holds, it does not",
    ];
    assert_eq!(open, want);
    let with = |value: &str| {
        let case = ConditionCase::Value(value.into());
        let assumed = ConditionAssumption { condition: "the parameter Env".into(), case };
        read_stack("stack.yaml", text.into(), &StackInputs::default(), Some(&assumed))
    };
    assert_eq!(with("prod").resources.len(), 0);
    let lab = with("lab");
    assert_eq!(property(&lab, "P"), json!("lab-${Version}"));
    let place = places(&lab, lab.resources[0].values.get("P").expect("P"));
    assert!(place.ends_with("← allowed value of parameter Env: stack.yaml:2 lab"), "{place}");
    // What is not among them is not assumed.
    assert!(matches!(with("other").resources[0].certainty, ResourceCertainty::Perhaps(_)));
}

#[test]
fn parameters_come_from_defaults_and_files() {
    let text = "Parameters:\n  Cidr: {Type: String, Default: 0.0.0.0/0}\nResources:\n  X:\n    Type: A::B::C\n    Properties:\n      P: !Ref Cidr\n      Q:\n        - !Sub '${Cidr}'\n";
    let template = read(text);
    let value = template.resources[0].values.get("P").expect("P");
    assert_eq!(
        places(&template, value),
        "stack.yaml:7 !Ref Cidr ← default of parameter Cidr: stack.yaml:2 0.0.0.0/0"
    );
    let value = &template.resources[0].values.get("Q").expect("Q").items()[0];
    assert!(places(&template, value).contains("← default of parameter Cidr"), "{}", places(&template, value));
    for file in [
        r#"[{"ParameterKey": "Cidr", "ParameterValue": "10.0.0.0/8"}, {"ParameterKey": "Other", "UsePreviousValue": true}]"#,
        r#"{"Parameters": {"Cidr": "10.0.0.0/8"}, "Tags": {}}"#,
        r#"["Cidr=10.0.0.0/8"]"#,
    ] {
        let template = with_parameters(text, &[("env/prod.json", file)]);
        assert_eq!(template.problems, [], "{file}");
        assert_eq!(property(&template, "P"), "10.0.0.0/8", "{file}");
        let value = template.resources[0].values.get("P").expect("P");
        assert!(
            places(&template, value).contains("parameter Cidr set in prod.json: env/prod.json:1 "),
            "{file}"
        );
    }
    for (file, words) in [
        ("{}", "holds no parameters"),
        ("[1]", "holds no parameters"),
        ("{", "is not JSON"),
        ("", "is empty"),
    ] {
        let template = with_parameters(text, &[("p.json", file)]);
        assert!(template.problems[0].to_string().contains(words), "{file}: {:?}", template.problems);
    }
}

#[test]
fn secrets_are_hidden() {
    let text = "Parameters:\n  Key: {Type: String, NoEcho: true, Default: hush}\nResources:\n  X:\n    Type: A::B::C\n    Properties:\n      P: !Sub 'x${Key}'\n      UserData: !Base64\n        Fn::Sub: secret\n      Z: 1\n";
    let template = read(text);
    let value = template.resources[0].values.get("P").expect("P");
    assert!(value.sensitive);
    let hidden: Vec<_> = template.files[0].secrets.iter().map(|range| &text[range.clone()]).collect();
    assert_eq!(hidden, ["hush", "!Base64\n        Fn::Sub: secret"]);
}

#[test]
fn the_issuer_of_a_cluster_is_known_without_its_scheme() {
    let text = "Resources:\n  C: {Type: 'AWS::EKS::Cluster'}\n  X:\n    Type: A::B::C\n    Properties:\n      P: !Select [1, !Split ['//', !GetAtt C.OpenIdConnectIssuerUrl]]\n      Q: !GetAtt C.OpenIdConnectIssuerUrl\n";
    let template = read(text);
    let values = &resource(&template, "X").values;
    assert_eq!(values.get("P").map(shown), Some(json!("${C.OpenIdConnectIssuerUrl}")));
    assert_eq!(values.get("Q").map(shown), Some(json!("https://${C.OpenIdConnectIssuerUrl}")));
}

#[test]
fn what_adds_resources_is_missing() {
    let text = "Transform: [AWS::Serverless-2016-10-31, Mine]\nParameters: {Q: {Type: CommaDelimitedList}}\nResources:\n  'Fn::ForEach::X': [A, !Ref Q, {}]\n  S: {Type: 'AWS::CloudFormation::Stack'}\n  M: {Type: 'A::B::C::MODULE'}\n  T: {Type: 'AWS::EC2::VPC', Properties: {'Fn::Transform': {}, CidrBlock: 10.0.0.0/8}}\n";
    let template = read(text);
    let missing: Vec<_> =
        template.missing.iter().map(|part| format!("{} {:?}", part.in_words(), part.kinds)).collect();
    assert_eq!(missing.len(), 5, "{missing:#?}");
    assert!(missing[0].contains("the macro Mine"));
    assert_eq!(
        missing[1],
        "Fn::ForEach::X: the loop is not expanded, and may add resources: parameter Q has no value; pass --parameters []"
    );
    assert_eq!(missing[2], "S: a nested stack: it has no `TemplateURL` []");
    assert!(missing[4].contains("AWS::EC2::VPC"));
}

const LOOPS: &str = "\
Transform: AWS::LanguageExtensions
Parameters:
  Zones: {Type: CommaDelimitedList, Default: 'eu-west-1a,eu-west-1b'}
  Open: {Type: CommaDelimitedList}
Mappings:
  M: {a: {Cidr: 10.0.1.0/24}, b: {Cidr: 10.0.2.0/24}}
Conditions:
  'Fn::ForEach::Conditions':
    - C
    - [a, b]
    - 'Is${C}': !Equals [!Ref C, a]
Resources:
  'Fn::ForEach::Subnets':
    - Zone
    - !Ref Zones
    - 'Subnet&{Zone}':
        Type: AWS::EC2::Subnet
        Properties: {AvailabilityZone: !Ref Zone, OutpostArn: 'in ${Zone}', VpcId: !Ref Vpc}
  'Fn::ForEach::Outer':
    - Of
    - [a, b]
    - 'Fn::ForEach::Inner':
        - Number
        - [1, 2]
        - 'Group${Of}${Number}':
            Type: AWS::EC2::SecurityGroup
            Condition: !Sub 'Is${Of}'
            Properties: {Cidr: !FindInMap [M, !Ref Of, Cidr], Name: !Sub '${Of}-${Number}-${AWS::Region}'}
      'Role${Of}':
        Type: AWS::IAM::Role
        Condition: 'Is${Of}'
        Properties:
          Path: /
          'Fn::ForEach::Properties':
            - Property
            - [A, B]
            - '${Property}Of${Of}': !Sub '${Property}!'
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {P: {'Fn::ForEach::Open': [X, !Ref Open, {'${X}': 1}]}, Q: {'Fn::ForEach::None': [X, [], {'${X}': 1}]}}
";

#[test]
fn loops_make_what_they_make_in_cloudformation() {
    let template = read(LOOPS);
    assert_eq!((template.problems.as_slice(), template.missing.as_slice()), (&[][..], &[][..]));
    let made: Vec<_> = template
        .resources
        .iter()
        .map(|resource| format!("{} {}", resource.address, shown(&resource.values)))
        .collect();
    let group = |of: &str, number: u8, cidr: &str| {
        format!(
            "Group{of}{number} {}",
            json!({"Cidr": cidr, "Name": format!("{of}-{number}-${{AWS::Region}}")})
        )
    };
    let want = [
        format!(
            "Subneteuwest1a {}",
            json!({"AvailabilityZone": "eu-west-1a", "OutpostArn": "in eu-west-1a", "VpcId": "${Vpc}"})
        ),
        format!(
            "Subneteuwest1b {}",
            json!({"AvailabilityZone": "eu-west-1b", "OutpostArn": "in eu-west-1b", "VpcId": "${Vpc}"})
        ),
        group("a", 1, "10.0.1.0/24"),
        group("a", 2, "10.0.1.0/24"),
        format!("Rolea {}", json!({"AOfa": "A!", "BOfa": "B!", "Path": "/"})),
        group("b", 1, "10.0.2.0/24"),
        group("b", 2, "10.0.2.0/24"),
        format!(
            "Vpc {}",
            json!({"P": "?Fn::ForEach: parameter Open has no value; pass --parameters", "Q": {}})
        ),
    ];
    assert_eq!(made, want);
    // The condition of a group is no name, so that it may be there.
    assert!(matches!(resource(&template, "Groupb1").certainty, ResourceCertainty::Perhaps(_)));
    let place = &resource(&template, "Subneteuwest1b").values.get("OutpostArn").expect("Tag");
    assert!(places(&template, place).starts_with("stack.yaml:18 "), "{}", places(&template, place));
}

#[test]
fn loops_have_an_end() {
    let mut body = "{'X${A}': {Type: 'A::B::C'}}".to_owned();
    let items = vec!["x"; 200].join(", ");
    for at in 0..10 {
        body = format!("{{'Fn::ForEach::L{at}': [I{at}, [{items}], {body}]}}");
    }
    let template = read(&format!("Resources: {body}\n"));
    assert_eq!(template.resources.len(), 0);
    assert!(
        template.missing[0].reason.contains("it makes more than")
            || template.missing[0].reason.contains("steps"),
        "{:?}",
        template.missing[0]
    );
    let long = format!(
        "Resources:\n  'Fn::ForEach::L': [A, [{items}], {{'X${{A}}': {{Type: 'A::B::C', Properties: {{P: '{}'}}}}}}]\n",
        "${A}".repeat(100_000)
    );
    assert!(read(&long).missing[0].reason.contains("it makes more than"));
    for broken in ["[]", "[A, [b]]", "[A, x, {}]", "[1, [b], {}]", "[A, [{}], {}]", "x"] {
        let template = read(&format!("Resources:\n  'Fn::ForEach::L': {broken}\n"));
        assert_eq!(template.missing.len(), 1, "{broken}");
    }
}

/// A folder in memory.
struct MemoryTree(&'static [(&'static str, &'static str)]);

impl TemplateTree for MemoryTree {
    fn list(&self, _: &str) -> Result<Vec<String>, TreeError> {
        Err(TreeError::Absent)
    }

    fn below(&self, _: &str, _: usize) -> Result<Vec<String>, TreeError> {
        Err(TreeError::Absent)
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError> {
        let file = self.0.iter().find(|(name, _)| *name == path).ok_or(TreeError::Absent)?;
        if file.1.len() > limit { Err(TreeError::TooLong(limit)) } else { Ok(file.1.into()) }
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// The first of files, with the others beside it.
fn read_files(
    files: &'static [(&'static str, &'static str)],
    assumed: Option<&ConditionAssumption>,
) -> Template {
    let home = StackHome { tree: std::sync::Arc::new(MemoryTree(files)), path: files[0].0.to_owned() };
    let inputs = StackInputs { home: Some(home), ..StackInputs::default() };
    read_stack(files[0].0, files[0].1.into(), &inputs, assumed)
}

const NESTED: &[(&str, &str)] = &[
    (
        "infra/root.yaml",
        "Parameters:
  Cidrs: {Type: CommaDelimitedList, Default: 0.0.0.0/0}
  Env: {Type: String, AllowedValues: [lab, prod]}
Resources:
  Cluster:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./nested/cluster.yaml
      Parameters:
        Cidrs: !Join [',', !Ref Cidrs]
        Subnets: !Join [',', [!GetAtt Network.Outputs.A, !GetAtt Network.Outputs.B]]
        Env: !Ref Env
  Network: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: nested/network.yaml}}
  App: {Type: 'AWS::Serverless::Application', Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}}
  Far: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://example.com/x.yaml'}}
  Gone: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: gone.yaml}}
  Out: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ../../etc/passwd}}
  Where: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: !Ref Env}}
  Asset:
    Type: AWS::CloudFormation::Stack
    Metadata: {'aws:asset:path': nested/network.yaml, 'aws:asset:property': TemplateURL}
    Properties: {TemplateURL: !Sub 'https://s3.${AWS::Region}/x'}
",
    ),
    (
        "infra/nested/cluster.yaml",
        "Parameters:
  Cidrs: {Type: CommaDelimitedList}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Env: {Type: String}
  Own: {Type: String, Default: own}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Cluster: {Type: 'A::B::C', Condition: IsProd, Properties: {Cidrs: !Ref Cidrs, Subnets: !Ref Subnets, Own: !Ref Own, Self: !Ref Cluster}}
  Again: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ../root.yaml}}
",
    ),
    (
        "infra/nested/network.yaml",
        "Resources:
  A: {Type: 'AWS::EC2::Subnet'}
Outputs:
  A: {Value: !Ref A}
  B: {Value: subnet-1}
",
    ),
];

#[test]
fn nested_stacks_are_read_with_the_values_that_they_get() {
    let case = ConditionCase::Value("prod".into());
    let assumed = ConditionAssumption { condition: "the parameter Env".into(), case };
    let template = read_files(NESTED, Some(&assumed));
    assert_eq!(template.problems, []);
    let cluster = resource(&template, "Cluster/Cluster");
    let want = json!({"Cidrs": ["0.0.0.0/0"], "Own": "own", "Self": "${Cluster/Cluster}", "Subnets": ["${Network/A}", "subnet-1"]});
    assert_eq!((shown(&cluster.values), &cluster.certainty), (want, &ResourceCertainty::Certain));
    let cidrs = cluster.values.get("Cidrs").expect("Cidrs");
    assert_eq!(
        places(&template, cidrs),
        "infra/nested/cluster.yaml:9 !Ref Cidrs ← parameter of Cluster: infra/root.yaml:10 Cidrs"
    );
    assert!(template.resources.iter().any(|resource| &*resource.address == "Asset/A"));
    let missing: Vec<_> = template.missing.iter().map(|part| part.in_words()).collect();
    let want = [
        "Cluster/Again: a nested stack: its template ../root.yaml is nested in itself",
        "App: a nested stack: an application of the Serverless Application Repository is not read",
        "Far: a nested stack: its template https://example.com/x.yaml is no file here; scan that template too",
        "Gone: a nested stack: its template gone.yaml is not there",
        "Out: a nested stack: its template ../../etc/passwd lies outside of the repository, and is not read",
        "Where: a nested stack: its template prod is not there",
    ];
    assert_eq!(missing, want);
    // Whether it is there depends on the parameter of the outer stack.
    let open = read_files(NESTED, None);
    let names: Vec<_> = open.conditions.iter().map(|open| &*open.name).collect();
    assert_eq!(names, ["the parameter Env"]);
    assert!(matches!(&resource(&open, "Cluster/Cluster").certainty, ResourceCertainty::Perhaps(_)));
    // Standard input has no files beside it.
    let alone = read(NESTED[0].1);
    assert!(alone.missing[0].reason.contains("of standard input nobody knows"), "{:?}", alone.missing[0]);
}

#[test]
fn a_nested_stack_that_may_not_be_there_has_nothing_that_is_there_for_sure() {
    let template = read_files(
        &[
            (
                "a.yaml",
                "Parameters:\n  P: {Type: String}\nConditions:\n  C: !Equals [!Ref P, x]\nResources:\n  N: {Type: 'AWS::CloudFormation::Stack', Condition: C, Properties: {TemplateURL: b.yaml}}\n",
            ),
            (
                "b.yaml",
                "Parameters:\n  Q: {Type: String, AllowedValues: [a, b]}\nConditions:\n  C: !Equals [!Ref Q, a]\nTransform: Mine\nResources:\n  X: {Type: 'A::B::C', Properties: {Password: s3cret}}\n  Y: {Type: 'A::B::C', Condition: C}\n  Z: {Type: 1}\n",
            ),
        ],
        None,
    );
    assert!(
        matches!(&resource(&template, "N/X").certainty, ResourceCertainty::Perhaps(why) if why.contains("the condition C is not known"))
    );
    let open: Vec<_> =
        template.conditions.iter().map(|open| format!("{}: {}", open.name, open.reason)).collect();
    assert_eq!(open[1], "the parameter N/Q: parameter N/Q has no value");
    assert!(open[0].starts_with("the condition C: "), "{open:?}");
    assert!(template.missing.iter().any(|part| &*part.address == "N/Transform"));
    assert_eq!(
        template.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["b.yaml:9:3: has the resource Z without a `Type`"]
    );
    let hidden: Vec<_> =
        template.files[1].secrets.iter().map(|range| &template.files[1].text[range.clone()]).collect();
    assert_eq!(hidden, ["s3cret"]);
}

#[test]
fn nested_stacks_that_need_each_other_or_nest_without_end_have_an_end() {
    let template = read_files(
        &[
            (
                "a.yaml",
                "Resources:\n  A: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: b.yaml, Parameters: {P: !GetAtt B.Outputs.O}}}\n  B: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: b.yaml, Parameters: {P: !GetAtt A.Outputs.O}}}\n",
            ),
            (
                "b.yaml",
                "Parameters:\n  P: {Type: String}\nResources:\n  X: {Type: 'A::B::C', Properties: {P: !Ref P}}\nOutputs:\n  O: {Value: !Ref P}\n",
            ),
        ],
        None,
    );
    assert_eq!(template.resources.len(), 4);
    assert_eq!(resource(&template, "A/X").values.get("P").map(shown), Some(json!("${B.Outputs.O}")));
    // Each file nests the next one ten times.
    const WIDE: &[(&str, &str)] = &[
        (
            "0.yaml",
            "Resources: {A: &a {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 1.yaml}}, B: *a, C: *a, D: *a, E: *a, F: *a, G: *a, H: *a, I: *a, J: *a}",
        ),
        (
            "1.yaml",
            "Resources: {A: &a {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 2.yaml}}, B: *a, C: *a, D: *a, E: *a, F: *a, G: *a, H: *a, I: *a, J: *a}",
        ),
        (
            "2.yaml",
            "Resources: {A: &a {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 3.yaml}}, B: *a, C: *a, D: *a, E: *a, F: *a, G: *a, H: *a, I: *a, J: *a}",
        ),
        ("3.yaml", "Resources: {A: {Type: 'A::B::C'}}"),
    ];
    let wide = read_files(WIDE, None);
    assert!(wide.missing.iter().any(|part| part.reason.contains("more than 500 nested stacks")));
}

#[test]
fn what_is_broken_is_told() {
    assert_eq!(
        problems("Resources:\n  X: {Type: 1}\n"),
        ["stack.yaml:2:3: has the resource X without a `Type`"]
    );
    assert_eq!(problems("a: 1\n"), ["stack.yaml:1:1: has no `Resources`"]);
    assert_eq!(problems("[]"), ["stack.yaml:1:1: is no template: it holds no object with `Resources`"]);
    assert_eq!(problems("Resources: []\n"), ["stack.yaml:1:1: has `Resources` that are no object"]);
    let told = problems("Resources:\n  X: {Type: 'A::B::C', Properties: 1}\n  X: {Type: 'A::B::C'}\n");
    assert_eq!(told, ["stack.yaml:3:3: has the key `X` twice here; the last one counts"]);
    assert!(problems("Resources:\n  X: [\n")[0].starts_with("stack.yaml:"));
}

#[test]
fn nothing_goes_on_for_ever() {
    let cycle = "Conditions:\n  A: !Not [!Condition B]\n  B: !Or [!Condition A, !Condition A]\nResources:\n  X: {Type: 'A::B::C', Condition: A, Properties: {P: !If [B, 1, 2]}}\n";
    let told = problems(cycle);
    assert!(told.iter().any(|problem| problem.contains("refers to itself")), "{told:?}");
    let block = "Resources:\n  V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: !GetAtt W.CidrBlock}}\n  W: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: !GetAtt V.CidrBlock}}\n";
    assert!(matches!(
        read(block).resources[0].values.get("CidrBlock").expect("one").kind,
        ValueKind::Symbol(_)
    ));
    // Each level is three times as long as the one in it.
    let mut text = "x".repeat(100);
    for _ in 0..30 {
        text = format!("!Sub ['${{a}}${{a}}${{a}}', {{a: {text}}}]").replace("a: !Sub", "a: !Sub");
        if text.len() > 4_000 {
            break;
        }
    }
    let read = read(&format!("Resources:\n  X:\n    Type: A::B::C\n    Properties:\n      P: {text}\n"));
    assert!(read.resources.len() <= 1);
}

proptest::proptest! {
    #[test]
    fn any_template_is_read(value in "[!A-Za-z:\\[\\]{} ,.$'&*0-9-]{0,60}") {
        let _template = read(&format!("Parameters:\n  A: {{Type: String}}\nConditions:\n  C: {value}\nResources:\n  X:\n    Type: AWS::EKS::Cluster\n    Condition: C\n    Properties:\n      P: {value}\n"));
    }
}

#[test]
fn a_property_that_a_type_does_not_have_is_told_and_what_was_meant_is_not_known() {
    let text = "\
Resources:
  Prod:
    Type: AWS::EKS::Cluster
    Properties:
      ResourcesVpcConfig:
        EndpointPublicAcces: false
        PublicAccessCIDRs: [192.0.2.0/24]
      EncryptionConfig:
      - {Resource: [secrets], Provider: {KeyArn: k}}
      Frobnication: 1
  Nodes:
    Type: AWS::EKS::NodeGroup
";
    let template = read(text);
    let said: Vec<_> = template.problems.iter().map(ToString::to_string).collect();
    let slip = |place: &str, name: &str, meant: &str| {
        format!(
            "stack.yaml:{place}: has the property `{name}`, which AWS::EKS::Cluster does not know here: did you mean `{meant}`?"
        )
    };
    let kind = "stack.yaml:12:11: has a resource of the type `AWS::EKS::NodeGroup`, which CloudFormation does not know: did you mean `AWS::EKS::Nodegroup`?";
    let mut want = vec![
        slip("6:9", "EndpointPublicAcces", "EndpointPublicAccess"),
        slip("7:9", "PublicAccessCIDRs", "PublicAccessCidrs"),
        slip("9:10", "Resource", "Resources"),
        kind.to_owned(),
    ];
    let mut found = said.clone();
    found.sort();
    want.sort();
    assert_eq!(found, want);
    let notes: Vec<_> = template.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "stack.yaml:10:7: has the property `Frobnication`, which AWS::EKS::Cluster does not know here as of 2026-10-20: it is not read"
        ]
    );
    assert_eq!(&*template.missing[0].kinds[0], "AWS::EKS::Nodegroup");
    let config = resource(&template, "Prod").values.get("ResourcesVpcConfig").expect("an object");
    assert!(config.get("EndpointPublicAccess").is_some_and(TemplateValue::is_unknown));
    assert!(config.get("PublicAccessCidrs").is_some_and(TemplateValue::is_unknown));

    // What a macro makes of it, nobody knows here.
    let template = read(&format!("Transform: [Mine]\n{}", text.replace("NodeGroup", "Nodegroup")));
    assert_eq!((template.problems.len(), template.notices.len()), (0, 4));
}
