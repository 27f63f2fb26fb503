"""All benchmarks, by name."""

from benchmarks import (
    breach_lead,
    county_sorties,
    coverage_length,
    fence_check,
    foretold_flight,
    mission_upload,
    planning_time,
    point_to_cell,
    report_posts,
    street_network,
    terrain_profile,
    transit_zones,
    video_fps,
)
from benchmarks.result import Benchmark

BENCHMARKS: tuple[Benchmark, ...] = (
    video_fps.BENCHMARK,
    mission_upload.BENCHMARK,
    coverage_length.BENCHMARK,
    planning_time.BENCHMARK,
    county_sorties.BENCHMARK,
    foretold_flight.BENCHMARK,
    fence_check.BENCHMARK,
    breach_lead.BENCHMARK,
    report_posts.BENCHMARK,
    street_network.BENCHMARK,
    point_to_cell.BENCHMARK,
    terrain_profile.BENCHMARK,
    transit_zones.BENCHMARK,
)
