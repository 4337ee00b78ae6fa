/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Since systemd 257 a new state directory belongs to nobody, and an ID-mapped mount shows it as the
 * dynamic user's, but only at its own place: a volume, which is a bind, stays nobody's. A state
 * directory with another owner is given to the user as before (setup_exec_directory() in systemd),
 * when the next command of the unit is started. So this gives a directory of nobody's to daemon,
 * and leaves any other alone. Needs to be root. Returns 0 or negative errno. */
int volume_claim(const char *path);
