/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <endian.h>
#include <stdint.h>

#include "macro.h"

/* 64 bits that tell texts apart that differ by chance or by an edit; no defense against somebody
 * who looks for two of one digest. As FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), but
 * eight bytes at a time: one by one they took as long as a fortieth of all that is done for a
 * manifest. The upper half is folded into the lower, as a product carries upwards only. The same on
 * all machines. */

#define DIGEST_OF_NOTHING 0xcbf29ce484222325ULL

static inline uint64_t digest_mix(uint64_t digest, uint64_t word) {
        digest = (digest ^ word) * 0x9e3779b97f4a7c15ULL; /* 2^64 divided by the golden ratio */
        return digest ^ digest >> 32;
}

static inline uint64_t digest_add(uint64_t digest, const char *bytes, size_t size) {
        const uint64_t length = size;
        uint64_t word;

        for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
                memcpy(&word, bytes, sizeof(word));
                digest = digest_mix(digest, le64toh(word));
        }
        word = 0;
        memcpy(&word, bytes, size);
        digest = digest_mix(digest, le64toh(word));
        return digest_mix(digest, length);
}
