/** Bytes of a page of linear memory. */
export const pageBytes = 65536;

/** The most pages a memory with 32-bit indices can have. */
export const maxPages = 65536;

/** What index + offset of a memory access with 32 bits each can reach, and a margin for the access itself. */
export const guardedBytes: number = 2 * maxPages * pageBytes + 2 * pageBytes;
