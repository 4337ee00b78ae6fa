#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The part of tests/bench/scaler that runs in the container, as a process of the backlog service of
the worker "bench", which it measures: how long a start takes, by a report and by systemctl."""

import os
import socket
import subprocess
import sys
import time

REPORTS = "/run/workers/report"


def started(path):
    """When the instance has reached its first instruction, in seconds; None as long as it has not."""
    try:
        with open(path, encoding="ascii") as f:
            line = f.readline()
    except FileNotFoundError:
        return None
    return int(line) / 1e6 if line.endswith("\n") else None


def measure(path, unit, start, reports):
    if os.path.exists(path):
        os.unlink(path)
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    start()
    while (at := started(path)) is None:
        time.sleep(0.01)
    reports.sendto(b"backlog:0|g", REPORTS)
    subprocess.run(["systemctl", "stop", unit], check=True)
    return (at - before) * 1e3


def main():
    reports = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    results = {"report": [], "systemctl": []}
    for _ in range(int(sys.argv[1])):
        time.sleep(0.3)
        results["report"].append(measure(
            "/run/share/report", "worker-bench@1.service",
            lambda: reports.sendto(b"backlog:1|g", REPORTS), reports))
        time.sleep(0.3)
        results["systemctl"].append(measure(
            "/run/share/systemctl", "bare@1.service",
            lambda: subprocess.run(["systemctl", "start", "--no-block", "bare@1.service"], check=True),
            reports))

    for name, values in results.items():
        values.sort()
        print(f"{name:10} median {values[len(values) // 2]:6.2f} ms   "
              f"95 % {values[int(len(values) * 0.95)]:6.2f} ms   n={len(values)}")
    median = {n: v[len(v) // 2] for n, v in results.items()}
    print(f"ratio of the medians {median['report'] / median['systemctl']:.2f}")


main()
