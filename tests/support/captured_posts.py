"""Captured requests of real SDKs, from tests/captures."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CAPTURES = Path(__file__).parents[1] / "captures"


@dataclass(frozen=True, slots=True)
class Post:
    """One captured POST request with telemetry."""

    sdk: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        """The envelopes in the body."""
        envelopes: list[dict[str, Any]] = json.loads(self.body)
        return envelopes


@cache
def posts() -> tuple[Post, ...]:
    """Return all captured POST requests to the ingestion endpoints."""
    found = []
    for file in sorted(CAPTURES.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            sent = json.loads(line)
            path = sent.get("path") or sent["p"]
            if path.endswith("/track"):
                body = sent["b"].encode() if "b" in sent else json.dumps(sent["body"]).encode()
                found.append(Post(file.stem, path, sent.get("headers") or sent["h"], body))
    return tuple(found)


def envelopes(sdk: str, base_type: str) -> list[dict[str, Any]]:
    """Return the envelopes of one type in the captures of one SDK."""
    return [
        envelope
        for post in posts()
        if post.sdk == sdk
        for envelope in post.envelopes
        if envelope["data"]["baseType"] == base_type
    ]
