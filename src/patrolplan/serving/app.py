"""The application: a page, its levers, and what the last plan gave."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from patrolplan.errors import Fault, InputError
from patrolplan.layers import Layers
from patrolplan.products.maps import render_map
from patrolplan.products.planner_page import render_planner_page
from patrolplan.products.planner_result import (
    list_tracks,
    render_planner_result,
    render_two_plans,
)
from patrolplan.products.planner_roads import name_flood_rows, tell_roads
from patrolplan.ratings import read_theatre
from patrolplan.serving.desk import Desk
from patrolplan.serving.guard import Guard
from patrolplan.serving.levers import find_field, read_levers

__all__ = ["build_app"]


def build_app(desk: Desk, *, port: int, key: str) -> Guard:
    """Build the application round a desk.

    Parameters
    ----------
    desk
        What is served.
    port
        The port that it is served at.
    key
        What every request must bear.

    Raises
    ------
    InputError
        If the layers of the scenario have a fault; with all of them.
    """
    # No pages of documentation: they would ask other hosts for their scripts.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    layers = read_theatre(desk.original.scenario)[0]
    page = _render_page(desk, layers, key)

    @app.get("/")
    def show_page() -> Response:
        return HTMLResponse(page)

    @app.get("/state")
    def show_state() -> Response:
        state = desk.state
        return JSONResponse(
            {
                "phase": state.phase,
                "run": state.run,
                "share": state.share,
                "need": state.need,
                "gap": state.gap,
                "faults": _describe_faults(state.faults),
                "plans": len(state.studies),
                "levers": state.levers and state.levers.model_dump(mode="json"),
            }
        )

    @app.get("/roads")
    def show_roads(day: date) -> Response:
        try:
            scenario = desk.original.scenario.replace(start=day)
        except InputError as error:
            return JSONResponse({"faults": _describe_faults(error.faults)}, 422)
        return JSONResponse(tell_roads(scenario, layers))

    @app.post("/plan")
    async def begin(request: Request) -> Response:
        try:
            asked: Any = json.loads(await request.body())
        except (ValueError, RecursionError):
            return PlainTextResponse("not JSON", 400)
        try:
            began = await run_in_threadpool(desk.plan, asked)
        except InputError as error:
            return JSONResponse({"faults": _describe_faults(error.faults)}, 422)
        state = desk.state
        return JSONResponse({"run": state.run}, 202 if began else 409)

    @app.post("/cancel")
    def cancel() -> Response:
        desk.cancel()
        return JSONResponse({})

    @app.post("/save")
    def save() -> Response:
        try:
            path = desk.save()
        except OSError as error:
            return JSONResponse({"told": error.strerror or str(error)}, 500)
        if path is None:
            return JSONResponse({"told": "no plan yet"}, 409)
        return JSONResponse({"file": path.name})

    @app.get("/result")
    def show_result() -> Response:
        studies = desk.state.studies
        if not studies:
            return PlainTextResponse("no plan yet", 404)
        last = studies[0]
        html = render_planner_result(
            [study.plan_file for study in studies],
            last.layers,
            last.notices,
            key=key,
        )
        return JSONResponse({"html": html, "tracks": list_tracks(last.plan_file)})

    @app.get("/map")
    def show_map() -> Response:
        studies = desk.state.studies
        if not studies:
            return PlainTextResponse("no plan yet", 404)
        return HTMLResponse(render_map(studies[0].plan_file, studies[0].layers))

    @app.get("/compare")
    def show_both() -> Response:
        studies = desk.state.studies
        if len(studies) < 2:
            return PlainTextResponse("no two plans yet", 404)
        plans = [study.plan_file for study in studies]
        return HTMLResponse(render_two_plans(plans, studies[0].layers))

    return Guard(app, port=port, key=key)


def _render_page(desk: Desk, layers: Layers, key: str) -> str:
    scenario = desk.original.scenario
    return render_planner_page(
        layers,
        read_levers(scenario).model_dump(mode="json"),
        tell_roads(scenario, layers),
        name_flood_rows(scenario, layers),
        title=scenario.title or scenario.name,
        key=key,
        file=desk.target.name,
        team_bases=[team.base for team in scenario.teams],
    )


def _describe_faults(faults: tuple[Fault, ...]) -> list[dict[str, str]]:
    return [{"field": find_field(fault), "text": str(fault)} for fault in faults]
