"""What tests may ask of the server for one access key: which calls were made, faults, and latency.

All state belongs to an access key, so that tests that run side by side do not disturb each other; the key `*`
means everybody. Credentials that a key got by assuming a role count as that key.
"""

import threading
import time
from dataclasses import dataclass, field

import wire

EVERYBODY = "*"
HANG_SECONDS = 30
PAGE_502 = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"
KINDS = {"error", "html", "malformed", "truncated", "hang", "delay", "reset"}
FIELDS = {
    "service",
    "operation",
    "match",
    "region",
    "skip",
    "times",
    "kind",
    "code",
    "message",
    "status",
    "delay",
}


class Dropped(Exception):
    """The connection is to be closed without an answer."""


@dataclass
class Fault:
    """One planned fault and how often it was met."""

    plan: dict
    met: int = 0

    def __post_init__(self):
        unknown = set(self.plan) - FIELDS
        if unknown or self.plan.get("kind") not in KINDS:
            raise ValueError(f"not a fault: {self.plan}")

    def fires(self, call, match):
        """Whether this call meets the fault; counts it."""
        named = all(
            self.plan.get(name, getattr(call, name)) == getattr(call, name)
            for name in ("service", "operation", "region")
        )
        if not named or self.plan.get("match", "") not in match:
            return False
        self.met += 1
        after_skip = self.met - self.plan.get("skip", 0)
        return 1 <= after_skip <= self.plan.get("times", after_skip)


@dataclass
class State:
    """What is known and planned for one access key."""

    calls: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    latency: float = 0.0


class Tests:
    """The state of all access keys."""

    def __init__(self, latency):
        self.lock = threading.Lock()
        self.states = {EVERYBODY: State(latency=latency)}
        self.owners = {}
        self.never = threading.Event()

    def state(self, key):
        """The state of a key; made when it is first met."""
        return self.states.setdefault(key, State())

    def owner(self, access_key):
        """The key a test knows: temporary credentials belong to the key that assumed the role."""
        return self.owners.get(access_key, access_key)

    def begin(self, call):
        """Records that a call has begun."""
        record = {
            name: getattr(call, name)
            for name in ("service", "operation", "region", "account", "method", "path", "match")
        }
        record.update(status=None, start=time.monotonic(), end=None)
        with self.lock:
            self.state(call.key).calls.append(record)
            if call.key != EVERYBODY:
                self.state(EVERYBODY).calls.append(record)
        return record

    def reset(self, key):
        """Forgets calls, faults and latency of a key."""
        with self.lock:
            self.states[key] = State()

    def plan(self, key, plans):
        """Adds faults for a key."""
        faults = [Fault(plan) for plan in plans]
        with self.lock:
            self.state(key).faults.extend(faults)

    def wait(self, call):
        """Sleeps as long as the latency of the caller."""
        latency = self.state(call.key).latency or self.state(EVERYBODY).latency
        if latency:
            self.never.wait(latency)

    def fault_for(self, call, match):
        """The plan of the fault that a call meets. Delays are served on the way."""
        with self.lock:
            faults = self.state(call.key).faults + self.state(EVERYBODY).faults
            met = first_hits(faults, call, match)
        for plan in met:
            self.never.wait(plan.get("delay", HANG_SECONDS if plan["kind"] == "hang" else 0))
        last = met[-1] if met else {"kind": "delay"}
        if last["kind"] in ("hang", "reset"):
            raise Dropped
        return None if last["kind"] == "delay" else last


def first_hits(faults, call, match):
    """The delays that a call meets, and the first fault after them."""
    met = []
    for fault in faults:
        if fault.fires(call, match):
            met.append(fault.plan)
            if fault.plan["kind"] != "delay":
                break
    return met


def broken_answer(plan, call, answer):
    """The answer that a fault puts in the place of the right one."""
    if plan["kind"] == "error":
        code = plan.get("code", wire.denied_code(call.service))
        message = plan.get("message", f"{code} when calling {call.operation}")
        return wire.error(call.service, code, message, plan.get("status", 403))
    if plan["kind"] == "html":
        return wire.Response(PAGE_502, plan.get("status", 502), content_type="text/html")
    if plan["kind"] == "malformed":
        is_json = "json" in wire.protocol(call.service)
        return wire.Response(
            "{" if is_json else "<", 200, content_type="application/json" if is_json else "text/xml"
        )
    return truncated(answer())


def truncated(answer):
    """Half of an answer that claims to be whole."""
    body = answer.get_data()
    answer.response = [body[: len(body) // 2]]
    answer.headers["Content-Length"] = str(len(body))
    return answer
