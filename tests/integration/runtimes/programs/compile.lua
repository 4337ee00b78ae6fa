-- SPDX-License-Identifier: LGPL-2.1-or-later
local sum = 0
for i = 1, 1e7 do sum = sum + i end
assert(sum > 0 and jit.status())
print("works")
