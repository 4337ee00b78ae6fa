# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The example of the README in the container. To be sourced after container.sh.

EXAMPLES=/usr/share/doc/systemd-workers/examples
SPOOL=/var/spool/thumbnails

# thumbnails_install: the account, the spool and the manifest; not yet known to systemd
thumbnails_install() {
        in_container install -D --mode=644 "$EXAMPLES/thumbnails/sysusers.conf" /etc/sysusers.d/thumbnails.conf
        in_container install -D --mode=644 "$EXAMPLES/thumbnails/tmpfiles.conf" /etc/tmpfiles.d/thumbnails.conf
        in_container systemd-sysusers
        in_container systemd-tmpfiles --create thumbnails.conf
        cp "$DESTDIR$EXAMPLES/thumbnails.yaml" "$MANIFESTS/"
}

# thumbnails_produce COUNT: so many pictures into the spool
thumbnails_produce() {
        in_container "$EXAMPLES/thumbnails/produce" "$SPOOL" "$1"
}

thumbnails_count() {
        find "$ROOT$SPOOL/$1" -name '*.pgm' | wc -l
}

thumbnails_done() {
        [ "$(thumbnails_count 'done')" -eq "$1" ]
}
