#!/bin/sh
# Installs what the tests of the consumers and of the shells run on: shells and PHP from Debian's packages, if they are
# missing; libraries for Python and Java below node_modules/.cache/consumers. A test whose program is missing is skipped and
# says so.
set -eu
cd "$(dirname "$0")/.."
to=$PWD/node_modules/.cache/consumers
mkdir -p "$to"

missing=
for program in zsh fish php; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
if [ "$missing" ] && command -v apt-get >/dev/null; then
  root=$([ "$(id -u)" = 0 ] || echo sudo)
  $root apt-get update -qq
  # The package of php has a web server too; php-cli has not.
  $root apt-get install -y -qq --no-install-recommends $(echo "$missing" | sed 's/php/php-cli/') >/dev/null
fi

python3 -m venv "$to/python"
"$to/python/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8 python-amazon-sp-api==2.1.35
if command -v mvn >/dev/null; then
  mvn --batch-mode --quiet --file test/operators/consumers/java/pom.xml "-Dto=$to/java" package
fi
