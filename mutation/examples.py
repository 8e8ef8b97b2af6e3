"""How hypothesis draws while changes are tried: always the same, and no more.

A failing example need not be made smaller, nor remembered for the next change.
"""

from __future__ import annotations

from hypothesis import Phase, settings

PROFILE = "mutation"

settings.register_profile(
    PROFILE,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
