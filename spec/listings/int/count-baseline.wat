;; Counting bits without instruction-set extensions: bsr, bsf, and the sum of bits in parallel.
;; cpu: baseline
;; run: clz(0) = 32
;; run: clz(1) = 31
;; run: clz(-1) = 0
;; run: ctz(0) = 32
;; run: ctz(8) = 3
;; run: popcnt(0x12345678) = 13
;; run: clz64(0n) = 64n
;; run: clz64(1n) = 63n
;; run: ctz64(0n) = 64n
;; run: popcnt64(0x123456789abcdef0n) = 32n
(module
  (func (export "clz") (param i32) (result i32) (i32.clz (local.get 0)))
  (func (export "ctz") (param i32) (result i32) (i32.ctz (local.get 0)))
  (func (export "popcnt") (param i32) (result i32) (i32.popcnt (local.get 0)))
  (func (export "clz64") (param i64) (result i64) (i64.clz (local.get 0)))
  (func (export "ctz64") (param i64) (result i64) (i64.ctz (local.get 0)))
  (func (export "popcnt64") (param i64) (result i64) (i64.popcnt (local.get 0))))

(; machine code

clz:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.clz                    bsr ecx, eax
                             mov r11d, 0x3f
                             cmove ecx, r11d
                             xor ecx, 0x1f
  end                        mov eax, ecx
                             leave
                             ret

ctz:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.ctz                    bsf ecx, eax
                             mov r11d, 0x20
                             cmove ecx, r11d
  end                        mov eax, ecx
                             leave
                             ret

popcnt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.popcnt                 mov ecx, eax
                             mov edx, ecx
                             shr edx, 1
                             mov r11d, 0x55555555
                             and edx, r11d
                             sub ecx, edx
                             mov r11d, 0x33333333
                             mov edx, ecx
                             and ecx, r11d
                             shr edx, 2
                             and edx, r11d
                             add ecx, edx
                             mov edx, ecx
                             shr edx, 4
                             add ecx, edx
                             mov r11d, 0xf0f0f0f
                             and ecx, r11d
                             mov r11d, 0x1010101
                             imul ecx, r11d
                             shr ecx, 0x18
  end                        mov eax, ecx
                             leave
                             ret

clz64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.clz                    bsr rcx, rax
                             mov r11d, 0x7f
                             cmove ecx, r11d
                             xor ecx, 0x3f
  end                        mov rax, rcx
                             leave
                             ret

ctz64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.ctz                    bsf rcx, rax
                             mov r11d, 0x40
                             cmove ecx, r11d
  end                        mov rax, rcx
                             leave
                             ret

popcnt64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.popcnt                 mov rcx, rax
                             mov rdx, rcx
                             shr rdx, 1
                             mov r11, 0x5555555555555555
                             and rdx, r11
                             sub rcx, rdx
                             mov r11, 0x3333333333333333
                             mov rdx, rcx
                             and rcx, r11
                             shr rdx, 2
                             and rdx, r11
                             add rcx, rdx
                             mov rdx, rcx
                             shr rdx, 4
                             add rcx, rdx
                             mov r11, 0xf0f0f0f0f0f0f0f
                             and rcx, r11
                             mov r11, 0x101010101010101
                             imul rcx, r11
                             shr rcx, 0x38
  end                        mov rax, rcx
                             leave
                             ret
;)
