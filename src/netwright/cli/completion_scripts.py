"""The scripts of `nw completion`, with @PLACES@ for what is put in. Builtins of each shell only: no program is started."""

_BASH = r"""# bash completion for nw and netwright
_nw_top() {
    if [ -n "$NETWRIGHT_RUNTIME_DIR" ]; then REPLY=$NETWRIGHT_RUNTIME_DIR
    elif [ "$EUID" = 0 ]; then REPLY=/run/netwright
    elif [ -d "${XDG_RUNTIME_DIR:-/run/user/$EUID}" ]; then REPLY=${XDG_RUNTIME_DIR:-/run/user/$EUID}/netwright
    else REPLY=/tmp/netwright-$EUID
    fi
}
_nw_labs() {
    local REPLY lab
    _nw_top
    for lab in "$REPLY"/*/; do
        [ -d "$lab" ] && lab=${lab%/} && COMPREPLY+=("${lab##*/}$1")
    done
}
_nw_hosts() {
    local REPLY lab=$1 host
    _nw_top
    [ -r "$REPLY/$lab/hosts" ] || return
    while IFS= read -r host; do COMPREPLY+=("$lab/$host"); done <"$REPLY/$lab/hosts"
    COMPREPLY+=("$lab/@")
}
_nw_names() {
    local name
    for name in /run/netns/*; do
        [ -e "$name" ] && COMPREPLY+=("${name##*/}")
    done
}
_nw_host_of() {
    case $1 in
        */*) _nw_hosts "${1%%/*}" ;;
        *) _nw_labs /; compopt -o nospace 2>/dev/null ;;
    esac
}
_nw_keep() {
    local found=("${COMPREPLY[@]}") one
    COMPREPLY=()
    for one in "${found[@]}"; do
        case $one in "$1"*) COMPREPLY+=("$one") ;; esac
    done
}
_nw_options() {
    case $1 in
@OPTIONS@
    esac
}
_nw_pick() {
    local IFS=' '
    COMPREPLY=($1)
}
_nw() {
    local line cur prev command
    COMPREPLY=()
    # Words as they were typed: bash takes them apart at every colon.
    line=${COMP_LINE:0:COMP_POINT}
    case $line in *[[:space:]]) cur= ;; *) cur=${line##*[[:space:]]} ;; esac
    prev=${COMP_WORDS[COMP_CWORD-1]}
    command=${COMP_WORDS[1]}
    if [ "$COMP_CWORD" = 1 ]; then
        _nw_pick '@COMMANDS@ @OBJECTS@ help'
        case $cur in -*) _nw_pick '-n -netns -j -json -d -s -br -4 -6 -batch -all --dry-run --json-errors --atomic' ;; esac
        _nw_keep "$cur"
        return
    fi
    case $prev in
        -n|-netns) [ "$COMP_CWORD" = 2 ] && { _nw_names; _nw_keep "$cur"; return; } ;;
        -w|-o|--output) compopt -o default 2>/dev/null; return ;;
    esac
    case $cur in -*) _nw_pick "$(_nw_options "$command")"; _nw_keep "$cur"; return ;; esac
    case $command in
        @HOSTS@)
            if [ "$COMP_CWORD" = 2 ]; then _nw_host_of "$cur"; _nw_keep "$cur"
            elif [ "$command" = ping ]; then
                _nw_hosts "${COMP_WORDS[2]%%/*}"
                COMPREPLY=("${COMPREPLY[@]#*/}"); _nw_keep "$cur"
            else compopt -o default 2>/dev/null; COMPREPLY=($(compgen -c -- "$cur"))
            fi ;;
        @LABS_OR_FILES@) _nw_labs; _nw_keep "$cur"; compopt -o default 2>/dev/null ;;
        @LABS@) case " $COMP_LINE " in *' --netns '*) _nw_names ;; *) _nw_labs ;; esac; _nw_keep "$cur" ;;
        @FILES@) compopt -o default 2>/dev/null ;;
        completion) _nw_pick 'bash zsh fish'; _nw_keep "$cur" ;;
        help) _nw_pick '@COMMANDS@'; _nw_keep "$cur" ;;
        rootless) COMPREPLY=($(compgen -c -- "$cur")) ;;
        netns)
            if [ "$COMP_CWORD" = 2 ]; then _nw_pick 'add attach delete exec identify list list-id monitor pids set'; else _nw_names; fi
            _nw_keep "$cur" ;;
    esac
}
complete -F _nw nw netwright
"""

