/**
 * The module of the program under limits, in bytes: there WABT, itself a WebAssembly module, may not run.
 *
 *     (module (import "m" "f" (func $f (param i32) (result i32))) (memory (export "memory") 2 200) (data (i32.const 8) "\2a")
 *       (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
 *       (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
 *       (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
 *       (func (export "around") (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.load (i32.const 8)))))
 */
const hex =
  '0061736d01000000010b0260017f017f60027f7f00020701016d01660000030504000100000505010102c801072905066d65' +
  '6d6f72790200046c6f616400010573746f726500020467726f7700030661726f756e6400040a2704070020002802000b0900' +
  '200020013602000b0600200040000b0c002000100041082802006a0b0b07010041080b012a';

export const limitsModule: Uint8Array = Uint8Array.from(Buffer.from(hex, 'hex'));
