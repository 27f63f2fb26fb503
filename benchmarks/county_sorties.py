"""How near a county's sorties come to what no sorties undercut, how soon and in what memory."""

import importlib
import importlib.util
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from benchmarks.result import Benchmark, Figure, Result
from benchmarks.sortie_bound import lower_bound_m
from benchmarks.urgency_peers import greedy_urgency, most_urgency
from flight.planning.selection import select_sorties
from flight.planning.sortie_start import first_sorties
from flight.planning.sortie_tasks import Effort, Sortie, SortieTask
from flight.planning.sorties import plan_sorties
from geofences.formats.county_files import read_county
from geofences.geodesy import LocalFrame, LonLat
from geofences.sample_county.location import sample_county_path

LIMIT_M = 20_000.0
MESH_M = 100.0
JITTER_M = 10.0
INSTANCE_SEED = 3
COUNTY_CELLS = 4747

FIRST_REACH_S = 1.0
SOON_REACH = 0.09
LATER_REACH = 0.08
SMALL_REACH = 0.035
MEMORY_REACH_MB = 500.0

PEER = "ortools"
PEER_S = 60

_COLD_START = (
    "import time; import numpy as np; "
    "from flight.planning.sorties import plan_sorties; "
    "from flight.planning.sortie_tasks import Effort, SortieTask; "
    "task = SortieTask(np.eye(9, 2) * 100.0, np.zeros((1, 2)), 1e4); "
    "began = time.perf_counter(); plan_sorties(task, Effort(1)); "
    "print(time.perf_counter() - began)"
)


_ALONE = (
    "from pathlib import Path; "
    "from benchmarks.county_sorties import COUNTY_CELLS, mesh_task; "
    "from flight.planning.sorties import plan_sorties; "
    "from flight.planning.sortie_tasks import Effort; "
    "plan_sorties(mesh_task(COUNTY_CELLS), Effort.of_seconds(1.0)); "
    # Not getrusage: on Linux that of a new process begins with its parent's peak.
    "status = Path('/proc/self/status').read_text(); "
    "print(float(status.split('VmHWM:')[1].split()[0]) / 1024.0)"
)


class _Run(NamedTuple):
    task: SortieTask
    sorties: tuple[Sortie, ...]
    total_m: float
    time_s: float
    processor_s: float


