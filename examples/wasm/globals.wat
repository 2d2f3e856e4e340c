(module
  (global $step (mut i32) (i32.const 3))
  (global $scale (mut i32) (i32.const 5))
  ;; What is read in the loop does not change in it: the optimizing tier reads and multiplies once.
  (func $sum (export "sum") (param $rounds i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum
        (i32.add
          (i32.rotl (local.get $sum) (i32.const 1))
          (i32.mul
            (i32.mul (global.get $step) (global.get $scale))
            (i32.sub (global.get $scale) (global.get $step)))))
      (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum)))
