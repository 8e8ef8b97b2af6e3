"""How results show themselves in a notebook, though nothing below products speaks.

A notebook asks an object for ``_repr_html_``. The objects lie on lower floors than the
templates that know how to word them, and imports only go down. So the objects ask here,
and the package's door, which stands above all floors and is always opened first, says
once who answers.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Shown", "set_renderer"]

_renderers: list[Callable[[Shown], str]] = []


class Shown:
    """What shows itself as HTML in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Return itself as HTML, escaped; None lets the notebook show plain text."""
        return _renderers[-1](self) if _renderers else None


def set_renderer(render: Callable[[Shown], str]) -> None:
    """Say who turns results into HTML.

    Parameters
    ----------
    render
        Takes what is to be shown, and returns HTML in which every text is escaped.
    """
    _renderers[:] = [render]
