"""List the places where a module can be changed, and draw changes among them.

The changes are those of cosmic-ray. A *place* is what one operator stands for in the
text: one sign, one number, one condition. Where several changes are possible in a place
one is drawn, so that a sign with six others does not weigh six times as much.
"""

from __future__ import annotations

import ast
import random
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

CLONE = Path(__file__).resolve().parents[1]

# Of most operators it is known which nodes of the tree they change: to ask them about
# all others takes most of the time.
_ONLY = {
    "NumberReplacer": "number",
    "ReplaceBinaryOperator": "operator",
    "ReplaceComparisonOperator": "comparison",
}

Position = tuple[int, int]
Span = tuple[Position, Position]
Place = tuple[str, Position, Position]
Change = tuple[str, int]


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Attributes
    ----------
    path
        The module, relative to the clone.
    operator
        cosmic-ray's name for the change.
    line, column
        Where, counted from 1 and 0.
    first_line, last_line
        The lines of the statement, without those of a body: a test that runs one of
        them reaches the change.
    before, after
        The line as it is and as it becomes.
    text
        The whole module, changed.
    """

    path: str
    operator: str
    line: int
    column: int
    first_line: int
    last_line: int
    before: str
    after: str
    text: str

    def tell(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def name_change(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what tells one change from all others."""
    return tuple(told[key] for key in ("path", "line", "column", "after"))


def list_places(
    path: Path, left_out: list[str], *, on_import: bool
) -> dict[Place, list[Change]]:
    """Return the changes possible in each place of a module's functions.

    Or, ``on_import``, in each place outside them: constants, defaults, fields.
    """
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    text = path.read_text(encoding="utf-8")
    void = list_void_spans(ast.parse(text))
    bodies = list_bodies(ast.parse(text))
    nodes = list(ast_nodes(get_ast(text)))
    by_type = defaultdict(list)
    for node in nodes:
        by_type[node.type].append(node)
    dull = re.compile("|".join(left_out))
    places: dict[Place, list[Change]] = defaultdict(list)
    name = path.relative_to(CLONE).as_posix()
    for operator_name in operator_names():
        if dull.search(operator_name):
            continue
        operator = get_operator(operator_name)()
        kind = operator_name.removeprefix("core/").partition("_")[0]
        asked = by_type[_ONLY[kind]] if kind in _ONLY else nodes
        spans = [span for node in asked for span in operator.mutation_positions(node)]
        for occurrence, (start, end) in enumerate(spans):
            if is_within(start, bodies) is not on_import and not is_within(start, void):
                places[name, start, end].append((operator_name, occurrence))
    return dict(places)


def is_within(position: Position, spans: list[Span]) -> bool:
    """Return whether a position lies in one of some spans."""
    return any(first <= position < last for first, last in spans)


def list_bodies(tree: ast.Module) -> list[Span]:
    """Return where the bodies of functions stand."""
    return [
        (
            (node.body[0].lineno, node.body[0].col_offset),
            (node.end_lineno or 0, node.end_col_offset or 0),
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def list_void_spans(tree: ast.Module) -> list[Span]:
    """Return where no change says anything: annotations, a star among parameters.

    And what two lists of one length are checked by, which no test can tell from none.
    Annotations that call something are left in: they are the limits of a field.
    """
    found: list[ast.AST | None] = []
    stars: list[Span] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            found.append(node.annotation)
        elif isinstance(node, ast.AnnAssign):
            parts = ast.walk(node.annotation)
            if not any(isinstance(part, ast.Call) for part in parts):
                found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
            named = node.args.kwonlyargs
            if named and node.args.vararg is None:
                before = [*node.args.posonlyargs, *node.args.args, *node.args.defaults]
                ends = [(n.end_lineno or 0, n.end_col_offset or 0) for n in before]
                start = max(ends, default=(node.lineno, node.col_offset))
                stars.append((start, (named[0].lineno, named[0].col_offset)))
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found.append(node)
        elif isinstance(node, ast.keyword) and node.arg == "strict":
            found.append(node.value)
    return stars + [
        ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        for node in found
        if node is not None
    ]


def find_statement(tree: ast.Module, line: int) -> tuple[int, int]:
    """Return the first and last line of the innermost statement, bodies left out."""
    best = (line, line)
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        first = getattr(node, "lineno", None) or node.pattern.lineno
        last = getattr(node, "end_lineno", None) or node.body[-1].end_lineno
        body = getattr(node, "body", None)
        if body:
            last = max(first, body[0].lineno - 1)
        # ast.walk goes from the outside in.
        if first <= line <= last:
            best = (first, last)
    return best


def strip_code(code: CodeType) -> tuple[Any, ...]:
    """Return what a code does, without where it stands in the file."""
    consts = tuple(
        strip_code(const) if isinstance(const, CodeType) else (type(const), repr(const))
        for const in code.co_consts
    )
    return (
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_exceptiontable,
        consts,
    )


@cache
def read_module(name: str) -> tuple[str, ast.Module, tuple[Any, ...]]:
    """Return the text of a module, its tree, and what its code does."""
    text = (CLONE / name).read_text(encoding="utf-8")
    code = compile(text, name, "exec", dont_inherit=True)
    return text, ast.parse(text), strip_code(code)


def build_mutant(place: Place, change: Change) -> Mutant | None:
    """Return a change carried out, or None where it alters nothing or is no Python."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    name, (line, column), _ = place
    operator_name, occurrence = change
    text, tree, same = read_module(name)
    mutated = mutate_code(text, get_operator(operator_name)(), occurrence)
    if mutated is None:
        return None
    try:
        changed = compile(mutated, name, "exec", dont_inherit=True)
    except SyntaxError:
        return None
    if strip_code(changed) == same:
        return None
    first, last = find_statement(tree, line)
    return Mutant(
        name,
        operator_name.removeprefix("core/"),
        line,
        column,
        first,
        last,
        text.splitlines()[line - 1].strip(),
        mutated.splitlines()[line - 1].strip(),
        mutated,
    )


def draw_mutants(
    sources: list[Path],
    left_out: list[str],
    count: int,
    seed: int,
    *,
    on_import: bool,
) -> tuple[list[Mutant], int]:
    """Draw changes of some modules, each place as likely as any other.

    Returns
    -------
    The changes, at most one for each place, and the number of places drawn from.
    """
    places: dict[Place, list[Change]] = {}
    for path in sorted(sources):
        places |= list_places(path, left_out, on_import=on_import)
    order = sorted(places)
    # The same seed draws the same whatever was drawn before.
    rng = random.Random(f"mutation {seed}")  # noqa: S311
    rng.shuffle(order)
    drawn: list[Mutant] = []
    for place in order:
        if len(drawn) == count:
            break
        changes = places[place]
        rng.shuffle(changes)
        made = (build_mutant(place, change) for change in changes)
        mutant = next((mutant for mutant in made if mutant is not None), None)
        if mutant is not None:
            drawn.append(mutant)
    return drawn, len(order)
