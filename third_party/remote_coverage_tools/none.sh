#!/usr/bin/env bash
set -euo pipefail
echo "bazel coverage is not used here: ./run coverage reads the counters itself" >&2
exit 1
