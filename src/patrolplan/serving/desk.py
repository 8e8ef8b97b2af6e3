"""One planner's desk: the scenario, one plan under way at most, and the last two.

All of it is in memory. Nothing is written but the file that the planner saves.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from patrolplan.errors import Fault, InputError
from patrolplan.nearest import plan_nearest
from patrolplan.planning.solver import Progress
from patrolplan.products.files import write_page
from patrolplan.scenario import Scenario
from patrolplan.serving.levers import Levers, Original, check_levers, pull
from patrolplan.study import Study

__all__ = ["Desk", "State"]

Phase = Literal["idle", "planning", "cancelled", "failed"]


@dataclass(frozen=True)
class State:
    """How far the desk is.

    Parameters
    ----------
    phase
        ``planning`` while a plan is under way; else what became of the last attempt.
    run
        Number of the last attempt, from 1; 0 before any.
    share
        Share of the search done, 0 to 1.
    need, gap
        Need met by the best plan so far, and what it may be short of, as a fraction of
        the bound.
    faults
        Why the last attempt failed.
    studies
        The last plan, and the one before it as far as there is one.
    levers
        How they stood at the last attempt; None before any.
    """

    phase: Phase = "idle"
    run: int = 0
    share: float = 0.0
    need: float = 0.0
    gap: float = 1.0
    faults: tuple[Fault, ...] = ()
    studies: tuple[Study, ...] = ()
    levers: Levers | None = None


class _CancelledError(Exception):
    """The planner wants this plan no more."""


class Desk:
    """The scenario on the desk, and the one worker that plans it.

    Parameters
    ----------
    original
        What the planner began with.
    """

    def __init__(self, original: Original) -> None:
        self.original = original
        self._state = State()
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._saved = False

    @property
    def state(self) -> State:
        """How far it is, at one moment."""
        with self._lock:
            return self._state

    @property
    def target(self) -> Path:
        """The file that the scenario is saved as."""
        return self.original.scenario.path

    def plan(self, asked: Any) -> bool:
        """Begin to plan; return whether it began: while one plans, no other can.

        Parameters
        ----------
        asked
            The levers, as the page sent them.

        Raises
        ------
        ScenarioError
            If they cannot be meant; what stands on the desk stays as it is.
        """
        levers = check_levers(self.original, asked)
        scenario = pull(self.original, levers)
        with self._lock:
            if self._state.phase == "planning":
                return False
            self._state = State(
                phase="planning",
                run=self._state.run + 1,
                studies=self._state.studies,
                levers=levers,
            )
            self._cancelled.clear()
            self._thread = threading.Thread(
                target=self._work, args=(scenario,), name="planning", daemon=True
            )
            self._thread.start()
        return True

    def cancel(self) -> None:
        """Give up the plan under way, if there is one; the last one stays."""
        self._cancelled.set()

    def close(self, *, patience_s: float = 20.0) -> None:
        """Give up the plan under way and wait for its worker.

        Parameters
        ----------
        patience_s
            For how many seconds at most.
        """
        self.cancel()
        if self._thread is not None:
            self._thread.join(patience_s)

    def save(self) -> Path | None:
        """Write the scenario asked for the last plan; return its file, or None.

        What this desk did not write is never written over.

        Raises
        ------
        PackError
            If its folder is made to be handed on or is a symbolic link, or the file is
            there and is not of this desk.
        OSError
            If it cannot be written.
        """
        studies = self.state.studies
        if not studies:
            return None
        content = studies[0].scenario.content
        assert content is not None
        path = write_page(self.target, content.decode("utf-8"), new=not self._saved)
        self._saved = True
        return path

    def _work(self, scenario: Scenario) -> None:
        try:
            study = plan_nearest(scenario, on_progress=self._note)
            # The end of a plan tells nothing of itself: it is given up here, too.
            self._check()
        except _CancelledError:
            self._end(phase="cancelled")
        except InputError as error:
            self._end(phase="failed", faults=error.faults)
        except Exception as error:  # noqa: BLE001 - the page must say so, not wait
            found = f"{type(error).__name__}: {error}"
            fault = Fault(scenario.path.name, "planning", found, "no internal fault")
            self._end(phase="failed", faults=(fault,))
        else:
            with self._lock:
                studies = (study, *self._state.studies)[:2]
            self._end(phase="idle", share=1.0, studies=studies)

    def _note(self, progress: Progress) -> None:
        self._check()
        with self._lock:
            self._state = replace(
                self._state,
                share=progress.share,
                need=progress.need,
                gap=progress.gap,
            )

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise _CancelledError

    def _end(self, **changes: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **changes)
