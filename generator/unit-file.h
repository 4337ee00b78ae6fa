/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* Writes systemd's unit file syntax and nothing else: each function escapes for the kind of value
 * it writes, so that no text can become a directive, a specifier or a second command.
 * systemd.syntax(7), systemd.unit(5) "Specifiers", systemd.service(5) "Command lines". */

void unit_section(StrBuf *b, const char *name);

/* A comment line of all of the strings, the last of which is NULL; line breaks and control
 * characters in it are escaped. */
void unit_comment(StrBuf *b, ...) __attribute__((sentinel));

/* KEY=VALUE, the value as it is: for constants and for what was checked already. */
void unit_set(StrBuf *b, const char *key, const char *value);
void unit_set_number(StrBuf *b, const char *key, uint64_t value);
void unit_setf(StrBuf *b, const char *key, const char *format, ...) PRINTF(3, 4);

/* KEY= and all of the strings; as unit_set(). */
#define unit_set_all(b, key, ...) strbuf_append_all(b, key, "=", __VA_ARGS__, "\n", NULL)

/* KEY=TEXT for free text such as Description=: its first line, as much of it as a person reads,
 * specifiers doubled, no trailing backslash. */
void unit_text(StrBuf *b, const char *key, const char *text);

/* KEY=VALUE for what must not be changed, such as a path: specifiers doubled, and nothing else. The
 * value must be one by text_is_one_value(). */
void unit_verbatim(StrBuf *b, const char *key, const char *value);

/* SourcePath=, left out for a path that no unit file can name. */
void unit_source_path(StrBuf *b, const char *path);

/* Environment="NAME=VALUE" */
void unit_environment(StrBuf *b, const char *name, const char *value);

/* Appends one word, quoted, specifiers doubled; for paths in lists and the like. */
void unit_word(StrBuf *b, const char *word);

/* The same for ExecStart=, where "$" starts a variable too. */
void unit_command_word(StrBuf *b, const char *word);

/* The inside of such a word, for words that hold specifiers of ours. */
void unit_command_part(StrBuf *b, const char *part);

/* StandardInputText=: systemd.exec(5), C escapes and specifiers, no quotes. */
void unit_input_text(StrBuf *b, const char *line);
