import type { Bomb } from './bomb.js';
import { controlBombs } from './control.js';
import { referenceBombs } from './references.js';
import { sectionBombs } from './sections.js';
import { straightBombs } from './straight.js';
import { valueBombs } from './values.js';

/** Every bomb; names are unique. */
export const bombs: readonly Bomb[] = [
  ...controlBombs,
  ...valueBombs,
  ...straightBombs,
  ...sectionBombs,
  ...referenceBombs,
];
