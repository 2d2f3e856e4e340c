/** Yosys (C++, WASI): the version banner, and a synthesis of a counter with an adder. */
import { digest, importPackage, type Program } from '../program.js';

type Run = (
  args: string[],
  files: Record<string, string>,
  options: object,
) => Promise<Record<string, string> | undefined>;

const source = `
module top(input clk, input rst, input [3:0] step, output reg [7:0] count, output odd);
  always @(posedge clk) if (rst) count <= 0; else count <= count + step;
  assign odd = ^count;
endmodule`;

export const program: Program<{ runYosys: Run }> = {
  load: () => importPackage('@yowasp/yosys', 'gen/bundle.js'),
  async work({ runYosys }) {
    let text = '';
    const collect = (bytes: Uint8Array | null): void => {
      if (bytes !== null) text += Buffer.from(bytes).toString();
    };
    const options = { stdout: collect, stderr: collect, decodeASCII: true };
    await runYosys(['--version'], {}, options);
    const script = 'read_verilog top.v; synth -top top; stat; write_verilog -noattr out.v; write_json out.json';
    const files = await runYosys(['-q', '-p', script], { 'top.v': source }, options);
    return [text, files?.['out.v'], digest(files?.['out.json'] ?? '')].join('\n');
  },
};
