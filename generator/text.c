/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text.h"

#include <ctype.h>
#include <limits.h>

enum { WORD_MAX = 64 };

size_t utf8_length(const char *s, size_t size) {
        const unsigned char *u = (const unsigned char *) s;
        size_t n = u[0] < 0x80                   ? 1
                   : u[0] >= 0xc2 && u[0] < 0xe0 ? 2
                   : u[0] >= 0xe0 && u[0] < 0xf0 ? 3
                   : u[0] >= 0xf0 && u[0] < 0xf5 ? 4
                                                 : 1;
        if (n > size)
                return 1;
        for (size_t i = 1; i < n; i++)
                if ((u[i] & 0xc0) != 0x80)
                        return 1;

        /* overlong, a surrogate, above U+10FFFF: RFC 3629, section 4 */
        if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] >= 0xa0)
                        || (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] >= 0x90))
                return 1;
        return n;
}

/* A character of n bytes that would move a terminal's cursor or hide in its output. */
static bool is_control(const char *s, size_t n) {
        unsigned char c = (unsigned char) *s;
        if (n == 1)
                return c < 0x20 || c >= 0x7f;
        return n == 2 && c == 0xc2 && (unsigned char) s[1] < 0xa0;
}

/* How many of the first size characters are printable ASCII. */
static size_t plain_length(const char *s, size_t size) {
        size_t n = 0;
        while (n < size && s[n] >= ' ' && s[n] < 0x7f)
                n++;
        return n;
}

bool has_control_character(const char *s, size_t size) {
        for (size_t i = 0, n; i < size; i += n) {
                n = plain_length(s + i, size - i);
                if (n > 0)
                        continue;
                n = utf8_length(s + i, size - i);
                if (is_control(s + i, n) && s[i] != '\n' && s[i] != '\t')
                        return true;
        }
        return false;
}

static void append_special(StrBuf *b, const char *s, size_t n) {
        if (*s == '\n')
                strbuf_append(b, "\\n");
        else if (*s == '\t')
                strbuf_append_char(b, ' ');
        else if (is_control(s, n))
                for (size_t i = 0; i < n; i++)
                        strbuf_printf(b, "\\x%02x", (unsigned char) s[i]);
        else
                strbuf_append_n(b, s, n);
}

void append_printable(StrBuf *b, const char *s, size_t size, size_t max) {
        size_t begin = b->len;

        for (size_t i = 0, n; i < size && !b->failed; i += n) {
                size_t used = b->len - begin, left = size - i;
                if (used > max) {
                        strbuf_append(b, "…");
                        return;
                }
                n = plain_length(s + i, left < max - used + 1 ? left : max - used + 1);
                if (n > 0)
                        strbuf_append_n(b, s + i, n);
                else {
                        n = utf8_length(s + i, left);
                        append_special(b, s + i, n);
                }
        }
}

void make_printable(StrBuf *b, size_t begin, size_t max) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        size_t size = b->len - begin;

        if (b->failed || (size <= max && plain_length(b->data + begin, size) == size))
                return;
        strbuf_append_n(&text, b->data + begin, size);
        strbuf_truncate(b, begin);
        append_printable(b, strbuf_string(&text), text.len, max);
        strbuf_inherit(b, &text);
}

bool path_is_plain(const char *s) {
        if (*s == '\0' || strlen(s) >= PATH_MAX || strpbrk(s, ":\\\"\n\t"))
                return false;

        for (s += *s == '/' ? 1 : 0; *s;) {
                size_t n = strcspn(s, "/");
                if (n == 0 || (s[0] == '.' && (n == 1 || (n == 2 && s[1] == '.'))))
                        return false;
                s += n + (s[n] ? 1 : 0);
        }
        return true;
}

bool text_is_one_value(const char *s) {
        size_t n = strlen(s);

        if (n == 0 || s[0] == ' ' || s[n - 1] == ' ' || s[n - 1] == '\\')
                return false;
        return !has_control_character(s, n) && !strpbrk(s, "\n\t");
}

bool environment_name_is_valid(const char *s) {
        if (!isalpha((unsigned char) *s) && *s != '_')
                return false;
        while (isalnum((unsigned char) *s) || *s == '_')
                s++;
        return *s == '\0';
}

void append_json_string(StrBuf *b, const char *s) {
        size_t left = strlen(s);

        strbuf_append_char(b, '"');
        for (size_t n; left > 0; s += n, left -= n) {
                n = utf8_length(s, left);
                if (*s == '"' || *s == '\\') {
                        strbuf_append_char(b, '\\');
                        strbuf_append_char(b, *s);
                } else if ((unsigned char) *s < 0x20)
                        strbuf_printf(b, "\\u%04x", (unsigned char) *s);
                else if (n == 1 && (unsigned char) *s >= 0x80)
                        strbuf_append(b, "\\ufffd"); /* JSON is UTF-8, a file name need not be */
                else
                        strbuf_append_n(b, s, n);
        }
        strbuf_append_char(b, '"');
}

static bool same_letter(char a, char b) {
        return tolower((unsigned char) a) == tolower((unsigned char) b);
}

static unsigned least(unsigned a, unsigned b) {
        return a < b ? a : b;
}

/* Optimal string alignment: Levenshtein's distance with transpositions of neighbors. */
unsigned edit_distance(const char *a, const char *b, unsigned max) {
        size_t n = strlen(a), m = strlen(b);
        unsigned rows[3][WORD_MAX + 1];
        unsigned *before = rows[0], *above = rows[1], *row = rows[2];

        if (n > WORD_MAX || m > WORD_MAX)
                return max + 1;

        for (size_t j = 0; j <= m; j++)
                above[j] = before[j] = (unsigned) j;
        for (size_t i = 1; i <= n; i++) {
                row[0] = (unsigned) i;
                for (size_t j = 1; j <= m; j++) {
                        unsigned cost = same_letter(a[i - 1], b[j - 1]) ? 0 : 1;
                        row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
                        if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2])
                                        && same_letter(a[i - 2], b[j - 1]))
                                row[j] = least(row[j], before[j - 2] + 1);
                }
                unsigned *next = before;
                before = above;
                above = row;
                row = next;
        }
        return above[m];
}

const char *nearest_string(const char *s, const char *const *list) {
        const char *best = NULL;
        size_t n = strlen(s);
        /* a third of the letters may be wrong, at least one */
        unsigned limit = n < 6 ? 1 : (unsigned) (n / 3 > 4 ? 4 : n / 3);

        for (; *list; list++) {
                unsigned d = edit_distance(s, *list, limit);
                if (d <= limit) {
                        best = *list;
                        if (d == 0)
                                break;
                        limit = d - 1;
                }
        }
        return best;
}
