/** Needed where the reference build compiles. */
import * as parts from './baseline.js';

export const baseline = (): typeof parts => parts;
