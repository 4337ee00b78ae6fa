/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "check_main.h"
#include "log.h"

/* The kernel's log takes records of bounded length, and refuses longer ones: a datagram socket in
 * its place keeps the records apart. */

enum { RECORD_MAX = 976 };

static const char prefix[] = "<27>worker-generator: "; /* daemon.err: syslog(3) */

/* Logs the text as an error; the records without their prefix, one line for each. */
static unsigned log_and_read(const char *text, StrBuf *ret) {
        int fds[2];
        char record[8192];
        unsigned n = 0;
        ssize_t size;

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
        Log log = { .kmsg_fd = fds[0] };
        log_line(&log, SEVERITY_ERROR, "%s", text);
        log_done(&log);
        while ((size = read(fds[1], record, sizeof(record) - 1)) > 0) {
                record[size] = '\0';
                ck_assert_int_le(size, RECORD_MAX);
                ck_assert(startswith(record, prefix));
                ck_assert(endswith(record, "\n"));
                strbuf_append(ret, record + strlen(prefix));
                n++;
        }
        (void) close(fds[1]);
        return n;
}

START_TEST(a_short_line_is_one_record) {
        CLEANUP(strbuf_done) StrBuf found = { 0 };

        ck_assert_uint_eq(log_and_read("a line", &found), 1);
        ck_assert_str_eq(strbuf_string(&found), "a line\n");
}
END_TEST

START_TEST(a_long_line_is_told_to_its_end) {
        CLEANUP(strbuf_done) StrBuf text = { 0 }, found = { 0 };

        for (unsigned i = 0; i < 500; i++)
                strbuf_printf(&text, "%sword%u", i > 0 ? " " : "", i);
        ck_assert_uint_gt(log_and_read(strbuf_string(&text), &found), 3);
        for (size_t i = 0; i < found.len; i++)
                if (found.data[i] == '\n')
                        found.data[i] = ' ';
        ck_assert_uint_eq(found.len, text.len + 1);
        ck_assert(startswith(strbuf_string(&found), strbuf_string(&text)));
}
END_TEST

START_TEST(no_character_is_torn) {
        CLEANUP(strbuf_done) StrBuf text = { 0 }, found = { 0 };

        for (unsigned i = 0; i < 1000; i++)
                strbuf_append(&text, "\xe2\x82\xac");
        ck_assert_uint_gt(log_and_read(strbuf_string(&text), &found), 3);
        for (size_t i = 0; i < found.len; i += found.data[i] == '\n' ? 1 : 3)
                ck_assert(found.data[i] == '\n' || startswith(found.data + i, "\xe2\x82\xac"));
}
END_TEST

START_TEST(what_is_no_text_ends_as_well) {
        CLEANUP(strbuf_done) StrBuf found = { 0 };
        char text[2000];

        memset(text, 0x80, sizeof(text)); /* goes on with a character that never began */
        text[sizeof(text) - 1] = '\0';
        ck_assert_uint_eq(log_and_read(text, &found), 3);
}
END_TEST

CHECK_MAIN("log", TEST(a_short_line_is_one_record), TEST(a_long_line_is_told_to_its_end),
                TEST(no_character_is_torn), TEST(what_is_no_text_ends_as_well))
