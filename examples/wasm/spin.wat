;; A program that never ends.
(module $spin
  (global $rounds (export "rounds") (mut i64) (i64.const 0))
  (func $run (export "run")
    (loop $again
      (global.set $rounds (i64.add (global.get $rounds) (i64.const 1)))
      (br $again))))
