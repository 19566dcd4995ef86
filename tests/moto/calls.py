"""What one request to the server is: the service, the operation, who asks, and with what.

The service, the region and the access key are read from the credential scope of the signature, the operation
from the body (EC2, IAM, STS) or from the method and the path (EKS).
"""

import io
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, unquote_plus, urlencode

from werkzeug.datastructures import EnvironHeaders

SCOPE = re.compile(r"Credential=([^/,\s]+)/\d+/([^/,]+)/([^/,]+)/aws4_request")


@dataclass
class Call:
    """One request of a client."""

    service: str
    operation: str
    region: str
    account: str
    key: str
    access_key: str
    method: str
    path: str
    query: str
    body: bytes
    params: dict = field(default_factory=dict)
    uri: dict = field(default_factory=dict)

    @property
    def match(self):
        """What faults and tests look for a text in: path, query and body, decoded."""
        return f"{unquote(self.path)}?{unquote_plus(self.query)}{unquote_plus(self.body.decode('utf-8', 'replace'))}"

    @property
    def is_read(self):
        """Whether the operation changes nothing."""
        return self.operation.startswith(("List", "Describe", "Get", "AssumeRole", "Simulate"))


class Reader:
    """Makes a `Call` of a WSGI request."""

    def __init__(self, eks_routes, account_of, owner_of):
        self.eks_routes = eks_routes
        self.account_of = account_of
        self.owner_of = owner_of

    def read(self, environ):
        """Reads a request; its body can be read again afterwards."""
        body = take_body(environ)
        # Through a proxy, a request names the whole address.
        target = re.sub(r"^https?://[^/?]*", "", environ.get("REQUEST_URI", environ.get("PATH_INFO", "/")))
        raw_path, _, query = target.partition("?")
        headers = EnvironHeaders(environ)
        scope = SCOPE.search(headers.get("Authorization", ""))
        access_key, region, service = scope.groups() if scope else ("", "us-east-1", "sts")
        call = Call(
            service=service,
            operation="",
            region=region,
            account=self.account_of(access_key),
            key=self.owner_of(access_key),
            access_key=access_key,
            method=environ["REQUEST_METHOD"],
            path=raw_path,
            query=query,
            body=body,
        )
        self.name_operation(call, headers)
        return call

    def name_operation(self, call, headers):
        """Finds the operation and its parameters."""
        target = headers.get("X-Amz-Target", "")
        if call.service == "eks":
            call.params = dict(parse_qsl(call.query, keep_blank_values=True))
            call.operation, call.uri = self.eks_routes.find(call.method, call.path)
        elif target:
            call.operation = target.rpartition(".")[2]
        else:
            text = call.query + "&" + call.body.decode("utf-8", "replace")
            call.params = dict(parse_qsl(text, keep_blank_values=True))
            call.operation = call.params.get("Action", "")


def take_body(environ):
    """The body of a request, which stays readable."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def with_params(environ, params):
    """A copy of a form request with other parameters."""
    body = urlencode(params).encode()
    changed = dict(environ)
    changed["wsgi.input"] = io.BytesIO(body)
    changed["CONTENT_LENGTH"] = str(len(body))
    changed["QUERY_STRING"] = ""
    changed["CONTENT_TYPE"] = "application/x-www-form-urlencoded; charset=utf-8"
    return changed
