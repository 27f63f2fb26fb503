"""`patrol watch`: analyse a video, a folder of pictures or a live stream."""

import os
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from events_api.client import EventApiClient
from events_api.outbox import Blob, Outbox
from events_api.schemas import ReportKind
from patrol.cli.console import notices
from patrol.cli.picture_zones import parse_zone
from patrol.cli.simulate import parse_place
from patrol.cli.watch_lines import raise_all, sent_last, unsent
from patrol.cli.watch_many import ManyOptions, watch_many
from patrol.cli.watch_told import WatchTeller
from patrol.courier import Courier
from patrol.defaults import DEFAULT_MODEL
from patrol.errors import UsageError
from patrol.film_poses import PoseRequest, parse_distortion, parse_height_above
from patrol.keeping import EvidenceKeeper, said_of_blurring
from patrol.passing import PassKeeper
from patrol.settings import Settings, read_settings
from patrol.sources.file import SUFFIXES
from patrol.sources.staff import LOCAL
from patrol.stopping import StoppableSource, ended_by_signals
from patrol.watching import LOG_PATIENCE_S, Watching, WatchRequest, prepare
from patrol.wiring import report_of
from vision.annotate import AnnotatedVideo
from vision.clips import ClipSettings
from vision.engine.devices import parse_device
from vision.engine.placement import CPU
from vision.pipeline import JudgedFrame, Observers
from vision.pipeline import watch as watch_source

OF_MANY = frozenset(
    {"source", "publish", "patience", "as_json", "metrics_port", "metrics_host", "engine"}
)


