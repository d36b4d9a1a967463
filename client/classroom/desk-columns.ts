/** Desks of a wide page are as large as they can be: about as many columns as make them fit beside each other and below. Pure. */

/** A desk is a little wider than high, and the room for desks a little wider than that. */
const WIDER = 1.35;
const COLUMNS_MIN = 3;

export function deskColumns(desks: number): number {
  return Math.max(COLUMNS_MIN, Math.ceil(Math.sqrt(desks * WIDER)));
}
