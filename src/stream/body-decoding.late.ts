/** Needed where JavaScript decodes bodies: by the reference build, and to word errors. */
import * as parts from './body-decoding.js';

export const bodyDecoding = (): typeof parts => parts;
