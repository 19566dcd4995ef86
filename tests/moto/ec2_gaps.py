"""What moto's EC2 lacks or tells too much of: the regions, the defaults of instance metadata,
fields of images and of NAT gateways."""

from xml.sax.saxutils import escape

import wire

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
OPTED_OUT = {"me-south-1"}
REGIONS = {
    "ap-northeast-2": "opt-in-not-required",
    "us-east-1": "opt-in-not-required",
    "eu-west-1": "opt-in-not-required",
    "me-south-1": "not-opted-in",
}
METADATA_DEFAULTS = {
    "us-east-1": {"httpTokens": "required", "httpPutResponseHopLimit": "2", "httpEndpoint": "enabled"},
}


class Ec2Gaps:
    """The answers that are ours, and what is added to moto's."""

    def __init__(self):
        self.images = {}
        self.own = {
            "DescribeRegions": describe_regions,
            "GetInstanceMetadataDefaults": metadata_defaults,
        }

    def answer(self, call):
        """An answer of our own, or None where moto answers."""
        make = self.own.get(call.operation)
        return make(call) if make else None

    def complete(self, call, answer):
        """Adds to an answer of moto what it lacks."""
        if call.operation == "DescribeImages" and answer.status_code == 200:
            text = answer.get_data(as_text=True)
            for image, fields in self.images.items():
                mark = f"<imageId>{image}</imageId>"
                text = text.replace(
                    mark, mark + "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
                )
            answer.set_data(text)
        if call.operation == "DescribeNatGateways" and answer.status_code == 200:
            end = "</natGatewayId>"
            text = answer.get_data(as_text=True)
            answer.set_data(text.replace(end, f"{end}<connectivityType>public</connectivityType>"))
        return answer


def describe_regions(call):
    """The regions of these accounts; those not opted in only with AllRegions or by name."""
    names = [value for key, value in call.params.items() if key.startswith("RegionName.")]
    statuses = filter_values(call.params, "opt-in-status")
    unknown = [name for name in names if name not in REGIONS]
    if unknown:
        return wire.error(
            "ec2", "InvalidParameterValue", f"Invalid region provided: [{', '.join(unknown)}]", 400
        )
    shown = [name for name in REGIONS if name in (names or REGIONS)]
    if call.params.get("AllRegions") != "true":
        shown = [name for name in shown if REGIONS[name] != "not-opted-in"]
    rows = "".join(region_row(name) for name in shown if not statuses or REGIONS[name] in statuses)
    return answer_of("DescribeRegions", f"<regionInfo>{rows}</regionInfo>")


def region_row(name):
    """One region."""
    return (
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        f"<optInStatus>{REGIONS[name]}</optInStatus></item>"
    )


def filter_values(params, name):
    """The values of one filter of a request."""
    numbers = [key.split(".")[1] for key, value in params.items() if key.endswith(".Name") and value == name]
    return {
        value
        for key, value in params.items()
        for number in numbers
        if key.startswith(f"Filter.{number}.Value.")
    }


def metadata_defaults(call):
    """The account's defaults of instance metadata; without preferences there is only who manages them."""
    fields = {**METADATA_DEFAULTS.get(call.region, {}), "managedBy": "account"}
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    return answer_of("GetInstanceMetadataDefaults", f"<accountLevel>{inner}</accountLevel>")


def answer_of(operation, inner):
    """An answer of EC2."""
    return wire.xml_answer(
        f'<{operation}Response xmlns="{NAMESPACE}"><requestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</requestId>'
        f"{inner}</{operation}Response>"
    )
