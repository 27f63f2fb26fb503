"""`python -m benchmarks --list` names the benchmarks; `python -m benchmarks NAME` runs one.

`python -m benchmarks coverage-length --instances FILE --spacing METRES` measures other areas.

Exit codes: 0 the figure was reached, 1 it was not, 2 no such benchmark, 3 it cannot run here.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.registry import BENCHMARKS
from benchmarks.result import Benchmark, BenchmarkUnavailableError, Instances, Result


def print_list(*, as_json: bool) -> None:
    """Print every benchmark's name and what it tells."""
    if as_json:
        print(json.dumps([{"name": each.name, "tells": each.tells} for each in BENCHMARKS]))
        return
    width = max(len(each.name) for each in BENCHMARKS)
    for each in BENCHMARKS:
        print(f"{each.name:<{width}}  {each.tells}")


def print_result(result: Result) -> None:
    """Print a result for a person."""
    for key, figure in result.figures.items():
        print(f"  {key:<32} {figure.value:>12.3f} {figure.unit}")
    verdict = "reached" if result.met else "not reached"
    print(f"{result.name}: {result.ratio:.3f} of {result.against}; {result.reach}: {verdict}")


def run(benchmark: Benchmark, *, as_json: bool, instances: Instances | None = None) -> int:
    """Run one benchmark, print what it measured and return the exit code."""
    try:
        if instances is None:
            result = benchmark.run()
        elif benchmark.run_on is None:
            print(f"{benchmark.name} takes no --instances.", file=sys.stderr)
            return 2
        else:
            result = benchmark.run_on(instances)
    except BenchmarkUnavailableError as error:
        print(error, file=sys.stderr)
        return 3
    print_result(result)
    if as_json:
        print(json.dumps(result.as_json()))
    return 0 if result.met else 1


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and do as it says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", help="the benchmark to run")
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    parser.add_argument("--instances", type=Path, help="GeoJSON with areas to measure instead")
    parser.add_argument("--spacing", type=float, help="metres between lanes over these areas")
    options = parser.parse_args(arguments)
    if options.spacing is not None and not (options.instances and options.spacing > 0.0):
        parser.error("--spacing needs --instances, and must be more than 0 m")
    instances = Instances(options.instances, options.spacing) if options.instances else None
    if options.list or options.name is None:
        print_list(as_json=options.json)
        return 0
    for benchmark in BENCHMARKS:
        if benchmark.name == options.name:
            return run(benchmark, as_json=options.json, instances=instances)
    print(f"No benchmark is called {options.name!r}; --list names them.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
