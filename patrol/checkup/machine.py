"""The machine itself: home, disk, county, detectors and what waits to be sent."""

import shutil
import tempfile
from collections.abc import Iterator

from events_api.outbox import FILE_NAME, Outbox
from patrol.checkup.findings import Found, State, Visit
from patrol.counties import load_county
from patrol.errors import NoCountyError
from vision.errors import ModelError
from vision.models.registry import load_model, own_models, shipped_models

LITTLE_BYTES = 2 * 1024**3
"""A day of a busy county's pictures."""

TOO_LITTLE_BYTES = 200 * 1024**2


def look_at_home(visit: Visit) -> Iterator[Found]:
    """Say whether the home can be written, and whether there is room."""
    home = visit.settings.home
    if not home.exists():
        remedy = "The first command makes it; set GRIDPATROL_HOME if yours is elsewhere."
        yield Found("home", State.WARNING, f"There is no {home} yet.", remedy)
        return
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        said = f"Nothing can be written to {home}: {error.strerror}."
        yield Found("home", State.BROKEN, said, "Give it to the user who runs Gridpatrol.")
        return
    yield Found("home", State.OK, f"{home} can be written.")
    for left in sorted(home.glob(".restoring-*")):
        remedy = "If no restore goes on, it was cut off, and changed nothing: delete the folder."
        yield Found("home", State.WARNING, f"A restore has left {left}.", remedy)
    free = shutil.disk_usage(home).free
    said = f"{free / 1e9:.1f} GB are free on the disk of {home}."
    state = State.OK
    if free < LITTLE_BYTES:
        state = State.BROKEN if free < TOO_LITTLE_BYTES else State.WARNING
    remedy = "" if state is State.OK else "Make room, or move the home to a larger disk."
    yield Found("disk", state, said, remedy)


def look_at_county(visit: Visit) -> Iterator[Found]:
    """Say whether a county was imported and can be read."""
    try:
        county = load_county(visit.settings)
    except NoCountyError as error:
        yield Found("county", State.WARNING, str(error))
        return
    yield Found("county", State.OK, f"{county.name} has {len(county.grid)} cells.")


def look_at_models(visit: Visit) -> Iterator[Found]:
    """Say whether every detector is what its metadata says."""
    own_folder = visit.settings.models_folder
    for name in (*shipped_models(), *own_models(own_folder)):
        try:
            model = load_model(name, own_folder)
        except ModelError as error:
            yield Found("model", State.BROKEN, str(error), "Install it again.")
            continue
        stated = "has the hash of its metadata" if model.sha256 else "states no hash"
        yield Found("model", State.OK, f"{name} {stated}.")


def look_at_outbox(visit: Visit) -> Iterator[Found]:
    """Say what waits to be sent from here, and what was refused."""
    folder = visit.settings.outbox_folder
    if not (folder / FILE_NAME).exists():
        yield Found("outbox", State.OK, "Nothing was ever to be sent from here.")
        return
    with Outbox(folder) as outbox:
        waiting, refused = outbox.pending(), outbox.dead_letters()
    state = State.WARNING if waiting else State.OK
    remedy = "`patrol deliver` sends them, and says why if it cannot." if waiting else ""
    yield Found("outbox", state, f"{waiting} report(s) wait to be sent.", remedy)
    if refused:
        said = f"{len(refused)} report(s) were refused by the event API: {refused[0].reason}"
        remedy = "Mend what it says, then `patrol deliver --revive`."
        yield Found("outbox", State.WARNING, said, remedy)
