# bash completion for workerctl                            -*- shell-script -*-
# SPDX-License-Identifier: LGPL-2.1-or-later

_workerctl_ids() {
        systemctl list-units --all --plain --no-legend --no-pager 'worker-*.target' 2>/dev/null |
                sed -n 's/^worker-\([^ ]*\)\.target .*/\1/p'
}

# _workerctl_source WORD OPTIONS: one of the options, or a worker or a file
_workerctl_source() {
        if [[ $1 == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
        else
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -W "$(_workerctl_ids)" -- "$1"; compgen -f -- "$1")
        fi
}

_workerctl() {
        local word=${COMP_WORDS[COMP_CWORD]} verb='' i
        COMPREPLY=()

        for ((i = 1; i < COMP_CWORD; i++)); do
                [[ ${COMP_WORDS[i]} == -* ]] || { verb=${COMP_WORDS[i]} && break; }
        done

        case $verb in
        '')
                mapfile -t COMPREPLY < <(compgen -W "list status top pause resume scale security profile simulate verify --help --version" -- "$word")
                ;;
        top)
                mapfile -t COMPREPLY < <(compgen -W "--help --delay= --iterations=" -- "$word")
                ;;
        simulate)
                _workerctl_source "$word" "--help --target-wait= --min= --max= --scale-down-after= --capacity= --start-delay= --seed= --svg= --stdio"
                ;;
        security)
                _workerctl_source "$word" "--help --json --filter --check"
                ;;
        profile)
                if [[ $word == -* ]]; then
                        mapfile -t COMPREPLY < <(compgen -W "--help --for= --json --apply --remove" -- "$word")
                else
                        mapfile -t COMPREPLY < <(compgen -W "$(_workerctl_ids)" -- "$word")
                fi
                ;;
        verify)
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
                ;;
        *)
                if [[ $word == -* ]]; then
                        local options=--help
                        [ "$verb" != list ] || options+=" --json"
                        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
                else
                        mapfile -t COMPREPLY < <(compgen -W "$(_workerctl_ids)" -- "$word")
                fi
                ;;
        esac
}

complete -F _workerctl workerctl
