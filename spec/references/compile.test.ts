/** Stack maps cost O(1) per call site, however many references are live, and they are exact. */
import test from 'ava';
import type { Site } from '../../src/backends/code/code-map.js';
import { SiteKind } from '../../src/backends/code/code-map-writer.js';
import type { ModuleCode } from '../../src/backends/code/module-code.js';
import { wat } from '../api/wat.js';
import { referenceBombs } from '../bombs/references.js';
import { Session } from '../emitter/session.js';

function compile(bytes: Uint8Array): ModuleCode {
  const session = new Session(bytes);
  session.push(bytes.length);
  return session.finish().module;
}

/** All calls, in order. */
function callsOf(code: ModuleCode): Site[] {
  const sites: Site[] = [];
  for (let i = 0; i < code.spans.length; i += 2) {
    for (let at = code.spans[i] as number; at <= (code.spans[i + 1] as number); at++) {
      const site = code.map.lookup(at);
      if (site?.kind === SiteKind.call) sites.push(site);
    }
  }
  return sites;
}

/** Number of slots, and displacements in ascending order, of a call's map. */
function slotsOf(code: ModuleCode, site: Site): number[] {
  const slots: number[] = [];
  code.stackMaps.forEachSlot(site.aux, (disp) => slots.push(disp));
  return slots.sort((a, b) => a - b);
}

for (const { name, build } of referenceBombs) {
  test(`linear: ${name}`, (t) => {
    const sizes = [1000, 2000, 4000].map((n) => {
      const bytes = build(n);
      const code = compile(bytes);
      return { bytes: bytes.length, code: code.codeBytes, nodes: code.stackMaps.nodes, sites: code.map.length };
    });
    const [one, two, four] = sizes as [(typeof sizes)[0], (typeof sizes)[0], (typeof sizes)[0]];
    t.true(four.nodes <= four.bytes, `${four.nodes} nodes for ${four.bytes} bytes`);
    for (const key of ['code', 'nodes', 'sites'] as const) {
      const first = two[key] - one[key];
      const second = four[key] - two[key];
      t.true(second <= 2.1 * first + 8, `${key}: ${one[key]}, ${two[key]}, ${four[key]}`);
    }
  });
}

test('20,000 calls over 5,000 live references: one node for all of them', (t) => {
  const bomb = referenceBombs[0] as (typeof referenceBombs)[0];
  const counts = [5000, 10_000, 20_000].map((n) => {
    const code = compile(bomb.build(n));
    return [code.stackMaps.nodes, code.map.length - n] as const;
  });
  for (const [nodes, otherSites] of counts) {
    t.is(nodes, counts[0]?.[0]);
    t.is(otherSites, counts[0]?.[1]);
  }
  const code = compile(bomb.build(20_000));
  const last = callsOf(code)[19_999] as Site;
  t.is(slotsOf(code, last).length, 5001);
});

test('maps name the references and nothing else', (t) => {
  const code = compile(
    wat(`(module (func $v) (func $take (param externref i32))
      (type $r (func (result externref i32 externref i32 externref)))
      (func $list (type $r) (unreachable))
      (func (param i32 externref) (local i64 externref externref f32)
        (call $v)
        (local.get 1) (i32.const 1) (local.get 3)
        (call $v)
        (drop) (drop) (i64.const 5)
        (call $v)
        (drop) (drop) (i64.const 3) (local.get 3)
        (call $take (local.get 1) (i32.const 0))
        (call $v (drop))
        (drop)
        (call $list)
        (call $v)
        (drop) (drop) (drop)
        (call $v)
        (drop)
        (block (param externref) (result externref) (call $v) (br_if 0 (local.get 0)) (drop) (ref.null extern))
        (call $v)
        (drop))
      (func (param i64 f64) (local i32 i64) (i64.const 1) (call $v) (drop))
      (func (param externref) (call $v)))`),
  );
  const counts = callsOf(code).map((site) => slotsOf(code, site).length);
  // Three in parameters and locals, and what lies on the stack; then a function without references, and one with one.
  t.deepEqual(counts, [3, 5, 4, 4, 3, 3, 6, 4, 4, 4, 0, 1]);
  for (const site of callsOf(code)) {
    const slots = slotsOf(code, site);
    t.is(new Set(slots).size, slots.length);
    t.true(slots.every((disp) => disp % 8 === 0 && disp < 0));
  }
});

test('maps with vectors between the references', (t) => {
  const list = 'v128 externref '.repeat(20);
  const code = compile(
    wat(`(module (func $v) (func $list (result ${list}) (unreachable))
      (func (param v128 externref) (local externref v128 externref)
        (local.get 0) (local.get 1) (local.get 3) (local.get 2) (local.get 4)
        (call $v)
        (call $list)
        (call $v)
        (unreachable)))`),
  );
  const [first, , last] = callsOf(code) as [Site, Site, Site];
  // Slots from rbp down: saved r15, v128 and externref parameters, three locals, then operands: a vector has two slots.
  t.deepEqual(
    slotsOf(code, first).map((disp) => disp / -8),
    [15, 14, 11, 8, 5, 4].sort((a, b) => b - a),
  );
  const operands = Array.from({ length: 20 }, (_, i) => 15 + 3 * (i + 1));
  t.deepEqual(
    slotsOf(code, last).map((disp) => disp / -8),
    [4, 5, 8, 11, 14, 15, ...operands].sort((a, b) => b - a),
  );
});
