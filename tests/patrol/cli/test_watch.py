"""`patrol watch`: a source is watched to its end, told, drawn and reported."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime

import av
import cv2
import pytest

from events_api.client import EventApiClient
from events_api.outbox import Outbox
from events_api.roles import Role
from geofences.cells import CellProbability
from geofences.geodesy import LonLat
from patrol.cli.watch_lines import sighting_row, sighting_text
from tests.patrol.builders import CODES, WATCH_ALL, car_detector
from tests.patrol.conftest import LiveApi, Said, Terminal
from tests.vision.builders import write_clip
from tests.vision.telemetry.test_dji_srt import MODERN, srt
from vision.rules.schema import DEFAULT_RULES, MatterRef, load_rules
from vision.sightings import Sighting

FRAMES = 20


def watched(terminal: Terminal, *more: object) -> Said:
    """Watch a clip in which the made-up detector sees one car in a watched zone."""
    clip = write_clip(terminal.folder / "gate.mp4", FRAMES)
    model = car_detector(terminal.folder / "car")
    return terminal("watch", clip, "--model", model, "--zone", WATCH_ALL, *more)


def test_a_sighting_is_told_in_a_line(terminal: Terminal) -> None:
    """Title in both languages, class, score, and why; and a summary at the end."""
    said = watched(terminal)
    assert said.code == 0
    sighting, summary = said.out.splitlines()
    assert "车辆进入 Vehicle in a watched zone (car 0.90)" in sighting
    assert summary.startswith(f"{FRAMES} frames at ")
    assert summary.endswith(", 1 sightings.")


def test_a_machine_gets_json_lines(terminal: Terminal) -> None:
    """A line for the sighting and one for the end, with all counts."""
    sighting, end = watched(terminal, "--json", "--source", "gate-1").lines
    assert (sighting["rule"], sighting["class"]) == ("vehicle-enters", "car")
    assert (sighting["source"], sighting["zone"], sighting["cell"]) == ("gate-1", "watch-1", None)
    assert end.pop("fps")
    assert end == {
        "source": "gate-1",
        "finished": True,
        "frames": FRAMES,
        "without_pose": 0,
        "sightings": 1,
        "delivered": 0,
        "waiting": 0,
        "damaged": 0,
        "dropped": 0,
    }


def test_watching_a_clip_again_tells_the_same_sightings(terminal: Terminal) -> None:
    """Same input, same ids: reported twice, a sighting counts once."""
    first, again = (watched(terminal, "--json", "--pass-id", "p").lines[0] for _ in range(2))
    assert first["sighting"] == again["sighting"]


def test_another_pass_is_another_sighting(terminal: Terminal) -> None:
    """The person names a second look at the same place."""
    ids = {
        str(watched(terminal, "--json", "--pass-id", name).lines[0]["sighting"]) for name in "ab"
    }
    assert len(ids) == 2


@pytest.mark.parametrize(("fps", "frames"), [(0, FRAMES), (5, FRAMES // 2), (100, FRAMES)])
def test_the_pace_is_the_operators(terminal: Terminal, fps: int, frames: int) -> None:
    """The clip has ten frames a second; 0 takes all of them."""
    assert watched(terminal, "--json", "--fps", fps).lines[-1]["frames"] == frames


def test_the_declared_cell_is_in_the_sighting(county_terminal: Terminal) -> None:
    """A fixed camera without poses looks at the cell that the operator names."""
    sighting, _ = watched(county_terminal, "--json", "--cell", CODES[1]).lines
    assert sighting["cell"] == CODES[1]


def test_the_declared_place_finds_its_cells(county_terminal: Terminal) -> None:
    """A place lies in a cell, and its error is said."""
    sighting, _ = watched(county_terminal, "--json", "--at", "115.6204,33.1604").lines
    assert sighting["position"] == [115.6204, 33.1604]
    assert sighting["cell"] == CODES[1]
    assert sighting["ce90_m"] == 30.0


def test_the_annotated_video_has_every_frame(terminal: Terminal) -> None:
    """Same length and size as what was watched, with the box drawn in."""
    watched(terminal, "--save", "seen.mp4")
    with av.open(str(terminal.folder / "seen.mp4")) as video:
        frames = [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]
    assert len(frames) == FRAMES
    assert frames[0].shape == (96, 160, 3)


def test_sightings_become_events_with_a_picture(terminal: Terminal, live_api: LiveApi) -> None:
    """Reported as a camera's, with the declared source as its place; a second run adds nothing."""
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    assert watched(terminal, "--publish", "--json", "--pass-id", "p").lines[-1]["delivered"] == 1
    watched(terminal, "--publish", "--pass-id", "p")
    with EventApiClient(live_api.url, live_api.tokens[Role.ACCEPTOR]) as client:
        (event,) = client.events()
        assert event.matter.code == "EXT-PRESENCE"
        (observation,) = client.event(str(event.event_id)).observations
        assert observation.report.kind == "camera"
        assert client.evidence(observation.report.evidence[0]).startswith(b"\xff\xd8")


