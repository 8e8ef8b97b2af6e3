"""The look over notebooks that were run: each kind of noise fails, and is placed."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from notebook_outputs import find_faults, main

CALM = (
    new_output("stream", name="stdout", text="12 places\n"),
    new_output("execute_result", data={"text/plain": "'No warning at all'"}),
    new_output("display_data", data={"image/png": "iVBORw0KGgo="}),
)
STDERR = new_output("stream", name="stderr", text="progress 50%\n")
BROKEN = new_output("error", ename="KeyError", evalue="'gao'", traceback=[])
WARNED = new_output("stream", name="stdout", text="x.py:3: UserWarning: old axes\n")


def write_run(folder, *outputs, count: int | None = 1):
    # The cell of code is the second.
    cell = new_code_cell("show()", execution_count=count, outputs=list(outputs))
    empty = new_code_cell("")
    book = new_notebook(cells=[new_markdown_cell("# Need"), cell, empty])
    nbformat.write(book, folder / "02_need.ipynb")


def test_a_calm_run_passes(tmp_path, capsys) -> None:
    write_run(tmp_path, *CALM)
    assert main(str(tmp_path)) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (STDERR, "stderr: progress 50%"),
        (BROKEN, "error: KeyError: 'gao'"),
        (WARNED, "warning: x.py:3: UserWarning: old axes"),
    ],
)
def test_noise_fails_and_is_placed(tmp_path, capsys, output, told) -> None:
    write_run(tmp_path, *CALM, output)
    assert main(str(tmp_path)) == 1
    assert capsys.readouterr().err == f"02_need.ipynb: cell 2: {told}\n"


def test_what_was_not_run_fails(tmp_path) -> None:
    assert find_faults(tmp_path) == [f"{tmp_path.name}: no notebook"]
    write_run(tmp_path, count=None)
    assert find_faults(tmp_path) == ["02_need.ipynb: cell 2: was not run"]
