/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The generator's core within workerctl: what a manifest becomes, without installing it. */

/* Writes the text of the target of the only worker in a manifest, changed by its drop-ins; the
 * caller frees it. Stack definitions are those below root_fd. Says what is wrong, if it fails:
 * returns -EINVAL where the manifest is refused, describes several workers or has a stack that is
 * not here, -ENOENT where there is no such file, else negative errno. */
int manifest_target(int root_fd, const char *path, char **ret);
