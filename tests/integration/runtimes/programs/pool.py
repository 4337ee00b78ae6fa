# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pools of processes that are started by the method in the first argument, or by that of this Python."""
import concurrent.futures
import multiprocessing
import sys
import urllib.request


def get(_):
    return urllib.request.urlopen("http://server.example/").read()


if __name__ == "__main__":
    start = multiprocessing.get_context(*sys.argv[1:])
    with start.Pool(3) as pool:
        assert pool.map(get, range(6)) == [b"hello"] * 6
    with concurrent.futures.ProcessPoolExecutor(2, start) as pool:
        assert list(pool.map(get, range(4))) == [b"hello"] * 4
    print("works")
