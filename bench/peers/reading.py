"""psutil beside silostat: one line of JSON for each line of stdin, which says how many readings. Arguments: PID..."""

import json
import sys
import time

import psutil

processes = [psutil.Process(int(pid)) for pid in sys.argv[1:]]


def read():
    total = 0
    for process in processes:
        with process.oneshot():
            total += process.memory_info().rss
            process.cpu_times()
    return total


for line in sys.stdin:
    ns = []
    rss = 0
    for _ in range(int(line)):
        began = time.perf_counter_ns()
        rss = read()
        ns.append(time.perf_counter_ns() - began)
    print(json.dumps({"ns": ns, "rss": rss}), flush=True)
