"""What the catalogue says of a matter: codes, limits by place and grade, and who is responsible."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from events_api.catalogue.catalogue_files import read_catalogue
from events_api.catalogue.grades import Grade
from events_api.catalogue.matters import Catalogue, Matter
from events_api.catalogue.steps import Step
from events_api.errors import UnprocessableError
from events_api.schemas import MatterKey
from tests.events_api.conftest import RunningApi

STANDARD = "GB/T 47678.5-2026"
LOCAL = "GRIDPATROL-EXT"
SHIPPED = read_catalogue()


def shipped(code: str, standard_ref: str = STANDARD) -> Matter:
    """Return a matter of the shipped catalogue."""
    return SHIPPED.find(MatterKey(standard_ref=standard_ref, code=code))


@pytest.mark.parametrize(
    ("standard_ref", "code", "zh", "codes_2013", "codes_2007"),
    [
        (STANDARD, "09009", "机动车乱停放", ("04-09",), ("05-05",)),
        (STANDARD, "09012", "占用消防通道", (), ()),
        (STANDARD, "09001", "无照经营游商", ("04-01",), ("05-01",)),
        (STANDARD, "06010", "暴露垃圾", ("01-10",), ("01-02",)),
        (STANDARD, "06013", "道路破损", ("01-13",), ("01-10", "03-06")),
        (STANDARD, "06020", "焚烧垃圾、树叶", ("01-20",), ("01-15", "01-27")),
        (STANDARD, "06052", "无障碍坡道破损", (), ()),
        (LOCAL, "EXT-FIRE", "明火", (), ()),
        (LOCAL, "EXT-SMOKE", "烟雾", (), ()),
        (LOCAL, "EXT-FLOOD", "道路积水", ("05-06",), ("01-11", "04-06")),
        (LOCAL, "EXT-COLLAPSE", "路面塌陷", ("05-05",), ("04-01",)),
        (LOCAL, "EXT-CROWD", "人群聚集", (), ()),
        (LOCAL, "EXT-INTRUSION", "闯入限制区域", (), ()),
        (LOCAL, "EXT-CONGESTION", "交通拥堵", (), ()),
        (LOCAL, "EXT-PRESENCE", "目标出现", (), ()),
    ],
)
def test_a_matter_has_its_names_and_counterparts(
    standard_ref: str, code: str, zh: str, codes_2013: tuple[str], codes_2007: tuple[str]
) -> None:
    """By standard and code; local extensions say that they are."""
    matter = shipped(code, standard_ref)
    assert (matter.zh, matter.codes_2013, matter.codes_2007) == (zh, codes_2013, codes_2007)
    assert matter.is_local_extension == (standard_ref == LOCAL)


def test_a_citys_own_additions_are_not_the_standards() -> None:
    """What Yuncheng added to the list of 2013 stands apart."""
    assert shipped("06042").codes_2013 == ()
    assert shipped("06042").codes_2013_local == ("01-92", "01-98")


def test_all_matters_of_the_five_classes_are_there() -> None:
    """As many as the listing has, and each with both names."""
    counted = {big: sum(m.code.startswith(big) for m in SHIPPED.matters) for big in CLASS_SIZES}
    assert counted == CLASS_SIZES
    assert all(m.zh.strip() and m.en.isascii() for m in SHIPPED.matters)


CLASS_SIZES = {"01": 1, "06": 51, "07": 7, "08": 16, "09": 21, "10": 2, "EXT": 10}


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("06010", "4.0 working_hours"),
        ("06011", "5.0 working_days"),
        ("09001", "2.0 urgent_hours"),
        ("06001", "2.0 urgent_days"),
        ("09009", None),  # a matter of the police
        ("07003", None),  # a range is no limit
        ("06026", None),
    ],
)
def test_a_shipped_limit_cites_its_source_and_the_others_are_absent(
    code: str, limit: str | None
) -> None:
    """Nothing is invented where no source is known."""
    found = SHIPPED.limit(shipped(code), Step.HANDLE, None, None)
    assert (found and f"{found.amount} {found.unit}") == limit
    if found is not None:
        assert "local rule" in SHIPPED.sources[found.source].en
    assert SHIPPED.limit(shipped(code), Step.ACCEPT, None, None) is None


def test_what_sameness_means_is_said_by_the_matter() -> None:
    """A car is 4.5 m long and the same one for a day."""
    rule = shipped("09009").merge_rule
    assert (rule.extent_m, rule.same_within) == (4.5, timedelta(hours=24))


def test_an_unknown_matter_is_named() -> None:
    """The code of one standard is not that of another."""
    with pytest.raises(UnprocessableError, match="09009 of GB/T 30428"):
        shipped("09009", "GB/T 30428")


def catalogue(limits: list[dict[str, Any]], **changes: Any) -> Catalogue:
    """Return a catalogue whose only matter has these limits."""
    source = {"source": "us"}
    clockwork = {"limits": [{"amount": 9, "unit": "natural_days", "step": "verify", **source}]}
    matter = {"standard_ref": "S", "code": "0601", "zh": "一", "en": "One", "extent_m": 1}
    conditions = [{"limits": [{"unit": "working_hours", **source, **limit} for limit in limits]}]
    matter |= {"same_within_h": 1, "colour_class": "road", "conditions": conditions}
    form = {"sources": {"us": {"en": "We."}}, "clockwork": {**clockwork, "source": "We."}}
    return Catalogue.model_validate({**form, "matters": [matter], **changes})


@pytest.mark.parametrize(
    ("cell_code", "grade", "hours"),
    [
        ("341299001001001", None, 3),  # the village, before its town and the county
        ("341299001002001", None, 2),
        ("341200009001001", None, 1),
        (None, None, 1),
        ("341299001002001", Grade.URGENT, 2),  # the place before the grade
        ("341200009001001", Grade.URGENT, 0.5),
        ("341200009001001", Grade.GENERAL, 1),
    ],
)
def test_the_closest_limit_holds(cell_code: str | None, grade: Grade | None, hours: float) -> None:
    """By the longest beginning of the cell's code, and then by the grade."""
    known = catalogue(
        [
            {"amount": 1},
            {"amount": 2, "cells": ["341299001", "341299002"]},
            {"amount": 3, "cells": ["341299001001"]},
            {"amount": 0.5, "grade": "A"},
        ]
    )
    limit = known.limit(known.matters[0], Step.HANDLE, cell_code, grade)
    assert limit is not None
    assert limit.amount == hours


