/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words.h"

#include <errno.h>

void words_done(Words *w) {
        for (size_t i = 0; i < w->n; i++)
                free(w->items[i]);
        free(w->items);
        *w = (Words){ 0 };
}

int words_add(Words *w, const char *word) {
        char **items = reallocarray(w->items, w->n + 2, sizeof(char *));
        if (!items)
                return -ENOMEM;
        w->items = items;

        char *copy = strdup(word);
        if (!copy)
                return -ENOMEM;
        items[w->n++] = copy;
        items[w->n] = NULL;
        return 0;
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\n';
}

/* Whoever writes one of these means a shell. */
static bool is_operator(const char *s) {
        static const char *const operators[] = { "|", "||", "&", "&&", ";", "<", ">", ">>", "<<",
                "2>", "2>&1", "2>/dev/null", ">/dev/null" };

        for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
                if (STREQ(s, operators[i]))
                        return true;
        return false;
}

/* Reads one word at *s into word and moves *s behind it. */
static int take_word(const char **s, StrBuf *word, bool *ret_quoted) {
        const char *p = *s;
        char quote = '\0';

        *ret_quoted = false;
        for (; *p && (quote || !is_blank(*p)); p++) {
                if (*p == quote) {
                        quote = '\0';
                } else if (!quote && (*p == '\'' || *p == '"')) {
                        quote = *p;
                        *ret_quoted = true;
                } else if (*p == '\\' && quote != '\'') {
                        if (p[1] == '\0')
                                return -EINVAL;
                        strbuf_append_char(word, *++p);
                        *ret_quoted = true;
                } else
                        strbuf_append_char(word, *p);
        }
        *s = p;
        return quote ? -EINVAL : strbuf_error(word);
}

int words_split(Words *w, const char *text, StrBuf *message) {
        CLEANUP(strbuf_done) StrBuf word = { 0 };

        for (const char *s = text;;) {
                bool quoted;

                while (is_blank(*s))
                        s++;
                if (*s == '\0')
                        return 0;

                strbuf_clear(&word);
                int r = take_word(&s, &word, &quoted);
                if (r == -EINVAL)
                        strbuf_printf(message, "a quote or backslash in '%s' does not end", text);
                if (r >= 0 && !quoted && is_operator(strbuf_string(&word))) {
                        strbuf_printf(message,
                                        "'%s' in '%s' would need a shell, and there is none: "
                                        "write sh -c '…', or quote it",
                                        strbuf_string(&word), text);
                        r = -EINVAL;
                }
                if (r >= 0)
                        r = words_add(w, strbuf_string(&word));
                if (r < 0)
                        return r;
        }
}
