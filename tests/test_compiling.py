"""The core is compiled part by part before it is needed, and that is told."""

from __future__ import annotations

import os

from patrolplan.planning import kernel
from patrolplan.planning.compiling import compile_kernels, is_compiled


def test_parts_are_compiled_one_after_another() -> None:
    steps = compile_kernels()
    assert [next(steps), next(steps), next(steps)] == ["clock", "search", "bound"]
    assert next(steps, None) is None
    assert is_compiled()


def test_what_was_compiled_before_the_source_changed_is_not(
    monkeypatch, tmp_path
) -> None:
    list(compile_kernels())
    assert is_compiled()
    source = tmp_path / "kernel.py"
    source.write_text("")
    monkeypatch.setattr(kernel, "__file__", str(source))
    os.utime(source, (1.0, 1.0))
    assert is_compiled()
    os.utime(source, (4e9, 4e9))
    assert not is_compiled()


def test_where_nothing_can_be_kept_nothing_is_compiled(monkeypatch) -> None:
    monkeypatch.setattr(kernel, "anneal_roster", object())
    assert not is_compiled()
