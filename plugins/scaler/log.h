/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>
#include <syslog.h>

#include "macro.h"

/* Messages go to standard error with the priority that the journal reads, sd-daemon(3). */
#define log_print(priority, format, ...)                                                           \
        fprintf(stderr, "<%d>" format "\n", (priority), __VA_ARGS__)

#define log_error(...)   log_print(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_print(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_print(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_print(LOG_INFO, __VA_ARGS__)
