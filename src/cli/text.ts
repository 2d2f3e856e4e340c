/** Text from modules on its way to a terminal. */

const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * One line without control characters: names in modules are arbitrary text, and must neither break lines nor move the
 * terminal's cursor.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}
