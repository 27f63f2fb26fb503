"""What a rule makes use of is followed, however unsure the detector is of it."""

from pathlib import Path

from tests.vision.builders import NAMES, BlankSource, ScriptedDetector, boxes
from vision.ground_context import GroundContext
from vision.pipeline import WatchSettings, watch
from vision.rules.schema import Rule, RuleFile, load_rules
from vision.rules.scores import stirring_classes, tracked_from


def rules(*made: dict[str, object]) -> tuple[Rule, ...]:
    """Presence rules with these keys."""
    usual = {"kind": "presence", "matter": {"standard_ref": "S", "code": "1"}}
    listed = [{**usual, "id": f"r{number}", **each} for number, each in enumerate(made)]
    return RuleFile.model_validate({"version": 1, "rules": listed}).rules


def test_the_least_score_of_any_rule_counts() -> None:
    """It never raises the threshold of the detector."""
    made = rules(
        {"classes": ["car"], "min_score": 0.2},
        {"classes": ["car", "smoke"], "min_score": 0.9},
        {"classes": ["smoke"], "min_stir": 0.1},
    )
    assert tracked_from(made, ("car", "smoke", "fire"), (0.4, 0.4, 0.1)) == (0.2, 0.2, 0.1)
    moving = tracked_from(made, ("car", "smoke", "fire"), (0.4, 0.4, 0.1), stands=False)
    assert moving == (0.2, 0.4, 0.1)
    assert stirring_classes(made) == {"smoke"}


def test_a_rule_may_ask_for_less_than_the_models_threshold(tmp_path: Path) -> None:
    """What the detector is never sure enough of to be followed by itself is followed for it."""
    path = tmp_path / "rules.yaml"
    path.write_text(
        "version: 1\nrules:\n  - {id: faint, kind: presence, classes: [car], min_score: 0.1,\n"
        "     matter: {standard_ref: S, code: '1'}}\n",
        encoding="utf-8",
    )
    car = ((100.0, 100.0, 160.0, 160.0), 0.2, NAMES.index("car"))
    detector = ScriptedDetector({i: boxes(car) for i in range(20)})
    source = BlankSource(20, fps=10.0)
    for rules, told in ((load_rules(), []), (load_rules(path), ["faint"])):
        found = watch(source, detector, rules, GroundContext(), WatchSettings(pass_id="p"))
        assert [each.rule_id for each in found] == told


def test_what_is_unsure_is_not_mixed_into_what_a_moving_camera_sees(tmp_path: Path) -> None:
    """There smoke is told by its outline alone, which a wall and something else by turns change."""
    path = tmp_path / "rules.yaml"
    path.write_text(
        "version: 1\nrules:\n  - {id: lively, kind: presence, classes: [fire], min_stir: 0.1,\n"
        "     min_flicker: 0.015, min_looks: 10, min_seconds: 3, min_share: 0.6,\n"
        "     once_per_view: true, matter: {standard_ref: S, code: '1'}}\n",
        encoding="utf-8",
    )
    fire = NAMES.index("fire")
    wall = boxes(((100.0, 100.0, 300.0, 300.0), 0.5, fire))
    unsure = boxes(((700.0, 400.0, 800.0, 480.0), 0.2, fire))
    detector = ScriptedDetector({i: unsure if i % 3 == 1 else wall for i in range(150)})
    settings = WatchSettings(pass_id="p", moving_camera=True)
    source = BlankSource(150, fps=10.0)
    assert list(watch(source, detector, load_rules(path), GroundContext(), settings)) == []
