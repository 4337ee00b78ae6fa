/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manifest.h"
#include "unit-name.h"

/* More instances of one worker than systemd has dynamic users can't be meant. */
enum { REPLICAS_MAX = 4096 };