def watch(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="A video, a folder or glob of pictures, an rtsp or rtmp address, or a YAML file "
            "that names many of them."
        ),
    ],
    model: Annotated[str, typer.Option(help="A shipped model, or a path to one.")] = DEFAULT_MODEL,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write an annotated video here; nobody is blurred in it.")
    ] = None,
    name: Annotated[str, typer.Option("--source", help="Name of the camera or drone.")] = "",
    pass_id: Annotated[str, typer.Option(help="Name of this pass; same name, same ids.")] = "",
    flight_log: Annotated[
        Path | None, typer.Option(help="Log of the flight that carried the camera.")
    ] = None,
    film_start: Annotated[
        float,
        typer.Option(help="The autopilot's seconds since power-up at the film's first frame."),
    ] = 0.0,
    poses: Annotated[
        str,
        typer.Option(
            help="Where the camera was: .srt, .csv, .jsonl, or a film with telemetry inside; "
            "`none` for nothing. Without it, looked for in and beside the film."
        ),
    ] = "",
    pose_map: Annotated[
        str,
        typer.Option(
            help="What a table's columns mean: time=t_s,lat=lat,lon=lon,height_take_off=h_m,... "
            "or a YAML file."
        ),
    ] = "",
    pose_offset: Annotated[
        float, typer.Option(help="Seconds from the film's clock to the telemetry's.")
    ] = 0.0,
    gimbal_pitch: Annotated[
        float | None,
        typer.Option(help="The camera's pitch where it is not told; -90 down.", min=-90, max=90),
    ] = None,
    heading_from: Annotated[
        str, typer.Option(help="told, course (where it flies to), or degrees.")
    ] = "told",
    hfov: Annotated[
        float | None, typer.Option(help="Field of view across the picture, degrees.", max=170)
    ] = None,
    distortion: Annotated[
        str,
        typer.Option(
            help="K1,K2[,P1,P2[,K3]] of a lens that distorts, as OpenCV calibrates it, or the "
            "file that OpenCV wrote (.yml, .xml, .json), which tells the field of view too."
        ),
    ] = "",
    focal_error: Annotated[
        float | None,
        typer.Option(
            help="Error of the camera's focal length, one standard deviation in percent; 0.3 of a "
            "calibration and 1 otherwise where nobody says it.",
            min=0,
            max=49,
        ),
    ] = None,
    height_above: Annotated[
        str,
        typer.Option(
            help="What a height of telemetry is measured from that does not say it: sea-level, "
            "ellipsoid, take-off, ground."
        ),
    ] = "",
    home: Annotated[str, typer.Option(help="LON,LAT where the aircraft took off.")] = "",
    terrain: Annotated[
        list[Path] | None,
        typer.Option(help="Elevation files or folders; without it those of the home folder."),
    ] = None,
    ground_alt: Annotated[
        float | None, typer.Option(help="Ground that is flat, metres above sea level.")
    ] = None,
    moving_camera: Annotated[
        bool,
        typer.Option(
            "--moving-camera",
            help="The camera moves and nobody knows its poses: follow the picture as a whole. "
            "Zones are those of its first picture, and go with the ground.",
        ),
    ] = False,
    cell: Annotated[str, typer.Option(help="Cell that a fixed camera looks at.")] = "",
    at: Annotated[str, typer.Option(help="LON,LAT that a fixed camera looks at.")] = "",
    zone: Annotated[
        list[str] | None,
        typer.Option(
            help="KIND=X1,Y1,X2,Y2[,X3,Y3...]: a rectangle or polygon in shares of the picture; "
            "KIND is watch, no_parking, fire_lane, roadway ..."
        ),
    ] = None,
    fps: Annotated[
        float, typer.Option(help="Frames analysed a second; 0 takes all.", min=0.0)
    ] = 10.0,
    every_metres: Annotated[
        float,
        typer.Option(
            help="With poses: a frame each so many metres of way over the ground, at most --fps "
            "and at least one a second; 2 suits the shipped rules. 0 goes by time alone.",
            min=0.0,
            max=1000.0,
        ),
    ] = 0.0,
    input_width: Annotated[
        int, typer.Option(help="Detector input; 0: the model's own.", min=0)
    ] = 0,
    tile: Annotated[int, typer.Option(help="Cut large frames into tiles of this size.", min=0)] = 0,
    device: Annotated[
        str,
        typer.Option(
            help="What the detector runs on: CPU, GPU or NPU (Intel's), cuda:0 or tensorrt:0 "
            "(NVIDIA's first card), or onnx:cpu; the last three run models added as .onnx or .pt."
        ),
    ] = CPU,
    evidence: Annotated[
        Path | None,
        typer.Option(help="Keep pictures and clips here, blurred, and the originals sealed."),
    ] = None,
    before: Annotated[
        float, typer.Option(help="Seconds that a clip shows before.", min=0.0, max=30.0)
    ] = 5.0,
    after: Annotated[
        float, typer.Option(help="Seconds that a clip shows after.", min=0.0, max=30.0)
    ] = 5.0,
    publish: Annotated[bool, typer.Option(help="Report to the event API.")] = False,
    patience: Annotated[
        float, typer.Option(help="Seconds to wait at the end for an API that is down.", min=0.0)
    ] = 30.0,
    metrics_port: Annotated[
        int | None,
        typer.Option(help="Of many sources: serve metrics for Prometheus.", min=0, max=65535),
    ] = None,
    metrics_host: Annotated[str, typer.Option(help="Where they are served.")] = "127.0.0.1",
    engine: Annotated[
        str,
        typer.Option(
            help="Of many sources: local, ray (a cluster of this machine alone), or "
            "ray://HOST:PORT for the Ray cluster with its head there."
        ),
    ] = LOCAL,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Watch a source to its end; each sighting is printed and, with --publish, reported."""
    if Path(source).suffix.lower() in SUFFIXES:
        _refuse_others(context)
        options = ManyOptions(publish, patience, as_json, metrics_port, metrics_host, engine)
        watch_many(Path(source), options)
        return
    if engine != LOCAL:
        raise UsageError("--engine is of many sources: name them in a YAML file, and watch that.")
    settings = read_settings(os.environ, Path.home())
    request = WatchRequest(
        address=source,
        model=model,
        rules=rules,
        flight_log=flight_log,
        film_starts_s=film_start,
        source=name,
        pass_id=pass_id,
        cell=cell,
        at=parse_place(at) if at else None,
        zones=tuple(parse_zone(text, n) for n, text in enumerate(zone or [], start=1)),
        analysed_fps=fps,
        every_m=every_metres,
        input_width_px=input_width,
        tile_px=tile,
        device=parse_device(device),
        moving_camera=moving_camera,
        poses=PoseRequest(
            poses=poses,
            pose_map=pose_map,
            offset_s=pose_offset,
            gimbal_pitch_deg=gimbal_pitch,
            heading_from=heading_from,
            hfov_deg=hfov,
            distortion=parse_distortion(distortion),
            focal_error_share=None if focal_error is None else focal_error / 100.0,
            height_above=parse_height_above(height_above),
            home=parse_place(home) if home else None,
            terrain=tuple(terrain or ()),
            ground_alt_amsl_m=ground_alt,
        ),
    )
    if request.log is not None and not request.log.exists():
        waits = f"{request.log} is not there yet; the flight is waited for, {LOG_PATIENCE_S:g} s."
        notices().print(waits, soft_wrap=True, markup=False)
    watching = prepare(request, settings, datetime.now(UTC))
    if watching.notice:
        notices().print(watching.notice, soft_wrap=True)
    blurring = said_of_blurring(model, watching.detector.class_names)
    if blurring and (evidence or publish):
        notices().print(blurring, soft_wrap=True, markup=False)
    feed = StoppableSource(watching.source, closes=not Path(source).is_file())
    watching = replace(watching, source=feed)
    teller = WatchTeller(watching, as_json=as_json)
    with ExitStack() as stack:
        stack.callback(watching.source.close)
        courier = stack.enter_context(_courier(stack, settings)) if publish else None
        clips = ClipSettings(before, after)
        keeper = stack.enter_context(_keeper(evidence, watching, clips)) if evidence else None
        keepers: list[PassKeeper | EvidenceKeeper] = [keeper] if keeper else []
        if watching.has_poses:
            keepers.append(stack.enter_context(PassKeeper(settings.passes_folder, watching)))
        observers = _observers(stack, watching, teller, save, keepers)
        with ended_by_signals(feed.stop) as heard:
            _watch(watching, observers, teller, courier, keepers)
        _finish(teller, courier, patience, settings, heard)


def _refuse_others(context: typer.Context) -> None:
    """What is said of a source belongs into the file of sources.

    Raises:
        UsageError: an option says it.
    """
    for name in context.params.keys() - OF_MANY:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = name.replace("_", "-")
            raise UsageError(f"--{option} is of one source: say it in the file, at that source.")


def _watch(
    watching: Watching,
    observers: Observers,
    teller: WatchTeller,
    courier: Courier | None,
    keepers: Sequence[PassKeeper | EvidenceKeeper],
) -> None:
    kind = ReportKind.DRONE if watching.has_poses else ReportKind.CAMERA
    for sighting in watch_source(
        watching.source,
        watching.detector,
        watching.rules,
        watching.ground,
        watching.settings,
        observers,
    ):
        for keeper in keepers:
            keeper.sighting(sighting)
        if courier:
            blobs = [Blob(each.data, each.media_type) for each in sighting.evidence]
            courier.put(report_of(sighting, kind, watching.place), blobs)
        teller.sighting(sighting)


def _observers(
    stack: ExitStack,
    watching: Watching,
    teller: WatchTeller,
    save: Path | None,
    keepers: Sequence[PassKeeper | EvidenceKeeper],
) -> Observers:
    takers = [keeper.frame for keeper in keepers]
    if save is not None:
        zones = watching.ground.picture_zones
        takers.append(stack.enter_context(AnnotatedVideo(save, zones)).add)

    def take(judged: JudgedFrame) -> None:
        for taker in takers:
            taker(judged)

    # What is to be told does not wait for the pictures of a clip to be encoded.
    return Observers(on_progress=teller.progress, after_frame=take if takers else None)


def _keeper(root: Path, watching: Watching, clips: ClipSettings) -> EvidenceKeeper:
    settings = watching.settings
    clock = partial(datetime.now, UTC)
    return EvidenceKeeper(root, settings.source_name, settings.pass_id, clock, clips)


def _courier(stack: ExitStack, settings: Settings) -> Courier:
    outbox = stack.enter_context(Outbox(settings.outbox_folder))
    client = stack.enter_context(EventApiClient(settings.api_url, settings.token))
    return Courier(outbox, client)


def _finish(
    teller: WatchTeller,
    courier: Courier | None,
    patience_s: float,
    settings: Settings,
    heard: list[int],
) -> None:
    waiting = sent_last(courier, patience_s, settings, interrupted=bool(heard))
    teller.end(courier.delivered if courier else 0, waiting)
    if signal.SIGINT in heard:
        raise KeyboardInterrupt
    raise_all(unsent(courier, waiting, settings))
