"""Reading `--fault NAME:WHAT@SECONDS[+SECONDS][=VALUE]` and `--parameter NAME=VALUE`."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from flight.simulator.settings import VehicleFault, VehicleFaultKind, VehicleSettings
from patrol.errors import UsageError

_FORM = re.compile(
    r"(?P<name>[^:]+):(?P<what>[a-z_]+)@(?P<start>\d+(\.\d+)?)"
    r"(\+(?P<last>\d+(\.\d+)?))?(=(?P<value>\d+(\.\d+)?))?"
)


def with_faults(
    vehicles: Sequence[VehicleSettings], texts: Sequence[str]
) -> tuple[VehicleSettings, ...]:
    """Return the aircraft with what the options say befalls them.

    Raises:
        UsageError: An option has another form, or names no such aircraft or mishap.
        SimulatorError: A time cannot be.
    """
    named = {vehicle.name: vehicle for vehicle in vehicles}
    for text in texts:
        name, fault = _read(text)
        if name not in named:
            raise UsageError(f"There is no aircraft {name}; there is {', '.join(named)}.")
        named[name] = replace(named[name], faults=(*named[name].faults, fault))
    return tuple(named.values())


def read_parameters(texts: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Return names and values of autopilots' parameters.

    Raises:
        UsageError: An option has another form.
    """
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (name and equals and math.isfinite(number)):
            raise UsageError(f"{text!r} is no parameter: write NAME=VALUE, as in FS_GCS_ENABLE=1.")
        found.append((name, number))
    return tuple(found)


def _read(text: str) -> tuple[str, VehicleFault]:
    form = _FORM.fullmatch(text)
    if form is None or form["what"] not in {*VehicleFaultKind}:
        raise UsageError(
            f"{text!r} is no fault: write NAME:WHAT@SECONDS, as in uav-1:gps_denied@90+20 or "
            f"uav-1:battery_sag@60=0.2, with WHAT one of {', '.join(VehicleFaultKind)}."
        )
    last_s = float(form["last"]) if form["last"] else math.inf
    kind, value = VehicleFaultKind(form["what"]), float(form["value"] or 0.0)
    return form["name"], VehicleFault(kind, float(form["start"]), last_s, value)