def test_what_a_matter_does_not_say_the_clockwork_says() -> None:
    """For each step; of steps that neither limits there is no limit."""
    known = catalogue([{"amount": 1}])
    limits = [known.limit(known.matters[0], step, None, None) for step in Step]
    assert [limit and limit.amount for limit in limits] == [None, None, 1, 9]


def test_a_grade_has_conditions_of_its_own() -> None:
    """Without a grade the row without one is taken, or else the first."""
    rows = [{"closing": {"en": grade}, "grade": grade} for grade in ("B", "A")]
    matter = catalogue([]).matters[0].model_dump(exclude={"is_local_extension"})
    graded = Matter.model_validate({**matter, "conditions": rows})
    either = Matter.model_validate({**matter, "conditions": [*rows, {"closing": {"en": "none"}}]})
    assert [
        found and found.closing and found.closing.en
        for found in (
            graded.condition(Grade.URGENT),
            graded.condition(None),
            either.condition(None),
            either.condition(Grade.GENERAL),
        )
    ] == ["A", "B", "none", "none"]


@pytest.mark.parametrize(
    ("cell_code", "body"),
    [
        ("341299001001001", "town"),
        ("341299002001001", "bureau"),
        ("341200001001001", "rest"),
        (None, "rest"),
    ],
)
def test_the_closest_rule_says_who_is_responsible(cell_code: str | None, body: str) -> None:
    """By the cell first, then by the matter."""
    bodies = [{"id": name, "zh": "某", "en": name} for name in ("rest", "bureau", "town")]
    rules = [
        {"body": "rest"},
        {"body": "rest", "matters": ["06"], "cells": ["341299"]},
        {"body": "bureau", "matters": ["0601"], "cells": ["341299"]},
        {"body": "town", "cells": ["341299001"]},
    ]
    known = catalogue([], bodies=bodies, responsible=rules)
    found = known.body(known.matters[0], cell_code)
    assert found is not None
    assert found.id == body


def test_where_no_rule_says_it_nobody_is_responsible() -> None:
    """As in the shipped catalogue, which knows no county's bodies."""
    assert SHIPPED.body(shipped("06010"), "341299001001001") is None


def test_the_matters_are_served(shared_api: RunningApi) -> None:
    """With both names and whether the code is ours."""
    with shared_api.client() as client:
        matters = {each["code"]: each for each in client.get("/matters").json()}
    assert matters["EXT-SMOKE"]["is_local_extension"]
    assert matters["06010"]["en"] == "Exposed litter"
