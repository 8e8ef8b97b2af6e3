"""What a plan document states of supplies: read whole, each fault named."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from patrolplan.errors import Fault
from patrolplan.planfile import PlanFile, tabulate_model_faults

__all__ = ["SupplyLimits", "read_supply_limits"]

Litres = Annotated[float, Field(ge=0, le=1000)]
Share = Annotated[float, Field(ge=0, le=10)]
Month = Annotated[int, Field(ge=1, le=12)]


class SupplyLimits(BaseModel):
    """The figures of supply that a plan document names, each by the contract's key."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, allow_inf_nan=False, strict=True
    )

    fuel_binds: bool
    water_binds: bool
    fuel_reserve_share: Share
    water_hot_l: Litres
    water_cool_l: Litres
    water_reserve_share: Share
    water_reserve_vehicle_l: Litres
    hot_months: Annotated[list[Month], Field(max_length=12)]
    ration_packs: Annotated[int, Field(ge=0, le=100)]
    ration_reserve_days: Annotated[int, Field(ge=0, le=366)]
    elements: Annotated[list[str], Field(max_length=100)]
    elements_rule: Literal["finding", "limit"]
    min_vehicles: Annotated[int, Field(ge=1, le=100_000)]
    resupply: Annotated[list[str], Field(max_length=1_000_000)]
    water_floor_l: Litres | None = None
    spacing_m: Annotated[float, Field(gt=0, le=1000)] | None = None
    pass_speed_kmh: Annotated[float, Field(gt=0, le=1000)] | None = None


def read_supply_limits(plan: PlanFile) -> tuple[SupplyLimits | None, list[Fault]]:
    """Return what a plan document states of supplies, and what is wrong with it.

    Parameters
    ----------
    plan
        The document. One that was written before supplies were limits says neither
        that they bind nor what a team can carry: then there is nothing to judge.
    """
    given = plan.scenario.limits
    said = "fuel_binds" in given or any(
        team.fuel_capacity_l is not None
        or team.water_capacity_l is not None
        or team.ration_capacity is not None
        for team in plan.teams
    )
    if not said:
        return None, []
    try:
        return SupplyLimits.model_validate(given), []
    except ValidationError as error:
        return None, [
            Fault(
                fault.file,
                f"scenario.limits.{fault.where}",
                fault.found,
                fault.expected,
                fault.cause,
            )
            for fault in tabulate_model_faults(error, "plan")
        ]
