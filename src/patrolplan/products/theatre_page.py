"""The page round a theatre's map: bar, legend, panel and foot, without a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import folium

from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.markup import (
    format_script_data,
    key_by_attribute,
    read_template,
    render_template,
)
from patrolplan.products.offline import render_offline
from patrolplan.products.rows import word_marking
from patrolplan.products.wording import join_texts

__all__ = ["render_theatre_page"]


def render_theatre_page(
    folium_map: folium.Map,
    template: str,
    *,
    subject: str,
    home: list[list[float]],
    places: Mapping[str, str] | None = None,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    from_server: bool = False,
    **values: Any,
) -> str:
    """Render a map of the whole theatre as one page that opens with no network.

    Parameters
    ----------
    folium_map
        The map.
    template
        File name of what extends ``theatre.html``.
    subject
        What the map shows, marked for the catalogue, for the title of the window.
    home
        South-west and north-east corner, latitude first, degrees: the first view.
    places
        The name of each sign in the page, by the id that the panel calls it by.
    styles
        More styles than those of every page.
    scripts
        More scripts, which run after that of every page. Trusted.
    data
        What these read in ``planPage``, plain.
    from_server
        Whether the scripts may ask the server that the page came from.
    **values
        What the template shows.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    marking = word_marking("confidential")
    body = render_template(template, marking=marking, **values)
    parts = (Text.same("patrolplan"), translate_text(subject), marking)
    title = join_texts(parts, " - ")
    known: dict[str, Any] = {
        "titles": asdict(title),
        "map": folium_map.get_name(),
        "home": home,
        "layers": [],
        "groups": {},
        "places": key_by_attribute(places or {}),
        "stops": {},
        "bounds": {},
        **(data or {}),
    }
    return render_offline(
        folium_map,
        title=title.en,
        styles=[read_template("page.css"), *styles],
        body_html=str(body),
        scripts=[
            format_script_data("planPage", known),
            read_template("page.js"),
            *scripts,
        ],
        from_server=from_server,
    )
