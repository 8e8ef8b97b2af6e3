"""Put a changed module in place of the one that runs, by its functions' code."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType, FunctionType

from mutants import CLONE, Mutant, strip_code

# Functions have a scope of their own for names; modules and classes do not.
_OF_A_FUNCTION = 0x2

Key = tuple[str, int]


class Functions:
    """The functions of some modules that this process has made so far."""

    def __init__(self, paths: list[str]) -> None:
        files = {str(CLONE / path): path for path in paths}
        self._made: dict[tuple[str, Key], list[FunctionType]] = defaultdict(list)
        for found in gc.get_objects():
            if isinstance(found, FunctionType):
                path = files.get(found.__code__.co_filename)
                if path is not None:
                    self._made[path, name_code(found.__code__)].append(found)

    @staticmethod
    def can_swap(mutant: Mutant) -> bool:
        """Return whether a change is in functions alone.

        It is not where it is in what runs on import: constants, defaults, decorators,
        fields of classes.
        """
        return not differ_on_import(*compile_both(mutant))

    def swap(self, mutant: Mutant) -> None:
        """Give a module's functions their changed code."""
        before, after = (group_codes(code) for code in compile_both(mutant))
        for key, codes in after.items():
            # What is made and called in one breath may be gone from a changed function.
            for old, new in zip(before[key], codes, strict=False):
                if strip_code(old) == strip_code(new):
                    continue
                for function in self._made[mutant.path, key]:
                    if strip_code(function.__code__) == strip_code(old):
                        function.__code__ = new


def compile_both(mutant: Mutant) -> tuple[CodeType, CodeType]:
    """Return the code of a module as it is and as it becomes."""
    file = str(CLONE / mutant.path)
    text = (CLONE / mutant.path).read_text(encoding="utf-8")
    return (
        compile(text, file, "exec", dont_inherit=True),
        compile(mutant.text, file, "exec", dont_inherit=True),
    )


def name_code(code: CodeType) -> Key:
    """Return the name of a function in its module, and its first line."""
    return (code.co_qualname, code.co_firstlineno)


def group_codes(code: CodeType) -> dict[Key, list[CodeType]]:
    """Return the code of all functions in a module's by name: lambdas share theirs."""
    found: dict[Key, list[CodeType]] = defaultdict(list)
    for inside in list_codes(code):
        found[name_code(inside)].append(inside)
    return found


def list_codes(code: CodeType) -> Iterator[CodeType]:
    """Return the code of all functions in a module's, those within others too."""
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_flags & _OF_A_FUNCTION:
                yield const
            yield from list_codes(const)


def differ_on_import(before: CodeType, after: CodeType) -> bool:
    """Return whether two codes differ outside the functions in them."""
    if before.co_code != after.co_code or before.co_names != after.co_names:
        return True
    if len(before.co_consts) != len(after.co_consts):
        return True
    for old, new in zip(before.co_consts, after.co_consts, strict=True):
        if isinstance(old, CodeType) and isinstance(new, CodeType):
            if not old.co_flags & _OF_A_FUNCTION and differ_on_import(old, new):
                return True
        elif (type(old), repr(old)) != (type(new), repr(new)):
            return True
    return False
