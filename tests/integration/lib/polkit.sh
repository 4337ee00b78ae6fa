# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A real polkitd in the container, started by D-Bus when it is asked. To be sourced after testcase.sh.

[ -x /usr/lib/polkit-1/polkitd ] || skip_test "polkitd is not installed"

# polkit_rules NAME: takes standard input as a file of rules
polkit_rules() {
        in_container install -d --mode=755 /etc/polkit-1/rules.d
        cat >"$ROOT/etc/polkit-1/rules.d/$1.rules"
        chmod 644 "$ROOT/etc/polkit-1/rules.d/$1.rules"
}

# add_user NAME
add_user() {
        in_container install -d /etc/sysusers.d
        echo "u $1 -" >"$ROOT/etc/sysusers.d/$1.conf"
        in_container systemd-sysusers
}

# as_user NAME COMMAND...
as_user() {
        in_container setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"
}
