;; run: demote(0.1) = 0.10000000149011612
;; run: promote(0.1) = 0.10000000149011612
;; run: bits(1) = 1065353216
;; run: bits64(-0) = -9223372036854775808n
;; run: float(1065353216) = 1
;; run: float64(0x3ff0000000000000n) = 1
(module
  (func (export "demote") (param f64) (result f32) (f32.demote_f64 (local.get 0)))
  (func (export "promote") (param f32) (result f64) (f64.promote_f32 (local.get 0)))
  (func (export "bits") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
  (func (export "bits64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
  (func (export "float") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "float64") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0))))

(; machine code

demote:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.demote_f64             cvtsd2ss xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

promote:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.promote_f32            cvtss2sd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

bits:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.reinterpret_f32        movd eax, xmm0
  end                        leave
                             ret

bits64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.reinterpret_f64        movq rax, xmm0
  end                        leave
                             ret

float:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.reinterpret_i32        movd xmm0, eax
  end                        leave
                             ret

float64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.reinterpret_i64        movq xmm0, rax
  end                        leave
                             ret
;)
