/** TensorFlow.js on its wasm backend with SIMD (C++, XNNPACK): matrices, a small network, images and reductions. */
import { basename } from 'node:path';
import { digest, type Program, packageFile, requirePackage } from '../program.js';

/** What the program uses of the package; types of its own for a hundred operations are in @tensorflow/tfjs-core. */
type Tensorflow = typeof import('@tensorflow/tfjs-core');
type Backend = typeof import('@tensorflow/tfjs-backend-wasm');
type Tensor = import('@tensorflow/tfjs-core').Tensor;

const backendPackage = '@tensorflow/tfjs-backend-wasm';
const simdModule = 'tfjs-backend-wasm-simd.wasm';

export const program: Program<Tensorflow> = {
  async load() {
    const tf = requirePackage('@tensorflow/tfjs-core') as Tensorflow;
    const backend = requirePackage(backendPackage) as Backend;
    tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const file = packageFile(backendPackage, `dist/${simdModule}`);
    // Every path leads to the module with SIMD: no other can be taken.
    backend.setWasmPaths({
      'tfjs-backend-wasm.wasm': '/absent.wasm',
      [simdModule]: file,
      'tfjs-backend-wasm-threaded-simd.wasm': '/absent.wasm',
    });
    await tf.setBackend('wasm');
    await tf.ready();
    if (tf.getBackend() !== 'wasm') throw new Error(`the backend is ${tf.getBackend()}, of ${basename(file)}`);
    return tf;
  },
  async work(tf) {
    const lines: string[] = [];
    let seed = 1;
    const values = (count: number): Float32Array =>
      Float32Array.from({ length: count }, () => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        return (seed >>> 8) / 0x400000 - 1;
      });
    const show = async (name: string, tensor: Tensor): Promise<void> => {
      const data = (await tensor.data()) as Float32Array | Int32Array | Uint8Array;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      lines.push(`${name} [${tensor.shape}] ${data[0]} ${data[data.length >> 1]} ${digest(bytes)}`);
    };

    for (const size of [1, 3, 16, 61, 128]) {
      const a = tf.tensor2d(values(size * (size + 3)), [size, size + 3]);
      const b = tf.tensor2d(values((size + 3) * (size + 1)), [size + 3, size + 1]);
      const product = tf.matMul(a, b);
      await show(`matMul ${size}`, product);
      await show(`relu ${size}`, tf.relu(product));
      await show(`matMul, transposed, ${size}`, tf.matMul(b, a, true, true));
    }

    const image = tf.tensor4d(values(2 * 24 * 20 * 5), [2, 24, 20, 5]);
    const filter = tf.tensor4d(values(3 * 3 * 5 * 7), [3, 3, 5, 7]);
    const convolved = tf.conv2d(image, filter, 1, 'same');
    await show('conv2d', convolved);
    await show('conv2d, stride 2', tf.conv2d(image, filter, 2, 'valid'));
    const deep = tf.depthwiseConv2d(image, tf.tensor4d(values(5 * 5 * 5), [5, 5, 5, 1]), 1, 'same');
    await show('depthwiseConv2d', deep);
    const fused = tf.fused.conv2d({
      x: image,
      filter,
      strides: 1,
      pad: 'same',
      bias: tf.tensor1d(values(7)),
      activation: 'relu6',
    });
    await show('fused.conv2d', fused);
    await show('relu', tf.relu(convolved));
    await show('prelu', tf.prelu(deep, tf.tensor4d(values(5), [1, 1, 1, 5])));
    await show('maxPool', tf.maxPool(convolved as never, 3, 2, 'same'));
    await show('avgPool', tf.avgPool(convolved as never, 2, 2, 'valid'));
    await show(
      'batchNorm',
      tf.batchNorm(
        image,
        values(5),
        values(5).map((value) => Math.abs(value) + 0.1),
      ),
    );
    await show('resizeBilinear', tf.image.resizeBilinear(image, [37, 31]));
    await show('transpose', tf.transpose(image, [0, 3, 1, 2]));
    await show(
      'pad',
      tf.pad(image, [
        [0, 0],
        [2, 1],
        [1, 3],
        [0, 0],
      ]),
    );

    const x = tf.tensor2d(values(37 * 53), [37, 53]);
    const y = tf.tensor2d(values(37 * 53), [37, 53]);
    for (const name of ['sigmoid', 'tanh', 'exp', 'softmax', 'elu', 'leakyRelu', 'sqrt', 'rsqrt', 'square'] as const) {
      await show(name, tf[name](x));
    }
    for (const name of ['floor', 'ceil', 'round', 'abs', 'neg', 'sin', 'cos', 'log'] as const) {
      await show(name, tf[name](tf.mul(x, 9)));
    }
    for (const name of ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference'] as const) {
      await show(name, tf[name](x, y));
    }
    for (const name of ['less', 'greaterEqual', 'equal'] as const)
      await show(name, tf[name](tf.round(tf.mul(x, 9)), tf.round(tf.mul(y, 9))));
    for (const name of ['sum', 'mean', 'max', 'min', 'prod'] as const) await show(name, tf[name](x, 1));
    await show('argMax', tf.argMax(x, 1));
    await show('cumsum', tf.cumsum(x, 1));
    await show('cast', tf.cast(tf.mul(x, 1e4), 'int32'));
    await show('clipByValue', tf.clipByValue(x, -0.25, 0.5));
    return lines.join('\n');
  },
};
