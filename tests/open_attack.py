"""An attack on packs for wider circles: whoever finds movement in one has a leak.

The attacker has the files, the program and the public layers. He unwraps whatever is
wrapped, takes away what a page of an empty plan has too, and looks for all that the
CONFIDENTIAL plan knows of movement, in many forms. And he runs the program again, over
everything that the pack does not tell, and keeps the plans whose pack is the same.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import re
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

import mgrs

from patrolplan.planfile import PlanFile

DEEPEST = 4
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){12,}")
_JS_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{2,6})\}?|x([0-9a-fA-F]{2}))")
_CLOCK = re.compile(
    r"(?<![\d.:])(?:[01]?\d|2[0-3])(?::[0-5]\d(?!\d)| ?h ?[0-5]\d\b|[0-5]\dZ\b)"
)
_DAY = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d-\d\d-\d\d|\d\d?[/.]\d\d?[/.](?:19|20)\d\d)(?!\d)"
)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]|-\d)")
_THOUSANDS = re.compile(r"(?<=\d)[,\u202f\u00a0 '](?=\d{3}(?!\d))")
_WORD = re.compile(r"[\w:>-]{3,}")
_CSP = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_TELLTALE = re.compile(
    r"(?i)\b(?:seed|graine|sha256|budget|max_days|range_km|horizon(?:_days)?|iterations|"
    r"depart|arrive|halts?|haltes?|bivouac|patrol_id|team_id|base_id)\b"
)
# A position is found from 1 km on; a number that few plans share has four digits.
_DECIMALS = 2
_DIGITS = 1000


class Leak(NamedTuple):
    """What was found, in which file, as what."""

    file: str
    kind: str
    value: str


def unwrap(data: bytes, depth: int = DEEPEST) -> Iterator[bytes]:
    """Yield data and all that is wrapped in it: entities, escapes, base64, zip."""
    yield data
    if depth == 0:
        return
    for inflate in (gzip.decompress, zlib.decompress):
        try:
            yield from unwrap(inflate(data), depth - 1)
        except (OSError, EOFError, zlib.error):
            continue
    text = data.decode("utf-8", "replace")
    for plain in (html.unescape(text), unquote(text), _unescape_script(text)):
        if plain != text:
            yield plain.encode("utf-8", "replace")
    for match in _BASE64.finditer(text):
        word = match[0].replace("-", "+").replace("_", "/").rstrip("=")
        try:
            found = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        yield from unwrap(found, depth - 1)
    for match in _HEX.finditer(text):
        yield from unwrap(bytes.fromhex(match[0]), depth - 1)


def _unescape_script(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code < 0x110000 else match[0]

    return _JS_ESCAPE.sub(replace, text)


def _list_words(text: str) -> str:
    return " ".join(re.findall(r"[\w-]+", _fold(text)))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


class Secrets:
    """All that a plan knows of movement, in the forms in which it could be written."""

    def __init__(self, plan: PlanFile, public: Iterable[str] = ()) -> None:
        self.public = {_fold(name) for name in public}
        self.texts: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.numbers: dict[float, str] = {}
        self.spots: set[tuple[float, float]] = set()
        self.packed: dict[bytes, str] = {}
        self._add_times(plan)
        self._add_places(plan)
        self._add_figures(plan)

    def _add_times(self, plan: PlanFile) -> None:
        moments: set[datetime] = set()
        for patrol in plan.patrols:
            moments |= {patrol.depart, patrol.return_}
            for part in (*patrol.stops, *patrol.legs):
                moments |= {m for m in (part.arrive, part.depart) if m is not None}
        for moment in moments:
            seconds = int(moment.timestamp())
            for form in (str(seconds), str(seconds * 1000), f"{seconds:x}"):
                self.texts[form] = "time"
            for order in "<>":
                self.packed[struct.pack(f"{order}d", float(seconds))] = "time"
                self.packed[struct.pack(f"{order}q", seconds)] = "time"
        days = {moment.astimezone(UTC).date() for moment in moments}
        for day in {d + timedelta(days=n) for d in days for n in (-1, 0, 1)}:
            for form in ("%Y%m%d", "%d.%m.%y", "%j/%Y"):
                self.texts[day.strftime(form)] = "day"
            for month in (day.strftime("%B"), day.strftime("%b"), _FRENCH[day.month]):
                for form in (f"{day.day} {month}", f"{month} {day.day}"):
                    self.names[_fold(form)] = "day"

    def _add_places(self, plan: PlanFile) -> None:
        grid = mgrs.MGRS()
        squares: set[tuple[float, float]] = set()
        for patrol in plan.patrols:
            squares |= {(stop.lon, stop.lat) for stop in patrol.stops}
            for leg in patrol.legs:
                self.spots |= {_round_spot(*xy) for xy in leg.geometry.coordinates}
            for stop in patrol.stops:
                if stop.kind != "visit":
                    self.texts[stop.place_id] = stop.kind
            for line in {line for leg in patrol.legs for line in leg.lines}:
                self.texts[line] = "line driven"
        for kept in (*plan.bases, *(plan.medical or ()), *(plan.keep_clear or ())):
            squares.add((kept.lon, kept.lat))
            self.texts[kept.id] = "sensitive place"
        for lon, lat in squares:
            self.spots.add(_round_spot(lon, lat))
            for digits in (5, 4, 3, 2):
                square = grid.toMGRS(lat, lon, MGRSPrecision=digits)
                self.texts[square] = "grid"
                self.names[_fold(f"{square[:3]} {square[3:5]}")] = "grid"
            for number in (lon, lat):
                for form in ("<d", ">d", "<f", ">f"):
                    if abs(number) > 0.1:
                        self.packed[struct.pack(form, number)] = "position"
        for base in plan.bases:
            self.names[_fold(base.name)] = "base"
        for patrol in plan.patrols:
            self.names[_fold(patrol.id)] = "patrol"
        visited = {s.site_id for p in plan.patrols for s in p.stops if s.site_id}
        for site in plan.sites:
            self.texts[site.id] = "site id"
            if site.id in visited:
                self.names[_fold(site.name)] = "place visited"

    def _add_figures(self, plan: PlanFile) -> None:
        found = plan.assessment
        figures = [found.need_total, found.need_met, found.first_visits]
        figures += [found.people_reached, found.need_bound or 0.0]
        for patrol in plan.patrols:
            lengths = [leg.length_km for leg in patrol.legs]
            minutes = [leg.driving_min for leg in patrol.legs]
            figures += [sum(lengths), sum(minutes), *lengths, *minutes]
            figures += [stop.need_earned for stop in patrol.stops]
            figures += [patrol.supplies.fuel_l, patrol.supplies.water_l]
        figures.append(sum(leg.length_km for p in plan.patrols for leg in p.legs))
        for figure in figures:
            for decimals in range(4):
                number = round(figure, decimals)
                # Zeros at the end are no digits by which it could be known.
                bare = decimals > 0 and number == round(figure, decimals - 1)
                if abs(number) * 10**decimals >= _DIGITS and not bare:
                    self.numbers[number] = "figure of the plan"
        for entry in plan.inputs:
            self.texts[entry.sha256] = "hash"
            self.texts[entry.sha256[:12]] = "hash"

    def find(self, data: bytes, file: str, whole: bool = True) -> Iterator[Leak]:
        """Yield what one unwrapped piece of a file gives away."""
        for packed, kind in self.packed.items():
            if packed in data:
                yield Leak(file, kind, packed.hex())
        text = data.decode("utf-8", "replace")
        if "\ufffd" in text and not whole:
            return
        text = _THOUSANDS.sub("", text)
        for kind, pattern in (("clock", _CLOCK), ("day", _DAY), ("word", _TELLTALE)):
            for match in pattern.finditer(text):
                yield Leak(file, kind, match[0])
        words = set(_WORD.findall(text))
        for secret in self.texts.keys() & words:
            if len(secret) >= 4 and _fold(secret) not in self.public:
                yield Leak(file, self.texts[secret], secret)
        for secret in self.texts:
            if len(secret) >= 8 and secret in text and secret not in words:
                yield Leak(file, self.texts[secret], secret)
        folded = f" {_list_words(text)} "
        for name, kind in self.names.items():
            plain = _list_words(name)
            if name not in self.public and f" {plain} " in folded:
                yield Leak(file, kind, name)
        yield from self._find_numbers(text, file)

    def _find_numbers(self, text: str, file: str) -> Iterator[Leak]:
        numbers = [
            (match.start(), match[0], float(match[0]))
            for match in _NUMBER.finditer(text)
        ]
        for _, word, number in numbers:
            if number in self.numbers:
                yield Leak(file, self.numbers[number], word)
        exact = [
            (at, value)
            for at, word, value in numbers
            if len(word.partition(".")[2]) >= _DECIMALS
        ]
        for (here, a), (there, b) in pairwise(exact):
            if there - here > 80:
                continue
            for spot in (_round_spot(a, b), _round_spot(b, a)):
                if spot in self.spots:
                    yield Leak(file, "position", f"{spot}")


_FRENCH = (
    "",
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def _round_spot(lon: float, lat: float) -> tuple[float, float]:
    return round(lon, _DECIMALS) + 0.0, round(lat, _DECIMALS) + 0.0


def attack(
    pack: Mapping[str, bytes],
    plan: PlanFile,
    *,
    blank: Mapping[str, bytes],
    public: Iterable[str] = (),
) -> list[Leak]:
    """Return what a pack gives away of a plan.

    Parameters
    ----------
    pack
        The files of the pack.
    plan
        The CONFIDENTIAL plan.
    blank
        The pack of a plan without places: what it has too is the program's.
    public
        Names that stand in the pack whatever is planned, such as those of cercles.
    """
    secrets = Secrets(plan, public)
    known = {
        line
        for data in blank.values()
        for line in data.decode("utf-8").splitlines()
        if line
    }
    found: dict[Leak, None] = {}
    for name, data in sorted(pack.items()):
        lines = _CSP.sub("", data.decode("utf-8", "replace")).splitlines()
        rest = "\n".join(line for line in lines if line not in known).encode()
        for number, piece in enumerate(unwrap(rest)):
            found |= dict.fromkeys(secrets.find(piece, name, whole=number == 0))
    return list(found)


def list_movement(plan: PlanFile) -> frozenset[tuple[str, ...]]:
    """Return what is to be foretold: who is visited when, halts, departures."""
    facts: set[tuple[str, ...]] = set()
    for patrol in plan.patrols:
        facts.add(("leaves", patrol.base_id, patrol.depart.date().isoformat()))
        for stop in patrol.stops:
            if stop.kind == "visit" and stop.site_id and stop.arrive:
                facts.add(("visited", stop.site_id))
                day = stop.arrive.date().isoformat()
                facts.add(("visited on", stop.site_id, day))
            elif stop.kind == "halt":
                facts.add(("halt", f"{stop.lon:.1f}", f"{stop.lat:.1f}"))
    return frozenset(facts)


class Gain(NamedTuple):
    """What running the program again tells an attacker.

    Attributes
    ----------
    candidates
        Plans that differ in movement, among those tried.
    left
        How many of them have the very pack.
    most
        By how much the chance of any fact of movement moved, at most, 0 to 1.
    """

    candidates: int
    left: int
    most: float


def run_again(
    seen: Mapping[str, bytes],
    tried: Iterable[tuple[PlanFile, Mapping[str, bytes]]],
) -> Gain:
    """Measure what a pack tells over the runs that could have made it."""
    runs = {list_movement(plan): dict(pack) == dict(seen) for plan, pack in tried}
    left = [movement for movement, same in runs.items() if same]
    before = Counter(fact for movement in runs for fact in movement)
    after = Counter(fact for movement in left for fact in movement)
    most = max(
        (
            abs(after[fact] / max(1, len(left)) - count / len(runs))
            for fact, count in before.items()
        ),
        default=0.0,
    )
    return Gain(len(runs), len(left), most)
