//! Functions on blocks of addresses.

use super::call::{FunctionArgs, FunctionOutcome, FunctionStop};
use super::table::{FunctionGroup, FunctionRow};
use crate::source::iac::TemplateValue;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const GROUP: FunctionGroup = FunctionGroup::Network;

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("cidrcontains", GROUP, (2, Some(2)), contains).of_tofu(),
    FunctionRow::scalar("cidrhost", GROUP, (2, Some(2)), host),
    FunctionRow::scalar("cidrnetmask", GROUP, (1, Some(1)), netmask),
    FunctionRow::scalar("cidrsubnet", GROUP, (3, Some(3)), subnet),
    FunctionRow::scalar("cidrsubnets", GROUP, (1, None), subnets),
];

fn block(call: &FunctionArgs, at: usize) -> Result<IpNet, FunctionStop> {
    let text = call.text(at)?;
    let parsed = text.parse::<IpNet>().map(|block| block.trunc());
    parsed.map_err(|_| call.wrong(format!("\"{}\" is no block of addresses", crate::text::bounded(&text))))
}

/// Its first address as a number, and how many bits addresses of its family have.
fn number_of(block: &IpNet) -> (u128, u8) {
    match block.network() {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    }
}

fn address(number: u128, bits: u8) -> IpAddr {
    match u32::try_from(number) {
        Ok(number) if bits == 32 => IpAddr::V4(Ipv4Addr::from(number)),
        _ => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

/// Two to a power, less one: as many bits that are set.
fn ones(bits: u8) -> u128 {
    1u128.checked_shl(u32::from(bits)).map_or(u128::MAX, |power| power - 1)
}

fn host(call: &FunctionArgs) -> FunctionOutcome {
    let (block, number) = (block(call, 0)?, call.whole(1)?);
    let (first, bits) = number_of(&block);
    let most = ones(bits - block.prefix_len());
    let magnitude = number.unsigned_abs();
    if magnitude > most && (number >= 0 || magnitude - 1 > most) {
        return Err(call.wrong(format!("{block} has no address number {number}")));
    }
    let offset = if number < 0 { most - (magnitude - 1) } else { magnitude };
    call.text_result(address(first + offset, bits).to_string())
}

fn netmask(call: &FunctionArgs) -> FunctionOutcome {
    match block(call, 0)? {
        IpNet::V4(block) => call.text_result(block.netmask().to_string()),
        IpNet::V6(_) => Err(call.wrong("only IPv4 has masks")),
    }
}

/// The block of a number among those that a block has with more bits of prefix.
fn part(call: &FunctionArgs, whole: &IpNet, more_bits: usize, number: u128) -> Result<IpNet, FunctionStop> {
    let (first, bits) = number_of(whole);
    let room = usize::from(bits - whole.prefix_len());
    let prefix =
        u8::try_from(more_bits).ok().filter(|_| more_bits <= room).map(|more| whole.prefix_len() + more);
    let Some(prefix) = prefix else {
        return Err(call.wrong(format!("{whole} cannot have {more_bits} more bits of prefix")));
    };
    let shift = u32::from(bits - prefix);
    if number > ones(prefix - whole.prefix_len()) {
        return Err(
            call.wrong(format!("{whole} has no block number {number} with {more_bits} more bits of prefix"))
        );
    }
    let start = first + number.checked_shl(shift).unwrap_or(0);
    IpNet::new(address(start, bits), prefix).map_err(|_| call.wrong("there is no such block"))
}

fn subnet(call: &FunctionArgs) -> FunctionOutcome {
    let (block, more_bits) = (block(call, 0)?, call.count(1)?);
    let number = u128::try_from(call.whole(2)?)
        .map_err(|_| call.wrong("the number of the block must not be negative"))?;
    call.text_result(part(call, &block, more_bits, number)?.to_string())
}

fn subnets(call: &FunctionArgs) -> FunctionOutcome {
    let whole = block(call, 0)?;
    let (first, bits) = number_of(&whole);
    let end = first.checked_add(ones(bits - whole.prefix_len()));
    let mut next = Some(first);
    let mut items = Vec::new();
    for at in 1..call.args.len() {
        let more_bits = call.count(at)?;
        if more_bits == 0 {
            return Err(call.wrong("each block must have 1 more bit of prefix at least"));
        }
        let size = ones(bits - part(call, &whole, more_bits, 0)?.prefix_len());
        // A block starts at a multiple of its size.
        let start = next.and_then(|next| next.checked_add(size)).map(|next| next & !size);
        let last = start.and_then(|start| start.checked_add(size)).filter(|last| Some(*last) <= end);
        let (Some(start), Some(last)) = (start, last) else {
            return Err(call.wrong(format!("there is no room in {whole} for block {at}")));
        };
        let prefix = whole.prefix_len() + u8::try_from(more_bits).unwrap_or(0);
        let item =
            IpNet::new(address(start, bits), prefix).map_err(|_| call.wrong("there is no such block"))?;
        items.push(TemplateValue::text(item.to_string(), call.place.clone()));
        next = last.checked_add(1);
    }
    call.list_result(items)
}

/// Whether a block contains an address or another block.
fn contains(call: &FunctionArgs) -> FunctionOutcome {
    let (whole, inner) = (block(call, 0)?, call.text(1)?);
    let inner = match inner.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => block(call, 1)?,
    };
    call.bool_result(whole.contains(&inner))
}
