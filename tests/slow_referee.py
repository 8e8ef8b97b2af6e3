"""The referee once more, slowly: from the text of a plan document, in plain Python.

Written from the words of the rules (the pages of the documentation and the docstring of
``assess_plan``), not from the referee; it shares with it only when the sun rises and
sets. It knows every rule.
"""

from __future__ import annotations

from typing import Any

from slow_casualty import judge_casualty
from slow_document import Broken, SlowDocument
from slow_harm import judge_harm
from slow_honesty import judge_honesty
from slow_movement import judge_movement
from slow_roster import judge_roster
from slow_supplies import judge_supplies


def judge_slowly(document: dict[str, Any]) -> set[Broken]:
    """Return every rule that a document breaks, and whose patrol does."""
    papers = SlowDocument(document)
    return {
        broken
        for judge in (
            judge_movement,
            judge_roster,
            judge_supplies,
            judge_casualty,
            judge_harm,
            judge_honesty,
        )
        for broken in judge(papers)
    }
