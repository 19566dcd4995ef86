"""Cuts every list answer into small pages.

moto answers most lists whole, whatever MaxResults says, and cuts some of them silently. Here the limits of a
request are taken out, moto answers in full, and the page that was asked for is cut out of its XML. A token is
bound to the operation and its parameters; it has characters that must be encoded, as real ones do.
"""

import base64
import re
import xml.etree.ElementTree as ElementTree
import zlib

from werkzeug.wrappers import Response

import models
import wire
from calls import with_params

TOKEN_START = b"\xfb\xef\xbe\xff"
NAMESPACE = re.compile(rb'(<\w+)\s+xmlns="([^"]+)"')
EVERYTHING = "100000"
# moto cuts these at a limit of its own when none is given.
CUT_BY_MOTO = {"DescribeLaunchTemplates", "DescribeLaunchTemplateVersions", "DescribeInstances"}


class BadToken(Exception):
    """A token that this server did not give for these parameters."""


def fingerprint(operation, params):
    """What a token is bound to."""
    rest = sorted((key, str(value)) for key, value in params.items() if key.lower() not in LIMITS)
    return zlib.crc32(repr((operation, rest)).encode())


LIMITS = {"nexttoken", "maxresults", "marker", "maxitems", "action", "version"}


def write_token(operation, params, start):
    """The token of the page that begins at `start`."""
    content = TOKEN_START + f"{fingerprint(operation, params)}:{start}".encode()
    return base64.b64encode(content).decode()


def read_token(token, operation, params):
    """Where the page of a token begins; 0 without a token."""
    if not token:
        return 0
    try:
        content = base64.b64decode(token, validate=True)
        mark, start = content[len(TOKEN_START) :].decode().split(":")
    except ValueError as problem:
        raise BadToken(token) from problem
    if not content.startswith(TOKEN_START) or int(mark) != fingerprint(operation, params):
        raise BadToken(token)
    return int(start)


def limit(asked, size):
    """How many items a page has."""
    return min(int(asked), size) if asked and asked.isdigit() and int(asked) > 0 else size


def cut(items, operation, params, token, size):
    """One page of a list, and the token of the next."""
    start = read_token(token, operation, params)
    end = start + size
    return items[start:end], write_token(operation, params, end) if end < len(items) else None


def is_paged(call):
    """Whether the operation comes in pages and is moto's to answer."""
    return call.service in ("ec2", "iam") and call.operation in models.paginators(call.service)


def page(call, environ, app, size):
    """Lets moto answer a list in full and cuts the page out of it."""
    rules = models.paginators(call.service)[call.operation]
    params = {key: value for key, value in call.params.items() if key not in limits_of(rules)}
    if call.service == "iam" or (call.operation in CUT_BY_MOTO and "InstanceId.1" not in params):
        params[rules["limit_key"]] = EVERYTHING
    answer = Response.from_app(app, with_params(environ, params))
    token = call.params.get(rules["input_token"])
    if answer.status_code != 200:
        return answer
    try:
        start = read_token(token, call.operation, call.params)
    except BadToken:
        return wire.error(call.service, "InvalidParameterValue", "The token is invalid.", 400)
    count = limit(call.params.get(rules["limit_key"]), size)
    body = answer.get_data()
    item = b"<item>" if call.service == "ec2" else b"<member>"
    if token or body.count(item) > count:
        answer.set_data(cut_xml(call, rules, body, start, count))
    return answer


def limits_of(rules):
    """The parameters by which a client asks for a page."""
    return {rules["input_token"], rules["limit_key"]}


def cut_xml(call, rules, body, start, count):
    """The XML of an answer, with only the items of one page."""
    namespace = NAMESPACE.search(body)
    root = ElementTree.fromstring(NAMESPACE.sub(rb"\1", body, count=1))
    result = root if call.service == "ec2" else root.find(f"{call.operation}Result")
    items = [(parent, item) for parent in lists_of(call, rules, result) for item in list(parent)]
    for index, (parent, item) in enumerate(items):
        if not start <= index < start + count:
            parent.remove(item)
    end = start + count
    token = write_token(call.operation, call.params, end) if end < len(items) else None
    set_token(call, rules, result, token)
    if namespace:
        root.set("xmlns", namespace.group(2).decode())
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root)


def lists_of(call, rules, result):
    """The elements that hold the list, or the lists, of an answer."""
    keys = rules["result_key"]
    members = models.output(call.service, call.operation).members
    for key in keys if isinstance(keys, list) else [keys]:
        found = result.find(members[key].serialization.get("name", key))
        if found is not None:
            yield found


def set_token(call, rules, result, token):
    """Writes where the next page begins, or that there is none."""
    members = models.output(call.service, call.operation).members
    name = members[rules["output_token"]].serialization.get("name", rules["output_token"])
    for old in result.findall(name) + result.findall("IsTruncated"):
        result.remove(old)
    if "more_results" in rules:
        ElementTree.SubElement(result, "IsTruncated").text = "true" if token else "false"
    if token:
        ElementTree.SubElement(result, name).text = token
