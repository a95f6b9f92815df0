"""Bearer tokens: 256 random bits, shown once; only their hash is kept.

A plain hash is enough, since nobody guesses 256 bits. A prefix lets secret scanners find a token
that was published by mistake.
"""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token(prefix: str) -> str:
    """Return a fresh token, for example `sp_task_…` for the prefix `sp_task_`."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return the hex hash by which a token is stored and looked up; any text has one."""
    data = token.encode("utf-8", "surrogatepass")
    return hashlib.sha256(b"sallyport/token/v1\n" + data).hexdigest()
