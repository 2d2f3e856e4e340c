/** wasmoon (Lua 5.4, C, Emscripten with setjmp through JS exceptions): scripts, tables, errors, functions both ways. */
import { LuaFactory } from 'wasmoon';
import type { Program } from '../../real/program.js';

type Lua = Awaited<ReturnType<LuaFactory['createEngine']>>;

const script = `
  local sum = 0
  for i = 1, 300000 do sum = (sum * 31 + i) % 1000007 end
  local list = {}
  for i = 1, 500 do list[i] = tostring(i * i) end
  table.sort(list)
  local ok, message = pcall(function() error({ code = 42 }) end)
  local okay, text = pcall(function() local x = nil; return x.y end)
  local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1); coroutine.yield(b * 2) end)
  return table.concat({ sum, table.concat(list, ',', 1, 20), message.code, text, co(1), co(21), ('x'):rep(5),
    string.format('%5.2f|%d|%q', math.pi, 7 // 2, 'a\\nb'), #('äöü'), utf8.len('äöü'), 2^53, 7 / 0, -7 % 3,
    host(20, 22), string.gsub('hello world', '(o)', '<%1>'), math.maxinteger + 1 == math.mininteger and 'wraps' }, ';')`;

export const program: Program<Lua> = {
  load: () => new LuaFactory().createEngine(),
  async work(lua) {
    lua.global.set('host', (a: number, b: number) => a + b);
    const result = await lua.doString(script);
    await lua.doString('function triple(x) return 3 * x end');
    const tripled = await lua.doString('return triple(14)');
    const problem = await lua.doString("error('deliberate')").catch((error: Error) => error.message.split('\n')[0]);
    const syntax = await lua.doString('x = = 1').catch((error: Error) => error.message.split('\n')[0]);
    const table = JSON.stringify(await lua.doString('return { 1, { true, "c" } }'));
    lua.global.close();
    return [result, tripled, problem, syntax, table].join('\n');
  },
};
