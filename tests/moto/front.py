"""The WSGI application in front of moto: records, delays, breaks and pages what goes through it.

It also holds the control endpoints under /ekslint/, answers EKS from our own documents, refuses what writes,
and plays the credentials that are expired, invalid or without permissions.
"""

import json
import re
import socket
from urllib.parse import parse_qs

from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.wrappers import Response

import ec2_gaps
import faults
import models
import paging
import wire
from calls import Reader, take_body

MAIN_ACCOUNT = "111122223333"
INVALID_TOKEN = "The security token included in the request is invalid."
EXPIRED_TOKEN = "The security token included in the request is expired"
INVALID_CODES = {"eks": "UnrecognizedClientException", "ec2": "AuthFailure"}
EXPIRED_CODES = {"eks": "ExpiredTokenException", "ec2": "RequestExpired"}
NEW_KEY = re.compile(r"<AccessKeyId>(\w+)</AccessKeyId>")


def account_of(access_key):
    """The account of temporary credentials; all other keys are of the main account."""
    for account, partitions in list(iam_backends.items()):
        if access_key in partitions["aws"].access_keys:
            return account
    return MAIN_ACCOUNT


class Front:
    """The application that the server serves."""

    def __init__(self, eks, page_size, latency):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.eks = eks
        self.ec2 = ec2_gaps.Ec2Gaps()
        self.answers = {}
        self.page_size = page_size
        self.tests = faults.Tests(latency)
        self.reader = Reader(models.Routes("eks"), account_of, self.tests.owner)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith("/ekslint/"):
            return self.control(environ)(environ, start_response)
        call = self.reader.read(environ)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
        record = self.tests.begin(call)
        try:
            answer = self.answer(call, environ, record["match"])
            record["status"] = answer.status_code
        except faults.Dropped:
            drop_connection(environ)
        finally:
            record["end"] = faults.time.monotonic()
        return answer(environ, start_response)

    def answer(self, call, environ, match):
        """The answer to a call, with the faults planned for it."""
        self.tests.wait(call)
        refused = refused_credentials(call)
        if refused:
            return refused
        plan = self.tests.fault_for(call, match)
        if plan:
            return faults.broken_answer(plan, call, lambda: self.right_answer(call, environ))
        return self.right_answer(call, environ)

    def right_answer(self, call, environ):
        """The answer of the service."""
        if call.service == "eks":
            return self.eks.answer(call)
        if call.access_key and not call.is_read:
            return wire.denied(call)
        if call.operation == "AssumeRole":
            return self.assume_role(call, environ)
        if call.service in ("ec2", "iam"):
            return self.remembered(call, environ)
        return Response.from_app(self.moto, environ)

    def remembered(self, call, environ):
        """An answer of EC2 or IAM. Nothing changes there, so moto makes each only once."""
        key = (call.service, call.region, call.account, tuple(sorted(call.params.items())))
        if key not in self.answers:
            answer = self.list_or_item(call, environ)
            self.answers[key] = (answer.get_data(), answer.status_code, dict(answer.headers))
        return Response(*self.answers[key])

    def list_or_item(self, call, environ):
        """An answer of EC2 or IAM: our own, or that of moto, completed and cut into pages."""
        own = self.ec2.answer(call) if call.service == "ec2" else None
        if own:
            return own
        if paging.is_paged(call):
            answer = paging.page(call, environ, self.moto, self.page_size)
        else:
            answer = Response.from_app(self.moto, environ)
        return self.ec2.complete(call, answer) if call.service == "ec2" else answer

    def assume_role(self, call, environ):
        """Lets moto give credentials for a role that exists; calls made with them count for the caller."""
        role = call.params.get("RoleArn", "")
        account = role.split(":")[4] if role.count(":") >= 5 else ""
        roles = iam_backends[account]["aws"].roles.values() if account else []
        if role not in {known.arn for known in roles}:
            return wire.denied(call)
        answer = Response.from_app(self.moto, environ)
        made = NEW_KEY.search(answer.get_data(as_text=True))
        if made:
            self.tests.owners[made.group(1)] = call.key
        return answer

    def control(self, environ):
        """The endpoints for tests."""
        body = take_body(environ)
        key = parse_qs(environ.get("QUERY_STRING", "")).get("key", [faults.EVERYBODY])[0]
        request = (environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/ekslint/"))
        try:
            if request == ("GET", "calls"):
                return wire.json_answer(list(self.tests.state(key).calls))
            if request == ("POST", "reset"):
                self.tests.reset(key)
            elif request == ("POST", "faults"):
                self.tests.plan(key, json.loads(body))
            elif request == ("POST", "latency"):
                self.tests.state(key).latency = json.loads(body)["ms"] / 1000
            else:
                return wire.json_answer({"error": "no such endpoint"}, 404)
        except (ValueError, KeyError, TypeError) as problem:
            return wire.json_answer({"error": str(problem)}, 400)
        return wire.json_answer({})


def refused_credentials(call):
    """The error for credentials that do not work here, or None."""
    if call.access_key.startswith("EXPIRED"):
        return wire.error(
            call.service,
            EXPIRED_CODES.get(call.service, "ExpiredToken"),
            EXPIRED_TOKEN,
            400 if call.service == "ec2" else 403,
        )
    if call.access_key.startswith("INVALID") or call.region in ec2_gaps.OPTED_OUT:
        status = 401 if call.service == "ec2" else 403
        return wire.error(
            call.service, INVALID_CODES.get(call.service, "InvalidClientTokenId"), INVALID_TOKEN, status
        )
    if call.access_key.startswith("NOEKS") and call.service == "eks":
        return wire.denied(call)
    return None


def drop_connection(environ):
    """Closes the connection without an answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError
