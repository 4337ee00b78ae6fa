/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* Whether systemd-analyze is there and works: verify makes /run/systemd where that is missing, as
 * in a root that was made for a build, which only root can. Says why not, once for each test that
 * asks. */
static inline bool have_systemd_analyze(void) {
        const char *missing = NULL;

        if (access("/usr/bin/systemd-analyze", X_OK) < 0)
                missing = "systemd-analyze is not installed";
        else if (access("/run/systemd", F_OK) < 0 && geteuid() != 0)
                missing = "systemd-analyze can't make /run/systemd";
        if (missing)
                printf("not checked: %s\n", missing);
        return !missing;
}
