"""The compiled core of routing: chains, the hierarchy, sweeps over it, and ways.

Every compiled function lives in this one file: the compiler's cache on disk does not
notice a change in a function that is called from another.

Junctions are numbered by rank, the order in which they are eliminated. An arc of the
hierarchy joins a junction to one of higher rank; ``up_first`` and ``up_head`` list arcs
by the lower end, ``down_first``, ``down_tail`` and ``down_arc`` by the higher one. The
last axis of an arc's costs is the direction: 0 from the lower end up, 1 down to it.

After Dibbelt, Strasser and Wagner, *Customizable Contraction Hierarchies* (ACM Journal
of Experimental Algorithmics 21, 2016), and Delling, Goldberg and Werneck, *Faster
Batched Shortest Paths in Road Networks* (ATMOS 2011).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np

__all__ = [
    "climb",
    "customize",
    "customize_paths",
    "descend",
    "fill_arcs",
    "find_arcs",
    "find_chains",
    "find_structure",
    "join_on_chain",
    "lay_costs",
    "locate",
    "mark_ancestors",
    "rank_nodes",
    "renew_arcs",
    "sort_by_trees",
    "sum_chains",
    "thin_out",
    "trace",
    "transpose",
]

P = ParamSpec("P")
R = TypeVar("R")


def _compile(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on its first call, kept on disk where there is room."""
    return _build(function, counting=True)


