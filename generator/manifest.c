/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest.h"

#include <errno.h>
#include <strings.h>

#include "manifest-attributes.h"
#include "manifest-check.h"

/* What other resources of the same origin are, and what does their job on a systemd host. */
static const struct {
        const char *type;
        const char *advice;
} other_types[] = {
        { "service", "on a systemd host a service or socket unit serves requests" },
        { "workflow", "on a systemd host a timer with a oneshot service runs jobs" },
        { "stack", "stack definitions belong into the folder 'stacks' beside the manifests" },
        { "secret", "secrets belong into '/etc/credstore/workers/WORKSPACE/NAME/'" },
        { "instance-secret", "secrets belong into '/etc/credstore/workers/WORKSPACE/NAME/'" },
        { "volume", "a volume is a directory below '/var/lib/workers/volumes/'" },
        { "compute", "resource profiles belong into 'compute/NAME.conf' beside the manifests" },
        { "cluster", "clusters have no counterpart on one host" },
        { "depot", "depots have no counterpart on one host" },
};

static void diagnose_other_type(Diagnostics *d, const Node *type) {
        const char *advice = "nothing here does its job";

        for (size_t i = 0; i < ARRAY_SIZE(other_types); i++)
                if (strcasecmp(other_types[i].type, type->text) == 0)
                        advice = other_types[i].advice;
        diagnose_error(d, "E-OTHER-TYPE", type->mark,
                        "type is '%s': only worker is supported here; %s", type->text, advice);
}

/* A document that could not be parsed to its end: what it is called, and no complaint about the
 * rest. */
static void read_names_only(const Node *root, Manifest *m) {
        const Node *name = node_find(root, "name"), *workspace = node_find(root, "workspace");

        if (name && name->kind == NODE_SCALAR && worker_name_is_valid(name->text))
                m->name = name->text;
        if (workspace && workspace->kind == NODE_SCALAR)
                m->workspace = workspace_is_valid(workspace->text) ? workspace->text : NULL;
}

/* "Worker" is a slip, and told with the others. */
static bool is_other_type(const Node *type) {
        return type && type->kind == NODE_SCALAR && !node_is_null(type)
               && strcasecmp(type->text, "worker") != 0 && !is_placeholder(type->text);
}

static void read_whole(const Node *root, Reader *r) {
        const Node *type = node_find(root, "type"), *version = node_find(root, "apiVersion");

        if (is_other_type(type)) {
                diagnose_other_type(r->diagnostics, type);
                return;
        }
        if (!type && version) {
                diagnose_error(r->diagnostics, "E-OTHER-TYPE", version->key->mark,
                                "'apiVersion' is of Kubernetes: a worker is 'type: worker'; see "
                                "worker.manifest(5)");
                return;
        }

        r->manifest->worker = node_find(root, "worker");
        r->manifest->spec = node_find(root, "spec");
        read_mapping(r, manifest_table(), root);
        if (!r->out_of_memory)
                manifest_check(r->manifest, r);
}

int manifest_read(const Source *source, const Document *document, Arena *arena, Diagnostics *d,
                Manifest **ret) {
        Manifest *m = arena_new(arena, Manifest);
        if (!m)
                return -ENOMEM;
        *m = (Manifest){
                .source = source,
                .mark = document->root ? document->root->mark : (Mark){ 0 },
                .workspace = WORKSPACE_DEFAULT,
                .log_level = "INFO",
                .layer = "user",
                .compute = "runnable-default",
        };

        Reader r = {
                .arena = arena,
                .diagnostics = d,
                .root = manifest_table(),
                .manifest = m,
        };
        if (!document->root || document->root->kind != NODE_MAPPING)
                diagnose_error(d, "E-TYPE", m->mark,
                                "the document is not a mapping: a manifest begins with 'name: …', "
                                "'version: …', 'type: worker'");
        else if (document->incomplete) {
                read_names_only(document->root, m);
                if (d->n_errors == 0) /* what stopped it was told elsewhere */
                        diagnose_error(d, "E-YAML-SYNTAX", m->mark,
                                        "the document could not be read to its end");
        } else
                read_whole(document->root, &r);
        if (r.out_of_memory)
                return -ENOMEM;

        *ret = m;
        return 0;
}
