"""Requests that real SDKs sent, from tests/captures."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CAPTURES = Path(__file__).parents[1] / "captures"


@dataclass(frozen=True, slots=True)
class Post:
    """One POST of telemetry."""

    sender: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        """What the body carries."""
        envelopes: list[dict[str, Any]] = json.loads(self.body)
        return envelopes


@cache
def posts() -> tuple[Post, ...]:
    """All captured posts to the endpoints for telemetry."""
    found = []
    for file in sorted(CAPTURES.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            sent = json.loads(line)
            path = sent.get("path") or sent["p"]
            if path.endswith("/track"):
                body = sent["b"].encode() if "b" in sent else json.dumps(sent["body"]).encode()
                found.append(Post(file.stem, path, sent.get("headers") or sent["h"], body))
    return tuple(found)


def envelopes(sender: str, base_type: str) -> list[dict[str, Any]]:
    """The envelopes of one type that a sender sent."""
    return [
        envelope
        for post in posts()
        if post.sender == sender
        for envelope in post.envelopes
        if envelope["data"]["baseType"] == base_type
    ]
