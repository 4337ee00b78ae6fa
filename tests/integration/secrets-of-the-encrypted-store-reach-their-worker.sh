#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

manifest sealed <<'EOT'
name: sealed
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/bin/sleep, infinity]}
  dataosSecrets:
  - {name: vault, key: PIN}
  - {name: box, consumptionType: propFile}
  - {name: tls, key: ca.pem, consumptionType: file}
EOT
boot

ENCRYPTED=/etc/credstore.encrypted/workers/public
PLAIN=/etc/credstore/workers/public

# seal SECRET KEY TEXT: as worker.manifest(5) says
seal() {
        in_container mkdir -p "$ENCRYPTED/$1"
        printf '%s\n' "$3" | in_container systemd-creds encrypt --with-key=host --name="$1_$2" - "$ENCRYPTED/$1/$2" 2>/dev/null
}

in_container systemd-creds setup >/dev/null 2>&1 || skip_test "systemd-creds makes no host key here"
seal vault PIN 4711
seal box USER someone
seal box PASSWORD 'p=a"ss'
seal tls ca.pem certificate
# the encrypted store is taken first
in_container install -D --mode=600 /dev/null "$PLAIN/vault/PIN"
in_container systemctl daemon-reload
in_container systemctl restart worker-sealed.target

unit=worker-sealed@1.service
assert_soon "it runs" 20 in_container systemctl is-active --quiet $unit
pid=$(property $unit MainPID)
inside() {
        in_container nsenter --target "$pid" --mount --root --wd -- "$@"
}

assert_not "what is on the disk says nothing" in_container grep -r -e 4711 -e someone -e certificate /etc/credstore.encrypted
assert_equal "a key becomes a variable" PIN=4711 \
        "$(in_container cat "/proc/$pid/environ" | tr '\0' '\n' | grep '^PIN=')"
assert_equal "all keys of a secret become a property file" 'PASSWORD=p=a"ss
USER=someone' "$(inside sort /run/worker-secrets/box)"
assert_equal "a key becomes a file" certificate "$(inside cat "/run/credentials/$unit/tls_ca.pem")"
assert_not "which others can't read" in_container setpriv --reuid=65534 --clear-groups \
        cat "/run/credentials/$unit/tls_ca.pem"

# one that was encrypted for another name is none
in_container cp "$ENCRYPTED/vault/PIN" "$ENCRYPTED/tls/ca.pem"
in_container systemctl restart worker-sealed.target
assert_soon "a secret of another name does not start it" 20 eval \
        'in_container journalctl --no-pager --unit $unit | grep -q "status=243/CREDENTIALS"'
finish
