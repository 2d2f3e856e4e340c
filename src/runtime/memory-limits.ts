/** Bytes of a page of linear memory. */
export const pageBytes = 65536;

/** The most pages a memory with 32-bit indices can have. */
export const maxPages = 65536;
