"""What `patrol watch` says of sightings and at its end, of one source or of many."""

from collections.abc import Mapping, Sequence

from patrol.cli.console import notices, print_json, terminal
from patrol.courier import LAST_S, Courier
from patrol.errors import PatrolError
from patrol.settings import Settings
from vision.rules.schema import Rule
from vision.sightings import Sighting


def sighting_text(sighting: Sighting, rule: Rule) -> str:
    """Return a sighting in one line for a person."""
    text = f"{rule.title_zh} {rule.title} ({sighting.class_name} {sighting.score:.2f})"
    if sighting.cells:
        text += f", cell {sighting.cells[0].code} ({sighting.cells[0].probability:.0%})"
    if sighting.ce90_m is not None and sighting.position is not None:
        place = sighting.position
        text += f", {place.lon_deg:.6f} {place.lat_deg:.6f} ± {sighting.ce90_m:.1f} m"
    return f"{sighting.observed_at:%H:%M:%S} {text}: {sighting.why}"


def sighting_row(sighting: Sighting) -> dict[str, object]:
    """Return a sighting for a machine."""
    place = sighting.position
    return {
        "sighting": sighting.sighting_id,
        "rule": sighting.rule_id,
        "matter": sighting.matter.code,
        "class": sighting.class_name,
        "score": round(sighting.score, 3),
        "observed_at": sighting.observed_at.isoformat(),
        "position": [place.lon_deg, place.lat_deg] if place else None,
        "ce90_m": sighting.ce90_m,
        "cell": sighting.cells[0].code if sighting.cells else None,
        "zone": sighting.zone_id or None,
        "track": sighting.track_id,
        "why": sighting.why,
    }


def print_end(end: Mapping[str, object], *, as_json: bool) -> None:
    """Print what came of watching many sources."""
    if as_json:
        print_json(end)
        return
    told = f"{end['sources']} sources, {end['frames']} frames, {end['sightings']} sightings"
    terminal().print(
        told + (f", {end['delivered']} reports sent" if end["delivered"] else "") + "."
    )


def sent_last(
    courier: Courier | None, patience_s: float, settings: Settings, *, interrupted: bool
) -> int:
    """Send what still waits, and say so where it takes long; return how many reports wait then.

    Args:
        courier: of the reports; None where none are sent.
        patience_s: how long to wait while none arrives.
        settings: say where the outbox is.
        interrupted: whether it was ended by a person or a signal, who does not want to wait.

    Raises:
        KeyboardInterrupt: by Ctrl-C, at once, after it was said what waits.
    """
    if courier is None:
        return 0

    def tell(waiting: int, is_ending: bool) -> None:
        doing = f"Sending {waiting} reports; Ctrl-C leaves them in the outbox."
        if is_ending:
            doing = (
                f"{waiting} reports wait in the outbox. What is on its way to the event API has "
                f"{LAST_S:.0f} s to arrive; Ctrl-C leaves at once."
            )
        notices().print(doing, soft_wrap=True, markup=False)

    try:
        waiting = courier.finish(patience_s, tell, leaving=interrupted)
    except KeyboardInterrupt:
        _say_what_waits(courier.waiting, settings)
        raise
    if interrupted:
        _say_what_waits(waiting, settings)
    return waiting


def _say_what_waits(waiting: int, settings: Settings) -> None:
    if waiting:
        told = f"{waiting} reports wait safely in {settings.outbox_folder}: `patrol deliver`."
        notices().print(told, soft_wrap=True, markup=False)


def unsent(courier: Courier | None, waiting: int, settings: Settings) -> tuple[str, ...]:
    """What became of reports that did not arrive: a sentence where some wait or were refused."""
    if courier and waiting:
        why = str(courier.stopped) if courier.stopped else "The event API was too slow."
        where = f"{waiting} reports wait safely in {settings.outbox_folder}"
        return (f"{where}: {why} Send them later with `patrol deliver`.",)
    if courier and courier.refused:
        return (f"The event API refused {courier.refused} reports; `patrol deliver` says why.",)
    return ()


def raise_all(said: Sequence[str]) -> None:
    """Fail with everything that went wrong, the worst first; nothing went wrong without any.

    Raises:
        PatrolError: there is any.
    """
    if said:
        raise PatrolError("\n".join(said))
