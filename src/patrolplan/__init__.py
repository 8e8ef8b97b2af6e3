"""Long-range patrol plans that protect civilians, from open layers to offline maps.

The public door. Names are loaded when they are first used, so that starting the
command line does not load the mapping libraries; the list stands in ``__init__.pyi``.

Examples
--------
>>> import patrolplan as pp
>>> study = pp.plan_patrols("scenarios/north-mali.toml")  # doctest: +SKIP
>>> pp.draw_plan(study)  # doctest: +SKIP
"""

from typing import Any

import lazy_loader

from patrolplan.showing import set_renderer


def _render_summary(shown: Any) -> str:
    # Loaded when something is first shown: nobody else needs the templates.
    from patrolplan.products.summaries import render_summary

    return render_summary(shown)


set_renderer(_render_summary)

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
