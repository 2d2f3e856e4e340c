#!/usr/bin/env bash
# Builds the kernels' wasm with clang and lld (Debian: apt-get install clang lld). The built files are kept in the
# repository, so this is needed only after a change of a source. gcc builds the native peers when the bench runs.
set -eu
cd "$(dirname "$0")"
for source in *.c; do
  name=${source%.c}
  case $name in
    native | fib) continue ;;
    simd-*) features=-msimd128 ;;
    *) features= ;;
  esac
  clang --target=wasm32 -O2 -nostdlib -ffreestanding -fno-math-errno -fno-builtin -w \
    $features -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=16384 -o "$name.wasm" "$source"
done
