# Source this, and each Python process from then on keeps in _coverage/ which lines of the modules it ran.
MMF_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export MMF_ROOT COVERAGE_PROCESS_START=$MMF_ROOT/.ci/measured/coverage.ini
export PYTHONPATH=$MMF_ROOT/.ci/measured${PYTHONPATH:+:$PYTHONPATH}
