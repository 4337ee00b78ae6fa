# SPDX-License-Identifier: LGPL-2.1-or-later
import concurrent.futures
import multiprocessing
import urllib.request


def get(_):
    return urllib.request.urlopen("http://server.example/").read()


if __name__ == "__main__":
    with multiprocessing.Pool(3) as pool:
        assert pool.map(get, range(6)) == [b"hello"] * 6
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert list(pool.map(get, range(4))) == [b"hello"] * 4
    print("works")
