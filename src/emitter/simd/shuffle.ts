import { V } from '../../backends/x64/vector-ops.js';
import { setWord, Uint8Array, wordAt } from '../../support/dialect.js';
import { Place, Registers, Type, VectorConstant, Window } from '../../valuestack/types.js';
import type { EmitContext } from '../context.js';
import {
  fresh,
  loadConstant,
  move,
  op1,
  op1i,
  op2,
  op2c,
  op2i,
  pop,
  push,
  scratch,
  target,
  target2,
} from './shapes.js';

// i8x16.shuffle: the best of the instructions that move bytes by a fixed pattern. What is tried, in order, is a constant
// amount of work: lanes are looked at as bytes, 16-bit and 32-bit units, in arrays that are made once.

const x = Registers.firstXmm;

/** The immediate: 0..15 the first operand's bytes, 16..31 the second's; in a pshufb mask 0x80 and above is zero. */
const lanes = new Uint8Array(16);
/** As 16-bit and as 32-bit units, valid if all units are whole. */
const units16 = new Uint8Array(8);
const units32 = new Uint8Array(4);

/** Interleaving instructions: what they do to bytes, 16 bytes of lanes each. */
const unpacks: i32[] = [
  V.punpcklbw,
  V.punpckhbw,
  V.punpcklwd,
  V.punpckhwd,
  V.punpckldq,
  V.punpckhdq,
  V.punpcklqdq,
  V.punpckhqdq,
];
const unpackBytes = new Uint8Array(16 * 8);
for (let k = 0; k < 8; k++) {
  for (let i = 0; i < 16; i++) {
    const unit = i >> (k >> 1);
    const size = 1 << (k >> 1);
    unpackBytes[16 * k + i] = ((k & 1) << 3) + (unit >> 1) * size + (i & (size - 1)) + 16 * (unit & 1);
  }
}

/** The index in `unpacks` of the instruction that does it, apart from the bits of `ignore` per lane; -1 if none does. */
function findUnpack(flip: i32, ignore: i32): i32 {
  const keep = ~ignore;
  for (let k = 0; k < 8; k++) {
    if (
      ((wordAt(lanes, 0) ^ flip ^ wordAt(unpackBytes, 4 * k)) & keep) === 0 &&
      ((wordAt(lanes, 1) ^ flip ^ wordAt(unpackBytes, 4 * k + 1)) & keep) === 0 &&
      ((wordAt(lanes, 2) ^ flip ^ wordAt(unpackBytes, 4 * k + 2)) & keep) === 0 &&
      ((wordAt(lanes, 3) ^ flip ^ wordAt(unpackBytes, 4 * k + 3)) & keep) === 0
    )
      return k;
  }
  return -1;
}

/** Every 16-bit unit is whole; fills `units16`. */
function whole16(): bool {
  for (let k = 0; k < 8; k++) {
    const lane = lanes[2 * k];
    if ((lane & 1) !== 0 || lanes[2 * k + 1] !== lane + 1) return false;
    units16[k] = lane >> 1;
  }
  return true;
}

/** Every 32-bit unit is whole; after `whole16`. Fills `units32`. */
function whole32(): bool {
  for (let k = 0; k < 4; k++) {
    const unit = units16[2 * k];
    if ((unit & 1) !== 0 || units16[2 * k + 1] !== unit + 1) return false;
    units32[k] = unit >> 1;
  }
  return true;
}

/** The distance n if the lanes are n, n + 1 ... modulo `modulus`, else -1. */
function rotation(modulus: i32): i32 {
  const n = lanes[0];
  if (n >= modulus) return -1;
  for (let i = 1; i < 16; i++) if (lanes[i] !== ((n + i) & (modulus - 1))) return -1;
  return n;
}

/** Two bits for each of the four units. */
function selector(a: i32, b: i32, c: i32, d: i32): i32 {
  return (a & 3) | ((b & 3) << 2) | ((c & 3) << 4) | ((d & 3) << 6);
}