_ZSH = r"""# zsh completion for nw and netwright
_nw_top() {
    if [[ -n $NETWRIGHT_RUNTIME_DIR ]]; then REPLY=$NETWRIGHT_RUNTIME_DIR
    elif [[ $EUID == 0 ]]; then REPLY=/run/netwright
    elif [[ -d ${XDG_RUNTIME_DIR:-/run/user/$EUID} ]]; then REPLY=${XDG_RUNTIME_DIR:-/run/user/$EUID}/netwright
    else REPLY=/tmp/netwright-$EUID
    fi
}
_nw_labs() {
    local REPLY
    _nw_top
    reply=($REPLY/*(N/:t))
}
_nw_hosts() {
    local REPLY
    _nw_top
    reply=()
    [[ -r $REPLY/$1/hosts ]] && reply=(${(f)"$(<$REPLY/$1/hosts)"} @)
}
_nw_names() { reply=(/run/netns/*(N:t)) }
_nw_options() {
    case $1 in
@OPTIONS@
    esac
}
_nw() {
    local -a reply
    local cur=$words[CURRENT] command=$words[2] prev=$words[CURRENT-1]
    if (( CURRENT == 2 )); then
        compadd -- @COMMANDS@ @OBJECTS@ help
        return
    fi
    if (( CURRENT == 3 )) && [[ $prev == (-n|-netns) ]]; then _nw_names; compadd -a reply; return; fi
    if [[ $prev == (-w|-o|--output) ]]; then _files; return; fi
    if [[ $cur == -* ]]; then compadd -- ${=$(_nw_options $command)}; return; fi
    case $command in
        @HOSTS@)
            if (( CURRENT == 3 )); then
                if [[ $cur == */* ]]; then
                    _nw_hosts ${cur%%/*}
                    compadd -P "${cur%%/*}/" -a reply
                else
                    _nw_labs
                    compadd -S / -a reply
                fi
            elif [[ $command == ping ]]; then _nw_hosts ${words[3]%%/*}; compadd -a reply
            elif [[ $command == exec ]] && (( CURRENT == 4 )); then _command_names -e
            else _files
            fi ;;
        @LABS_OR_FILES@) _nw_labs; compadd -a reply; _files ;;
        @LABS@) if [[ ${words[(r)--netns]} == --netns ]]; then _nw_names; else _nw_labs; fi; compadd -a reply ;;
        @FILES@) _files ;;
        completion) compadd bash zsh fish ;;
        help) compadd -- @COMMANDS@ ;;
        rootless) _command_names -e ;;
        netns)
            if (( CURRENT == 3 )); then compadd add attach delete exec identify list list-id monitor pids set
            else _nw_names; compadd -a reply
            fi ;;
    esac
}
compdef _nw nw netwright
"""

_FISH = r"""# fish completion for nw and netwright
function __nw_top
    if test -n "$NETWRIGHT_RUNTIME_DIR"
        echo $NETWRIGHT_RUNTIME_DIR
        return
    end
    # fish has no number of the user by itself: the file system tells who may write where.
    set -l user $XDG_RUNTIME_DIR
    if test -w /run/netwright
        echo /run/netwright
    else if test -n "$user" -a -d "$user"
        echo $user/netwright
    else
        for place in /run/user/*/netwright /tmp/netwright-*
            test -O $place; and echo $place
        end
    end
end
function __nw_labs
    for lab in (__nw_top)/*/
        set lab (string trim -rc / $lab)
        set lab (string replace -r '.*/' '' $lab)
        echo "$lab$argv[1]"
    end
end
function __nw_hosts
    set -l lab (string split -m 1 / -- $argv[1])[1]
    for top in (__nw_top)
        test -r $top/$lab/hosts; or continue
        while read -l host
            echo "$argv[2]$host"
        end <$top/$lab/hosts
        echo "$argv[2]@"
    end
end
function __nw_host_of
    set -l cur (commandline -ct)
    if string match -q '*/*' -- $cur
        __nw_hosts $cur (string split -m 1 / -- $cur)[1]/
    else
        __nw_labs /
    end
end
function __nw_names
    for name in /run/netns/*
        string replace -r '.*/' '' $name
    end
end
function __nw_options
    switch (commandline -opc)[2]
@OPTIONS@
    end
end
function __nw_at
    test (count (commandline -opc)) = $argv[1]
end
function __nw_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end
for program in nw netwright
    complete -c $program -f
    complete -c $program -n '__nw_at 1' -a '@COMMANDS@ @OBJECTS@ help'
    complete -c $program -n '__nw_is @HOSTS@; and __nw_at 2' -a '(__nw_host_of)'
    complete -c $program -n '__nw_is ping; and __nw_at 3' -a '(__nw_hosts (commandline -opc)[3])'
    complete -c $program -n '__nw_is @LABS_OR_FILES@' -a '(__nw_labs)' -F
    complete -c $program -n '__nw_is @LABS@; and not contains -- --netns (commandline -opc)' -a '(__nw_labs)'
    complete -c $program -n '__nw_is snapshot; and contains -- --netns (commandline -opc)' -a '(__nw_names)'
    complete -c $program -n '__nw_is @FILES@' -F
    complete -c $program -n '__nw_is capture; and not __nw_at 2' -F
    complete -c $program -n '__nw_is exec shell; and not __nw_at 2' -a '(__fish_complete_subcommand --fcs-skip=3)'
    complete -c $program -n '__nw_is completion' -a 'bash zsh fish'
    complete -c $program -n '__nw_is help' -a '@COMMANDS@'
    complete -c $program -n '__nw_is netns; and __nw_at 2' -a 'add attach delete exec identify list list-id monitor pids set'
    complete -c $program -n '__nw_is netns; and not __nw_at 2' -a '(__nw_names)'
    complete -c $program -n '__nw_is -n -netns; and __nw_at 2' -a '(__nw_names)'
    complete -c $program -n 'string match -q -- "-*" (commandline -ct)' -a '(__nw_options)'
end
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
