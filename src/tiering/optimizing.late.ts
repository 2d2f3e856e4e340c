/** Needed where an engine is made with `tier: 'optimizing'`. */
import * as parts from './optimizing.js';

export const optimizing = (): typeof parts => parts;
