/** Rows in an order that somebody else has made, such as groups of queries that are alike. */
export class GivenOrder {
  readonly #places: Uint32Array;
  readonly #positions: Uint32Array;

  /**
   * @param places of all rows, in the order in which they go out
   * @throws RangeError where a place is missing, or there twice
   */
  constructor(places: readonly number[], rowCount: number) {
    const positions = new Uint32Array(rowCount).fill(rowCount);
    places.forEach((place, position) => {
      if (positions[place] !== rowCount)
        throw new RangeError(`order: expected each place below ${rowCount} once, got ${place}`);
      positions[place] = position;
    });
    if (places.length !== rowCount) throw new RangeError(`order: expected ${rowCount} places, got ${places.length}`);
    this.#places = Uint32Array.from(places);
    this.#positions = positions;
  }

  placeAt(position: number): number {
    return this.#places[position]!;
  }

  positionOf(place: number): number {
    return this.#positions[place]!;
  }
}
