"""Where things are placed: never too much on a machine, evenly, and nothing moves to and fro."""

from hypothesis import given
from hypothesis import strategies as st

from vision.engine.placement import MOST_APART, Load, Machine, device_kind, moves, placed

MACHINES = st.lists(
    st.builds(
        lambda cpus, gpu: (float(cpus), frozenset({"GPU"}) if gpu else frozenset()),
        st.integers(1, 16),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
).map(lambda kinds: [Machine(f"m{n}", f"m{n}", *kind) for n, kind in enumerate(kinds)])
LOADS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.3, 0.9, 1.0]), st.sampled_from(["CPU", "GPU.0"])), max_size=40
).map(lambda kinds: [Load(f"s{n}", *kind) for n, kind in enumerate(kinds)])


def shares(machines: list[Machine], where: dict[str, str], loads: list[Load]) -> dict[str, float]:
    """How full each machine is."""
    return {
        each.id: sum(load.cpus for load in loads if where.get(load.name) == each.id) / each.cpus
        for each in machines
    }


@given(MACHINES, LOADS)
def test_nothing_is_placed_where_it_does_not_fit(
    machines: list[Machine], loads: list[Load]
) -> None:
    """No machine carries more than it has; devices are there; what is left out fits nowhere."""
    where = placed(loads, machines, {})
    full = shares(machines, where, loads)
    by_id = {each.id: each for each in machines}
    assert all(share <= 1.0 + 1e-6 for share in full.values())
    for load in loads:
        if load.name in where:
            assert by_id[where[load.name]].has(load.device)
        else:
            free = [e.cpus * (1 - full[e.id]) for e in machines if e.has(load.device)]
            assert all(each < load.cpus for each in free)


@given(MACHINES, LOADS)
def test_moves_come_to_an_end_and_leave_nobody_too_full(
    machines: list[Machine], loads: list[Load]
) -> None:
    """However badly it was spread: everything on the first machine that can have it."""
    where = {
        load.name: next(each.id for each in machines if each.has(load.device))
        for load in loads
        if any(each.has(load.device) for each in machines)
    }
    before = shares(machines, where, loads)
    for _ in range(len(loads) + 1):
        carried = {
            each.id: [load for load in loads if where.get(load.name) == each.id]
            for each in machines
        }
        found = moves(carried, machines, most=4)
        if not found:
            break
        where |= found
    else:
        raise AssertionError("things move for ever")
    after = shares(machines, where, loads)
    assert max(after.values()) <= max(before.values()) + 1e-6
    assert all(after[key] <= max(1.0, before[key]) + 1e-6 for key in after)


def test_the_freest_by_share_is_taken() -> None:
    """A large machine takes more than a small one."""
    large, small = Machine("l", "large", 8.0), Machine("s", "small", 2.0)
    where = placed([Load(f"s{n}", 0.5) for n in range(10)], [small, large], {})
    assert sorted(where.values()).count("l") == 8
    assert placed([Load("a", 1.0)], [small, large], {"l": 8.0}) == {"a": "s"}


def test_a_new_machine_takes_what_costs_least_to_move() -> None:
    """Until the shares are near one another."""
    loads = [Load(f"film-{n}", 0.5, moving_costs=60.0 + n) for n in range(2)]
    loads += [Load(f"camera-{n}", 0.5) for n in range(2)]
    machines = [Machine("old", "old", 2.0), Machine("new", "new", 2.0)]
    found = moves({"old": loads}, machines, most=9)
    assert set(found) == {"camera-0", "camera-1"}
    assert set(found.values()) == {"new"}
    near = [Load("a", 0.5), Load("b", 0.5)]
    assert not moves({"old": near[:1], "new": near[1:]}, machines, most=9)
    assert MOST_APART < 0.25


def test_devices_of_a_kind_are_counted_together() -> None:
    """OpenVINO numbers them and takes options behind a colon."""
    assert [device_kind(each) for each in ("CPU", "GPU.1", "MULTI:GPU,CPU")] == [
        "CPU",
        "GPU",
        "MULTI",
    ]
    assert not Machine("m", "m", 4.0, frozenset()).has("GPU.0")
    assert [device_kind(each) for each in ("cuda:1", "tensorrt:0", "onnx:cpu")] == [
        "GPU",
        "GPU",
        "CPU",
    ]
    assert Machine("m", "m").has("NPU")
