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
_nw_networks() {
    local file line
    for file in "${NETWRIGHT_RUN_DIR:-/run/netwright}"/.networks/network-*.json; do
        [ -r "$file" ] || continue
        IFS= read -r line <"$file"
        [[ $line =~ '"networks": [["'([^\"]+) ]] && COMPREPLY+=("${BASH_REMATCH[1]}")
    done
}
_nw_containers() {
    local one
    for one in "${NETWRIGHT_RUN_DIR:-/run/netwright}"/.containers/*/; do
        [ -d "$one" ] && one=${one%/} && COMPREPLY+=("$1${one##*/}")
    done
}
_nw_verbs() {
    case $1 in
@VERBS@
    esac
}
_nw_of_networks() {
    # The word's number behind `nw`, the command, the word behind it.
    case $2 in
        network) [ "$3" = connect ] || [ "$3" = disconnect ] || { [ "$3" = create ] || _nw_networks; return; }
            if [ "$1" = 3 ]; then _nw_networks; else _nw_containers; fi ;;
        connect|disconnect) if [ "$1" = 2 ]; then _nw_networks; else _nw_containers; fi ;;
        publish) [ "$1" = 3 ] && _nw_containers ;;
        stop|containers) _nw_containers ;;
    esac
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
        --network|--net) _nw_networks
            case " ${COMPREPLY[*]} " in *' bridge '*) ;; *) COMPREPLY+=(bridge) ;; esac
            COMPREPLY+=(host none); _nw_containers container:; _nw_keep "$cur"
            case $cur in container:*) COMPREPLY=("${COMPREPLY[@]#container:}") ;; esac; return ;;
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
        rootless|run) COMPREPLY=($(compgen -c -- "$cur")) ;;
        network|publish|dns|cni|connect|disconnect|stop|containers)
            if [ "$COMP_CWORD" = 2 ]; then _nw_pick "$(_nw_verbs "$command")"; fi
            [ "${#COMPREPLY[@]}" -gt 0 ] || _nw_of_networks "$COMP_CWORD" "$command" "${COMP_WORDS[2]}"
            _nw_keep "$cur" ;;
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
_nw_networks() {
    local file line
    reply=()
    for file in ${NETWRIGHT_RUN_DIR:-/run/netwright}/.networks/network-*.json(N); do
        IFS= read -r line <$file
        [[ $line =~ '"networks": \[\["([^\"]+)' ]] && reply+=($match[1])
    done
}
_nw_containers() { reply=(${NETWRIGHT_RUN_DIR:-/run/netwright}/.containers/*(N/:t)) }
_nw_verbs() {
    case $1 in
@VERBS@
    esac
}
_nw_of_networks() {
    reply=()
    case $2 in
        network)
            if [[ $3 != (connect|disconnect) ]]; then [[ $3 == create ]] || _nw_networks
            elif (( $1 == 3 )); then _nw_networks
            else _nw_containers
            fi ;;
        connect|disconnect) if (( $1 == 2 )); then _nw_networks; else _nw_containers; fi ;;
        publish) (( $1 == 3 )) && _nw_containers ;;
        stop|containers) _nw_containers ;;
    esac
}
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
    if [[ $prev == (--network|--net) ]]; then
        _nw_networks; reply+=(bridge host none); reply=(${(u)reply}); compadd -a reply
        _nw_containers; compadd -P container: -a reply
        return
    fi
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
        rootless|run) _command_names -e ;;
        network|publish|dns|cni|connect|disconnect|stop|containers)
            reply=()
            (( CURRENT == 3 )) && reply=(${=$(_nw_verbs $command)})
            (( $#reply )) || _nw_of_networks $(( CURRENT - 1 )) $command $words[3]
            compadd -a reply ;;
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
function __nw_run_directory
    if test -n "$NETWRIGHT_RUN_DIR"
        echo $NETWRIGHT_RUN_DIR
    else
        echo /run/netwright
    end
end
function __nw_networks
    for file in (__nw_run_directory)/.networks/network-*.json
        test -r $file; and read -l line <$file; or continue
        string match -rg '"networks": \[\["([^"]+)' -- $line
    end
end
function __nw_containers
    for one in (__nw_run_directory)/.containers/*/
        echo "$argv[1]"(string replace -r '.*/' '' (string trim -rc / $one))
    end
end
function __nw_verbs
    switch (commandline -opc)[2]
@VERBS@
    end
end
function __nw_of_networks
    set -l words (commandline -opc)
    set -l at (count $words)
    switch $words[2]
        case network
            test $at -ge 3; or return
            if not contains -- $words[3] connect disconnect
                test $words[3] = create; or __nw_networks
            else if test $at = 3
                __nw_networks
            else
                __nw_containers
            end
        case connect disconnect
            if test $at = 2
                __nw_networks
            else
                __nw_containers
            end
        case publish
            test $at = 3; and __nw_containers
        case stop containers
            __nw_containers
    end
end
function __nw_after
    contains -- (commandline -opc)[-1] $argv
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
    complete -c $program -n '__nw_is network publish dns cni; and __nw_at 2' -a '(__nw_verbs)'
    complete -c $program -n '__nw_is network publish connect disconnect stop containers; and not __nw_after --network' -a '(__nw_of_networks)'
    complete -c $program -n '__nw_after --network --net' -a 'bridge host none (__nw_networks) (__nw_containers container:)'
    complete -c $program -n '__nw_is netns; and __nw_at 2' -a 'add attach delete exec identify list list-id monitor pids set'
    complete -c $program -n '__nw_is netns; and not __nw_at 2' -a '(__nw_names)'
    complete -c $program -n '__nw_is -n -netns; and __nw_at 2' -a '(__nw_names)'
    complete -c $program -n 'string match -q -- "-*" (commandline -ct)' -a '(__nw_options)'
end
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
