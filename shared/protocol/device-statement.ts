/** The bytes by which a volunteer says that whoever brings them is a device of theirs: the purpose in words, then until when (ASCII). */
export function deviceStatement(expiresMs: number): Uint8Array {
  const words = `paritab volunteer device v1:${expiresMs}`;
  return Uint8Array.from(words, (character) => character.charCodeAt(0));
}