def mesh_task(cells: int) -> SortieTask:
    """Cell centres on a jittered mesh of 100 m around four docks, always the same."""
    chance = np.random.default_rng(INSTANCE_SEED)
    wide = math.ceil(math.sqrt(cells))
    number = np.arange(cells)
    places_m = MESH_M * np.stack([number % wide, number // wide], axis=1)
    places_m = places_m + chance.uniform(-JITTER_M, JITTER_M, (cells, 2))
    docks = np.array([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])
    return SortieTask(places_m, docks * wide * MESH_M, np.full(4, LIMIT_M))


def sample_task() -> SortieTask:
    """The cells of Sample County that sorties from its docks can reach, with those docks."""
    county = read_county(sample_county_path())
    middles = [cell.polygon.centroid for cell in county.grid.cells]
    frame = LocalFrame(LonLat(middles[0].x, middles[0].y))
    places = np.array([frame.to_local(middle.x, middle.y) for middle in middles])
    docks = np.array(
        [frame.to_local(dock.position.lon_deg, dock.position.lat_deg) for dock in county.docks]
    )
    apart = places[:, None, :] - docks[None, :, :]
    home_m = np.hypot(apart[..., 0], apart[..., 1]).min(axis=1)
    return SortieTask(places[2.0 * home_m <= LIMIT_M], docks, np.full(len(docks), LIMIT_M))


def kept(task: SortieTask, sorties: tuple[Sortie, ...]) -> bool:
    """Whether sorties visit every place once and stay within their limits, measured anew."""
    visited = sorted(place for sortie in sorties for place in sortie.places)
    lengths_m = [task.length_m(each.dock, np.array(each.places)) for each in sorties]
    within = all(
        length_m <= task.limits_m[each.dock]
        for each, length_m in zip(sorties, lengths_m, strict=True)
    )
    return within and visited == list(range(len(task.places_m)))


class _Measured(NamedTuple):
    """Everything that is planned; the goals are judged by it."""

    first: _Run
    soon: _Run
    again: _Run
    later: _Run
    few: _Run
    samples: _Run
    memory_mb: float
    bound_m: float
    few_bound_m: float

    def gaps(self) -> tuple[float, float, float]:
        """Over the bound: after 10 s, after 60 s, and of 1,000 cells after 5 s."""
        soon, later = self.soon.total_m / self.bound_m, self.later.total_m / self.bound_m
        return soon - 1.0, later - 1.0, self.few.total_m / self.few_bound_m - 1.0

    def whole(self) -> bool:
        """Whether all plans visit all within the limits."""
        county = all(
            kept(self.soon.task, run.sorties) for run in (self.first, self.soon, self.later)
        )
        return county and all(kept(run.task, run.sorties) for run in (self.few, self.samples))

    def met(self) -> bool:
        """Whether all goals are reached."""
        reaches = (SOON_REACH, LATER_REACH, SMALL_REACH)
        near = all(gap <= reach for gap, reach in zip(self.gaps(), reaches, strict=True))
        runs = ((self.first, FIRST_REACH_S), (self.soon, 10.0), (self.later, 60.0), (self.few, 5.0))
        quick = all(run.processor_s <= limit_s for run, limit_s in runs)
        small = self.memory_mb < MEMORY_REACH_MB
        return near and quick and small and self.whole() and self.soon.sorties == self.again.sorties


def run() -> Result:
    """Plan meshes of 4,747 and 1,000 cells and Sample County; time, measure and repeat."""
    county, small = mesh_task(COUNTY_CELLS), mesh_task(1000)
    first = _timed(county, first_sorties)
    loading = _planned(county, 0.0)
    measured = _Measured(
        first=first,
        soon=_planned(county, 10.0),
        again=_planned(county, 10.0),
        later=_planned(county, 60.0),
        few=_planned(small, 5.0),
        samples=_planned(sample_task(), 10.0),
        # Memory is that of a process that does nothing else; it does not grow with the steps.
        memory_mb=_printed(_ALONE, {}),
        bound_m=lower_bound_m(county),
        few_bound_m=lower_bound_m(small),
    )
    return Result(
        name=BENCHMARK.name,
        figures={
            **_figures(measured),
            "compiled code read": Figure(loading.time_s, "s"),
            "compiling, once on a machine": Figure(_cold_start_s(), "s"),
            **_urgency_figures(county),
            **_peer_figures(county, measured.bound_m),
        },
        ratio=measured.soon.total_m / measured.bound_m,
        against="the Lagrangian bound of 4,747 cells, 4 docks and 20 km sorties",
        reach=(
            f"gap at most {SOON_REACH:.0%} in 10 s, {LATER_REACH:.0%} in 60 s, {SMALL_REACH:.1%} "
            "for 1,000 cells in 5 s of processor time; first plan below "
            f"{FIRST_REACH_S:g} s, below {MEMORY_REACH_MB:g} MB, limits kept, two runs equal"
        ),
        met=measured.met(),
    )


def _figures(measured: _Measured) -> dict[str, Figure]:
    soon_gap, later_gap, few_gap = measured.gaps()
    samples = measured.samples
    first_m = math.fsum(each.length_m for each in first_sorties(samples.task))
    times = {
        f"{name}, {clock}": Figure(time_s, "s")
        for name, run in (
            ("first plan", measured.first),
            ("10 s", measured.soon),
            ("60 s", measured.later),
            ("5 s for 1,000 cells", measured.few),
        )
        for clock, time_s in (("processor", run.processor_s), ("clock", run.time_s))
    }
    return {
        **times,
        "first plan, length": Figure(measured.first.total_m / 1e3, "km"),
        "bound": Figure(measured.bound_m / 1e3, "km"),
        "length after 10 s": Figure(measured.soon.total_m / 1e3, "km"),
        "sorties after 10 s": Figure(len(measured.soon.sorties), "sorties"),
        "gap after 10 s": Figure(soon_gap, "share of the bound"),
        "gap after 60 s": Figure(later_gap, "share of the bound"),
        "gap of 1,000 cells after 5 s": Figure(few_gap, "share of the bound"),
        "Sample County in reach": Figure(len(samples.task.places_m), "cells"),
        "Sample County, first plan": Figure(first_m / 1e3, "km"),
        "Sample County, after 10 s": Figure(samples.total_m / 1e3, "km"),
        "Sample County, sorties": Figure(len(samples.sorties), "sorties"),
        "peak memory": Figure(measured.memory_mb, "MB"),
        "limits kept": Figure(float(measured.whole()), "1 if all"),
        "two runs equal": Figure(
            float(measured.soon.sorties == measured.again.sorties), "1 if equal"
        ),
    }


def _planned(task: SortieTask, seconds: float) -> _Run:
    effort = Effort(max(1, Effort.of_seconds(seconds).iterations))
    return _timed(task, lambda given: plan_sorties(given, effort))


def _timed(task: SortieTask, plan: Callable[[SortieTask], tuple[Sortie, ...]]) -> _Run:
    began_s, processor_s = time.perf_counter(), time.process_time()
    sorties = plan(task)
    time_s, processor_s = time.perf_counter() - began_s, time.process_time() - processor_s
    total_m = math.fsum(each.length_m for each in sorties)
    return _Run(task, sorties, total_m, time_s, processor_s)


def _urgency_figures(task: SortieTask) -> dict[str, Figure]:
    """What eight sorties gather of a county of unequal urgency, beside greed and a bound."""
    chance = np.random.default_rng(INSTANCE_SEED)
    cells = len(task.places_m)
    urgency = chance.choice([0.5, 1.0, 2.0, 5.0], cells) * chance.exponential(3.0, cells)
    per_dock = [2] * len(task.docks_m)
    began_s = time.perf_counter()
    sorties = select_sorties(task, urgency, per_dock, Effort.of_seconds(5.0))
    time_s = time.perf_counter() - began_s
    gathered = sum(float(urgency[list(each.places)].sum()) for each in sorties)
    return {
        "urgency of 8 sorties against greed": Figure(
            gathered / greedy_urgency(task, urgency, per_dock), "times as much"
        ),
        "urgency of 8 sorties against a bound": Figure(
            gathered / most_urgency(task, urgency, per_dock), "share of the bound"
        ),
        "real time of choosing": Figure(time_s, "s"),
    }


def _cold_start_s() -> float:
    """Time of the first search on a machine that has never compiled it."""
    with tempfile.TemporaryDirectory() as empty:
        return _printed(_COLD_START, {"NUMBA_CACHE_DIR": empty})


def _printed(program: str, environment: dict[str, str]) -> float:
    """The number that a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def _peer_figures(task: SortieTask, bound_m: float) -> dict[str, Figure]:
    """The same task given to OR-Tools for a minute; nothing, said aloud, where it is absent."""
    if importlib.util.find_spec(PEER) is None:
        print("OR-Tools is not installed, so it is left out: pip install ortools.")
        return {}
    began_s = time.perf_counter()
    total_m = _routed_m(task, PEER_S)
    figures = {"OR-Tools, real time": Figure(time.perf_counter() - began_s, "s")}
    if total_m is None:
        print(f"OR-Tools found nothing in {PEER_S} s of search.")
        return figures
    return {f"OR-Tools, gap after {PEER_S} s": Figure(total_m / bound_m - 1.0, "share"), **figures}


def _routed_m(task: SortieTask, seconds: int) -> float | None:
    """Cheapest arcs, then guided local search, of which it finds its first sorties soonest."""
    routing: Any = importlib.import_module("ortools.constraint_solver.pywrapcp")
    enums: Any = importlib.import_module("ortools.constraint_solver.routing_enums_pb2")
    nodes_m = np.vstack([task.docks_m, task.places_m])
    docks = [dock for dock in range(len(task.docks_m)) for _ in range(12)]
    manager = routing.RoutingIndexManager(len(nodes_m), len(docks), docks, docks)
    model = routing.RoutingModel(manager)
    apart_m = np.hypot(*(nodes_m[:, None, :] - nodes_m[None, :, :]).transpose(2, 0, 1))
    lengths_m = np.rint(apart_m).astype(np.int64)
    way = model.RegisterTransitMatrix(lengths_m.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(way)
    model.AddDimension(way, 0, int(LIMIT_M), True, "length")
    search = routing.DefaultRoutingSearchParameters()
    search.first_solution_strategy = enums.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    search.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromSeconds(seconds)
    solution = model.SolveWithParameters(search)
    return None if solution is None else float(solution.ObjectiveValue())


BENCHMARK = Benchmark(
    "county-sorties", "sorties over 4,747 cells: gap to the bound, time, memory", run
)
