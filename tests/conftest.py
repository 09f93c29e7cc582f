"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A machine that is busy with other things makes a test slow, not wrong.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
