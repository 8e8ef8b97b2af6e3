"""A folium map as one HTML file that asks no network for anything.

folium links its scripts and renders text twice, so that with no network its page is
blank, and a place name such as ``{{7*191}}`` is executed as a template. Here each
link is replaced by a vendored copy, what folium rendered once is emitted as it
stands, and a content security policy lets run only the scripts written here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Final

from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.plugins import HeatMapWithTime
from jinja2 import TemplateError

from patrolplan.errors import AssetError, PatrolplanError
from patrolplan.products.assets import (
    CSS_ADDRESS,
    Asset,
    build_inline_script,
    build_inline_style,
    find_asset,
)
from patrolplan.products.escaping import escape_text
from patrolplan.products.fetching import refuse_fetching_layers, walk_elements

__all__ = ["MarkupError", "render_offline"]

_GENERATED_ID: Final = re.compile(r"_([0-9a-f]{32})(?![0-9a-f])")
_REPEATABLE: Final = re.compile(r"\s*\w+\.(?:addTo|setIcon)\(\w+\);\s*")
_REMOVALS: Final = re.compile(r"(?:^[ \t]*\w+\.remove\(\);[ \t]*\n){2,}", re.M)

_SCRIPT: Final = re.compile(
    r"<script\b(?P<attributes>[^>]*)>(?P<code>.*?)</script\s*>", re.I | re.S
)
_LINK: Final = re.compile(r"<link\b(?P<attributes>[^>]*)>", re.I)
_ADDRESS: Final = re.compile(r"""\b(?:src|href)\s*=\s*["']?([^"'\s>]+)""", re.I)
_VIEWPORT: Final = re.compile(r"""<meta\s+name=["']viewport["'][^>]*>""", re.I)

# The inline scripts that folium and geopandas put among the HTML, written out so that
# nothing else can slip in with them. White space is squeezed before they are compared.
_SWITCHES: Final = re.compile(
    r"L_NO_TOUCH = (?:true|false); L_DISABLE_3D = (?:true|false);"
)
_LEGEND_DRAG: Final = (
    '$( function() { $( ".maplegend" ).draggable({ start: function (event, ui) { '
    '$(this).css({ right: "auto", top: "auto", bottom: "auto" }); } }); });'
)


class MarkupError(PatrolplanError, ValueError):
    """Text on a map reads as template code or as a script, so was not escaped."""


def render_offline(
    folium_map: Element,
    *,
    title: str = "Map",
    lang: str = "en",
    styles: Sequence[str] = (),
    body_html: str = "",
    scripts: Sequence[str] = (),
    from_server: bool = False,
) -> str:
    """Render a folium map as one HTML page that opens with no network.

    Works for ``folium.Map``, for the maps that ``GeoDataFrame.explore`` makes and
    for every plugin whose files are vendored. The page carries a content security
    policy under which only the vendored scripts, the map's own script and
    ``scripts`` run, and nothing is fetched. Equal maps give equal bytes: the random
    ids that folium deals out are renumbered, and a reference to one of them in
    ``styles``, ``body_html`` or ``scripts`` is renumbered with them.

    The map is left as it was, to be rendered again, changed, or handed to folium's
    own ``save``.

    What it promises: the page asks no network for anything, and text that went through
    :func:`~patrolplan.products.escaping.escape_text` is shown as it was written.
    Text that was not is never run as a template in Python (``{{7*191}}`` stays as it
    is), cannot end a script, and runs none by ``<script>`` or by an event attribute.
    What it does not promise: HTML that you give to ``folium.Popup``, ``Tooltip``,
    ``DivIcon`` or a layer's name is HTML, and is shown as such; a backtick or ``${`` in
    it is JavaScript of the map itself. Escape what others wrote.

    The map must be made without tiles (``tiles=None``). It then zooms in to 18 unless
    it says otherwise (``folium.Map(tiles=None, maxZoom=12)``; with folium's own
    ``max_zoom`` only tiles would be limited).

    Parameters
    ----------
    folium_map
        The map, or any element inside its figure.
    title
        Title of the page, escaped here.
    lang
        Language of the page as a BCP 47 tag.
    styles
        More CSS, each text in a ``<style>`` of its own after the map's. Trusted.
    body_html
        More HTML after the map. Trusted: put untrusted text through
        :func:`~patrolplan.products.escaping.escape_text`. Scripts and event
        attributes in it do not run; they belong into ``scripts``.
    scripts
        More JavaScript, each text a classic script at the end of the body, where the
        map exists as a global variable named ``folium_map.get_name()``. Trusted.
    from_server
        Whether its scripts may ask the server that the page came from, and only that.

    Returns
    -------
    str
        The page; write it as UTF-8.

    Raises
    ------
    AssetError
        The map links a URL without a vendored copy, or has a layer that fetches.
    MarkupError
        Text on the map was not escaped and would be taken for code.
    """
    figure = _find_figure(folium_map)
    refuse_fetching_layers(figure)
    page = _PageParts()
    with _tree_restored(figure):
        _render_children(figure)
        players = {
            e.get_name() for e in walk_elements(figure) if type(e) is HeatMapWithTime
        }
        for name, element in figure.header._children.items():
            if name in players:
                page.add_player(element)
            else:
                page.add_element(element, page.head)
        for element in figure.html._children.values():
            page.add_element(element, page.body)
        code = _join_code(figure.script._children.values())
    return page.compose(
        code=code,
        title=title,
        lang=lang,
        styles=styles,
        body_html=body_html,
        scripts=scripts,
        from_server=from_server,
    )


class _PageParts:
    """What a page is made of, gathered in order, each asset once."""

    def __init__(self) -> None:
        self.switches: list[str] = []
        self.libraries: list[str] = []
        self.head: list[str] = []
        self.body: list[str] = []
        self._seen: set[str] = set()

    def add_element(self, element: Element, part: list[str]) -> None:
        if isinstance(element, JavascriptLink):
            self._add_script_asset(element.url)
        elif isinstance(element, CssLink):
            part.append(self._inline_style(element.url))
        else:
            part.append(self._inline_links(_read_rendered(element)))

    def add_player(self, element: Element) -> None:
        """Add the classes by which heat plays: script of folium's own, without data."""
        for match in _SCRIPT.finditer(_read_rendered(element)):
            if match["code"] not in self.libraries:
                self.libraries.append(match["code"])

    def compose(
        self,
        *,
        code: str,
        title: str,
        lang: str,
        styles: Sequence[str],
        body_html: str,
        scripts: Sequence[str],
        from_server: bool,
    ) -> str:
        renumber = _make_renumbering()
        head = [renumber(text) for text in self.head]
        body = [renumber(text) for text in self.body]
        map_code = _sort_removals(renumber(code))
        extra_body = renumber(body_html)
        head.extend(_wrap_style(renumber(style)) for style in styles)
        early = [_clean_script(text) for text in (*self.switches, *self.libraries)]
        late = [_clean_script(text) for text in (map_code, *map(renumber, scripts))]
        # Only texts that were put into a script here are hashed. A script that found
        # its way into the HTML would be hashed too if the finished page were read.
        policy = _build_policy([*early, *late])
        if from_server:
            policy += "; connect-src 'self'"
        lines = [
            "<!DOCTYPE html>",
            f'<html lang="{escape_text(lang)}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape_text(title)}</title>",
            *(f"<script>{text}</script>" for text in early),
            *head,
            "</head>",
            "<body>",
            *body,
            extra_body,
            *(f"<script>{text}</script>" for text in late),
            "</body>",
            "</html>",
            "",
        ]
        return _clean_text("\n".join(lines))

    def _claim(self, asset: Asset) -> bool:
        """Say whether the page lacks the asset, and count it as held from now on."""
        if asset.file is None or asset.file in self._seen:
            return False
        self._seen.add(asset.file)
        return True

    def _add_script_asset(self, url: str) -> None:
        asset = find_asset(url)
        if self._claim(asset):
            self.libraries.append(build_inline_script(asset))

    def _inline_style(self, url: str) -> str:
        asset = find_asset(url)
        return _wrap_style(build_inline_style(asset)) if self._claim(asset) else ""

    def _inline_links(self, html: str) -> str:
        """Take the scripts and links out of HTML that folium rendered."""

        def replace_script(match: re.Match[str]) -> str:
            address = _ADDRESS.search(match["attributes"])
            code = " ".join(match["code"].split())
            if address:
                self._add_script_asset(address[1])
            elif _SWITCHES.fullmatch(code):
                # Leaflet reads them while it loads, so they go before it.
                self.switches.append(code)
            elif code != _LEGEND_DRAG:
                message = (
                    f"a script among the HTML would not run: {code[:60]!r}; "
                    "pass it in scripts, or escape the text that holds it"
                )
                raise MarkupError(message)
            return ""

        def replace_link(match: re.Match[str]) -> str:
            address = _ADDRESS.search(match["attributes"])
            return self._inline_style(address[1]) if address else match[0]

        html = _VIEWPORT.sub("", _SCRIPT.sub(replace_script, html))
        html = _LINK.sub(replace_link, html)
        _FetchFinder().feed(html)
        return html


class _FetchFinder(HTMLParser):
    """Refuses HTML that would run a script or fetch something on load."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            message = "a script tag is left open among the HTML of the map"
            raise MarkupError(message)
        address = dict(attrs).get("src") or ""
        if address and not address.startswith(("data:", "blob:", "#")):
            message = f"no vendored copy of {address}: the page would need a network"
            raise AssetError(message)


def _find_figure(element: Element) -> Figure:
    root = element.get_root()
    # A subplot takes itself for the root, though it stands in a page.
    while root._parent is not None:
        root = root._parent.get_root()
    if isinstance(root, Figure):
        return root
    figure = Figure()
    figure.add_child(root)
    return figure


@contextmanager
def _tree_restored(figure: Figure) -> Iterator[None]:
    """Take every child away again that folium adds while it renders.

    Some come under a new name each time, so that a second rendering would differ.
    """
    kept = [(element, element._children.copy()) for element in walk_elements(figure)]
    try:
        yield
    finally:
        for element, children in kept:
            element._children = children


def _render_children(figure: Figure) -> None:
    try:
        # A layer adds elements to the tree while it renders.
        for child in list(figure._children.values()):
            child.render()
    except TemplateError as fault:
        message = f"text on the map reads as template code and was not escaped: {fault}"
        raise MarkupError(message) from fault


def _read_rendered(element: Element) -> str:
    """Return an element's text without running it as a template once more."""
    text = element._template_str
    return str(element.render()) if text is None else text


def _join_code(elements: Iterable[Element]) -> str:
    codes: list[str] = []
    repeated: set[str] = set()
    for element in elements:
        code = _read_rendered(element)
        # A map that was shown or saved before holds these twice, see _tree_restored.
        if _REPEATABLE.fullmatch(code):
            if code.strip() in repeated:
                continue
            repeated.add(code.strip())
        codes.append(code)
    return "\n".join(codes)


def _make_renumbering() -> Callable[[str], str]:
    numbers: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        return numbers.setdefault(match[1], f"_{len(numbers) + 1:06d}")

    return lambda text: _GENERATED_ID.sub(replace, text)


def _sort_removals(code: str) -> str:
    # GroupedLayerControl writes these from a set, in an order that changes by run.
    def sort(match: re.Match[str]) -> str:
        return "".join(sorted(match[0].splitlines(keepends=True)))

    return _REMOVALS.sub(sort, code)


def _wrap_style(css: str) -> str:
    for match in CSS_ADDRESS.finditer(css):
        if not match["address"].startswith(("data:", "blob:", "#")):
            message = f"no vendored copy of {match['address']}, which a style asks for"
            raise AssetError(message)
    safe = re.sub(r"</(?=style)", r"<\\/", css, flags=re.I)
    return f"<style>{safe}</style>"


def _clean_text(text: str) -> str:
    # What a browser does to these on reading would change a script's hash.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _clean_script(text: str) -> str:
    # Within JavaScript strings, the only place for them, both forms mean the same.
    text = re.sub(r"<(?=/script|!--)", r"<\\", text, flags=re.I)
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", _clean_text(text))


def _build_policy(scripts: Sequence[str]) -> str:
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
        for text in scripts
    ]
    sources = " ".join(f"'sha256-{value}'" for value in dict.fromkeys(hashes))
    return (
        f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
