;; Declared locals are promised zeros: constants until somebody else could see them.
;; run: unread(5) = 5
;; run: read(5) = 5
;; run: branch(0) = 0
;; run: branch(1) = 9
;; run: real() = 0
(module
  (func (export "unread") (param i32) (result i32) (local i32 i64 f64) (local.get 0))
  (func (export "read") (param i32) (result i32) (local i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "branch") (param i32) (result i32) (local i32)
    (if (local.get 0) (then (local.set 1 (i32.const 9))))
    (local.get 1))
  (func (export "real") (result f64) (local f64) (local.get 0)))

(; machine code

unread:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 0
  end                        leave
                             ret

read:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.add                    lea ecx, [rax]
  end                        mov eax, ecx
                             leave
                             ret

branch:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  if                         test eax, eax
                             mov qword ptr [local 1], 0
                             je L1
  i32.const 9
  local.set 1                mov ecx, 9
  end                        mov [local 1], ecx
  local.get 1
  end                     L1:
                             mov eax, [local 1]
                             leave
                             ret

real:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  end                        xorps xmm0, xmm0
                             leave
                             ret
;)
