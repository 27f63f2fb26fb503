"""PUT and GET /cells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events_api.cell_features import collection_of
from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import make_cells


def codes(collection: dict[str, Any]) -> list[str]:
    """Return the codes of a collection's cells."""
    return [feature["properties"]["code"] for feature in collection["features"]]


def test_no_cells_is_an_empty_collection(api: RunningApi) -> None:
    """A fresh API has no cells, and says so in GeoJSON."""
    with api.client() as client:
        assert client.get("/cells").json() == {"type": "FeatureCollection", "features": []}


def test_what_is_put_can_be_got(api: RunningApi) -> None:
    """All cells, sorted by code, as they were sent."""
    collection = collection_of(make_cells()[::-1])
    with api.client() as client:
        assert client.put("/cells", json=collection).json() == {"count": 4}
        got = client.get("/cells")
    assert got.headers["content-type"] == "application/geo+json"
    assert got.json() == collection_of(make_cells())


def test_the_new_cells_take_the_place_of_all_old_ones(api: RunningApi) -> None:
    """What is not in the new set is gone, and the tag changes."""
    with api.client() as client:
        client.put("/cells", json=collection_of(make_cells(4)))
        before = client.get("/cells")
        client.put("/cells", json=collection_of(make_cells(2)))
        after = client.get("/cells")
    assert codes(after.json()) == codes(before.json())[:2]
    assert after.headers["etag"] != before.headers["etag"]


def test_unchanged_cells_are_not_sent_again(api: RunningApi) -> None:
    """The page asks with the tag it has."""
    with api.client(Role.ACCEPTOR) as operator, api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells()))
        tag = operator.get("/cells").headers["etag"]
        answer = operator.get("/cells", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        admin.put("/cells", json=collection_of(make_cells(1)))
        assert operator.get("/cells", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("identity", None)])
def test_cells_are_compressed_for_those_who_can(
    api: RunningApi, accepted: str, encoding: str | None
) -> None:
    """Both ways give the same cells."""
    with api.client() as client:
        client.put("/cells", json=collection_of(make_cells()))
        answer = client.get("/cells", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert len(answer.json()["features"]) == 4


@pytest.mark.parametrize(
    ("bbox", "expected"),
    [
        ("115.6199,33.1599,115.6201,33.1601", ["341299001001001"]),
        ("115.6204,33.1599,115.6206,33.1601", ["341299001001001", "341299001001002"]),
        ("0,0,1,1", []),
    ],
)
def test_a_box_gives_the_cells_that_meet_it(
    shared_api: RunningApi, bbox: str, expected: list[str]
) -> None:
    """For a page that looks at one village."""
    with shared_api.client() as client:
        client.put("/cells", json=collection_of(make_cells()))
        assert codes(client.get("/cells", params={"bbox": bbox}).json()) == expected


def changed(**changes: Any) -> dict[str, Any]:
    """Return a good collection whose second feature is changed."""
    collection = collection_of(make_cells())
    collection["features"][1] = {**collection["features"][1], **changes}
    return json.loads(json.dumps(collection))  # type: ignore[no-any-return]


GOOD = collection_of(make_cells())["features"][1]
FIRST_SQUARE = collection_of(make_cells())["features"][0]["geometry"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "FeatureCollection"),
        ({"type": "Feature"}, "FeatureCollection"),
        ({"type": "FeatureCollection"}, "features"),
        ({"type": "FeatureCollection", "features": ["cell"]}, "Feature 0"),
        (changed(properties=None), "Feature 1"),
        (changed(properties={"code": "341299001001002"}), "'name'"),
        (changed(properties={**GOOD["properties"], "code": "12"}), "'12'"),
        (changed(properties={**GOOD["properties"], "code": "341299001001001"}), "more than once"),
        (changed(geometry=None), "341299001001002"),
        (changed(geometry={"type": "Point", "coordinates": [115, 33]}), "Point"),
        (changed(geometry={"type": "Polygon", "coordinates": []}), "341299001001002"),
        (changed(geometry={"type": "Polygon", "coordinates": [[[0, 0], [1]]]}), "geometry"),
        (changed(geometry={"type": "Polygon", "coordinates": "here"}), "geometry"),
        (changed(geometry={"type": "Cube", "coordinates": []}), "geometry"),
        (
            changed(
                geometry={
                    "type": "Polygon",
                    "coordinates": [[[115, 33], [116, 34], [116, 33], [115, 34], [115, 33]]],
                }
            ),
            "341299001001002",  # a bow tie
        ),
        (
            changed(
                geometry={
                    "type": "Polygon",
                    "coordinates": [[[4e5, 3e6], [4e5, 4e6], [5e5, 4e6], [4e5, 3e6]]],
                }
            ),
            "degrees",  # metres of some projection
        ),
        (changed(geometry=FIRST_SQUARE), "341299001001002"),  # on top of its neighbour
    ],
)
def test_wrong_cells_change_nothing(shared_api: RunningApi, body: Any, words: str) -> None:
    """422 names what is wrong, and the cells in force stay."""
    with shared_api.client() as client:
        client.put("/cells", json=collection_of(make_cells(3)))
        answer = client.put("/cells", json=body)
        assert len(client.get("/cells").json()["features"]) == 3
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
