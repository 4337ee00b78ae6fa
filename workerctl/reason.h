/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The reasons of worker-scaler, worker.scaling(5), as a sentence. NULL for one that is not known,
 * such as that of a newer worker-scaler. */
const char *reason_in_words(const char *reason);
