#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The part of tests/bench/scaler that runs in the container, as a process of the backlog service of
the worker that it measures."""

import socket
import subprocess
import sys
import time

REPORTS = "/run/workers/report"
PER_DATAGRAM = 40


def show(unit, *properties):
    text = subprocess.run(["systemctl", "show", unit, *("--property=" + p for p in properties)],
                          capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in text.splitlines())


def started_at(unit):
    """When systemd has forked the process of a unit, in seconds; None as long as it has not."""
    p = show(unit, "ActiveState", "ExecMainStartTimestampMonotonic")
    return int(p["ExecMainStartTimestampMonotonic"]) / 1e6 if p["ActiveState"] == "active" else None


def latency(rounds):
    reports = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def start_by_report():
        reports.sendto(b"backlog:1|g", REPORTS)

    def start_by_systemctl():
        subprocess.run(["systemctl", "start", "--no-block", "bare@1.service"], check=True)

    results = {"report": [], "systemctl": []}
    for _ in range(rounds):
        for name, unit, start in (("report", "worker-bench@1.service", start_by_report),
                                  ("systemctl", "bare@1.service", start_by_systemctl)):
            time.sleep(0.3)
            before = time.clock_gettime(time.CLOCK_MONOTONIC)
            start()
            while (at := started_at(unit)) is None:
                time.sleep(0.01)
            results[name].append((at - before) * 1e3)
            reports.sendto(b"backlog:0|g", REPORTS)
            subprocess.run(["systemctl", "stop", unit], check=True)
    median = {n: sorted(v)[len(v) // 2] for n, v in results.items()}
    for name, values in results.items():
        values.sort()
        print(f"{name:10} median {median[name]:6.2f} ms   "
              f"95 % {values[int(len(values) * 0.95)]:6.2f} ms   n={len(values)}")
    print(f"ratio of the medians {median['report'] / median['systemctl']:.2f}")


def intake(lines, rate):
    reports = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    datagram = b"\n".join([b"items:1|c"] * PER_DATAGRAM)
    begin = time.monotonic()
    for sent in range(0, lines, PER_DATAGRAM):
        reports.sendto(datagram, REPORTS)
        ahead = sent / rate - (time.monotonic() - begin)
        if ahead > 0.002:
            time.sleep(ahead)
    print(f"sent {lines} lines in {time.monotonic() - begin:.2f} s")


if sys.argv[1] == "latency":
    latency(int(sys.argv[2]))
else:
    intake(int(sys.argv[2]), int(sys.argv[3]))
