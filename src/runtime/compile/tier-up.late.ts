/** Needed where an engine is made with `tier: 'auto'`. */
import * as parts from './tier-up.js';

export const tierUp = (): typeof parts => parts;
