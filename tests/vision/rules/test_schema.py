from pathlib import Path

import pytest
import yaml

from vision.errors import RulesError
from vision.rules.schema import DEFAULT_RULES, RuleFile, load_rules, read_rules, rule_faults

RULE = """
version: 1
rules:
  - id: litter
    kind: presence
    matter: {standard_ref: GB/T 47678.5-2026, code: "06010"}
    classes: [garbage]
"""


def write(folder: Path, text: str) -> Path:
    """Write a rule file."""
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_rules_that_come_with_the_program_are_sound() -> None:
    """Each matter of the demo has a rule."""
    codes = {(rule.matter.standard_ref, rule.matter.code) for rule in load_rules()}
    for code in ("09009", "09012", "09001", "06010", "06013"):
        assert ("GB/T 47678.5-2026", code) in codes
    for code in ("FIRE", "SMOKE", "CROWD", "INTRUSION", "CONGESTION", "PRESENCE"):
        assert ("GRIDPATROL-EXT", f"EXT-{code}") in codes


def test_every_kind_of_rule_is_shown_in_the_file_that_comes_with_the_program() -> None:
    """Those that suit few places are switched off, and sound."""
    shipped = RuleFile.model_validate(yaml.safe_load(DEFAULT_RULES.read_text(encoding="utf-8")))
    kinds = {"presence", "dwell", "stationary", "crowd", "congestion", "collision"}
    assert {rule.kind for rule in shipped.rules} == kinds
    off = {rule.id for rule in shipped.rules if not rule.enabled}
    assert off == {"vehicle-intrusion", "person-on-roadway", "collision"}


def test_a_rule_says_only_what_differs(tmp_path: Path) -> None:
    """Everything but id, kind, matter and classes has a default."""
    (rule,) = load_rules(write(tmp_path, RULE))
    assert rule.id == "litter"
    assert rule.zones == ()
    assert rule.min_score is None


def test_a_rule_can_be_switched_off(tmp_path: Path) -> None:
    """It is checked and not used."""
    rule = RULE.partition("rules:\n")[2].replace("litter", "heap")
    path = write(tmp_path, RULE + "    enabled: false\n" + rule)
    assert [rule.id for rule in load_rules(path)] == ["heap"]
    assert [rule.id for rule in read_rules(path)] == ["litter", "heap"]


def test_rules_of_which_none_is_used_are_refused(tmp_path: Path) -> None:
    """Who watches by them would be told of nothing for ever, and not know why."""
    path = write(tmp_path, RULE + "    enabled: false\n")
    with pytest.raises(RulesError, match="every rule is switched off"):
        load_rules(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RULE + "    min_lookz: 4\n", "rule litter, min_lookz: there is no such key"),
        (RULE + "    min_score: 1.5\n", "rule litter, min_score: .* less than or equal to 1"),
        (RULE + "    zones: [playground]\n", r"rule litter, zones\.0: Input should be"),
        (RULE.replace("kind: presence", "kind: absence"), "kind 'absence' is none; .*'presence'"),
        (RULE.replace("classes: [garbage]", "classes: []"), "rule litter, classes"),
        (RULE.replace("version: 1", "version: 2"), "version: Input should be 1"),
        ("version: 1\nrules: []\n", "line 2: rules: name one at least"),
        (
            RULE.replace("id: litter", "id: Big Litter"),
            "rule Big Litter, id: 'Big Litter' is no id; write small",
        ),
        (RULE.replace("kind: presence", "kind: dwell"), "rule litter, min_seconds: is missing"),
        (
            RULE + "    time_zone: Moon/Base\n",
            "rule litter, time_zone: 'Moon/Base' is no time zone",
        ),
        ("rules: [", "is not YAML"),
        (RULE.replace("    kind: presence\n", ""), "rule litter: kind is missing; write"),
        (RULE.replace("[garbage]", "garbage"), "rule litter, classes: write a list, as in"),
        (RULE.replace("[garbage]", "[]"), "rule litter, classes: name one at least"),
        ("version: 1\nrules: [litter]", "rule 1: write keys with values"),
        ("just a sentence", "the file: write keys with values"),
        ("", "the file: write keys with values"),
    ],
)
def test_what_is_wrong_is_named_with_its_rule_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    """The error points at the file, the rule by its id, and the key."""
    with pytest.raises(RulesError, match=r"rules\.yaml: ") as caught:
        load_rules(write(tmp_path, text))
    assert caught.match(message)


def test_an_id_is_used_once() -> None:
    """Sightings are told apart by it."""
    rule = {
        "id": "a",
        "kind": "presence",
        "matter": {"standard_ref": "x", "code": "1"},
        "classes": ["car"],
    }
    (fault,) = rule_faults({"version": 1, "rules": [rule, rule]})
    assert "'a' is used twice" in fault


def test_a_missing_file_is_named() -> None:
    """A wrong path is said to be one."""
    with pytest.raises(RulesError, match=r"nowhere\.yaml: cannot be read"):
        load_rules(Path("/nowhere.yaml"))
