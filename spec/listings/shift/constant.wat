;; Constant counts are immediates; a count of zero is nothing; rotations of a shared operand are rorx.
;; run: shl(3) = 48
;; run: none(3) = 3
;; run: masked(3) = 1
;; run: rotl(0x12345678) = 878082066
;; run: rotr(0x12345678) = 2014458966
;; run: owned(5) = 5
;; run: shr64(-1n) = 16777215n
(module
  (func (export "shl") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 4)))
  (func (export "none") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 32)))
  (func (export "masked") (param i32) (result i32) (i32.shr_u (local.get 0) (i32.const 33)))
  (func (export "rotl") (param i32) (result i32) (i32.rotl (local.get 0) (i32.const 8)))
  (func (export "rotr") (param i32) (result i32) (i32.rotr (local.get 0) (i32.const 8)))
  (func (export "owned") (param i32) (result i32) (i32.shr_s (i32.shl (local.get 0) (i32.const 24)) (i32.const 24)))
  (func (export "shr64") (param i64) (result i64) (i64.shr_u (local.get 0) (i64.const 40))))

(; machine code

shl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 4
  i32.shl                    mov ecx, eax
                             shl ecx, 4
  end                        mov eax, ecx
                             leave
                             ret

none:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 32
  i32.shl                    mov ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

masked:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 33
  i32.shr_u                  mov ecx, eax
                             shr ecx, 1
  end                        mov eax, ecx
                             leave
                             ret

rotl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 8
  i32.rotl                   rorx ecx, eax, 0x18
  end                        mov eax, ecx
                             leave
                             ret

rotr:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 8
  i32.rotr                   rorx ecx, eax, 8
  end                        mov eax, ecx
                             leave
                             ret

owned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 24
  i32.shl                    mov ecx, eax
                             shl ecx, 0x18
  i32.const 24
  i32.shr_s                  sar ecx, 0x18
  end                        mov eax, ecx
                             leave
                             ret

shr64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.const 40
  i64.shr_u                  mov rcx, rax
                             shr rcx, 0x28
  end                        mov rax, rcx
                             leave
                             ret
;)
