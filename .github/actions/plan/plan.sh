#!/usr/bin/env bash
# Downloads cstok unless CSTOK_BINARY names one, checks it, and runs `cstok plan --check --without-sinks`.
# Credentials come by the variables that cstok reads itself: see `cstok --help`.
set -euo pipefail

if [ -z "${CSTOK_BINARY:-}" ]; then
  host="$(uname -s)-$(uname -m)"
  if [ "$host" != Linux-x86_64 ]; then
    echo "::error::cstok is released for Linux on x86_64, and this runner is $host: build it and set CSTOK_BINARY"
    exit 1
  fi
  # Tags have a v, and people copy them.
  version="${CSTOK_VERSION#v}"
  name="cstok-$version-x86_64-unknown-linux-gnu"
  from="https://github.com/cs-tokens/cs-tokens/releases/download/v$version"
  folder="$(mktemp -d)"
  for file in "$name.tar.gz" SHA256SUMS; do
    if ! curl --fail --silent --show-error --location --output "$folder/$file" "$from/$file"; then
      echo "::error::$from/$file cannot be downloaded: is $version a release?"
      exit 1
    fi
  done
  if ! (cd "$folder" && grep -F " $name.tar.gz" SHA256SUMS | sha256sum --check --quiet -); then
    echo "::error::$name.tar.gz is not the file that SHA256SUMS of release $version names"
    exit 1
  fi
  tar -xzf "$folder/$name.tar.gz" -C "$folder"
  CSTOK_BINARY="$folder/$name/cstok"
fi

# They may stand on several lines.
read -r -d '' -a arguments <<<"${CSTOK_ARGUMENTS:-}" || true
case " ${arguments[*]-} " in
  *" --region"* | *" --url"* | *" --target"*) ;;
  *)
    echo "::error::say where the stack is, such as \`arguments: --region na\`: without it cstok looks at a service inside itself"
    exit 2
    ;;
esac
# A runner has none of the files that values go to, so all of them would be missing.
command=("$CSTOK_BINARY" --no-color plan "$CSTOK_FILE" --check)
if [ "${CSTOK_SINKS:-false}" != true ]; then command+=(--without-sinks); fi
status=0
text="$("${command[@]}" ${arguments[@]+"${arguments[@]}"} 2>&1)" || status=$?

# Nothing in the text is a command to the runner.
stop="cstok-$RANDOM$RANDOM"
echo "::stop-commands::$stop"
echo "$text"
echo "::$stop::"

# 0: the stack is what the file says; 5: it is not; everything else is a fault, after which nothing is known of changes.
case "$status" in
  0) echo "changes=false" >>"${GITHUB_OUTPUT:-/dev/null}" ;;
  5)
    echo "changes=true" >>"${GITHUB_OUTPUT:-/dev/null}"
    echo "::error file=$CSTOK_FILE::the tokens of the stack are not what $CSTOK_FILE says"
    ;;
  *) echo "::error file=$CSTOK_FILE::cstok plan failed with $status" ;;
esac
{
  echo "### cstok plan: $CSTOK_FILE"
  echo '````text'
  # A summary takes a MiB at the most.
  head -c 900000 <<<"$text"
  echo '````'
} >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$status"
