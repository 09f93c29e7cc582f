"""Why no association with a peer came about."""

from __future__ import annotations

from typing import Literal

Unreached = Literal["unknown-host", "refused", "timeout", "unreachable", "no-answer"]
"""The peer's name, the connection or the association request was what failed."""
