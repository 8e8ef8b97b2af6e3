"""A Dask cluster that plans a batch: looked at before it is trusted with any of it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.metadata
import platform
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, InvalidStateError
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from patrolplan._version import __version__
from patrolplan.errors import ClusterError, Fault
from patrolplan.plain_files import hash_file

__all__ = ["Baseline", "Cluster", "WorkerLostError", "measure_software", "open_cluster"]

# How long a scheduler may take to answer, workers to be there at the start, and a
# cluster to be without any before what is left is given up.
_ANSWER_S, _START_S, _PATIENCE_S = 10.0, 30.0, 60.0
_LOOK_S: Final = 1.0
# A worker that came late and is not as it should be hands a scenario on so often.
_RETRIES: Final = 3
_OPTION: Final = "--cluster"
# A process plans one scenario at a time, however many threads it has: the libraries
# that draw maps count in one place.
_TURN = threading.Lock()


class WorkerLostError(BrokenExecutor):
    """A scenario was lost with the worker that planned it, or with its cluster."""


class Baseline(NamedTuple):
    """What must be the same wherever a batch is planned.

    Attributes
    ----------
    software
        Versions and hashes by name, as :func:`measure_software` returns them.
    files
        Hashes of files by their absolute path, SHA-256.
    canary
        A file of this batch alone, among them, beside which a worker can write.
    """

    software: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    canary: str


@lru_cache(maxsize=1)
def measure_software() -> dict[str, str]:
    """Return what a plan may depend on beyond its inputs, by name.

    Returns
    -------
    The versions of Python, patrolplan and the libraries that it requires, and a hash of
    its source.
    """
    digest = hashlib.sha256()
    home = Path(__file__).parent
    for path in sorted(home.rglob("*.py")):
        digest.update(path.relative_to(home).as_posix().encode("utf-8"))
        digest.update(path.read_bytes())
    found = {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "patrolplan": __version__,
        "source of patrolplan": digest.hexdigest()[:12],
    }
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for text in importlib.metadata.requires("patrolplan") or ():
            name = re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0]
            if "extra ==" not in text:
                found[name] = importlib.metadata.version(name)
    return found


def find_differences(baseline: Baseline) -> list[tuple[str, str, str]]:
    """Return how this process differs from what a batch must be planned with.

    Parameters
    ----------
    baseline
        What must be the same.

    Returns
    -------
    What was found, what was expected, and the likely cause, for each difference.
    """
    own = measure_software()
    found = [
        (f"{name} {own.get(name, 'missing')}", f"{version}, as here", _UPDATE)
        for name, version in baseline.software
        if own.get(name) != version
    ]
    for name, digest in baseline.files:
        path = Path(name)
        try:
            if hash_file(path) != digest:
                found.append((f"another file {path.name}", "the same as here", _SHARE))
        except OSError:
            found.append((f"no file {path.name}", "the same files as here", _SHARE))
    reply = Path(f"{baseline.canary}-{secrets.token_hex(4)}")
    try:
        reply.write_text("", encoding="utf-8")
        reply.unlink()
    except OSError:
        found.append(("a folder of packs that it cannot write", "one it can", _SHARE))
    return found


_UPDATE: Final = (
    "install the same patrolplan and libraries there, from the same lock file"
)
_SHARE: Final = (
    "no shared disk: workers must see the scenarios, layers and --out under the "
    "same path"
)


# What this process found, by canary: a worker that came late is looked at too.
_looked: dict[str, bool] = {}


def run_there(baseline: Baseline, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function on a worker that is as it must be.

    Parameters
    ----------
    baseline
        What must be the same there.
    function, arguments
        What is called.

    Raises
    ------
    WorkerLostError
        If it differs: another worker is to have it.
    """
    with _TURN:
        if baseline.canary not in _looked:
            _looked[baseline.canary] = not find_differences(baseline)
        if not _looked[baseline.canary]:
            msg = "a worker has another patrolplan, other libraries or other files"
            raise WorkerLostError(msg)
        return function(*arguments)


