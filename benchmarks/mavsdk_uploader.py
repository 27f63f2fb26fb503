"""One upload by MAVSDK's client in a process of its own, which may fail and hang as it likes."""

import asyncio
import os
import sys
import time

from benchmarks.mission_peers import mavsdk_missions, plan_of, raw_plan


async def upload(port: int, count: int) -> None:
    """Upload a plan to the aircraft that calls a port; print the seconds it took."""
    async with mavsdk_missions(port) as missions:
        began_s = time.perf_counter()
        await missions.upload_mission(raw_plan(plan_of(count)))
        sys.stderr.write(f"took {time.perf_counter() - began_s}\n")
        # Taking MAVSDK down may hang after trouble, and nobody needs it.
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(upload(int(sys.argv[1]), int(sys.argv[2])))
