"""Answers as the services put them on the wire.

One function makes an error answer in the protocol of the service that was called: REST-JSON for EKS, the
two XML forms for EC2 and for the query services, JSON 1.1 for the others.
"""

import json
import uuid
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

QUERY = {"iam", "sts", "autoscaling", "elasticloadbalancing"}
JSON_1_1 = {"kms", "logs", "events", "ssm"}
DENIED = {"eks": "AccessDeniedException", "ec2": "UnauthorizedOperation"}


def protocol(service):
    """The protocol of a service, by its name in the credential scope."""
    if service == "eks":
        return "rest-json"
    if service in JSON_1_1:
        return "json"
    return "ec2" if service == "ec2" else "query"


def denied_code(service):
    """The error code by which a service says that a permission is missing."""
    return DENIED.get(service, "AccessDeniedException" if service in JSON_1_1 else "AccessDenied")


def denied(call):
    """A missing permission, in the words of the service."""
    action = f"{call.service}:{call.operation}"
    message = f"User: arn:aws:iam::{call.account}:user/tester is not authorized to perform: {action}"
    return error(call.service, denied_code(call.service), message, 403)


def error(service, code, message, status, fields=None):
    """An error answer. `fields` are further members of a JSON error."""
    request_id = str(uuid.uuid4())
    kind = protocol(service)
    if kind == "rest-json":
        answer = json_answer({**(fields or {}), "message": message}, status)
        answer.headers["x-amzn-ErrorType"] = code
    elif kind == "json":
        answer = json_answer({"__type": code, "message": message}, status)
    elif kind == "ec2":
        answer = xml_answer(
            f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
            f"</Errors><RequestID>{request_id}</RequestID></Response>",
            status,
        )
    else:
        sender = "Sender" if status < 500 else "Receiver"
        answer = xml_answer(
            f"<ErrorResponse><Error><Type>{sender}</Type><Code>{escape(code)}</Code>"
            f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            status,
        )
    answer.headers["x-amzn-RequestId"] = request_id
    return answer


def json_answer(document, status=200):
    """A JSON answer; moments become seconds since 1970, as REST-JSON has them."""
    body = json.dumps(document, default=lambda moment: moment.timestamp(), ensure_ascii=False)
    return Response(body, status, content_type="application/json")


def xml_answer(text, status=200):
    """An XML answer."""
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', status, content_type="text/xml;charset=UTF-8"
    )
