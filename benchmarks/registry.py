"""All benchmarks, by name."""

from benchmarks import (
    breach_lead,
    cell_angles,
    county_sorties,
    coverage_length,
    fence_check,
    foretold_flight,
    mission_upload,
    planning_time,
    point_to_cell,
    report_posts,
    simulate_fleet,
    street_network,
    telemetry_fleet,
    terrain_profile,
    transit_zones,
    upload_latency,
    upload_loss,
    video_fps,
)
from benchmarks.result import Benchmark

BENCHMARKS: tuple[Benchmark, ...] = (
    video_fps.BENCHMARK,
    mission_upload.BENCHMARK,
    coverage_length.BENCHMARK,
    cell_angles.BENCHMARK,
    planning_time.BENCHMARK,
    county_sorties.BENCHMARK,
    foretold_flight.BENCHMARK,
    fence_check.BENCHMARK,
    breach_lead.BENCHMARK,
    report_posts.BENCHMARK,
    simulate_fleet.BENCHMARK,
    street_network.BENCHMARK,
    point_to_cell.BENCHMARK,
    telemetry_fleet.BENCHMARK,
    terrain_profile.BENCHMARK,
    transit_zones.BENCHMARK,
    upload_latency.BENCHMARK,
    upload_loss.BENCHMARK,
)
