;; run: nothing() = nothing
;; run: value(5) = 5
;; run: both(1, 2) = 2
;; run: early(5) = 5
;; run: early(-5) = -1
(module
  (func (export "nothing"))
  (func (export "value") (param i32) (result i32) (return (local.get 0)))
  (func (export "both") (param i32 i32) (result i32) (local.get 0) (local.get 1) (return))
  (func (export "early") (param i32) (result i32)
    (br_if 0 (i32.const -1) (i32.lt_s (local.get 0) (i32.const 0)))
    (drop)
    (local.get 0)))

(; machine code

nothing:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  end                        leave
                             ret

value:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  return                     leave
                             ret
  end

both:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  return                     mov eax, edx
                             leave
                             ret
  end

early:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const -1
  local.get 0
  i32.const 0
  i32.lt_s                   test eax, eax
  br_if 0                    jge L1
                             mov eax, -1
                             leave
                             ret
  drop
  local.get 0
  end                     L1:
                             leave
                             ret
;)
