//! Commands with what is known of a cluster filled in. A value that AWS or Kubernetes would not accept as such a name is
//! left open: it would be another command, or one for something else.

/// A command, piece by piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckCommand {
    /// Its pieces, in order.
    pub parts: Vec<CommandPart>,
}

/// A piece of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandPart {
    /// Text of ours, which a shell is to read as it is.
    Text(&'static str),
    /// A word with a value in it, to be quoted as a whole.
    Word(String),
    /// What the reader has to fill in.
    Blank(&'static str),
}

/// What can be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckValueKind {
    Cluster,
    Region,
    Host,
    Instance,
    Node,
    Namespace,
}

impl CheckValueKind {
    /// What stands for a value that is not known.
    fn blank(self) -> &'static str {
        match self {
            Self::Cluster => "CLUSTER",
            Self::Region => "REGION",
            Self::Host => "HOST",
            Self::Instance => "INSTANCE_ID",
            Self::Node => "NODE_NAME",
            Self::Namespace => "NAMESPACE",
        }
    }

    /// The most characters of such a value.
    fn most(self) -> usize {
        match self {
            // <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>
            Self::Cluster => 100,
            Self::Namespace => 63,
            _ => 253,
        }
    }

    /// Whether a text can be such a value. None starts with what would make an option of it.
    fn accepts(self, text: &str) -> bool {
        let first = |c: char| c.is_ascii_alphanumeric();
        let other = |c: char| match self {
            Self::Cluster => c.is_ascii_alphanumeric() || "-_".contains(c),
            Self::Host | Self::Node => c.is_ascii_alphanumeric() || "-.".contains(c),
            Self::Region | Self::Instance | Self::Namespace => {
                c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
            }
        };
        text.starts_with(first) && text.chars().all(other) && text.len() <= self.most()
    }

    /// A value of this kind, if it can be one.
    pub(super) fn of(self, text: Option<&str>) -> CheckValue {
        CheckValue { kind: self, text: text.filter(|text| self.accepts(text)).map(str::to_owned) }
    }
}

/// A value, or what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckValue {
    kind: CheckValueKind,
    pub(super) text: Option<String>,
}

impl CheckValue {
    /// As a sentence names it.
    pub(super) fn named(&self) -> String {
        self.text.clone().unwrap_or_else(|| format!("<{}>", self.kind.blank()))
    }
}

impl CheckCommand {
    /// A command without values.
    pub(super) fn new(text: &'static str) -> Self {
        Self { parts: vec![CommandPart::Text(text)] }
    }

    /// More text of ours.
    pub(super) fn text(mut self, text: &'static str) -> Self {
        self.parts.push(CommandPart::Text(text));
        self
    }

    /// A word: a value between two texts of ours.
    pub(super) fn word(mut self, before: &'static str, value: &CheckValue, after: &'static str) -> Self {
        match &value.text {
            Some(text) => self.parts.push(CommandPart::Word(format!("{before}{text}{after}"))),
            None => self.parts.extend(
                [CommandPart::Text(before), CommandPart::Blank(value.kind.blank()), CommandPart::Text(after)]
                    .into_iter()
                    .filter(|part| *part != CommandPart::Text("")),
            ),
        }
        self
    }

    /// Something that only the reader knows.
    pub(super) fn blank(mut self, name: &'static str) -> Self {
        self.parts.push(CommandPart::Blank(name));
        self
    }

    /// How much the reader has to fill in.
    pub fn blanks(&self) -> usize {
        self.parts.iter().filter(|part| matches!(part, CommandPart::Blank(_))).count()
    }
}

#[cfg(test)]
mod tests {
    use super::{CheckCommand, CheckValueKind, CommandPart};

    #[test]
    fn names_that_aws_does_not_give_are_left_open() {
        for (kind, text, fits) in [
            (CheckValueKind::Cluster, "prod-1_a", true),
            (CheckValueKind::Cluster, "prod,Name=owner-id", false),
            (CheckValueKind::Cluster, "a*", false),
            (CheckValueKind::Host, "AB12.gr7.eu-west-1.eks.amazonaws.com", true),
            (CheckValueKind::Host, "-f/etc/passwd", false),
            (CheckValueKind::Host, "@192.0.2.1", false),
            (CheckValueKind::Host, "a.example;reboot", false),
            (CheckValueKind::Region, "us-gov-west-1", true),
            (CheckValueKind::Region, "$(id)", false),
            (CheckValueKind::Instance, "i-0a1b2c3d4e5f60001", true),
            (CheckValueKind::Node, "ip-10-0-1-5.ec2.internal", true),
            (CheckValueKind::Node, "a/../../secrets", false),
            (CheckValueKind::Namespace, "team-*", false),
            (CheckValueKind::Namespace, "", false),
        ] {
            assert_eq!(kind.of(Some(text)).text.is_some(), fits, "{text}");
        }
        assert!(CheckValueKind::Cluster.of(Some(&"a".repeat(101))).text.is_none());
    }

    proptest::proptest! {
        /// Nothing of what is filled in means anything to a shell, a program or a path.
        #[test]
        fn no_value_is_more_than_a_name(text in "[-_.a-z0-9A-Z/ ;|&$`'\"<>*?,=@\\n\u{1b}\u{202e}\u{e9}]{0,8}") {
            let kinds = [CheckValueKind::Cluster, CheckValueKind::Region, CheckValueKind::Host, CheckValueKind::Instance,
                CheckValueKind::Node, CheckValueKind::Namespace];
            for value in kinds.into_iter().filter_map(|kind| kind.of(Some(&text)).text) {
                proptest::prop_assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)));
                proptest::prop_assert!(value.starts_with(|c: char| c.is_ascii_alphanumeric()));
            }
        }
    }

    #[test]
    fn a_value_is_part_of_its_word_and_a_blank_is_none() {
        let command =
            |host| CheckCommand::new("curl ").word("https://", &CheckValueKind::Host.of(host), "/livez");
        let text = CommandPart::Text;
        assert_eq!(
            command(Some("a.example")).parts,
            [text("curl "), CommandPart::Word("https://a.example/livez".to_owned())]
        );
        let open = command(None);
        assert_eq!(open.parts, [text("curl "), text("https://"), CommandPart::Blank("HOST"), text("/livez")]);
        assert_eq!((open.blanks(), command(Some("a")).blanks()), (1, 0));
    }
}
