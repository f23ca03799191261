#!/bin/bash
# Sets Jaypore CI up in the git repository that you are in: bash setup.sh -y
#
# Takes what `jci init` takes (--help lists it). Where `jci` is not installed but Docker is, that is done in a container, and so are
# the checks of your pushes: see RUN_IN in cicd/pre-push.sh.
set -euo pipefail
IMAGE="${JAYPORE_IMAGE:-arjoonn/jci:latest}"

if command -v jci >/dev/null; then
  exec jci init "$@"
fi
if ! command -v docker >/dev/null; then
  echo "setup.sh: neither jci nor docker is installed; install one of them: the README of Jaypore CI tells how" >&2
  exit 1
fi
repository=$(git rev-parse --show-toplevel)
git_directory=$(cd "$(git rev-parse --git-common-dir)" && pwd)
terminal=()
[ ! -t 0 ] || terminal=(--interactive --tty)
exec docker run --rm "${terminal[@]}" --user="$(id -u):$(id -g)" --env=HOME=/tmp \
  --volume="$repository:$repository" --volume="$git_directory:$git_directory" --workdir="$repository" \
  "$IMAGE" jci init --run-in=container "$@"
