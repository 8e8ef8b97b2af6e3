"""One plan, and layers, in which strangers wrote every text that they can write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import cycle, islice
from typing import Any

import pandas as pd

from gate_answers import pass_gates
from hostile_names import NAMES
from patrolplan.planfile import PlanFile, format_plan
from patrolplan.products.escaping import normalise_text
from patrolplan.tradeoff import Tradeoff
from sample_plan import Theatre, build_layers, build_plan
from test_tradeoff import build_found

# What some engine would turn into A1337Z, or run.
ENGINES = (
    "A{{7*191}}Z",
    "A{{ '7' | int * 191 }}Z{% raw %}",
    "A#(7*191)Z #panic() $ x $ @ref *strong* `raw` // no",
    "A${7*191}Z`;window.ran=1;`",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "'\"><svg onload=window.ran=1>",
    "</style><style>*{display:none}</style>",
    "</title></textarea><iframe src=javascript:parent.ran=1></iframe>",
    "javascript:window.ran=1",
    "__proto__",
    "\x1b[31m\x1b]52;c;eA==\x07",
)
WHOLE = 200
"""So many names are put through everything by ``make soak``."""
PART = 40
"""And so many of them in one plan."""

# Texts of plan.json that are words of strangers, not of patrolplan.
_TEXTS = frozenset(
    {"name", "cercle", "sector", "source", "licence", "path", "date", "role", "gate"}
    | {"version", "rule", "where"}
)
_LISTS = frozenset(("roles", "roles_required", "themes"))
_IDS = frozenset(("bases", "sites", "teams", "patrols"))
_KEPT_COLUMNS = frozenset(("geometry", "id", "near_site_id", "kind"))


@dataclass
class Words:
    """Hands out words one by one, each with an end of its own, and remembers them."""

    texts: tuple[str, ...]
    given: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._turn = cycle(self.texts)
        self._count = 0

    def take(self, kind: str) -> str:
        self._count += 1
        word = f"{next(self._turn)}q{self._count}q"
        self.given.setdefault(kind, []).append(word)
        return word

    def list_given(self, *kinds: str) -> list[str]:
        return [word for kind in kinds for word in self.given[kind]]


@dataclass(frozen=True)
class Hostile:
    """A plan and its layers, and by kind the words in them."""

    plan: PlanFile
    layers: Theatre
    words: Words


def pick_texts(first: int) -> tuple[str, ...]:
    """Return a plan's share of the names: those that no engine may run in each."""
    share = NAMES[first * PART : (first + 1) * PART]
    # A name of 10 kB in every cell would fill a book: it comes once, as a cercle.
    return (*ENGINES, *(text for text in share if len(text) < 1000))


def build_hostile(texts: tuple[str, ...]) -> Hostile:
    """Build a plan of which every text is one of these in its turn."""
    words = Words(texts)
    plan = pass_gates(build_plan(count=2, violations=[_break_rule()]))
    document = json.loads(format_plan(plan))
    for entry in document["sites"][:3]:
        entry |= {"visit_tier": "must", "last_visit": "2014-10-01", "overdue_days": 2}
        entry["themes"] = {words.take("theme"): 5.0}
        entry["roles_required"] = ["x"]
    for entry in document["bases"]:
        entry["sector"] = "x"
    for stop in document["patrols"][0]["stops"]:
        if stop["kind"] == "visit":
            stop["themes"] = ["x"]
            stop["phase"] = "dialogue"
    ids = {
        entry["id"]: words.take(f"{part}.id")
        for part in ("bases", "teams", "patrols")
        for entry in document[part]
    }
    document = _rewrite(document, words, ids, "plan")
    document["sites"][4]["cercle"] = "x" * 10_240
    return Hostile(
        PlanFile.model_validate(document), _rename_layers(build_layers(), words), words
    )


def _break_rule() -> dict[str, Any]:
    return {"rule": "x", "patrol_id": "patrol-1", "where": "x", "found": 2, "limit": 1}


def _rewrite(node: Any, words: Words, ids: Mapping[str, str], key: str) -> Any:
    """Return a part of a plan file with other words, ids the same wherever they are."""
    if isinstance(node, dict):
        if key == "by_cercle":
            return {words.take(key): value for value in node.values()}
        return {
            name: words.take(f"{key}.{name}")
            if name in _TEXTS
            and isinstance(value, str)
            and value not in ids
            # A day is a day, save among the sources, where it is any text.
            and (name != "date" or key == "inputs")
            else _rewrite(value, words, ids, name)
            for name, value in node.items()
        }
    if isinstance(node, list):
        if key in _LISTS:
            return [words.take(key) for _ in node]
        return [_rewrite(value, words, ids, key) for value in node]
    if isinstance(node, str):
        head, *rest = node.split(":")
        if head == "halt" and rest:
            return ":".join(("halt", ids[rest[0]], *rest[1:]))
        return ids.get(node, node)
    return node


def _rename_layers(layers: Theatre, words: Words) -> Theatre:
    changed = {}
    for part in fields(layers):
        frame = getattr(layers, part.name)
        if frame is None:
            continue
        frame = frame.copy()
        for column in frame.columns:
            if column in _KEPT_COLUMNS or not len(frame):
                continue
            if not pd.api.types.is_numeric_dtype(frame[column]):
                frame[column] = [
                    words.take(f"{part.name}.{column}") for _ in range(len(frame))
                ]
        changed[part.name] = frame
    return replace(layers, **changed)


def build_hostile_front(texts: tuple[str, ...]) -> tuple[Tradeoff, Words]:
    """Build a front whose places and teams bear these names."""
    words = Words(texts)
    # Of the site that is visited all the same, no page says anything.
    names = {key: (words.take("en"), words.take("fr")) for key in ("b", "c")}
    found = build_found({"a": ("A", "A")} | names)
    return replace(found, name=words.take("name")), words


def squeeze(text: str) -> str:
    """Return a text without spaces and isolates: those stand round a whole sentence."""
    return "".join(text.translate({0x2068: None, 0x2069: None}).split())


def find_unshown(words: list[str], shown: str) -> Iterator[str]:
    """Yield the words that a reader does not see whole."""
    text = squeeze(shown)
    for word in words:
        if squeeze(normalise_text(word)) not in text:
            yield word


def share_out(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return as many plain texts, to build the same plan without harm."""
    return tuple(islice(cycle(("plain",)), len(texts)))
