;; A check, `if` with nothing but `unreachable`: a jump that is not taken in the usual case; what is in registers stays there.
;; functions: check equal differ
;; run: check(1, 10) = 12
;; run: check(10, 10) = trap: unreachable
;; run: equal(1, 2) = 3
;; run: equal(2, 2) = trap: unreachable
;; run: equal(nan, 2) = nan
;; run: differ(2, 2) = 4
;; run: differ(1, 2) = trap: unreachable
(module
  (func (export "check") (param $i i32) (param $n i32) (result i32) (local $next i32)
    (local.set $next (i32.add (local.get $i) (i32.const 1)))
    (if (i32.ge_u (local.get $i) (local.get $n)) (then (unreachable)))
    (i32.add (local.get $next) (local.get $n)))
  (func (export "equal") (param $a f64) (param $b f64) (result f64)
    (if (f64.eq (local.get $a) (local.get $b)) (then (unreachable)))
    (f64.add (local.get $a) (local.get $b)))
  (func (export "differ") (param $a f64) (param $b f64) (result f64)
    (if (f64.ne (local.get $a) (local.get $b)) (then (unreachable)))
    (f64.add (local.get $a) (local.get $b))))

(; machine code

check:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  i32.const 1
  i32.add                    lea ecx, [rax+1]
  local.set 2
  local.get 0
  local.get 1
  i32.ge_u                   cmp eax, edx
  if                         jae L1
  local.get 2
  local.get 1
  i32.add                    lea ebx, [rcx+rdx]
  end                        mov eax, ebx
                             leave
                             ret
                          L1:
                             call trap:unreachable

equal:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.eq                     ucomisd xmm0, xmm1
  if                         jp L1
                             je L2
  local.get 0
  local.get 1
  f64.add                 L1:
                             vaddsd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret
                          L2:
                             call trap:unreachable

differ:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.ne                     ucomisd xmm0, xmm1
  if                         jp L1
                             jne L2
  local.get 0
  local.get 1
  f64.add                    vaddsd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret
                          L1:
                             call trap:unreachable
                          L2:
                             call trap:unreachable
;)
