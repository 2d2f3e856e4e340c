/** zlib is loaded for URLs. */
import * as http from './source-http.js';

export const urls = (): typeof http => http;
