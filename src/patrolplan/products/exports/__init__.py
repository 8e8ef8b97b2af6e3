"""A plan as files for devices and desks: GPX, KML, GeoPackage, GeoJSON and CSV.

All are written from one model of rows, :mod:`.contents`, and each is read back to it.
They foretell where patrols will be, so they are of CONFIDENTIAL plans only.
"""

from patrolplan.products.exports.contents import Contents, hold_text
from patrolplan.products.exports.formats import FORMATS, read_export, render_exports
from patrolplan.products.exports.gathering import gather_contents

__all__ = [
    "FORMATS",
    "Contents",
    "gather_contents",
    "hold_text",
    "read_export",
    "render_exports",
]
