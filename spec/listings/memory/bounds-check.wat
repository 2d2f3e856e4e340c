;; Without guard pages each access is compared with the memory's length; beyond it the address becomes none at all. No branch,
;; so nothing to mispredict. Constant addresses in the memory's declared initial part need no check.
;; bounds: check
;; run: load(65532) = 0
;; run: load(65533) = trap: memory access out of bounds
;; run: offset(65520) = 0n
;; run: store(0, 1) = nothing
;; run: store(65535, 1) = trap: memory access out of bounds
;; run: constant() = 0
;; run: beyond() = trap: memory access out of bounds
;; run: far(0) = trap: memory access out of bounds
;; run: vector(65520) = 0
;; run: vector(65521) = trap: memory access out of bounds
(module (memory 1 2)
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "offset") (param i32) (result i64) (i64.load offset=8 (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store16 (local.get 0) (local.get 1)))
  (func (export "constant") (result f64) (f64.load (i32.const 65528)))
  (func (export "beyond") (result f64) (f64.load (i32.const 65529)))
  (func (export "far") (param i32) (result i32) (i32.load8_u offset=0xffffffff (local.get 0)))
  (func (export "vector") (param i32) (result i32) (i32x4.extract_lane 0 (v128.load (local.get 0)))))

(; machine code

load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load                   lea r11, [rax+4]
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             mov ecx, [r14+r11-4]
  end                        mov eax, ecx
                             leave
                             ret

offset:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load offset=8          lea r11, [rax+0x10]
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             mov rcx, [r14+r11-8]
  end                        mov rax, rcx
                             leave
                             ret

store:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.store16                lea r11, [rax+2]
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             mov [r14+r11-2], dx
  end                        leave
                             ret

constant:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 65528
  f64.load                   movsd xmm0, [r14+0xfff8]
  end                        leave
                             ret

beyond:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 65529
  f64.load                   mov eax, 0xfff9
                             lea r11, [rax+8]
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             movsd xmm0, [r14+r11-8]
  end                        leave
                             ret

far:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load8_u offset=4294967295
                             mov r11, 0x100000000
                             add r11, rax
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             movzx ecx, byte ptr [r14+r11-1]
  end                        mov eax, ecx
                             leave
                             ret

vector:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  v128.load                  lea r11, [rax+0x10]
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             movups xmm0, [r14+r11-0x10]
  i32x4.extract_lane 0       movd ecx, xmm0
  end                        mov eax, ecx
                             leave
                             ret
;)
