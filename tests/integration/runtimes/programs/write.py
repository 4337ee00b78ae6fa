# SPDX-License-Identifier: LGPL-2.1-or-later
import sys

with open(sys.argv[1] + "/file", "w") as file:
    file.write("text")
print("works")
