"""Generate the page of the command line from the verbs themselves."""

from __future__ import annotations

import inspect

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from tabling import escape_cell, format_table

from patrolplan.cli.running import app

PAGE = "commands.md"

INTRODUCTION = """\
# The command line

Generated from the verbs: it is what `patrolplan VERB --help` says. Exit codes: 0 done;
1 a plan breaks a rule, or some of a batch failed; 2 the input is wrong. Faults go to
standard error, one a line: file, where, what was found, what was expected, and the
likely cause.
"""


def write_page() -> str:
    """Return the page as Markdown."""
    program = typer.main.get_command(app)
    parts = [INTRODUCTION]
    for name, verb in sorted(program.commands.items()):
        told = inspect.cleandoc(verb.help or "").replace("<", "&lt;")
        parts.append(f"\n## patrolplan {name}\n\n{told}\n\n")
        rows = []
        for parameter in verb.params:
            if parameter.name == "help" or getattr(parameter, "hidden", False):
                continue
            names = parameter.opts
            if parameter.param_type_name == "argument":
                names = [(parameter.metavar or parameter.name or "").upper()]
            shown = ", ".join(f"`{word}`" for word in names)
            told = getattr(parameter, "help", None) or ""
            rows.append([shown, escape_cell(told), _word(parameter)])
        parts.append(format_table(["option", "means", "default"], rows))
    return "".join(parts)


def _word(parameter: object) -> str:
    default = getattr(parameter, "default", None)
    if getattr(parameter, "required", False):
        return "must be given"
    if default is None or default is False or callable(default):
        return ""
    return f"`{getattr(default, 'value', default)}`"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to the site."""
    files.append(File.generated(config, PAGE, content=write_page()))
    return files
