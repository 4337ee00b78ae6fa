/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "command.h"
#include "compute.h"
#include "credentials.h"
#include "emit.h"
#include "sandbox.h"
#include "text.h"

static void check_stack(const Worker *w, Diagnostics *d) {
        const Manifest *m = w->manifest;
        const Stack *s = w->stack;

        if (s->needs_kubernetes)
                diagnose_error(d, "E-STACK", m->stack_mark,
                                "stack '%s' describes Kubernetes objects, which nothing here "
                                "makes: write a definition of it for a host, with 'command'",
                                s->name);
        if (s->not_for_workers)
                diagnose_warning(d, "W-STACK", m->stack_mark, "stack '%s' is not meant for workers",
                                s->name);
}

/* --- the root of the file system ---------------------------------------------------------------
 */

#define MACHINES "/var/lib/machines/"

static char *join(Arena *arena, const char *a, const char *b, size_t n, const char *c) {
        CLEANUP(strbuf_done) StrBuf s = { 0 };
        strbuf_append(&s, a);
        strbuf_append_n(&s, b, n);
        strbuf_append(&s, c);
        return strbuf_error(&s) < 0 ? NULL : arena_strdup(arena, strbuf_string(&s));
}

/* stackSpec.image: a directory or disk image of this host, by its path or by its name below
 * /var/lib/machines. */
static int find_image(Worker *w, const Host *host, Arena *arena, Diagnostics *d) {
        const Node *spec = w->manifest->stack_spec, *image = spec ? node_find(spec, "image") : NULL;

        if (!image || image->kind != NODE_SCALAR || node_is_null(image)) {
                diagnose_error(d, "E-IMAGE", image ? image->mark : w->manifest->stack_mark,
                                "'image' is missing in 'stackSpec': stack '%s' runs in the root "
                                "directory or disk image that it names",
                                w->stack->name);
                return 0;
        }

        if (STREQ(image->text, "/")) {
                diagnose_error(d, "E-IMAGE", image->mark,
                                "'/' is this host itself: name another root, or write 'stack: "
                                "exec'");
                return 0;
        }
        if (image->text[0] == '/' && path_is_plain(image->text) && text_is_one_value(image->text)) {
                if (endswith(image->text, ".raw"))
                        w->root_image = image->text;
                else
                        w->root_directory = image->text;
                return 0;
        }

        size_t n = strcspn(image->text, ":@");
        if (n > 0 && !memchr(image->text, '/', n) && image->text[0] != '.') {
                char *directory = join(arena, MACHINES, image->text, n, "");
                char *raw = join(arena, MACHINES, image->text, n, ".raw");
                if (!directory || !raw)
                        return -ENOMEM;
                if (host_has_directory(host, directory))
                        w->root_directory = directory;
                else if (host_has(host, raw))
                        w->root_image = raw;
        }
        if (!w->root_directory && !w->root_image)
                diagnose_error(d, "E-IMAGE", image->mark,
                                "no image '%s' on this host: nothing here pulls container images; "
                                "unpack it below '" MACHINES
                                "', or write the path of a directory or of a .raw file",
                                image->text);
        return 0;
}

static int prepare_root(Worker *w, const Host *host, Arena *arena, Diagnostics *d) {
        w->root_directory = w->stack->root_directory;
        w->root_image = w->stack->root_image;
        return w->stack->image_from_spec ? find_image(w, host, arena, d) : 0;
}

static bool writes_volumes(const Manifest *m) {
        for (const Volume *v = m->volumes; v; v = v->next)
                if (!v->read_only)
                        return true;
        return false;
}

/* What a kernel has and no directive knows. A launcher that needs this host's C library is not for
 * another root. */
static void prepare_launcher(Worker *w) {
        bool possible = LAUNCHER_IS_STATIC || !has_own_root(w);

        w->landlock = !relaxation_is(w->manifest, "landlock", "false") && possible;
        w->claims = writes_volumes(w->manifest) && possible;
        w->launcher = w->launcher || w->landlock || w->claims
                      || sandbox_is_streams_only(w->manifest);
}

int worker_prepare(Worker *w, Profiles *profiles, const Host *host, Arena *arena, Diagnostics *d) {
        check_stack(w, d);
        command_check(w, d);

        int r = prepare_root(w, host, arena, d);
        if (r == 0)
                r = credentials_prepare(w, host, arena, d);
        prepare_launcher(w);
        return r < 0 ? r : compute_prepare(w, profiles, host, d);
}
