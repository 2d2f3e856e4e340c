/** Needed where a debug switch has functions optimized in the engine's own thread. */
import * as parts from './function-optimizer.js';

export const functionOptimizer = (): typeof parts => parts;
