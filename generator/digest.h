/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. Tells texts apart that differ by
 * chance or by an edit; it is no defense against somebody who looks for two of one digest. */

#define DIGEST_OF_NOTHING 0xcbf29ce484222325ULL

static inline uint64_t digest_add(uint64_t digest, const char *bytes, size_t size) {
        for (size_t i = 0; i < size; i++)
                digest = (digest ^ (unsigned char) bytes[i]) * 0x100000001b3ULL;
        return digest;
}
