//! The picture in words, for who does not see it.

use super::model::{Chip, PictureModel};
use super::text::Font;

/// The room for a name, in pixels.
const TITLE: i32 = 400;
/// How many sentences there are at most.
const SENTENCES: usize = 40;

/// Each flow in a sentence; nodes of one name with one verdict once.
pub(super) fn description(model: &PictureModel) -> String {
    let mut sentences: Vec<String> = Vec::new();
    let mut add = |title: &str, chip: &Chip| {
        let title = Font::BODY.fitted(title, TITLE);
        let sentence = format!("{}, {title}: {}.", chip.letter, chip.word);
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    };
    for stack in model.subnets.iter().flat_map(|subnet| &subnet.stacks) {
        for node in &stack.nodes {
            stack.chips.iter().for_each(|chip| add(&node.title, chip));
        }
    }
    for end in model.kubectl.iter().chain(&model.others) {
        end.chips.iter().for_each(|chip| add(&end.title, chip));
    }
    sentences.sort_by_key(|sentence| sentence.chars().next());
    let more = sentences.len().saturating_sub(SENTENCES);
    sentences.truncate(SENTENCES);
    if more > 0 {
        sentences.push(format!("And {more} more."));
    }
    sentences.join(" ")
}
