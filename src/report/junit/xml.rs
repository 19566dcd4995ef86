//! Suites as XML. No times and no ids of the run: the same scan gives the same bytes.

use super::suite::TestOutcome;
use super::{Case, OWN, Suite};
use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io::{self, Write};

/// A document whose suites are written one after another.
pub(super) struct XmlReport<'w> {
    xml: Writer<&'w mut dyn Write>,
}

const ROOT: &str = "testsuites";

impl<'w> XmlReport<'w> {
    pub(super) fn start(out: &'w mut dyn Write) -> io::Result<Self> {
        let mut xml = Writer::new_with_indent(out, b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        xml.write_event(Event::Start(BytesStart::new(ROOT).with_attributes([("name", OWN)])))?;
        Ok(Self { xml })
    }

    pub(super) fn suite(&mut self, suite: &Suite) -> io::Result<()> {
        let count = |which: fn(&TestOutcome) -> bool| {
            suite.cases.iter().filter(|case| which(&case.outcome)).count().to_string()
        };
        let (name, tests) = (legal(&suite.name), count(|_| true));
        let failures = count(|outcome| matches!(outcome, TestOutcome::Failed { .. }));
        let errors = count(|outcome| matches!(outcome, TestOutcome::Error(_)));
        let skipped = count(|outcome| matches!(outcome, TestOutcome::Skipped(_)));
        let attributes = [
            ("name", name.as_str()),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", &errors),
            ("skipped", &skipped),
        ];
        let element = self.xml.create_element("testsuite").with_attributes(attributes);
        element.write_inner_content(|xml| suite.cases.iter().try_for_each(|case| write(xml, &name, case)))?;
        Ok(())
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.xml.write_event(Event::End(BytesEnd::new(ROOT)))?;
        self.xml.get_mut().write_all(b"\n")
    }
}

fn write(xml: &mut Writer<&mut dyn Write>, suite: &str, case: &Case) -> io::Result<()> {
    let name = legal(&case.name);
    let element = xml.create_element("testcase").with_attributes([("classname", suite), ("name", &name)]);
    match &case.outcome {
        TestOutcome::Passed => element.write_empty()?,
        TestOutcome::Failed { severity, message, text } => {
            let attributes = [("type", *severity), ("message", &legal(message))];
            element.write_inner_content(|xml| result(xml, "failure", &attributes, text))?
        }
        TestOutcome::Error(message) => {
            let attributes = [("type", "error"), ("message", &legal(message))];
            element.write_inner_content(|xml| result(xml, "error", &attributes, message))?
        }
        TestOutcome::Skipped(message) => {
            let attributes = [("message", legal(message))];
            let attributes = attributes.each_ref().map(|(key, value)| (*key, value.as_str()));
            element.write_inner_content(|xml| {
                xml.create_element("skipped").with_attributes(attributes).write_empty().map(|_| ())
            })?
        }
    };
    Ok(())
}

/// GitLab shows the text alone, others the message first: the text says all.
fn result(
    xml: &mut Writer<&mut dyn Write>,
    tag: &str,
    attributes: &[(&str, &str)],
    text: &str,
) -> io::Result<()> {
    let element = xml.create_element(tag).with_attributes(attributes.iter().copied());
    element.write_text_content(BytesText::from_escaped(partial_escape(legal(text))))?;
    Ok(())
}

/// The text without what XML 1.0 forbids even as a character reference; control characters are
/// gone before. The line ends of texts are ours.
fn legal(text: &str) -> String {
    text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}
