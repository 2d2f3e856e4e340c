/** Streams, files and decoders of Node are loaded for what is no buffer. */
import * as source from './source.js';

export const sources = (): typeof source => source;
