"""A browser as a push service and a gateway know it: keys, a subscription, and what it can open."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from sallyport.adapters.keys.browsers import new_push_key, public_push_key
from sallyport.model import JsonObject
from sallyport.rules.devices import from_text, to_text

OPENED = Path(__file__).with_name("opened.mjs")
WITHIN_S = 60


@dataclass(kw_only=True)
class Browser:
    """One browser, reached at `url`."""

    url: str
    name: str = "ada-phone"
    key: str = field(default_factory=new_push_key)
    auth: str = field(default_factory=lambda: to_text(b"0123456789abcdef"))

    @property
    def endpoint(self) -> str:
        """Where its push service takes messages for it."""
        return f"{self.url}/{self.name}"

    def subscription(self) -> JsonObject:
        """Return what its page hands over."""
        keys: JsonObject = {"p256dh": public_push_key(self.key), "auth": self.auth}
        return {"endpoint": self.endpoint, "keys": keys, "label": "Chromium, Linux"}

    def opens(self, body: bytes) -> dict[str, Any]:
        """Return what a message says, opened by npm's `http_ece` with this browser's keys."""
        node = shutil.which("node")
        assert node, "no node here: run `make node`"
        asked = json.dumps({"key": self.key, "auth": self.auth, "body": to_text(body)})
        done = subprocess.run(
            [node, str(OPENED)],
            input=asked,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.rstrip("\0"))
        return found


def sender(headers: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return whose key a message came with, and what its token claims, once it is verified."""
    scheme, _, rest = headers["authorization"].partition(" ")
    parts = dict(one.strip().split("=", 1) for one in rest.split(","))
    raw = from_text(parts["k"])
    point = {"x": to_text(raw[1:33]), "y": to_text(raw[33:])}
    key = ECKey.import_key({"kty": "EC", "crv": "P-256", **point})
    assert scheme == "vapid"
    return parts["k"], dict(jwt.decode(parts["t"], key, algorithms=["ES256"]).claims)
