/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>

#include "check_main.h"
#include "macro.h"
#include "quantity.h"

typedef struct Row {
        const char *text;
        uint64_t value;
} Row;

START_TEST(cpu_is_read_as_thousandths_of_a_core) {
        static const Row good[] = {
                { "250m", 250 },
                { "0.5", 500 },
                { "2", 2000 },
                { "0", 0 },
                { "0m", 0 },
                { "1000m", 1000 },
                { "0.001", 1 },
                { "1.250", 1250 },
                { "007", 7000 },
                { "18446744073709551615m", UINT64_MAX },
        };
        for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
                uint64_t v = 1;
                ck_assert_msg(parse_cpu(good[i].text, &v) == 0, "%s", good[i].text);
                ck_assert_msg(v == good[i].value, "%s: %" PRIu64, good[i].text, v);
        }
}
END_TEST

START_TEST(what_is_no_cpu_is_refused) {
        static const char *const bad[] = { "", "m", "1.", ".5", "1.5m", "-1", "+1", "0.0001",
                "1.0000", "1e3", "1k", "1 ", " 1", "1M", "0x1", "1,5", "100%", "250mm", "1.5.0" };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                uint64_t v = 42;
                ck_assert_msg(parse_cpu(bad[i], &v) == -EINVAL, "%s", bad[i]);
                ck_assert_uint_eq(v, 42);
        }

        uint64_t v;
        ck_assert_int_eq(parse_cpu("18446744073709551616m", &v), -ERANGE);
        ck_assert_int_eq(parse_cpu("18446744073709552", &v), -ERANGE);
}
END_TEST

START_TEST(memory_is_read_as_bytes_and_rounded_up) {
        static const Row good[] = {
                { "0", 0 },
                { "1024", 1024 },
                { "128Mi", 134217728 },
                { "8G", 8000000000 },
                { "8Gi", 8589934592 },
                { "1.5Gi", 1610612736 },
                { "1k", 1000 },
                { "1Ki", 1024 },
                { "0.1Ki", 103 }, /* 102.4 */
                { "500m", 1 },
                { "1000m", 1 },
                { "1001m", 2 },
                { "0m", 0 },
                { "0.5", 1 },
                { "1T", 1000000000000 },
                { "1Ti", 1099511627776 },
                { "1P", 1000000000000000 },
                { "1Pi", 1125899906842624 },
                { "1E", 1000000000000000000 },
                { "1Ei", 1152921504606846976 },
                { "0.0000000000000000001E", 1 }, /* 0.1 of a byte */
                { "0.000000000000000001E", 1 },
                { "0.0000000000000000000E", 0 },
                { "9223372036854775807", INT64_MAX },
        };
        for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
                uint64_t v = 1;
                ck_assert_msg(parse_memory(good[i].text, &v) == 0, "%s", good[i].text);
                ck_assert_msg(v == good[i].value, "%s: %" PRIu64, good[i].text, v);
        }
}
END_TEST

START_TEST(what_is_no_memory_is_refused) {
        /* "K", "MB" and "MiB" are what people write who think of something else */
        static const char *const bad[] = { "", "Mi", "1K", "1MB", "1MiB", "1KB", "1mi", "1 Mi",
                "1Mi ", "-1Mi", "1.Mi", ".5Mi", "1e3", "1g", "1b", "1kB", "infinity", "50%" };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                uint64_t v = 42;
                ck_assert_msg(parse_memory(bad[i], &v) == -EINVAL, "%s", bad[i]);
                ck_assert_uint_eq(v, 42);
        }

        static const char *const large[] = { "9223372036854775808", "8Ei", "10E",
                "99999999999999999999", "18446744073709551616m" };
        for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
                uint64_t v;
                ck_assert_msg(parse_memory(large[i], &v) == -ERANGE, "%s", large[i]);
        }
}
END_TEST

START_TEST(one_core_has_the_weight_that_the_kernel_gives_by_default) {
        static const struct {
                uint64_t millicores, weight;
        } rows[] = {
                { 0, 1 },
                { 1, 1 },
                { 4, 1 },
                { 5, 1 },
                { 14, 1 },
                { 15, 2 },
                { 125, 13 },
                { 250, 25 },
                { 1000, 100 },
                { 99994, 9999 },
                { 99995, 10000 },
                { 100000, 10000 },
                { 100001, 10000 },
                { UINT64_MAX, 10000 },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                ck_assert_msg(cpu_weight(rows[i].millicores) == rows[i].weight, "%" PRIu64,
                                rows[i].millicores);
}
END_TEST

CHECK_MAIN("quantity", TEST(cpu_is_read_as_thousandths_of_a_core), TEST(what_is_no_cpu_is_refused),
                TEST(memory_is_read_as_bytes_and_rounded_up), TEST(what_is_no_memory_is_refused),
                TEST(one_core_has_the_weight_that_the_kernel_gives_by_default))
