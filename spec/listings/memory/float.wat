;; run: store(8, 1.5) = nothing
;; run: load(8) = 1.5
;; run: store32(16, 2.5) = nothing
;; run: load32(16) = 2.5
;; run: load(65532) = trap: memory access out of bounds
(module (memory 1)
  (func (export "store") (param i32 f64) (f64.store (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result f64) (f64.load (local.get 0)))
  (func (export "store32") (param i32 f32) (f32.store (local.get 0) (local.get 1)))
  (func (export "load32") (param i32) (result f32) (f32.load (local.get 0))))

(; machine code

store:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.store                  movsd [r14+rax], xmm0
  end                        leave
                             ret

load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.load                   movsd xmm0, [r14+rax]
  end                        leave
                             ret

store32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.store                  movss [r14+rax], xmm0
  end                        leave
                             ret

load32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.load                   movss xmm0, [r14+rax]
  end                        leave
                             ret
;)
