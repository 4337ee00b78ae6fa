/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manifest.h"

/* What no single row can tell: attributes that contradict each other, and values that mean nothing
 * or something else on one host. Fills in the defaults that hang on other attributes. */
void manifest_check(Manifest *m, Reader *r);
