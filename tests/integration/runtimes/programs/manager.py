# SPDX-License-Identifier: LGPL-2.1-or-later
import multiprocessing

if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        assert manager.list([1])[0] == 1
    print("works")