def test_a_wrong_token_is_not_waited_for(terminal: Terminal, live_api: LiveApi) -> None:
    """Only a person can mend it: the report is kept, and the command ends at once."""
    terminal.speak_to(live_api.url, "wrong")
    said = watched(terminal, "--publish", "--patience", 600)
    assert said.code == 1
    assert "1 reports wait safely in " in said.err
    assert "turns this token away" in said.err
    with Outbox(terminal.home / "outbox") as outbox:
        assert outbox.pending() == 1


def test_a_refused_report_is_told(terminal: Terminal, live_api: LiveApi) -> None:
    """A rule of one's own may name a matter that the API does not know."""
    shipped = DEFAULT_RULES.read_text(encoding="utf-8")
    own = terminal.folder / "rules.yaml"
    own.write_text(shipped.replace("EXT-PRESENCE", "EXT-NONSENSE"), encoding="utf-8")
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    said = watched(terminal, "--publish", "--rules", own)
    assert said.code == 1
    assert "refused 1 reports; `patrol deliver` says why" in said.err
    assert "EXT-NONSENSE" in terminal("deliver").err


def test_the_shipped_model_watches_a_folder_of_pictures(terminal: Terminal) -> None:
    """Nothing else is needed: no county, no poses, no rules of one's own."""
    clip = write_clip(terminal.folder / "gate.mp4", 3)
    pictures = terminal.folder / "pictures"
    pictures.mkdir()
    with av.open(str(clip)) as video:
        for number, frame in enumerate(video.decode(video=0)):
            cv2.imwrite(str(pictures / f"{number}.png"), frame.to_ndarray(format="bgr24"))
    said = terminal("watch", pictures, "--json", "--input-width", 160)
    assert said.code == 0
    assert said.lines[-1]["frames"] == 3


def sighting(position: LonLat | None, cells: tuple[CellProbability, ...]) -> Sighting:
    """Return a sighting with or without a place."""
    return Sighting(
        sighting_id="6f1f4ad0-7b1c-4f1f-9a52-0d6a0f6f3c11",
        rule_id="exposed-litter",
        matter=MatterRef(standard_ref="GB/T 47678.5-2026", code="06010"),
        class_name="garbage",
        score=0.8125,
        observed_at=datetime(2026, 11, 21, 8, 30, 15, tzinfo=UTC),
        position=position,
        ce50_m=1.2 if position else None,
        ce90_m=2.5 if position else None,
        cells=cells,
        zone_id="",
        source="uav-1",
        pass_id="p",
        track_id=7,
        why="seen 9 times",
        xyxy_frac=(0.1, 0.1, 0.2, 0.2),
        evidence=(),
    )


RULE = next(rule for rule in load_rules() if rule.id == "exposed-litter")
PLACED = sighting(LonLat(115.62, 33.16), (CellProbability(CODES[0], 0.93),))


def test_a_located_sighting_tells_cell_place_and_error() -> None:
    """Everything a person needs to go there."""
    assert sighting_text(PLACED, RULE) == (
        "08:30:15 暴露垃圾 Exposed litter (garbage 0.81), cell 341299001001001 (93%), "
        "115.620000 33.160000 ± 2.5 m: seen 9 times"
    )


def test_a_sighting_without_a_place_makes_none_up() -> None:
    """No cell and no position stand in the line, and nothing in the row."""
    bare = sighting(None, ())
    assert sighting_text(bare, RULE) == (
        "08:30:15 暴露垃圾 Exposed litter (garbage 0.81): seen 9 times"
    )
    row = sighting_row(bare)
    assert (row["position"], row["cell"], row["ce90_m"], row["zone"]) == (None, None, None, None)


def test_a_row_holds_longitude_first() -> None:
    """As GeoJSON does."""
    row = sighting_row(PLACED)
    assert (row["position"], row["cell"], row["matter"]) == ([115.62, 33.16], CODES[0], "06010")


