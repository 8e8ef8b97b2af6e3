"""A page of tables, without a map: head, style and script that all of them share."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from patrolplan.products.illustration import word_illustration
from patrolplan.products.markup import read_template, render_template
from patrolplan.products.rows import word_marking, word_status

__all__ = ["render_sheet"]


def render_sheet(
    template: str,
    /,
    *,
    release: str = "confidential",
    status: str | None = "draft",
    more_scripts: Sequence[str] = (),
    **values: Any,
) -> str:
    """Render a page of tables in both languages, which opens with no network.

    Parameters
    ----------
    template
        File name of what extends ``sheet.html``.
    release
        By which the page is marked.
    status
        ``draft`` or ``cleared``, shown beside the marking; None shows none. Nobody
        clears what is only asked in thought, so a page is a draft unless it says so.
    more_scripts
        File names of scripts that run after that of all such pages.
    **values
        What the template shows.
    """
    script = "".join(map(read_template, ("sheet.js", *more_scripts)))
    # The policy of the page lets only this script run.
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return str(
        render_template(
            template,
            marking=word_marking(release),
            status=None if status is None else word_status(status),
            is_draft=status == "draft",
            style=Markup(read_template("sheet.css")),  # noqa: S704
            script=Markup(script),  # noqa: S704
            # Of no page of tables the layers are at hand.
            illustration=word_illustration(None),
            script_hash=base64.b64encode(digest).decode("ascii"),
            **values,
        )
    )