export function shuffle(c: EmitContext, l0: i32, l1: i32, l2: i32, l3: i32): void {
  const vs = c.vs;
  setWord(lanes, 0, l0);
  setWord(lanes, 1, l1);
  setWord(lanes, 2, l2);
  setWord(lanes, 3, l3);
  const second = ((l0 | l1 | l2 | l3) & 0x10101010) !== 0;
  const first = (l0 & l1 & l2 & l3 & 0x10101010) !== 0x10101010;
  if (!second) {
    vs.drop();
    single(c, pop(c));
  } else if (!first || sameOperands(c)) {
    for (let k = 0; k < 4; k++) setWord(lanes, k, wordAt(lanes, k) & 0x0f0f0f0f);
    const s = pop(c);
    vs.drop();
    single(c, s);
  } else if (isZero(c, 0)) {
    for (let i = 0; i < 16; i++) if (lanes[i] >= 16) lanes[i] = 0x80;
    vs.drop();
    single(c, pop(c));
  } else if (isZero(c, 1)) {
    for (let i = 0; i < 16; i++) lanes[i] = lanes[i] < 16 ? 0x80 : lanes[i] & 15;
    const s = pop(c);
    vs.drop();
    single(c, s);
  } else double(c);
}

/** The entry `depth` below the top is a constant zero. */
function isZero(c: EmitContext, depth: i32): bool {
  return c.vs.isConstantAt(depth) && c.vs.a[(c.vs.height - 1 - depth) & Window.mask] === VectorConstant.zero;
}

/** Both operands are the same local, or in the same register. */
function sameOperands(c: EmitContext): bool {
  const vs = c.vs;
  const h = vs.height - 1;
  const place = vs.placeAt(h);
  return (
    (place === Place.local || place === Place.reg) &&
    vs.placeAt(h - 1) === place &&
    vs.a[h & Window.mask] === vs.a[(h - 1) & Window.mask]
  );
}

/** Of one vector `s`; lanes of 0x80 become zero. */
function single(c: EmitContext, s: i32): void {
  const vs = c.vs;
  const rotated = rotation(16);
  if (rotated === 0) {
    // A register can have several entries, but not a local and entries.
    const d = vs.localIn[s + x] < 0 ? s : fresh(c);
    move(c, d, s);
    vs.pushReg(Type.v128, d + x);
    return;
  }
  const d = target(c, s);
  singleTo(c, d, s, rotated);
  push(c, d);
}

function singleTo(c: EmitContext, d: i32, s: i32, rotated: i32): void {
  if (whole16()) {
    if (whole32()) {
      op1i(c, V.pshufd, d, s, selector(units32[0], units32[1], units32[2], units32[3]));
      return;
    }
    const u = units16;
    if (u[4] === 4 && u[5] === 5 && u[6] === 6 && u[7] === 7 && (u[0] | u[1] | u[2] | u[3]) < 4) {
      op1i(c, V.pshuflw, d, s, selector(u[0], u[1], u[2], u[3]));
      return;
    }
    if (u[0] === 0 && u[1] === 1 && u[2] === 2 && u[3] === 3 && (u[4] & u[5] & u[6] & u[7] & 4) !== 0) {
      if ((u[4] | u[5] | u[6] | u[7]) < 8) {
        op1i(c, V.pshufhw, d, s, selector(u[4], u[5], u[6], u[7]));
        return;
      }
    }
  }
  if (c.cpu.avx2) {
    if ((wordAt(lanes, 0) | wordAt(lanes, 1) | wordAt(lanes, 2) | wordAt(lanes, 3)) === 0) {
      op1(c, V.vpbroadcastb, d, s);
      return;
    }
    if (
      wordAt(lanes, 0) === 0x01000100 &&
      wordAt(lanes, 1) === 0x01000100 &&
      wordAt(lanes, 2) === 0x01000100 &&
      wordAt(lanes, 3) === 0x01000100
    ) {
      op1(c, V.vpbroadcastw, d, s);
      return;
    }
  }
  if (rotated > 0) {
    op2i(c, V.palignr, d, s, s, rotated);
    return;
  }
  const unpack = findUnpack(0, 0x10101010);
  if (unpack >= 0) op2(c, unpacks[unpack], d, s, s);
  else
    op2c(c, V.pshufb, d, s, c.vectorConstant(wordAt(lanes, 0), wordAt(lanes, 1), wordAt(lanes, 2), wordAt(lanes, 3)));
}