def test_poses_beside_a_film_are_found_completed_and_told(terminal: Terminal) -> None:
    """The person sees where places come from, and what would be missing without the options."""
    captions = srt(MODERN, count=30, step_ms=100)
    (terminal.folder / "gate.SRT").write_text(captions)
    lacking = watched(terminal)
    assert "sightings have no place yet" in lacking.err
    assert "--gimbal-pitch" in lacking.err
    whole = watched(terminal, "--gimbal-pitch", -60, "--heading-from", 90, "--ground-alt", 30)
    assert "camera pitch -60 deg as given" in whole.err
    assert "height above the take-off" not in whole.err
    assert watched(terminal, "--poses", "none").err == ""


@pytest.mark.parametrize(
    ("device", "told"),
    [("nvidia", "'nvidia' is no device; say CPU"), ("cuda", "which cuda:0 cannot run")],
)
def test_a_device_that_will_not_do_is_told(terminal: Terminal, device: str, told: str) -> None:
    """What is none, and what cannot run this model."""
    said = watched(terminal, "--device", device)
    assert said.code == 1
    assert told in said.err
    assert "Traceback" not in said.err


def test_a_device_runs_a_model_that_it_can_read(terminal: Terminal) -> None:
    """From the option to the end of the film."""
    pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    pytest.importorskip("onnx", reason="the extra `models` is not installed")
    from tests.vision.engine.onnx_models import write_onnx  # noqa: PLC0415 - needs `models`

    model = write_onnx(terminal.folder / "colours.onnx").path
    (model.parent / "metadata.yaml").write_text("names: [person, car, fire]\n")
    said = watched(terminal, "--model", model, "--device", "onnx:cpu", "--json")
    assert said.code == 0
    assert said.lines[-1]["frames"] == FRAMES


def test_slips_in_pose_options_are_told(terminal: Terminal) -> None:
    """Each by what may be written."""
    for options, told in (
        (("--heading-from", "north"), "write told, course"),
        (("--height-above", "moon"), "sea-level, ellipsoid, take-off, ground"),
        (("--hfov", 70), "nothing to complete"),
        (("--poses", "nowhere.srt"), "no such file of poses"),
    ):
        (terminal.folder / "gate.SRT").unlink(missing_ok=True)
        if options[0] == "--heading-from":
            (terminal.folder / "gate.SRT").write_text(srt(MODERN, step_ms=500))
        said = watched(terminal, *options)
        assert said.code != 0
        assert told in " ".join(said.err.split())


def test_ctrl_c_ends_a_watch_in_its_own_time(terminal: Terminal) -> None:
    """What was found is told, the sum too, and the exit code is that of a stop."""
    count = 6000
    clip = write_clip(terminal.folder / "gate.mp4", count)
    model = car_detector(terminal.folder / "car")
    words = ["watch", clip, "--model", model, "--zone", WATCH_ALL, "--fps", "0", "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "patrol.cli.main", *map(str, words)],
        env={**os.environ, "GRIDPATROL_HOME": str(terminal.folder / "home")},
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        first = json.loads(watching.stdout.readline())
        watching.send_signal(signal.SIGINT)
        *_, end = (json.loads(line) for line in watching.stdout)
    assert first["rule"] == "vehicle-enters"
    assert end["finished"]
    assert 0 < end["frames"] < count
    assert watching.returncode == 130


def test_ctrl_c_ends_the_wait_for_a_camera_that_says_nothing(terminal: Terminal) -> None:
    """It takes calls, and sends no picture: nobody waits until it is given up."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        with subprocess.Popen(
            [sys.executable, "-m", "patrol.cli.main", "watch", address],
            env={**os.environ, "GRIDPATROL_HOME": str(terminal.folder / "home")},
            stderr=subprocess.PIPE,
            text=True,
        ) as watching:
            call, _ = mute.accept()
            watching.send_signal(signal.SIGINT)
            assert watching.stderr is not None
            said = watching.stderr.read()
            call.close()
    assert "Stopped." in said
    assert "cannot be opened" not in said
    assert watching.returncode == 130


def test_who_waits_for_a_flight_is_told(terminal: Terminal) -> None:
    """A slip in the log's name looks like a program that hangs, otherwise."""
    clip = write_clip(terminal.folder / "gate.mp4", 2)
    # A model that is not there ends the command before it waits.
    said = terminal("watch", clip, "--model", "none", "--flight-log", "uav-1.flight.jsonl")
    assert said.code == 1
    assert "uav-1.flight.jsonl is not there yet; the flight is waited for, 60 s." in said.err
