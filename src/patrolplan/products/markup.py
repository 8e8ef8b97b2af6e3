"""Templates whose every value is escaped, in both languages at once.

A page holds its English and its French text side by side; a style shows one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import folium
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from patrolplan.products.casualty_rows import format_minutes
from patrolplan.products.catalogue import Text, format_duration, translate_text
from patrolplan.products.escaping import escape_text, normalise_text
from patrolplan.products.people import format_people, word_inhabitants
from patrolplan.products.wording import (
    translate_counted,
    translate_filled,
    translate_number,
    word_term,
)

__all__ = [
    "build_popup",
    "format_script_data",
    "key_by_attribute",
    "name_layer",
    "read_template",
    "render_both",
    "render_printed",
    "render_template",
]

V = TypeVar("V")


def read_template(name: str) -> str:
    """Return the text of a template, style or script that ships with the package.

    Parameters
    ----------
    name
        File name below ``products/templates``.
    """
    folder = resources.files("patrolplan.products") / "templates"
    return (folder / name).read_text(encoding="utf-8")


def render_both(text: Text) -> Markup:
    """Return a text as escaped HTML: one element a language, or bare where alike.

    Parameters
    ----------
    text
        The text, unescaped.
    """
    english, french = escape_text(text.en), escape_text(text.fr)
    if english == french:
        return Markup(english)  # noqa: S704
    return Markup(  # noqa: S704
        f'<span lang="en">{english}</span><span lang="fr">{french}</span>'
    )


def name_layer(message: str) -> str:
    """Return the name of a map's layer, as HTML in both languages.

    Parameters
    ----------
    message
        The name in English, marked for the catalogue.
    """
    return str(render_both(translate_text(message)))


def _finalize(value: Any) -> Any:
    # Jinja's own escaping leaves braces, backticks and dollars, which folium and
    # JavaScript would read as code; so it gets only values that are already safe.
    if isinstance(value, Markup):
        return value
    if isinstance(value, Text):
        return render_both(value)
    return "" if value is None else Markup(escape_text(value))  # noqa: S704


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(read_template),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=translate_text,
        _n=translate_counted,
        _f=translate_filled,
        num=translate_number,
        people_of=format_people,
        inhabitants_of=word_inhabitants,
        minutes=format_minutes,
    )
    environment.filters.update(duration=format_duration, term=word_term)
    return environment


def render_template(template: str, /, **values: Any) -> Markup:
    """Render a template with every value escaped for HTML and for folium.

    In a template ``_("…")`` is a text in both languages, ``_n`` one that depends on
    a count, ``_f`` one with values in it, and ``num`` a number.

    Parameters
    ----------
    template
        File name below ``products/templates``.
    **values
        What the template shows.
    """
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704


@cache
def _printed_environment(lang: str) -> Environment:
    def finalize(value: Any) -> Any:
        return _finalize(value.pick(lang) if isinstance(value, Text) else value)

    return _environment().overlay(finalize=finalize)


def render_printed(template: str, lang: str, /, **values: Any) -> str:
    """Render a page for paper, which speaks one language and needs no script.

    Parameters
    ----------
    template
        File name below ``products/templates``; written as for
        :func:`render_template`.
    lang
        ``en`` or ``fr``.
    **values
        What the template shows.
    """
    return _printed_environment(lang).get_template(template).render(lang=lang, **values)


def key_by_attribute(data: Mapping[str, V]) -> dict[str, V]:
    """Return data under the ids that a page's script reads from attributes.

    In an attribute an id is normalised like any text: controls are gone from it, and
    letters that run from right to left are isolated.

    Parameters
    ----------
    data
        By id.
    """
    return {normalise_text(key): value for key, value in data.items()}


def format_script_data(name: str, data: Any) -> str:
    """Return a script that declares plain data under a name.

    Nothing in the data can end the script, open a comment or break a line of it.

    Parameters
    ----------
    name
        Name of the constant.
    data
        What JSON can hold.
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, sort_keys=True)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f"const {name} = {text};"


def build_popup(template: str, /, **values: Any) -> folium.Popup:
    """Return a popup whose every value is escaped.

    Parameters
    ----------
    template
        File name below ``products/templates``.
    **values
        What the template shows.
    """
    html = str(render_template(template, **values))
    return folium.Popup(html, max_width=320, min_width=220)
