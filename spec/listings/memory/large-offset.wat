;; Offsets from 2^31 on do not fit a displacement: an explicit check, safe from speculation.
;; run: load(0) = trap: memory access out of bounds
;; run: store(0, 1) = trap: memory access out of bounds
;; run: constant() = trap: memory access out of bounds
(module (memory 1)
  (func (export "load") (param i32) (result i32) (i32.load offset=0x80000000 (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store16 offset=0xffffffff (local.get 0) (local.get 1)))
  (func (export "constant") (result f64) (f64.load offset=0x90000000 (i32.const 8))))

(; machine code

load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load offset=2147483648
                             mov r11d, -0x7ffffffc
                             add r11, rax
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             mov ecx, [r14+r11-4]
  end                        mov eax, ecx
                             leave
                             ret

store:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.store16 offset=4294967295
                             mov r11, 0x100000001
                             add r11, rax
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
  i32.const 8
  f64.load offset=2415919104
                             mov eax, 8
                             mov r11d, -0x6ffffff8
                             add r11, rax
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             movsd xmm0, [r14+r11-8]
  end                        leave
                             ret
;)
