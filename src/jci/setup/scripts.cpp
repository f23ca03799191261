// SPDX-License-Identifier: MIT
#include "jci/setup/scripts.hpp"

namespace jci::setup {
namespace {

constexpr std::string_view k_pre_push = R"sh(#!/bin/sh
# What a `git push` runs: git's hook calls `cicd/pre-push.sh hook`. By hand: `cicd/pre-push.sh run`.
set -eu

# Where Jaypore CI itself runs: jci (as it is installed on this machine) or container (in the image below).
RUN_IN=@RUN_IN@
IMAGE="${JAYPORE_IMAGE:-arjoonn/jci:latest}"

# The secrets/$ENV.enc whose variables the pipeline gets.
export ENV="${ENV:-ci}"

# The version of Jaypore CI that the pipeline is written for, or latest.
export EXPECTED_JAYPORECI_VERSION="${EXPECTED_JAYPORECI_VERSION:-latest}"

# Jobs run on another machine that has Docker:
# export DOCKER_HOST=ssh://my.machine

# `jci` with these arguments, in a container that has this repository, our state and the engine at the paths that they have here.
in_container() {
    repository=$(git rev-parse --show-toplevel)
    git_directory=$(cd "$(git rev-parse --git-common-dir)" && pwd)
    state=${XDG_STATE_HOME:-$HOME/.local/state}
    cache=${XDG_CACHE_HOME:-$HOME/.cache}
    mkdir -p "$state/jaypore" "$cache/jaypore"
    set -- "$IMAGE" jci "$@"
    for directory in "$repository" "$git_directory" "$state/jaypore" "$cache/jaypore"; do
        set -- --volume="$directory:$directory" "$@"
    done
    # Variables are handed over by name: their values stay off the list of processes.
    for name in ENV EXPECTED_JAYPORECI_VERSION $(env | sed -n 's/^\(JAYPORE_[A-Za-z0-9_]*\)=.*/\1/p'); do
        set -- --env="$name" "$@"
    done
    # The container itself runs on this machine, also where its jobs run on another.
    engine=${DOCKER_HOST:-}
    case $engine in
    ssh://*)
        # ssh wants to know who it is run by.
        set -- --env=DOCKER_HOST="$engine" --volume="$HOME/.ssh:$HOME/.ssh:ro" --volume=/etc/passwd:/etc/passwd:ro "$@"
        [ -z "${SSH_AUTH_SOCK:-}" ] || set -- --env=SSH_AUTH_SOCK --volume="$SSH_AUTH_SOCK:$SSH_AUTH_SOCK" "$@"
        engine=''
        ;;
    tcp://*) set -- --env=DOCKER_HOST="$engine" "$@" ;;
    *)
        socket=${engine#unix://}
        socket=${socket:-/var/run/docker.sock}
        # shellcheck disable=SC2012 # stat(1) has other options on other systems
        group=$(ls -Lnd "$socket" | awk '{print $4}')
        set -- --env=DOCKER_HOST="unix://$socket" --volume="$socket:$socket" --group-add="$group" "$@"
        ;;
    esac
    DOCKER_HOST="$engine" docker run --rm --interactive --user="$(id -u):$(id -g)" --workdir="$repository" \
        --env=HOME="$HOME" --env=XDG_STATE_HOME="$state" --env=XDG_CACHE_HOME="$cache" "$@"
}

hook_in_container() {
    case $(git config jaypore.push || echo detach) in
    wait) in_container hook pre-push --wait "$@" ;;
    *)
        # The push does not wait: what git tells is kept for the container, which nobody waits for.
        directory=${XDG_STATE_HOME:-$HOME/.local/state}/jaypore/pushes
        mkdir -p "$directory"
        pushed=$(mktemp "$directory/pushed.XXXXXX")
        cat >"$pushed"
        nohup "$0" checked-in-container "$pushed" "$@" </dev/null >"$pushed.log" 2>&1 &
        echo "jci: this push is checked in the background; $pushed.log tells how it goes" >&2
        ;;
    esac
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $RUN_IN-$command in
jci-hook) exec jci hook pre-push "$@" ;;
jci-run) exec jci run "$@" ;;
container-hook) hook_in_container "$@" ;;
container-run) in_container run "$@" ;;
container-checked-in-container)
    pushed=$1
    shift
    in_container hook pre-push --wait "$@" <"$pushed" || echo "jci: it ended with $?"
    rm -f "$pushed"
    ;;
*)
    echo "usage: $0 hook REMOTE URL | run [ARGUMENTS of jci run]; RUN_IN is jci or container" >&2
    exit 2
    ;;
esac
)sh";

}  // namespace

std::string pre_push_script(RunIn where) {
  constexpr std::string_view mark = "@RUN_IN@";
  std::string text(k_pre_push);
  return text.replace(text.find(mark), mark.size(), where == RunIn::jci ? "jci" : "container");
}

constinit const std::string_view k_hook = R"sh(#!/bin/sh
# Made by `jci init`, which takes it back with --undo: commits that are pushed are checked.
pushed=$(cat)
[ -z "$pushed" ] || pushed="$pushed
"
before=$(dirname "$0")/pre-push.before-jaypore
if [ -x "$before" ]; then
    printf %s "$pushed" | "$before" "$@" || exit
fi
if [ -x cicd/pre-push.sh ]; then
    printf %s "$pushed" | cicd/pre-push.sh hook "$@"
elif command -v jci >/dev/null; then
    printf %s "$pushed" | jci hook pre-push "$@"
fi
)sh";

constinit const std::string_view k_hook_block =
    R"sh(# Made by `jci init`, which takes it back with --undo: commits that are pushed are checked.
pushed=$(cat)
if [ -n "$pushed" ] && [ -x cicd/pre-push.sh ]; then
    printf '%s\n' "$pushed" | cicd/pre-push.sh hook "$@" || exit
fi
if [ -n "$pushed" ]; then
    exec <<JAYPORE
$pushed
JAYPORE
else
    exec </dev/null
fi
# Up to here by `jci init`.
)sh";

bool calls_us(std::string_view hook) {
  return hook.contains("cicd/pre-push.sh hook") || hook.contains("jci hook pre-push");
}

}  // namespace jci::setup
