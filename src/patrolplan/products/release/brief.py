"""The brief for wider circles: one sheet of paper, in one language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from patrolplan.products.catalogue import mark, translate
from patrolplan.products.markup import read_template, render_template
from patrolplan.products.release.areas import find_band, group_places
from patrolplan.products.release.facts import Facts, Place
from patrolplan.products.release.profiles import Custody
from patrolplan.products.release.words import (
    list_findings,
    word_custody,
    word_scope,
)
from patrolplan.products.rows import word_marking, word_status

__all__ = ["render_release_brief"]

_WORDS: Final = {
    "title": mark("People and who is not covered"),
    "month": mark("Information for {month}"),
    "why": mark("Who is not covered, and why"),
    "areas": mark("By area"),
    "area": mark("Area"),
    "people": mark("People"),
    "no_way": mark("of them where no way leads"),
    "unknown": mark("places of unknown people or risk"),
    "some": mark("some"),
    "few": mark("too few places to tell"),
    "none": mark("No place was considered."),
    "secret": mark(
        "Patrols cannot go everywhere. Where they go, and when, is told to nobody "
        "outside the mission: it would endanger those they visit and themselves."
    ),
    "draft": mark(
        "This page says that it is a draft whether or not a plan is cleared: it is no "
        "order, and no basis for one."
    ),
    "names": mark(
        "Boundaries and names do not imply endorsement by the United Nations."
    ),
    "sources": mark("Sources"),
}


def render_release_brief(
    facts: Facts, profile: str, lang: str, custody: Custody | None
) -> str:
    """Render the brief of an OPEN or UNCLASSIFIED pack as one page of HTML.

    Parameters
    ----------
    facts
        What may leave.
    profile
        ``open`` or ``unclassified``.
    lang
        ``en`` or ``fr``.
    custody
        Who keeps an UNCLASSIFIED pack, and until when.
    """
    words = {key: translate(message, lang) for key, message in _WORDS.items()}
    kept = word_custody(custody)
    rows = [
        {
            "name": area.name.pick(lang),
            "told": area.told,
            "people": _tell(area.places, lang),
            "no_way": _tell(area.select("no_way"), lang),
            "unknown": words["some"] if area.select("unknown") else "—",
        }
        for area in group_places(facts.places)
    ]
    return str(
        render_template(
            "release_brief.html",
            lang=lang,
            w=words | {"month": words["month"].format(month=facts.month)},
            marking=word_marking(profile).pick(lang),
            status=word_status("draft").pick(lang),
            scope=word_scope(profile).pick(lang),
            custody=None if kept is None else kept.pick(lang),
            findings=[
                (found.reason, found.people.pick(lang), found.why.pick(lang))
                for found in list_findings(facts)
            ],
            rows=rows,
            sources=facts.sources,
            version=facts.version,
            style=Markup(read_template("release_brief.css")),  # noqa: S704
        )
    )


def _tell(places: Iterable[Place], lang: str) -> str:
    band = find_band(places)
    return "—" if band is None else band.words.pick(lang)
