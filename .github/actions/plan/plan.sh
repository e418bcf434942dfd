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
  name="cstok-$CSTOK_VERSION-x86_64-unknown-linux-gnu"
  from="https://github.com/cs-tokens/cs-tokens/releases/download/v$CSTOK_VERSION"
  folder="$(mktemp -d)"
  curl --fail --silent --show-error --location --output "$folder/$name.tar.gz" "$from/$name.tar.gz"
  curl --fail --silent --show-error --location --output "$folder/SHA256SUMS" "$from/SHA256SUMS"
  (cd "$folder" && grep -F " $name.tar.gz" SHA256SUMS | sha256sum --check --quiet -)
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

# 0: the stack is what the file says; 5: it is not; everything else is a fault.
changes=false
case "$status" in
  0) ;;
  5)
    changes=true
    echo "::error file=$CSTOK_FILE::the tokens of the stack are not what $CSTOK_FILE says"
    ;;
  *) echo "::error file=$CSTOK_FILE::cstok plan failed with $status" ;;
esac
echo "changes=$changes" >>"${GITHUB_OUTPUT:-/dev/null}"
{
  echo "### cstok plan: $CSTOK_FILE"
  echo '````text'
  # A summary takes a MiB at the most.
  head -c 900000 <<<"$text"
  echo '````'
} >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$status"
