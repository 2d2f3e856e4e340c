/** How JS enters machine code and machine code calls JS: `auto` is the first of the others that works. */
export const callWays = ['auto', 'v8', 'node-api', 'koffi'] as const;
export type CallWay = (typeof callWays)[number];
