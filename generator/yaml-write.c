/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "yaml-write.h"

#include <errno.h>
#include <yaml.h>

/* libyaml's emitter decides where quotes are needed; here is only the walk over the tree, without
 * recursion. */

enum { EVERY_LINE = -1 }; /* width: lines are never folded */

static int append(void *data, unsigned char *buffer, size_t size) {
        StrBuf *b = data;
        strbuf_append_n(b, (const char *) buffer, size);
        return strbuf_error(b) == 0;
}

static int emit(yaml_emitter_t *e, yaml_event_t *event, int initialized) {
        return initialized && yaml_emitter_emit(e, event) ? 0 : -ENOMEM;
}

/* A plain scalar over several lines, or one that only looks plain where it stood, can't be anything
 * but text: quoting it does not change its kind. So libyaml may quote what was plain where it must.
 */
static yaml_scalar_style_t style_of(const Node *n) {
        switch (n->style) {
        case SCALAR_PLAIN:
                return YAML_PLAIN_SCALAR_STYLE;
        case SCALAR_BLOCK:
                return YAML_LITERAL_SCALAR_STYLE;
        default:
                return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        }
}

static int emit_scalar(yaml_emitter_t *e, const Node *n, bool key) {
        yaml_event_t event;
        yaml_scalar_style_t style = style_of(n);

        if (key && style == YAML_LITERAL_SCALAR_STYLE)
                style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        return emit(e, &event,
                        yaml_scalar_event_initialize(&event, NULL, NULL,
                                        (const yaml_char_t *) n->text, (int) n->size, 1, 1, style));
}

static int emit_start(yaml_emitter_t *e, const Node *n) {
        yaml_event_t event;

        if (n->kind == NODE_MAPPING)
                return emit(e, &event,
                                yaml_mapping_start_event_initialize(
                                                &event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
        return emit(e, &event,
                        yaml_sequence_start_event_initialize(
                                        &event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
}

static int emit_end(yaml_emitter_t *e, const Node *n) {
        yaml_event_t event;

        return emit(e, &event,
                        n->kind == NODE_MAPPING ? yaml_mapping_end_event_initialize(&event)
                                                : yaml_sequence_end_event_initialize(&event));
}

static int emit_tree(yaml_emitter_t *e, const Node *root) {
        const Node *open[YAML_DEPTH_MAX + 1] = { NULL }; /* collections that are not closed yet */
        const Node *next = root;
        unsigned depth = 0;

        for (;;) {
                int r = 0;
                if (next) {
                        if (next->key && next != root)
                                r = emit_scalar(e, next->key, true);
                        if (r == 0 && next->kind == NODE_SCALAR) {
                                r = emit_scalar(e, next, false);
                                next = next == root ? NULL : next->next;
                        } else if (r == 0) {
                                r = emit_start(e, next);
                                open[depth++] = next;
                                next = next->first;
                        }
                } else {
                        if (depth == 0)
                                return 0;
                        const Node *done = open[--depth];
                        r = emit_end(e, done);
                        next = done == root ? NULL : done->next;
                }
                if (r < 0)
                        return r;
        }
}

static int emit_document(yaml_emitter_t *e, const Node *root) {
        yaml_event_t event;

        if (emit(e, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) < 0
                        || emit(e, &event,
                                           yaml_document_start_event_initialize(
                                                           &event, NULL, NULL, NULL, 1))
                                           < 0
                        || emit_tree(e, root) < 0
                        || emit(e, &event, yaml_document_end_event_initialize(&event, 1)) < 0
                        || emit(e, &event, yaml_stream_end_event_initialize(&event)) < 0
                        || !yaml_emitter_flush(e))
                return -ENOMEM;
        return 0;
}

int yaml_write(const Node *root, StrBuf *b) {
        yaml_emitter_t emitter;

        if (!yaml_emitter_initialize(&emitter))
                return -ENOMEM;
        yaml_emitter_set_output(&emitter, append, b);
        yaml_emitter_set_unicode(&emitter, 1);
        yaml_emitter_set_width(&emitter, EVERY_LINE);

        int r = emit_document(&emitter, root);
        yaml_emitter_delete(&emitter);
        return r;
}
