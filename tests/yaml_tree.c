/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "yaml_tree.h"

#include "yaml-write.h"

/* Whether YAML 1.1 or 1.2 may read a plain scalar as anything but text. */
static bool is_typed(const char *s) {
        static const char *const words[] = { "", "~", "null", "true", "false", "yes", "no", "on",
                "off", "y", "n", ".inf", "-.inf", "+.inf", ".nan" };
        static const char digits[] = "0123456789";

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strcasecmp(words[i], s) == 0)
                        return true;
        char *end;
        (void) strtod(s, &end);
        if (*end == '\0') /* hexadecimal, too */
                return true;
        /* octal, dates, times, numbers to the base of 60 */
        return strchr(digits, s[0]) && strchr(digits, s[strlen(s) - 1])
               && s[strspn(s, "0123456789_:.-+oTtZz ")] == '\0';
}

static bool same_scalar(const Node *a, const Node *b) {
        if (a->size != b->size || memcmp(a->text, b->text, a->size) != 0)
                return false;
        if (a->style == SCALAR_PLAIN && b->style != SCALAR_PLAIN)
                return !is_typed(a->text);
        return a->style == SCALAR_PLAIN || b->style != SCALAR_PLAIN;
}

/* A key that is empty can only be written with quotes. */
static bool same_key(const Node *a, const Node *b) {
        return same_scalar(a, b) || (a->size == 0 && b->size == 0);
}

/* As deep as YAML_DEPTH_MAX. */
bool yaml_tree_equals(const Node *a, const Node *b) {
        if (a->kind != b->kind)
                return false;
        if (a->kind == NODE_SCALAR)
                return same_scalar(a, b);

        const Node *i = a->first, *k = b->first;
        for (; i && k; i = i->next, k = k->next)
                if (!yaml_tree_equals(i, k)
                                || (a->kind == NODE_MAPPING && !same_key(i->key, k->key)))
                        return false;
        return !i && !k;
}

bool yaml_tree_reads_back(const Node *root) {
        CLEANUP(arena_done) Arena arena = { 0 };
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        CLEANUP(source_done) Source source = { 0 };
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &source };
        Document *documents = NULL;

        if (yaml_write(root, &text) < 0
                        || source_from_text(&source, "written", strbuf_string(&text), text.len) < 0
                        || yaml_read(&source, &arena, &d, &documents) < 0)
                return false;
        return d.n_errors == 0 && documents && !documents->next
               && yaml_tree_equals(root, documents->root);
}
