"""Vendored scripts, styles and images, so that a page needs no network.

``assets.json`` beside this file says for every copy which package and version it
comes from, under which licence, with which sha256, and for which URLs it stands.
``rebuild.py`` fetches the copies again and compares them.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Final

from patrolplan.errors import AssetError

__all__ = [
    "CSS_ADDRESS",
    "Asset",
    "build_inline_script",
    "build_inline_style",
    "find_asset",
]

#: What a style sheet fetches: ``url(...)``, the group ``address`` without its quotes.
CSS_ADDRESS: Final = re.compile(r"""url\(\s*(["']?)(?P<address>[^"')]+)\1\s*\)""")

_FOLDER: Final = resources.files(__name__)

_LEAFLET: Final = "leaflet/leaflet.js"

# An icon font would be fetched, or add 20 kB: signs that every font has stand for it.
_FETCHED_FONT: Final = re.compile(r"@font-face\{[^}]*//[^}]*\}")
_GLYPH_FONT: Final = '"Glyphicons Halflings"'
_GLYPHS: Final = {
    "\\e030": "\\21ba",  # round again
    "\\e031": "\\21bb",  # loading
    "\\e071": "\\2039",  # a step back
    "\\e072": "\\25ba",  # play
    "\\e073": "\\2016",  # pause
    "\\e074": "\\25a0",  # stop
    "\\e075": "\\203a",  # a step forward
    "\\e141": "\\00d7",  # speed: so many times
}

_MEDIA_TYPES: Final = {".png": "image/png", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """What a page gets in place of one linked URL.

    Parameters
    ----------
    file
        Path of the copy below this folder, or None where nothing needs to stand in.
    patterns
        URLs it stands for; ``*`` matches any run of characters.
    origin
        Package, version and licence in one line; empty for our own stand-ins.
    licence_file
        Path of the licence text below this folder, or None for our own.
    """

    file: str | None
    patterns: tuple[str, ...]
    origin: str = ""
    licence_file: str | None = None


@cache
def _list_assets() -> tuple[Asset, ...]:
    manifest = json.loads((_FOLDER / "assets.json").read_text(encoding="utf-8"))
    copies = [
        Asset(
            entry["file"],
            tuple(entry["stands_for"]),
            "{package} {version} ({licence})".format_map(entry),
            entry["licence_file"],
        )
        for entry in manifest["assets"]
        if entry["stands_for"]
    ]
    stand_ins = [
        Asset(entry["file"], tuple(entry["stands_for"]))
        for entry in manifest["stand_ins"]
    ]
    return (*copies, *stand_ins)


def find_asset(url: str) -> Asset:
    """Find the vendored copy that stands for a URL.

    Parameters
    ----------
    url
        The address that a folium element links.

    Returns
    -------
    Asset
        The copy, or a stand-in without a file where the page does without it.

    Raises
    ------
    AssetError
        No vendored copy stands for the URL.
    """
    for asset in _list_assets():
        if any(fnmatchcase(url, pattern) for pattern in asset.patterns):
            return asset
    message = f"no vendored copy of {url}: the page would need a network"
    raise AssetError(message)


@cache
def build_inline_script(asset: Asset) -> str:
    """Build the text of a script element from a vendored script.

    Parameters
    ----------
    asset
        A copy that has a file.

    Returns
    -------
    str
        The script after its licence. Leaflet also gets its marker images, for which
        it would look beside its own file, and a largest zoom.

    Raises
    ------
    AssetError
        The copy has no file, or it cannot be read.
    """
    # The licences ask that their text go with every copy, and a page is a copy.
    notice = ""
    if asset.licence_file is not None:
        licence = _read_text(asset.licence_file).strip().replace("*/", "* /")
        notice = f"/*! {asset.origin}\n{licence}\n*/\n"
    code = notice + _read_text(asset.file).rstrip()
    return code + _build_leaflet_settings() if asset.file == _LEAFLET else code


@cache
def build_inline_style(asset: Asset) -> str:
    """Build the text of a style element from a vendored style sheet.

    Parameters
    ----------
    asset
        A copy that has a file.

    Returns
    -------
    str
        The style with its images as ``data:`` URIs, and plain signs for those of an
        icon font.

    Raises
    ------
    AssetError
        The copy has no file, or it or one of its images cannot be read.
    """
    css = _replace_glyphs(_read_text(asset.file))
    folder = PurePosixPath(asset.file or "").parent

    def embed(match: re.Match[str]) -> str:
        address = match["address"]
        if address.startswith(("data:", "#")):
            return match[0]
        return f'url("{_read_data_uri(str(folder / address))}")'

    return CSS_ADDRESS.sub(embed, css)


def _replace_glyphs(css: str) -> str:
    if _GLYPH_FONT not in css:
        return css
    css = _FETCHED_FONT.sub("", css).replace(_GLYPH_FONT, "sans-serif")
    for glyph, sign in _GLYPHS.items():
        css = css.replace(glyph, sign)
    return css


def _build_leaflet_settings() -> str:
    images = {
        "iconUrl": "marker-icon",
        "iconRetinaUrl": "marker-icon-2x",
        "shadowUrl": "marker-shadow",
    }
    options = ",".join(
        f'{option}:"{_read_data_uri(f"leaflet/images/{name}.png")}"'
        for option, name in images.items()
    )
    return (
        "\n;delete L.Icon.Default.prototype._getIconUrl;"
        f"L.Icon.Default.mergeOptions({{{options}}});"
        # Leaflet takes the limit from the tiles. Without tiles, fitting a map to a
        # single point, or clustering markers, would stop the whole script.
        "L.Map.mergeOptions({maxZoom:18});"
    )


def _read_text(file: str | None) -> str:
    return _read_bytes(file).decode("utf-8-sig")


def _read_data_uri(file: str) -> str:
    media_type = _MEDIA_TYPES.get(PurePosixPath(file).suffix)
    if media_type is None:
        message = f"no media type known for the vendored file {file}"
        raise AssetError(message)
    encoded = base64.b64encode(_read_bytes(file)).decode("ascii")
    return f"data:{media_type};base64,{encoded}"


def _read_bytes(file: str | None) -> bytes:
    if file is None:
        message = "this stand-in has no file"
        raise AssetError(message)
    try:
        return (_FOLDER / file).read_bytes()
    except OSError as fault:
        message = f"no vendored copy of {file}"
        raise AssetError(message) from fault
