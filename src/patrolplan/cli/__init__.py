"""The command line: its verbs, its exit codes, and nothing that plans.

Everything heavy is imported inside the verb that needs it: ``--help`` must answer at
once on a slow machine.
"""

from patrolplan.cli.running import main

__all__ = ["main"]
