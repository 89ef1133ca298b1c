#!/bin/sh
# Makes .venv from nothing but a python3, and installs what a lock file names, every file checked against its hash.
#   bootstrap.sh environment         make .venv and put uv into it
#   bootstrap.sh install run|dev     install requirements/run.txt or requirements/dev.txt
#   bootstrap.sh lock                resolve requirements/*.txt anew
set -eu

VENV=.venv
OLDEST='3, 11'

export UV_PYTHON_DOWNLOADS=never
# A cache belongs into the home directory; without one, beside the environment.
if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    export UV_CACHE_DIR="${UV_CACHE_DIR:-$PWD/$VENV/.cache/uv}" PIP_CACHE_DIR="${PIP_CACHE_DIR:-$PWD/$VENV/.cache/pip}"
fi

say() { printf '… %s\n' "$*"; }
refuse() { printf '✗ %s\n  %s\n' "$1" "$2" >&2; exit 1; }
uv() { $VENV/bin/uv --quiet --no-progress "$@"; }
pip() { $VENV/bin/python -m pip install --quiet --require-hashes -r "$1"; }
is_new_enough() { "$1" -c "import sys; sys.exit(sys.version_info < ($OLDEST))" 2>/dev/null; }

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14 python; do
        if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null || echo "no python3")
    refuse "需要 Python 3.11 或更高版本，本机为：${found}。可用 PYTHON=/path/to/python3 指定另一个。" \
           "Python 3.11 or newer is needed; this machine has: $found. Name another one with PYTHON=/path/to/python3."
}

refuse_without_venv() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ -e "${DEBIAN_MARK:-/etc/debian_version}" ]; then
        refuse "本机的 Python 缺少 venv 模块，请运行：sudo apt install python$version-venv" \
               "This machine's Python lacks the venv module; run: sudo apt install python$version-venv"
    fi
    refuse "本机的 Python $version 缺少 venv 或 ensurepip 模块，请安装后重试。" \
           "This machine's Python $version lacks the venv or ensurepip module; install it and try again."
}

make_environment() {
    if [ ! -x $VENV/bin/python ] || ! is_new_enough $VENV/bin/python; then
        python=$(find_python)
        "$python" -c 'import venv, ensurepip' 2>/dev/null || refuse_without_venv "$python"
        say "建立虚拟环境  Making $VENV with $("$python" --version)"
        rm -rf $VENV
        "$python" -m venv $VENV || { rm -rf $VENV; refuse_without_venv "$python"; }
    fi
    say "安装 uv  Installing uv"
    if ! pip requirements/uv.txt; then
        say "uv 无法安装，改用 pip，会慢一些  uv could not be installed; pip does its work, more slowly"
        rm -f $VENV/bin/uv
    fi
    touch $VENV/.installed-uv
}

install() {
    began=$(date +%s)
    say "安装依赖  Installing requirements/$1.txt"
    # uv does not read pip's settings: an index or proxy set for pip alone leaves it with nothing, and pip must do.
    if ! { [ -x $VENV/bin/uv ] && uv pip install --python $VENV/bin/python --require-hashes -r "requirements/$1.txt"; }; then
        say "改用 pip  Falling back to pip"
        pip "requirements/$1.txt"
    fi
    # The development list holds everything of the running list, at the same versions.
    if [ "$1" = dev ]; then touch $VENV/.installed-run; fi
    touch "$VENV/.installed-$1"
    say "完成  Done in $(($(date +%s) - began)) s"
}

resolve() {
    source=$1 target=$2
    shift 2
    uv pip compile "$source" --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
        --python-version 3.11 -o "$target" "$@" >/dev/null
}

lock() {
    say "解析依赖  Resolving the dependencies"
    resolve pyproject.toml requirements/dev.txt --extra demo --group dev --group bench
    resolve pyproject.toml requirements/run.txt --extra demo -c requirements/dev.txt
    # The version of uv is stated in its own lock; raise it there by hand, then run this again.
    version=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/uv.txt)
    echo "uv==$version" | resolve - requirements/uv.txt
}

cd "$(dirname "$0")/.."
case "${1:-}" in
    environment) make_environment ;;
    install) install "$2" ;;
    lock) lock ;;
    *) refuse "用法：bootstrap.sh environment | install run|dev | lock" "Usage: bootstrap.sh environment | install run|dev | lock" ;;
esac
