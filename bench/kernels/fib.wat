;; fib(n) = n < 2 ? 1 : fib(n - 1) + fib(n - 2) as rustc compiles it: the second call has become a loop.
(module
  (func $fib (export "run") (param $n i32) (result i32) (local $acc i32)
    i32.const 1
    local.set $acc
    block
      local.get $n
      i32.const 2
      i32.lt_u
      br_if 0
      i32.const 0
      local.set $acc
      loop
        local.get $n
        i32.const -1
        i32.add
        call $fib
        local.get $acc
        i32.add
        local.set $acc
        local.get $n
        i32.const -2
        i32.add
        local.tee $n
        i32.const 1
        i32.gt_u
        br_if 0
      end
      local.get $acc
      i32.const 1
      i32.add
      local.set $acc
    end
    local.get $acc))
