;; References are addresses of function records; null is 0.
;; run: null() = 1
;; run: own() = function 1
;; run: isNull() = 0
;; run: choose(1) = 1
(module
  (import "host" "nothing" (func $import))
  (elem declare func $f $import)
  (func $f (export "f"))
  (func (export "null") (result i32) (ref.is_null (ref.null func)))
  (func (export "own") (result funcref) (ref.func $f))
  (func (export "isNull") (result i32) (ref.is_null (ref.func $import)))
  (func (export "choose") (param i32) (result i32)
    (ref.is_null (select (result funcref) (ref.null func) (ref.func $f) (local.get 0)))))

(; machine code

f:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  end                        leave
                             ret

null:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  ref.null func
  ref.is_null                xor eax, eax
                             test rax, rax
  end                        sete al
                             movzx eax, al
                             leave
                             ret

own:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  ref.func $f                lea rax, [record 0]
  end                        leave
                             ret

isNull:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  ref.func $import           mov rax, [import 0 record]
  ref.is_null                test rax, rax
  end                        sete al
                             movzx eax, al
                             leave
                             ret

choose:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  ref.null func
  ref.func $f                lea rcx, [record 0]
  local.get 0
  select (result funcref)
                             test eax, eax
                             mov edx, 0
                             cmove rdx, rcx
  ref.is_null                test rdx, rdx
  end                        sete cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret
;)
