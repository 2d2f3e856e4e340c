/** TensorFlow.js on its WebAssembly backend with SIMD (C++ with XNNPACK): matrix products, convolutions, activations. */
import { dirname } from 'node:path';
import { digest, type Program, packageFile, requirePackage } from '../../real/program.js';

// biome-ignore lint/suspicious/noExplicitAny: the package's types are made for browsers.
type Tensors = any;

export const program: Program<Tensors> = {
  async load() {
    const tf = requirePackage('@tensorflow/tfjs-core', 'dist/tf-core.node.js');
    const backend = requirePackage('@tensorflow/tfjs-backend-wasm', 'dist/tf-backend-wasm.node.js');
    backend.setWasmPaths(
      `${dirname(packageFile('@tensorflow/tfjs-backend-wasm', 'dist/tfjs-backend-wasm-simd.wasm'))}/`,
    );
    tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!(await tf.setBackend('wasm'))) throw new Error('the backend does not start');
    await tf.ready();
    return tf;
  },
  async work(tf) {
    const ramp = (shape: number[], scale: number): Tensors => {
      const count = shape.reduce((product, size) => product * size, 1);
      return tf.tensor(
        Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i * scale) * 2)),
        shape,
      );
    };
    const a = ramp([96, 64], 0.37);
    const b = ramp([64, 80], 0.11);
    const picture = ramp([1, 32, 32, 8], 0.05);
    const kernel = ramp([3, 3, 8, 16], 0.23);
    const results: Record<string, Tensors> = {
      matMul: tf.matMul(a, b),
      conv2d: tf.conv2d(picture, kernel, 1, 'same'),
      depthwise: tf.depthwiseConv2d(picture, ramp([3, 3, 8, 1], 0.7), 2, 'same'),
      relu: tf.relu(a),
      sigmoid: tf.sigmoid(a),
      softmax: tf.softmax(a),
      pool: tf.maxPool(picture, 2, 2, 'valid'),
      sum: tf.sum(tf.add(tf.mul(a, a), 1), 1),
    };
    const lines = [tf.getBackend()];
    for (const [name, tensor] of Object.entries(results)) {
      const values = (await tensor.data()) as Float32Array;
      lines.push(
        `${name} ${tensor.shape}: ${digest(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))}`,
      );
    }
    return lines.join('\n');
  },
};
