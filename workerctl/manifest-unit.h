/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* The generator's core within workerctl: what a manifest becomes, without installing it. */

/* Whether a path is named as manifests are, ".yaml" or ".yml". */
bool is_manifest_file(const char *path);

/* Writes the text of the unit, of the only worker in a manifest and changed by its drop-ins, whose
 * name ends with suffix (".target", "@.service"); and its name, if ret_name is not NULL. The caller
 * frees them. Stack definitions are those of this host. Says what is wrong, if it fails:
 * returns -EINVAL where the manifest is refused, describes several workers or has a stack that is
 * not here, -ENOENT where there is no such file, else negative errno. */
int manifest_unit(const char *path, const char *suffix, char **ret_name, char **ret);
