#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

command -v fish >/dev/null || skip_test "fish is not installed"

# completions TEXT: what fish offers, without the descriptions
completions() {
        in_container fish --no-config --command "
                source /usr/share/fish/vendor_completions.d/workerctl.fish; complete --do-complete '$1'" | cut -f1 | xargs
}

test_worker mail
test_worker mirror
boot
verbs=$(in_container workerctl --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort | xargs)
assert_match "workerctl tells its verbs" '(^| )list .* verify( |$)' "$verbs"
assert_equal "fish knows them" "$verbs" \
        "$(completions 'workerctl ' | tr ' ' '\n' | sort | xargs)"
assert_equal "and completes one" "status" "$(completions 'workerctl sta')"
assert_equal "and the workers that there are" "mail mirror" "$(completions 'workerctl pause ')"
assert_equal "and some of them" "mirror" "$(completions 'workerctl status mi')"
if command -v zsh >/dev/null; then
        assert "zsh can read its completion" in_container zsh -n /usr/share/zsh/vendor-completions/_workerctl
        assert_equal "and its list of workers is right" "mail mirror" "$(in_container zsh -f -c '
                _describe() { print -- ${(P)2} }
                compdef() { }
                CURRENT=3 words=(workerctl pause "")
                source /usr/share/zsh/vendor-completions/_workerctl')"
else
        echo "skipped: zsh is not installed"
fi
finish
