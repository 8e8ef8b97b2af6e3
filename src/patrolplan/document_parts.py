"""What a leg is driven on, part by part, as a plan document holds it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from patrolplan.network.travel import Piece, cut_pieces
from patrolplan.planfile import PartEntry

__all__ = ["list_parts"]

Spans = Sequence[tuple[float, float]]


def list_parts(
    whole: Sequence[Piece], blocked: Spans, from_min: float, to_min: float
) -> list[PartEntry]:
    """Return the parts driven between two driving minutes of a way, in order.

    A part is one kind of line, one surface, and either free for a halt or not.

    Parameters
    ----------
    whole
        The whole way.
    blocked
        Its sorted open intervals of driving minutes without a halt.
    from_min, to_min
        Driving minutes from its beginning.
    """
    edges = {edge for span in blocked for edge in span if from_min < edge < to_min}
    driven: list[tuple[tuple[str, str, bool], Piece]] = []
    for begins, ends in pairwise(sorted({from_min, to_min, *edges})):
        halt = not any(a <= begins and ends <= b for a, b in blocked)
        driven.extend(
            ((piece.kind, piece.surface, halt), piece)
            for piece in cut_pieces(whole, begins, ends)
        )
    parts = []
    for (kind, surface, halt), group in groupby(driven, key=lambda pair: pair[0]):
        pieces = [piece for _, piece in group]
        parts.append(
            PartEntry(
                kind=kind,
                surface=surface,
                length_km=sum(piece.length_m for piece in pieces) / 1000,
                driving_min=sum(piece.duration_min for piece in pieces),
                fuel_l=sum(piece.fuel_l for piece in pieces),
                halt=halt,
            )
        )
    return parts
