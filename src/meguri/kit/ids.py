"""Secrets and fingerprints."""

import hashlib
import json
import secrets
from typing import Any


def secret(prefix: str = "") -> str:
    """A fresh unguessable token of 256 bits, such as `mgr_…`."""
    return prefix + secrets.token_urlsafe(32)


def fingerprint(text: str) -> str:
    """What is stored of a secret. The secrets have 256 bits, so a plain hash cannot be searched."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(content: bytes) -> str:
    """SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces. Equal values, equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
