/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "check_main.h"
#include "macro.h"
#include "registry.h"

START_TEST(a_name_is_taken_once_and_its_place_is_remembered) {
        CLEANUP(registry_done) Registry r = { 0 };
        Place where = { 0 };

        ck_assert_int_eq(registry_take(&r, "demo", "/etc/workers/a.yaml", 3, &where), 0);
        ck_assert_ptr_null(where.path);
        ck_assert_int_eq(registry_take(&r, "demo", "/etc/workers/b.yaml", 4, &where), -EEXIST);
        ck_assert_str_eq(where.path, "/etc/workers/a.yaml");
        ck_assert_uint_eq(where.line, 3);
        ck_assert_int_eq(registry_take(&r, "Demo", "/etc/workers/b.yaml", 4, &where), 0);
        ck_assert(registry_has(&r, "demo"));
        ck_assert(!registry_has(&r, "dem"));
}
END_TEST

START_TEST(an_empty_registry_has_nothing) {
        CLEANUP(registry_done) Registry r = { 0 };
        ck_assert(!registry_has(&r, ""));
}
END_TEST

START_TEST(a_registry_owns_its_names) {
        CLEANUP(registry_done) Registry r = { 0 };
        char name[8];
        Place where;

        for (unsigned i = 0; i < 1000; i++) {
                (void) snprintf(name, sizeof(name), "%u", i);
                ck_assert_int_eq(registry_take(&r, name, "f", i, &where), 0);
        }
        for (unsigned i = 0; i < 1000; i++) {
                (void) snprintf(name, sizeof(name), "%u", i);
                ck_assert(registry_has(&r, name));
        }
}
END_TEST

CHECK_MAIN("registry", TEST(a_name_is_taken_once_and_its_place_is_remembered),
                TEST(an_empty_registry_has_nothing), TEST(a_registry_owns_its_names))