def _compile_bare(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that makes no arrays, and so need not count their holders."""
    return _build(function, counting=False)


def _build(function: Callable[P, R], *, counting: bool) -> Callable[P, R]:
    options: dict[str, Any] = {"nogil": True, "_nrt": counting}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        # Neither beside this file nor in the user's folder may anything be written.
        made = numba.njit(**options)(function)
    return cast("Callable[P, R]", made)


# --- Chains -----------------------------------------------------------------------

_SHIFT = 30
_ONE, _MANY, _BELOW = 1 << _SHIFT, 3 << _SHIFT, (1 << _SHIFT) - 1
"""Of what :func:`find_chains` keeps of a node: one end, three or more, the others."""


@_compile_bare
def find_chains(
    tails: Any,
    heads: Any,
    state: Any,
    beyond: Any,
    is_done: Any,
    chain_first: Any,
    along: Any,
    flipped: Any,
    edge_row: Any,
    ends: Any,
    node_edge: Any,
    number: Any,
) -> Any:
    """Write the chains of edges between junctions, where other than two edges meet.

    Written are the first row of each chain and one more; edges along the chains;
    whether each is passed from its head to its tail; the row of each edge; ends of each
    chain, as numbers of junctions; an edge of each node within a chain; the number of
    each junction, in the order of the chains that end there.
    ``node_edge`` and ``number`` hold -1 at first. ``state``, zeros by node, ``beyond``,
    two for each edge, and ``is_done``, false by edge, are to work in: small, and filled
    in passes of their own, since memory is what this waits for.

    Returns
    -------
    How many chains and how many junctions there are.
    """
    edges, nodes = len(tails), len(state)
    # Twice an edge is its end at the tail, and one more that at the head. Of each node
    # how many ends lie there, up to three, in the two highest bits, and below them
    # their numbers by exclusive or: of two ends either gives the other.
    for edge in range(edges):
        if tails[edge] == heads[edge]:
            # A loop is no way through its node.
            state[tails[edge]] |= _MANY
            continue
        for side in range(2):
            node = heads[edge] if side else tails[edge]
            held = state[node] ^ (2 * edge + side)
            state[node] = held + _ONE if held < _MANY else held
    # The end of an edge where whoever leaves by one goes on, -1 at a junction. Nodes of
    # an edge lie anywhere in memory; found before, no chain waits for them.
    for edge in range(edges):
        for side in range(2):
            held = state[heads[edge] if side else tails[edge]]
            other = (held & _BELOW) ^ (2 * edge + side)
            beyond[edge, side] = other if held >> _SHIFT == 2 else -1
    # Then only what follows what.
    chain_first[0] = 0
    chains, filled = 0, 0
    # At last the rings without a junction: the tail of their first edge becomes one.
    for turn in range(2):
        if filled == edges:
            break
        for begin in range(edges):
            if is_done[begin]:
                continue
            if turn == 1:
                other = beyond[begin, 0]
                beyond[begin, 0] = beyond[other >> 1, other & 1] = -1
            if beyond[begin, 0] < 0:
                end = 2 * begin
            elif beyond[begin, 1] < 0:
                end = 2 * begin + 1
            else:
                continue
            while end >= 0:
                along[filled], is_done[end >> 1] = end, True
                filled += 1
                end = beyond[end >> 1, 1 - (end & 1)]
            chains += 1
            chain_first[chains] = filled
    # And all else, where again no step waits for another.
    junctions = 0
    for chain in range(chains):
        begin, last = chain_first[chain], chain_first[chain + 1] - 1
        for row in range(begin, last + 1):
            edge, back = along[row] >> 1, along[row] & 1
            node = tails[edge] if back else heads[edge]
            if row == begin:
                ends[chain, 0] = heads[edge] if back else tails[edge]
            if row == last:
                ends[chain, 1] = node
            else:
                # Within a chain: it keeps an edge that meets it.
                node_edge[node] = edge
            along[row], flipped[row] = edge, back
            edge_row[edge] = row
        for side in range(2):
            node = ends[chain, side]
            if number[node] < 0:
                number[node] = junctions
                junctions += 1
            ends[chain, side] = number[node]
    # Nodes that no edge meets are junctions, too.
    for node in range(nodes):
        if number[node] < 0 and node_edge[node] < 0:
            number[node] = junctions
            junctions += 1
    return chains, junctions


@_compile_bare
def rank_nodes(order: Any, number: Any) -> None:
    """Put the rank of each junction in the place of its number; -1 stays."""
    for node in range(len(number)):
        if number[node] >= 0:
            number[node] = order[number[node]]


@_compile_bare
def lay_costs(forward: Any, backward: Any, both_ways: Any, costs: Any) -> None:
    """Write what edges cost along them and back: infinite where nobody drives."""
    for edge in range(len(costs)):
        costs[edge, 0] = forward[edge]
        costs[edge, 1] = backward[edge] if both_ways[edge] else np.inf


@_compile_bare
def _cost_piece(row: int, ahead: bool, along: Any, flipped: Any, costs: Any) -> Any:
    """Return what it costs to pass a piece of a chain along it, or back."""
    return costs[along[row], 1 if flipped[row] == ahead else 0]


@_compile_bare
def sum_chains(
    chains: Any, chain_first: Any, along: Any, flipped: Any, costs: Any, sums: Any
) -> None:
    """Write what some chains cost along them and back, from costs of edges."""
    for chain in chains:
        there, back = 0.0, 0.0
        for row in range(chain_first[chain], chain_first[chain + 1]):
            there += _cost_piece(row, True, along, flipped, costs)
        for row in range(chain_first[chain + 1] - 1, chain_first[chain] - 1, -1):
            back += _cost_piece(row, False, along, flipped, costs)
        sums[chain, 0], sums[chain, 1] = there, back


@_compile_bare
def locate(
    chain: Any,
    row: Any,
    share: Any,
    chain_first: Any,
    along: Any,
    flipped: Any,
    costs: Any,
    leave: Any,
    reach: Any,
) -> None:
    """Write what it costs from spots on chains to both ends, and from there.

    ``row`` is the piece of the chain, ``share`` how much of it lies behind the spot,
    along the chain; ``leave`` and ``reach`` have a column for the start of the chain
    and one for its end.
    """
    for spot in range(len(chain)):
        if chain[spot] < 0:
            continue
        here, part = row[spot], share[spot]
        begin, end = chain_first[chain[spot]], chain_first[chain[spot] + 1]
        for ahead in (False, True):
            # Nothing of a closed piece is used from its very end: 0 times inf is none.
            behind = 0.0
            if part > 0.0:
                behind = part * _cost_piece(here, ahead, along, flipped, costs)
            before = 0.0
            if part < 1.0:
                before = (1.0 - part) * _cost_piece(here, ahead, along, flipped, costs)
            for other in range(begin, here):
                behind += _cost_piece(other, ahead, along, flipped, costs)
            for other in range(here + 1, end):
                before += _cost_piece(other, ahead, along, flipped, costs)
            if ahead:
                reach[spot, 0], leave[spot, 1] = behind, before
            else:
                leave[spot, 0], reach[spot, 1] = behind, before


@_compile_bare
def join_on_chain(
    source: int,
    target: int,
    row: Any,
    share: Any,
    along: Any,
    flipped: Any,
    costs: Any,
) -> Any:
    """Return what it costs between two spots of one chain, along it."""
    here, there = row[source], row[target]
    if here == there:
        part = share[target] - share[source]
        if part == 0.0:
            return 0.0
        return abs(part) * _cost_piece(here, part > 0.0, along, flipped, costs)
    ahead = there > here
    part = 1.0 - share[source] if ahead else share[source]
    total = 0.0
    if part > 0.0:
        total += part * _cost_piece(here, ahead, along, flipped, costs)
    for other in range(min(here, there) + 1, max(here, there)):
        total += _cost_piece(other, ahead, along, flipped, costs)
    part = share[target] if ahead else 1.0 - share[target]
    if part > 0.0:
        total += part * _cost_piece(there, ahead, along, flipped, costs)
    return total


# --- The hierarchy ----------------------------------------------------------------


@_compile_bare
def _add_neighbour(near: Any, degree: Any, node: Any, other: Any) -> bool:
    """Keep a neighbour of a junction, once; return whether there was room for it."""
    count = degree[node]
    for slot in range(count):
        if near[node, slot] == other:
            return True
    if count == near.shape[1]:
        return False
    near[node, count] = other
    degree[node] = count + 1
    return True


@_compile
def thin_out(ends: Any, near: Any, most: int) -> Any:
    """Eliminate junctions of few neighbours, the fewest first, far apart at a time.

    Most junctions of a road network go so, in a small part of the time that an order
    of minimum degree of all of them would take. ``near`` has a row for each junction,
    to work in.

    Returns
    -------
    The number of each junction in the order, or -1; how many have one; pairs of the
    others that are neighbours then.
    """
    count, room = near.shape
    degree = np.zeros(count, np.int32)
    # What does not fit keeps its ends from being eliminated here.
    stiff = np.zeros(count, np.bool_)
    extra = np.empty((len(ends), 2), np.int32)
    extras = 0
    for chain in range(len(ends)):
        tail, head = ends[chain, 0], ends[chain, 1]
        if tail == head:
            continue
        there = _add_neighbour(near, degree, tail, head)
        back = _add_neighbour(near, degree, head, tail)
        if not (there and back):
            stiff[tail], stiff[head] = True, True
            extra[extras, 0], extra[extras, 1] = tail, head
            extras += 1
    number = np.full(count, -1, np.int32)
    done = 0
    seen = np.zeros(count, np.int32)
    rest = np.arange(count).astype(np.int32)
    left, sweep = count, 0
    for limit in range(1, most + 1):
        before = -1
        while before != done:
            before = done
            sweep += 1
            kept = 0
            for place in range(left):
                node = rest[place]
                few = degree[node]
                # Beside one that goes in this sweep none goes: branches stay short.
                goes = few <= limit and seen[node] != sweep and not stiff[node]
                if goes:
                    for slot in range(few):
                        if degree[near[node, slot]] + few - 2 > room:
                            goes = False
                if not goes:
                    rest[kept] = node
                    kept += 1
                    continue
                for slot in range(few):
                    other = near[node, slot]
                    seen[other] = sweep
                    last = degree[other] - 1
                    for own in range(last):
                        if near[other, own] == node:
                            near[other, own] = near[other, last]
                    degree[other] = last
                    for beside in range(few):
                        if beside != slot:
                            _add_neighbour(near, degree, other, near[node, beside])
                number[node] = done
                done += 1
            left = kept
    pairs = np.empty((left * room + extras, 2), np.int32)
    filled = 0
    for place in range(left):
        node = rest[place]
        for slot in range(degree[node]):
            if near[node, slot] > node:
                pairs[filled, 0], pairs[filled, 1] = node, near[node, slot]
                filled += 1
    for item in range(extras):
        pairs[filled, 0], pairs[filled, 1] = extra[item, 0], extra[item, 1]
        filled += 1
    return number, done, pairs[:filled].copy()


@_compile
def sort_by_trees(ends: Any, count: int) -> Any:
    """Return an order of junctions in which every branch of the hierarchy is one run.

    ``ends`` are those of the chains, by an order of elimination. Its tree is found as
    Liu did (ACM Transactions on Mathematical Software 12, 1986) and numbered from the
    leaves, branch by branch. Eliminating in that order leaves the same arcs; but what
    is near on the ground is near in memory, too, and that is what all sweeps wait for.

    Returns
    -------
    The new number of each junction.
    """
    first = np.zeros(count + 1, np.int32)
    for chain in range(len(ends)):
        tail, head = ends[chain, 0], ends[chain, 1]
        if tail != head:
            first[max(tail, head)] += 1
    total = 0
    for node in range(count + 1):
        total, first[node] = total + first[node], total
    lower = np.empty(total, np.int32)
    for chain in range(len(ends)):
        tail, head = ends[chain, 0], ends[chain, 1]
        if tail != head:
            upper = max(tail, head)
            lower[first[upper]] = min(tail, head)
            first[upper] += 1
    parent = np.full(count, -1, np.int32)
    above = np.full(count, -1, np.int32)
    begin = 0
    for node in range(count):
        for slot in range(begin, first[node]):
            at = lower[slot]
            while at >= 0 and at < node:
                over = above[at]
                above[at] = node
                if over < 0:
                    parent[at] = node
                at = over
        begin = first[node]
    # How many junctions each branch has; then the first number that is free in it.
    size = np.ones(count, np.int32)
    for node in range(count):
        if parent[node] >= 0:
            size[parent[node]] += size[node]
    number = np.empty(count, np.int32)
    free = above
    roots = 0
    for node in range(count - 1, -1, -1):
        over = parent[node]
        if over >= 0:
            start = free[over]
            free[over] += size[node]
        else:
            start = roots
            roots += size[node]
        free[node] = start
        number[node] = start + size[node] - 1
    return number


@_compile
def find_structure(first: Any, neighbours: Any) -> Any:
    """Return the arcs that eliminating junctions by rank leaves, and the parents.

    ``first`` and ``neighbours`` list the neighbours of each junction that rank higher.
    The arcs of a junction come in no order.
    """
    count = len(first) - 1
    up_first = np.zeros(count + 1, np.int64)
    heads = np.empty(max(16, 2 * len(neighbours)), np.int32)
    parent = np.full(count, -1, np.int32)
    child = np.full(count, -1, np.int32)
    sibling = np.full(count, -1, np.int32)
    seen = np.full(count, -1, np.int32)
    for node in range(count):
        filled = up_first[node]
        needed = filled + first[node + 1] - first[node]
        other = child[node]
        while other >= 0:
            needed += up_first[other + 1] - up_first[other]
            other = sibling[other]
        if needed > len(heads):
            wider = np.empty(max(needed, 2 * len(heads)), np.int32)
            wider[:filled] = heads[:filled]
            heads = wider
        seen[node] = node
        # Written whether new or not: no guess which it will be can fail.
        for slot in range(first[node], first[node + 1]):
            head = neighbours[slot]
            heads[filled] = head
            filled += seen[head] != node
            seen[head] = node
        other = child[node]
        while other >= 0:
            for slot in range(up_first[other], up_first[other + 1]):
                head = heads[slot]
                heads[filled] = head
                filled += seen[head] != node
                seen[head] = node
            other = sibling[other]
        up_first[node + 1] = filled
        if filled > up_first[node]:
            lowest = heads[up_first[node] : filled].min()
            parent[node] = lowest
            sibling[node] = child[lowest]
            child[lowest] = node
    return up_first, heads[: up_first[count]].copy(), parent


@_compile
def transpose(up_first: Any, up_head: Any) -> Any:
    """Return the arcs by their higher ends, and put them into order by the lower ones.

    Listing them by one end leaves those of each in the order of the other: listed one
    way and then the other, all are in order, far quicker than sorted.

    Returns
    -------
    First of each higher end, and one more; lower ends, ascending; the arcs.
    """
    count = len(up_first) - 1
    first = np.zeros(count + 1, np.int64)
    for head in up_head:
        first[head + 1] += 1
    for node in range(count):
        first[node + 1] += first[node]
    fill = first[:-1].copy()
    tails = np.empty(len(up_head), np.int32)
    arcs = np.empty(len(up_head), np.int32)
    for node in range(count):
        for arc in range(up_first[node], up_first[node + 1]):
            head = up_head[arc]
            tails[fill[head]] = node
            fill[head] += 1
    fill = up_first[:-1].copy()
    for node in range(count):
        for slot in range(first[node], first[node + 1]):
            tail = tails[slot]
            up_head[fill[tail]], arcs[slot] = node, fill[tail]
            fill[tail] += 1
    return first, tails, arcs


@_compile_bare
def find_arcs(lower: Any, upper: Any, up_first: Any, up_head: Any, arcs: Any) -> None:
    """Write the arc between two junctions each, -1 where both are one."""
    for item in range(len(lower)):
        arcs[item] = -1
        if lower[item] == upper[item]:
            continue
        low, high = up_first[lower[item]], up_first[lower[item] + 1] - 1
        while low < high:
            middle = (low + high) // 2
            if up_head[middle] < upper[item]:
                low = middle + 1
            else:
                high = middle
        arcs[item] = low


@_compile_bare
def customize(
    nodes: Any,
    up_first: Any,
    up_head: Any,
    down_first: Any,
    down_tail: Any,
    down_arc: Any,
    costs: Any,
    place: Any,
) -> None:
    """Lower the cost of arcs: of a chain, to that of a way over lower junctions.

    ``nodes`` are the lower ends of the arcs, ascending; ``costs`` are of chains at
    first, ``place`` is room to work in.
    """
    for node in nodes:
        for arc in range(up_first[node], up_first[node + 1]):
            place[up_head[arc]] = arc
        for slot in range(down_first[node], down_first[node + 1]):
            arc = down_arc[slot]
            up, down = costs[arc, 0], costs[arc, 1]
            if up == np.inf and down == np.inf:
                continue
            # Written whether lower or not: no guess which it will be can fail.
            for other in range(arc + 1, up_first[down_tail[slot] + 1]):
                over = place[up_head[other]]
                costs[over, 0] = min(costs[over, 0], down + costs[other, 0])
                costs[over, 1] = min(costs[over, 1], up + costs[other, 1])


@_compile_bare
def fill_arcs(arcs: Any, reverse: Any, sums: Any, costs: Any) -> None:
    """Write the cost of the cheapest chain between the ends of each arc."""
    for arc in range(len(costs)):
        costs[arc, 0], costs[arc, 1] = np.inf, np.inf
    for chain in range(len(arcs)):
        arc = arcs[chain]
        if arc >= 0:
            for way in range(2):
                side = 1 - way if reverse[chain] else way
                if sums[chain, way] < costs[arc, side]:
                    costs[arc, side] = sums[chain, way]


@_compile_bare
def renew_arcs(nodes: Any, up_first: Any, initial: Any, costs: Any) -> None:
    """Write the costs of chains again, for arcs with some lower ends."""
    for node in nodes:
        for arc in range(up_first[node], up_first[node + 1]):
            costs[arc, 0], costs[arc, 1] = initial[arc, 0], initial[arc, 1]


@_compile_bare
def _is_less(
    cost: float,
    length: float,
    hazard: float,
    cost2: float,
    length2: float,
    hazard2: float,
) -> bool:
    """Return whether a way is cheaper; of equals the shorter, the less hazardous."""
    if cost != cost2:
        return cost < cost2
    if length != length2:
        return length < length2
    return hazard < hazard2


@_compile_bare
def customize_paths(
    nodes: Any,
    up_first: Any,
    up_head: Any,
    down_first: Any,
    down_tail: Any,
    down_arc: Any,
    arc_first: Any,
    arc_chain: Any,
    reverse: Any,
    sums: Any,
    extras: Any,
    costs: Any,
    burdens: Any,
    own: Any,
    place: Any,
) -> None:
    """Do as :func:`customize`, with length and hazard, and say what arcs lead over.

    ``arc_first`` and ``arc_chain`` list chains between the ends of each arc. ``own``
    becomes the chain of each arc and direction; where a way over a lower junction is
    cheaper ``-2`` minus that junction; -1 where there is none.
    """
    for node in nodes:
        for arc in range(up_first[node], up_first[node + 1]):
            place[up_head[arc]] = arc
            for side in range(2):
                costs[arc, side], own[arc, side] = np.inf, -1
                burdens[arc, side, 0], burdens[arc, side, 1] = np.inf, np.inf
            for slot in range(arc_first[arc], arc_first[arc + 1]):
                chain = arc_chain[slot]
                for way in range(2):
                    side = 1 - way if reverse[chain] else way
                    cost = sums[chain, way]
                    length, hazard = extras[chain, way, 0], extras[chain, way, 1]
                    if cost < np.inf and _is_less(
                        cost,
                        length,
                        hazard,
                        costs[arc, side],
                        burdens[arc, side, 0],
                        burdens[arc, side, 1],
                    ):
                        costs[arc, side], own[arc, side] = cost, chain
                        burdens[arc, side, 0], burdens[arc, side, 1] = length, hazard
        for slot in range(down_first[node], down_first[node + 1]):
            arc = down_arc[slot]
            for other in range(arc + 1, up_first[down_tail[slot] + 1]):
                over = place[up_head[other]]
                for side in range(2):
                    cost = costs[arc, 1 - side] + costs[other, side]
                    if cost == np.inf or cost > costs[over, side]:
                        continue
                    length = burdens[arc, 1 - side, 0] + burdens[other, side, 0]
                    hazard = burdens[arc, 1 - side, 1] + burdens[other, side, 1]
                    if _is_less(
                        cost,
                        length,
                        hazard,
                        costs[over, side],
                        burdens[over, side, 0],
                        burdens[over, side, 1],
                    ):
                        costs[over, side] = cost
                        burdens[over, side, 0] = length
                        burdens[over, side, 1] = hazard
                        own[over, side] = -2 - down_tail[slot]


_LANES = 64
"""Sources that climb at once."""

# --- Sweeps -----------------------------------------------------------------------


@_compile_bare
def mark_ancestors(
    seeds: Any, parent: Any, slot: Any, members: Any, filled: int
) -> int:
    """List junctions and what ranks above them, each once; return how many."""
    for seed in seeds:
        node = seed
        while node >= 0 and slot[node] < 0:
            slot[node] = 0
            members[filled] = node
            filled += 1
            node = parent[node]
    return filled


@_compile
def descend(
    seeds: Any, parent: Any, up_first: Any, up_head: Any, costs: Any, never: Any
) -> Any:
    """Return the arcs that lead down to some junctions, by place from the top.

    Returns
    -------
    Junctions by place; first arc of each place and one more; place each arc comes
    from; its cost; place of each junction or -1.
    """
    slot = np.full(len(parent), -1, np.int32)
    members = np.empty(len(parent), np.int32)
    count = mark_ancestors(seeds, parent, slot, members, 0)
    members = members[:count]
    members.sort()
    members = members[::-1].copy()
    arcs = 0
    for place in range(count):
        slot[members[place]] = place
        arcs += up_first[members[place] + 1] - up_first[members[place]]
    first = np.zeros(count + 1, np.int64)
    heads = np.empty(arcs, np.int32)
    prices = np.empty(arcs, costs.dtype)
    filled = 0
    for place in range(count):
        node = members[place]
        for arc in range(up_first[node], up_first[node + 1]):
            if costs[arc, 1] < never:
                heads[filled] = slot[up_head[arc]]
                prices[filled] = costs[arc, 1]
                filled += 1
        first[place + 1] = filled
    return members, first, heads[:filled], prices[:filled], slot


@_compile
def climb(
    source_seed: Any,
    source_cost: Any,
    parent: Any,
    up_first: Any,
    up_head: Any,
    costs: Any,
    nodes: Any,
    first: Any,
    heads: Any,
    prices: Any,
    target_seed: Any,
    target_cost: Any,
    never: Any,
    out: Any,
) -> None:
    """Write what it costs from every source to every target.

    Sources climb together, then come down to all targets. ``costs`` and all that
    is added to them are of one type, in which twice ``never`` has room.
    """
    sources, targets = len(source_seed), len(target_seed)
    count = len(up_first) - 1
    slot = np.full(count, -1, np.int32)
    members = np.empty(count, np.int32)
    high = np.empty((count, _LANES), costs.dtype)
    low = np.empty((len(nodes), _LANES), costs.dtype)
    kind = high.dtype.type
    for begin in range(0, sources, _LANES):
        end = min(begin + _LANES, sources)
        filled = 0
        for source in range(begin, end):
            filled = mark_ancestors(source_seed[source], parent, slot, members, filled)
        members[:filled].sort()
        for place in range(filled):
            slot[members[place]] = place
            for lane in range(_LANES):
                high[place, lane] = never
        for source in range(begin, end):
            for side in range(2):
                if source_seed[source, side] >= 0:
                    place = slot[source_seed[source, side]]
                    cost = source_cost[source, side]
                    if cost < high[place, source - begin]:
                        high[place, source - begin] = cost
        # Written so that the compiler makes vectors of the lanes, twelve arcs a
        # nanosecond: with fewer lanes it would unroll the loops instead, and a number
        # of 32 bits plus another is one of 64 unless it is said to be of 32.
        for place in range(filled):
            node = members[place]
            for arc in range(up_first[node], up_first[node + 1]):
                cost = costs[arc, 0]
                if cost < never:
                    over = slot[up_head[arc]]
                    for lane in range(_LANES):
                        high[over, lane] = min(
                            kind(high[place, lane] + cost), high[over, lane]
                        )
        for place in range(len(nodes)):
            above = slot[nodes[place]]
            if above >= 0:
                for lane in range(_LANES):
                    low[place, lane] = high[above, lane]
            else:
                for lane in range(_LANES):
                    low[place, lane] = never
            for arc in range(first[place], first[place + 1]):
                cost, head = prices[arc], heads[arc]
                for lane in range(_LANES):
                    low[place, lane] = min(
                        kind(low[head, lane] + cost), low[place, lane]
                    )
        for place in range(filled):
            slot[members[place]] = -1
        for source in range(begin, end):
            for target in range(targets):
                best = never
                for side in range(2):
                    head = target_seed[target, side]
                    if head >= 0:
                        made = kind(
                            low[head, source - begin] + target_cost[target, side]
                        )
                        if made < best:
                            best = made
                out[source, target] = best


# --- Ways -------------------------------------------------------------------------


@_compile_bare
def _climb_one(
    seed: Any,
    start: Any,
    up_first: Any,
    up_head: Any,
    costs: Any,
    burdens: Any,
    slot: Any,
    members: Any,
    high: Any,
    came: Any,
) -> None:
    """Write of the ancestors of a source what it costs, and the arc it is come by."""
    for place in range(len(members)):
        slot[members[place]] = place
        high[place, 0], high[place, 1], high[place, 2] = np.inf, np.inf, np.inf
        came[place, 0], came[place, 1] = -1, -1
    for side in range(2):
        if seed[side] >= 0:
            place = slot[seed[side]]
            if _is_less(
                start[side, 0],
                start[side, 1],
                start[side, 2],
                high[place, 0],
                high[place, 1],
                high[place, 2],
            ):
                for part in range(3):
                    high[place, part] = start[side, part]
                came[place, 1] = side
    for place in range(len(members)):
        node = members[place]
        if high[place, 0] == np.inf:
            continue
        for arc in range(up_first[node], up_first[node + 1]):
            if costs[arc, 0] == np.inf:
                continue
            over = slot[up_head[arc]]
            cost = high[place, 0] + costs[arc, 0]
            length = high[place, 1] + burdens[arc, 0, 0]
            hazard = high[place, 2] + burdens[arc, 0, 1]
            if _is_less(
                cost, length, hazard, high[over, 0], high[over, 1], high[over, 2]
            ):
                high[over, 0], high[over, 1], high[over, 2] = cost, length, hazard
                came[over, 0], came[over, 1] = arc, place


@_compile_bare
def _descend_one(
    nodes: Any,
    slot_below: Any,
    up_first: Any,
    up_head: Any,
    costs: Any,
    burdens: Any,
    slot: Any,
    high: Any,
    low: Any,
    down: Any,
) -> None:
    """Write of junctions from the top what it costs, and the arc they are come by."""
    for place in range(len(nodes)):
        node = nodes[place]
        down[place] = -1
        if slot[node] >= 0:
            for part in range(3):
                low[place, part] = high[slot[node], part]
        else:
            low[place, 0], low[place, 1], low[place, 2] = np.inf, np.inf, np.inf
        for arc in range(up_first[node], up_first[node + 1]):
            head = slot_below[up_head[arc]]
            if costs[arc, 1] == np.inf or low[head, 0] == np.inf:
                continue
            cost = low[head, 0] + costs[arc, 1]
            length = low[head, 1] + burdens[arc, 1, 0]
            hazard = low[head, 2] + burdens[arc, 1, 1]
            if _is_less(
                cost, length, hazard, low[place, 0], low[place, 1], low[place, 2]
            ):
                low[place, 0], low[place, 1], low[place, 2] = cost, length, hazard
                down[place] = arc


@_compile
def trace(
    source_seed: Any,
    source_cost: Any,
    target_seed: Any,
    target_cost: Any,
    parent: Any,
    up_first: Any,
    up_head: Any,
    costs: Any,
    burdens: Any,
    own: Any,
    found: Any,
) -> Any:
    """Write cost, length and hazard from each source to each target; trace the last.

    Seeds of a source are junctions; costs have an axis for cost, length and hazard.

    Returns
    -------
    Of the last pair: chains passed, as twice the number plus the direction of the
    arc; the side of the source's seed; the side of the target's, or -1 without a way.
    """
    slot_below = np.full(len(parent), -1, np.int32)
    nodes = np.empty(len(parent), np.int32)
    below = mark_ancestors(target_seed.ravel(), parent, slot_below, nodes, 0)
    nodes[:below].sort()
    nodes = nodes[:below][::-1].copy()
    for place in range(below):
        slot_below[nodes[place]] = place
    slot = np.full(len(parent), -1, np.int32)
    members = np.empty(len(parent), np.int32)
    high = np.empty((len(parent), 3))
    came = np.empty((len(parent), 2), np.int32)
    low = np.empty((below, 3))
    down = np.empty(below, np.int32)
    side_from, side_to, place_to = -1, -1, -1
    for source in range(len(source_seed)):
        filled = mark_ancestors(source_seed[source], parent, slot, members, 0)
        members[:filled].sort()
        _climb_one(
            source_seed[source],
            source_cost[source],
            up_first,
            up_head,
            costs,
            burdens,
            slot,
            members[:filled],
            high,
            came,
        )
        _descend_one(
            nodes, slot_below, up_first, up_head, costs, burdens, slot, high, low, down
        )
        for target in range(len(target_seed)):
            best = found[source, target]
            best[0], best[1], best[2] = np.inf, np.inf, np.inf
            side_to = -1
            for side in range(2):
                if target_seed[target, side] < 0:
                    continue
                place = slot_below[target_seed[target, side]]
                cost = low[place, 0] + target_cost[target, side, 0]
                length = low[place, 1] + target_cost[target, side, 1]
                hazard = low[place, 2] + target_cost[target, side, 2]
                if cost < np.inf and _is_less(
                    cost, length, hazard, best[0], best[1], best[2]
                ):
                    best[0], best[1], best[2] = cost, length, hazard
                    side_to, place_to = side, place
        if source < len(source_seed) - 1:
            for place in range(filled):
                slot[members[place]] = -1
    chains = np.empty(256, np.int64)
    count = 0
    if side_to < 0:
        return chains[:0], side_from, side_to
    # Arcs from the target back to the source, then each taken apart, last piece first.
    stack = np.empty((2 * len(parent) + 4, 2), np.int64)
    depth = 0
    place = place_to
    while down[place] >= 0:
        stack[depth, 0], stack[depth, 1] = down[place], 1
        depth += 1
        place = slot_below[up_head[down[place]]]
    place = slot[nodes[place]]
    while came[place, 0] >= 0:
        stack[depth, 0], stack[depth, 1] = came[place, 0], 0
        depth += 1
        place = came[place, 1]
    side_from = came[place, 1]
    while depth > 0:
        depth -= 1
        arc, side = stack[depth, 0], stack[depth, 1]
        kept = own[arc, side]
        if count + 1 > len(chains):
            wider = np.empty(2 * len(chains), np.int64)
            wider[:count] = chains
            chains = wider
        if kept >= 0:
            chains[count] = 2 * kept + side
            count += 1
            continue
        over = -2 - kept
        begin, end = up_first[over], up_first[over + 1]
        lower = begin + np.searchsorted(up_head[begin:end], _find_tail(arc, up_first))
        upper = begin + np.searchsorted(up_head[begin:end], up_head[arc])
        stack[depth, 0], stack[depth, 1] = (upper if side == 0 else lower), 0
        stack[depth + 1, 0], stack[depth + 1, 1] = (lower if side == 0 else upper), 1
        depth += 2
    return chains[:count], side_from, side_to


@_compile_bare
def _find_tail(arc: int, up_first: Any) -> int:
    """Return the lower end of an arc."""
    low, high = 0, len(up_first) - 2
    while low < high:
        middle = (low + high + 1) // 2
        if up_first[middle] <= arc:
            low = middle
        else:
            high = middle - 1
    return low