/** Of two vectors, both of which are needed. */
function double(c: EmitContext): void {
  const b = pop(c);
  const a = pop(c);
  let unpack = findUnpack(0, 0);
  if (unpack >= 0) return finish(c, unpacks[unpack], a, b);
  unpack = findUnpack(0x10101010, 0);
  if (unpack >= 0) return finish(c, unpacks[unpack], b, a);
  // palignr shifts its operands as one number, of which the first is the upper half.
  const rotated = rotation(32);
  if (rotated > 0) {
    if (rotated < 16) finishImmediate(c, V.palignr, b, a, rotated);
    else finishImmediate(c, V.palignr, a, b, rotated - 16);
    return;
  }
  if (whole16()) {
    const blend = blendMask();
    if (blend >= 0) return finishImmediate(c, V.pblendw, a, b, blend);
    if (whole32()) return double32(c, a, b);
  }
  if (c.cpu.avx && blendsBytes()) {
    const d = target2(c, a, b);
    // The bit that tells the operands apart, as the sign bit.
    loadConstant(
      c,
      scratch,
      c.vectorConstant(wordAt(lanes, 0) << 3, wordAt(lanes, 1) << 3, wordAt(lanes, 2) << 3, wordAt(lanes, 3) << 3),
    );
    c.asm.vex_xxxx(V.vpblendvb, d, a, b, scratch);
    push(c, d);
    return;
  }
  general(c, a, b);
}

function finish(c: EmitContext, op: V, first: i32, second: i32): void {
  const d = target2(c, first, second);
  op2(c, op, d, first, second);
  push(c, d);
}

function finishImmediate(c: EmitContext, op: V, first: i32, second: i32, immediate: i32): void {
  const d = target2(c, first, second);
  op2i(c, op, d, first, second, immediate);
  push(c, d);
}

/** The immediate of pblendw if every 16-bit unit keeps its place, else -1. */
function blendMask(): i32 {
  let mask = 0;
  for (let k = 0; k < 8; k++) {
    if ((units16[k] & 7) !== k) return -1;
    if (units16[k] >= 8) mask |= 1 << k;
  }
  return mask;
}

/** Every byte keeps its place. */
function blendsBytes(): bool {
  return (
    (wordAt(lanes, 0) & 0x0f0f0f0f) === 0x03020100 &&
    (wordAt(lanes, 1) & 0x0f0f0f0f) === 0x07060504 &&
    (wordAt(lanes, 2) & 0x0f0f0f0f) === 0x0b0a0908 &&
    (wordAt(lanes, 3) & 0x0f0f0f0f) === 0x0f0e0d0c
  );
}

/** 32-bit units: shufps takes two of each operand, else both are put in order and blended. */
function double32(c: EmitContext, a: i32, b: i32): void {
  const u = units32;
  const selected = selector(u[0], u[1], u[2], u[3]);
  if (((u[0] ^ u[1]) & 4) === 0 && ((u[2] ^ u[3]) & 4) === 0) {
    if (u[0] < 4) finishImmediate(c, V.shufps, a, b, selected);
    else finishImmediate(c, V.shufps, b, a, selected);
    return;
  }
  let blend = 0;
  for (let k = 0; k < 4; k++) if (u[k] >= 4) blend |= 3 << (2 * k);
  const d = target(c, a);
  op1i(c, V.pshufd, scratch, b, selected);
  op1i(c, V.pshufd, d, a, selected);
  op2i(c, V.pblendw, d, d, scratch, blend);
  push(c, d);
}

/** The bytes of each operand to their places, zeros elsewhere. */
function general(c: EmitContext, a: i32, b: i32): void {
  const d = target(c, a);
  const flip = 0x10101010;
  const maskB = c.vectorConstant(
    outside(wordAt(lanes, 0) ^ flip),
    outside(wordAt(lanes, 1) ^ flip),
    outside(wordAt(lanes, 2) ^ flip),
    outside(wordAt(lanes, 3) ^ flip),
  );
  const maskA = c.vectorConstant(
    outside(wordAt(lanes, 0)),
    outside(wordAt(lanes, 1)),
    outside(wordAt(lanes, 2)),
    outside(wordAt(lanes, 3)),
  );
  op2c(c, V.pshufb, scratch, b, maskB);
  op2c(c, V.pshufb, d, a, maskA);
  op2(c, V.por, d, d, scratch);
  push(c, d);
}

/** Four lanes: those of 16 and more get their top bits set. */
function outside(four: i32): i32 {
  return four | ((four & 0x10101010) << 3);
}
