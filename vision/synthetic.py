"""Made-up looks: what a detector would see of things that a person describes, to try rules on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vision.detections import Detections
from vision.errors import RulesError
from vision.frames import Frame, SourceReport
from vision.rules.lines import line_of

_THRESHOLD = 0.3
Share = Annotated[float, Field(ge=0, le=1)]
BoxFrac = tuple[Share, Share, Share, Share]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SyntheticThing(_Strict):
    """One thing that is seen for a time.

    Attributes:
        class_name: what the detector calls it; `class` in the file.
        score: how sure the detector is each time.
        from_s: when it is first seen.
        to_s: when it is last seen.
        box: left, top, right, bottom, in shares of the picture.
        to_box: where it is at the end; None if it stays.
        arrives_s: when it reaches `to_box`; None for the end.
    """

    class_name: str = Field(alias="class", min_length=1)
    score: Share = 0.8
    from_s: float = Field(default=0.0, ge=0)
    to_s: float = Field(gt=0, le=3600)
    box: BoxFrac
    to_box: BoxFrac | None = None
    arrives_s: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_possible(self) -> "SyntheticThing":
        for left, top, right, bottom in (self.box, self.to_box or self.box):
            if right <= left or bottom <= top:
                raise ValueError("a box is left, top, right, bottom")
        if self.to_s <= self.from_s:
            raise ValueError("to_s has to come after from_s")
        return self

    def box_at(self, time_s: float) -> tuple[float, ...] | None:
        """Where it is at a time, None while it is not seen."""
        if not self.from_s - 1e-9 <= time_s <= self.to_s + 1e-9:
            return None
        if self.to_box is None:
            return self.box
        end_s = self.to_s if self.arrives_s is None else self.arrives_s
        share = min(1.0, (time_s - self.from_s) / max(end_s - self.from_s, 1e-9))
        return tuple(a + share * (b - a) for a, b in zip(self.box, self.to_box, strict=True))


class SyntheticLooks(_Strict):
    """A whole file of them.

    Attributes:
        fps: looks a second.
        picture: width and height, pixels.
        zones: drawn into the picture, as for `patrol watch`.
        things: what is seen.
    """

    fps: float = Field(default=5.0, gt=0, le=60)
    picture: tuple[Annotated[int, Field(ge=32, le=8192)], Annotated[int, Field(ge=32, le=8192)]] = (
        640,
        360,
    )
    zones: tuple[str, ...] = ()
    things: tuple[SyntheticThing, ...] = Field(min_length=1)

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in it."""
        return tuple(sorted({each.class_name for each in self.things}))


def read_looks(path: Path) -> SyntheticLooks:
    """Read a file of made-up looks.

    Raises:
        RulesError: the file is missing, is no YAML or breaks the schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return SyntheticLooks.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        line = line_of(text, first["loc"])
        raise RulesError(f"{path}: line {line}: {where}: {first['msg']}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: is not YAML ({' '.join(str(error).split())}).") from error


@dataclass
class SyntheticSource:
    """Grey frames for the time in which something is seen; it fits a `FrameSource`."""

    looks: SyntheticLooks
    name: str = "made-up"
    report: SourceReport = field(default_factory=SourceReport)

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.looks.fps

    @property
    def size_wh_px(self) -> tuple[int, int]:
        """Width and height of the frames."""
        return self.looks.picture

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames, with a second after the last thing left."""
        width_px, height_px = self.size_wh_px
        image = np.full((height_px, width_px, 3), 128, np.uint8)
        lasts_s = max(each.to_s for each in self.looks.things) + 1.0
        for index in range(round(lasts_s * self.fps) + 1):
            self.report.read += 1
            yield Frame(index, index / self.fps, image)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class SyntheticDetector:
    """Sees the made-up things; it fits a `Detector`.

    Attributes:
        looks: what is seen.
        class_names: names by class id, of a model or of the things.
        model: none looks.
    """

    looks: SyntheticLooks
    class_names: tuple[str, ...]
    model: str = ""

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The same for every class."""
        return (_THRESHOLD,) * len(self.class_names)

    def scale_of(self, size_wh_px: tuple[int, int]) -> float:  # noqa: ARG002
        """It is shown whole frames."""
        return 1.0

    def detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Detections]]:
        """Yield each frame with the things that are seen in it."""
        for frame in frames:
            yield frame, self._seen(frame)

    def _seen(self, frame: Frame) -> Detections:
        seen = [
            (box, each)
            for each in self.looks.things
            if (box := each.box_at(frame.time_s)) is not None
        ]
        scale = np.tile(np.array(frame.size_wh_px, np.float64), 2)
        boxes: Sequence[tuple[float, ...]] = [box for box, _ in seen]
        return Detections.of(
            np.array(boxes, np.float64).reshape(-1, 4) * scale,
            np.array([each.score for _, each in seen], np.float64),
            np.array([self.class_names.index(each.class_name) for _, each in seen], np.int64),
        )
