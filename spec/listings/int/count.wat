;; Counting bits with lzcnt, tzcnt, popcnt.
;; run: clz(0) = 32
;; run: clz(1) = 31
;; run: clz(-1) = 0
;; run: ctz(0) = 32
;; run: ctz(8) = 3
;; run: popcnt(0x0f0f) = 8
;; run: popcnt(-1) = 32
;; run: clz64(0n) = 64n
;; run: clz64(1n) = 63n
;; run: ctz64(0n) = 64n
;; run: ctz64(0x100000000n) = 32n
;; run: popcnt64(-1n) = 64n
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
  i32.clz                    lzcnt ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

ctz:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.ctz                    tzcnt ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

popcnt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.popcnt                 popcnt ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

clz64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.clz                    lzcnt rcx, rax
  end                        mov rax, rcx
                             leave
                             ret

ctz64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.ctz                    tzcnt rcx, rax
  end                        mov rax, rcx
                             leave
                             ret

popcnt64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.popcnt                 popcnt rcx, rax
  end                        mov rax, rcx
                             leave
                             ret
;)