class Cluster(Executor):
    """Workers of a Dask cluster, as an executor.

    A scenario whose worker ends is planned by another one. What ends one worker after
    another, or is left when no worker is, is lost: its future raises
    :class:`WorkerLostError`.

    Parameters
    ----------
    client
        Of the cluster; it stays open.
    baseline
        What every worker must have.
    patience_s
        How long it may have no worker before all is given up.
    """

    def __init__(
        self, client: Any, baseline: Baseline, patience_s: float = _PATIENCE_S
    ) -> None:
        self._inner = client.get_executor(pure=False, retries=_RETRIES)
        self._client, self._baseline, self._patience_s = client, baseline, patience_s
        self._open: set[Future[Any]] = set()
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._is_lost = False
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    @property
    def workers(self) -> int:
        """How many workers there are now."""
        return len(self._client.nthreads())

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let a worker call a function; see :class:`concurrent.futures.Executor`."""
        if self._is_lost:
            raise WorkerLostError(_NO_WORKER)
        inner = self._inner.submit(run_there, self._baseline, fn, *args, **kwargs)
        outer: Future[Any] = Future()
        with self._lock:
            self._open.add(outer)
        inner.add_done_callback(lambda done: self._settle(outer, done))
        # Whoever gives up the one gives up the other.
        outer.add_done_callback(lambda _: inner.cancel())
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster, and of what is open unless that is waited for."""
        with self._lock:
            left = list(self._open)
        if cancel_futures or not wait:
            for future in left:
                future.cancel()
        else:
            wait_for(left)
        self._ended.set()
        # A scheduler that is gone may keep it waiting for an answer.
        self._watch.join(timeout=2 * _LOOK_S)

    def _settle(self, outer: Future[Any], inner: Future[Any]) -> None:
        """Hand on what became of a call, whatever a cluster calls its misfortunes."""
        with self._lock:
            if outer not in self._open:
                return
            self._open.discard(outer)
        # Whoever asked may have given it up.
        with contextlib.suppress(InvalidStateError):
            self._tell(outer, inner)

    def _tell(self, outer: Future[Any], inner: Future[Any]) -> None:
        if inner.cancelled():
            outer.set_exception(WorkerLostError("the cluster has let go of it"))
            return
        error = inner.exception()
        if error is None:
            outer.set_result(inner.result())
        elif type(error).__name__ == "KilledWorker":
            msg = "it ended one worker after another"
            outer.set_exception(WorkerLostError(msg))
        elif isinstance(error, WorkerLostError):
            outer.set_exception(error)
        else:
            msg = f"a worker could not plan it: {type(error).__name__}"
            outer.set_exception(WorkerLostError(msg))

    def _look(self) -> None:
        """Give up all that is open once there has been no worker for long."""
        missed_s = 0.0
        while not self._ended.wait(_LOOK_S):
            try:
                missed_s = 0.0 if self.workers else missed_s + _LOOK_S
            # Whatever a lost scheduler raises, it has no workers.
            except Exception:  # noqa: BLE001
                missed_s += _LOOK_S
            if missed_s < self._patience_s:
                continue
            self._is_lost = True
            with self._lock:
                left, self._open = self._open, set()
            for future in left:
                with contextlib.suppress(InvalidStateError):
                    future.set_exception(WorkerLostError(_NO_WORKER))


_NO_WORKER: Final = "the cluster has no worker any more"


@contextmanager
def open_cluster(
    address: str, out: Path, files: Iterable[Path], *, patience_s: float = _PATIENCE_S
) -> Iterator[Cluster]:
    """Open a Dask cluster whose workers can plan a batch as this process would.

    Parameters
    ----------
    address
        Of its scheduler, such as ``tcp://127.0.0.1:8786``.
    out
        The folder of packs, which workers must see and be able to write in.
    files
        What is read: workers must see the same.
    patience_s
        How long it may be without workers before what is left is given up.

    Raises
    ------
    ClusterError
        If it cannot be used, with what to do; of all workers at once.
    """
    client = _connect(address)
    out = out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    canary = out / f".canary-{secrets.token_hex(8)}"
    try:
        canary.write_text(canary.name, encoding="utf-8")
        seen = sorted({path.absolute() for path in files})
        baseline = Baseline(
            tuple(measure_software().items()),
            tuple((f"{path}", hash_file(path)) for path in (canary, *seen)),
            f"{canary}",
        )
        _check_workers(client, baseline)
        cluster = Cluster(client, baseline, patience_s)
        try:
            yield cluster
        finally:
            cluster.shutdown(wait=False)
    finally:
        canary.unlink(missing_ok=True)
        client.close()


def _connect(address: str) -> Any:
    try:
        # Asked for by name: who has not the extra must be able to import this.
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        fault = Fault(
            _OPTION,
            address,
            "the extra is not installed",
            "pip install 'patrolplan[cluster]'",
        )
        raise ClusterError([fault]) from error
    try:
        client = distributed.Client(address, timeout=_ANSWER_S, set_as_default=False)
    except (OSError, ValueError) as error:
        fault = Fault(
            _OPTION,
            address,
            "no answer",
            "the address of a Dask scheduler, such as tcp://127.0.0.1:8786",
            "it does not run (start it with `dask scheduler`), or is not let through",
        )
        raise ClusterError([fault]) from error
    try:
        client.wait_for_workers(1, timeout=_START_S)
    except (OSError, TimeoutError) as error:
        client.close()
        fault = Fault(
            _OPTION,
            address,
            "a scheduler without workers",
            "at least one",
            f"start them: dask worker {address} --nthreads 1",
        )
        raise ClusterError([fault]) from error
    return client


def _check_workers(client: Any, baseline: Baseline) -> None:
    """Refuse a cluster of which any worker is not as it must be."""
    replies: Mapping[str, Any] = client.run(
        find_differences, baseline, on_error="return"
    )
    faults = []
    for worker, found in sorted(replies.items()):
        if isinstance(found, BaseException):
            # It could not even find what to call.
            found = [("no patrolplan, or another version", __version__, _UPDATE)]
        faults += [Fault(_OPTION, f"worker {worker}", *told) for told in found]
    if faults:
        raise ClusterError(faults)
