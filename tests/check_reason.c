/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "policy.h"
#include "reason.h"

START_TEST(each_reason_of_the_policy_has_words) {
        for (int r = 0; r < _REASON_MAX; r++) {
                const char *reason = reason_to_string((Reason) r);
                ck_assert_msg(reason_in_words(reason) != NULL, "'%s' has none", reason);
        }
}
END_TEST

START_TEST(so_have_those_of_the_daemon) {
        ck_assert_ptr_nonnull(reason_in_words("administrator"));
        ck_assert_ptr_nonnull(reason_in_words("cpu-pressure"));
        ck_assert_ptr_nonnull(reason_in_words("memory-pressure"));
        ck_assert_ptr_null(reason_in_words("unheard-of"));
}
END_TEST

CHECK_MAIN("reason", TEST(each_reason_of_the_policy_has_words), TEST(so_have_those_of_the_daemon))
