"""Maps of frames shown within a notebook, with no network and no name run as code.

A folium map shows itself by scripts that it fetches, so that offline a notebook holds
blank rectangles, and ``GeoDataFrame.explore`` hands names to the browser as HTML. Here
the texts of a frame are escaped before it is explored, and a map is shown, and kept, as
the one page that fetches nothing.
"""

from __future__ import annotations

import html
from numbers import Real
from pathlib import Path
from typing import Any

from patrolplan.products.escaping import escape_text
from patrolplan.products.files import write_page
from patrolplan.products.offline import render_offline

__all__ = ["InlineMap", "escape_frame", "show_offline"]


class InlineMap:
    """A map that shows itself in a notebook as a page of its own, offline.

    Parameters
    ----------
    page
        The page, as :func:`~patrolplan.render_offline` returns it.
    height_px
        How high it is shown.
    title
        What it is called for those who do not see it.
    """

    def __init__(self, page: str, height_px: int, title: str) -> None:
        self.page = page
        self._height_px = height_px
        self._title = title

    def __repr__(self) -> str:
        return f"<InlineMap: {len(self.page) / 1000:.0f} kB>"

    def _repr_html_(self) -> str:
        # A sandbox without allow-same-origin: its script never reaches the notebook.
        return (
            f'<iframe srcdoc="{html.escape(self.page, quote=True)}" '
            f'sandbox="allow-scripts" title="{html.escape(self._title, quote=True)}" '
            f'style="width: 100%; height: {self._height_px}px; '
            'border: 1px solid #888"></iframe>'
        )

    def save(self, path: Path | str) -> Path:
        """Write the page, whole or not at all, and return where it lies.

        Parameters
        ----------
        path
            The file; it holds what the map shows, so keep it as you keep the plan.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        return write_page(Path(path), self.page)


def show_offline(
    folium_map: Any, *, title: str = "Map / Carte", height_px: int = 480
) -> InlineMap:
    """Return a folium map as it can be shown and kept with no network.

    Parameters
    ----------
    folium_map
        A map made with ``tiles=None``: of :func:`~patrolplan.draw_plan`, of
        ``GeoDataFrame.explore``, or your own.
    title
        Title of the page, and of its frame in the notebook.
    height_px
        How high a notebook shows it.

    Raises
    ------
    AssetError
        The map has tiles or another layer that fetches.
    MarkupError
        Text on the map was not escaped: see :func:`~patrolplan.escape_frame`.
    """
    return InlineMap(render_offline(folium_map, title=title), height_px, title)


def escape_frame(frame: Any) -> Any:
    """Return a copy of a frame whose texts, headings and index are safe to explore.

    Tooltips and popups of ``GeoDataFrame.explore`` show cells as HTML. Columns of
    numbers, days and shapes stay as they are, and so does a number among texts; every
    other cell becomes text that is shown as it was written. Missing cells stay missing.

    Parameters
    ----------
    frame
        Any frame, with or without shapes.
    """
    import pandas as pd

    escaped = frame.copy()
    # By position: nothing says that each heading stands once.
    for i in range(escaped.shape[1]):
        cells = escaped.iloc[:, i]
        if not _is_inert(cells.dtype):
            texts = [_escape_cell(cell) for cell in cells]
            escaped.isetitem(i, pd.Series(texts, index=cells.index, dtype=object))
    escaped.index = _escape_index(escaped.index)
    shapes = getattr(frame, "active_geometry_name", None)
    # The heading of the shapes stays, else they would no longer be its shapes.
    return escaped.rename(
        columns={c: _escape_heading(c) for c in escaped.columns if c != shapes}
    )


def _is_inert(dtype: Any) -> bool:
    from pandas.api import types

    return (
        types.is_numeric_dtype(dtype)
        or types.is_datetime64_any_dtype(dtype)
        or types.is_timedelta64_dtype(dtype)
        or str(dtype) == "geometry"
    )


def _escape_cell(cell: Any) -> Any:
    import pandas as pd

    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return None
    return cell if isinstance(cell, Real) else escape_text(cell)


def _escape_index(index: Any) -> Any:
    import pandas as pd

    names = [None if n is None else _escape_heading(n) for n in index.names]
    if isinstance(index, pd.MultiIndex):
        keys = [tuple(map(_escape_cell, key)) for key in index]
        return pd.MultiIndex.from_tuples(keys, names=names)
    if _is_inert(index.dtype):
        return index.rename(names[0])
    return pd.Index([_escape_cell(k) for k in index], name=names[0], dtype=object)


def _escape_heading(heading: object) -> object:
    # What is a name in Python is safe as it is, and is asked for by its name.
    text = str(heading)
    is_safe = isinstance(heading, Real) or (text.isidentifier() and text.isascii())
    return heading if is_safe else escape_text(text)
