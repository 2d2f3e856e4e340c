#!/bin/sh
# Builds the programs. On Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32
set -e
cd "$(dirname "$0")"
flags="--target=wasm32-wasi -Oz -s -Wall -Wl,--strip-all"
clang $flags tool.c -o tool.wasm
clang $flags -mexec-model=reactor reactor.c -o reactor.wasm
