import type { RandomSource } from "../../random/random.ts";

/**
 * Draws one of a few volunteers, each by its part of the sum of all parts.
 *
 * @example
 * const draw = new PartnerDraw();
 * draw.add("ann", 1);
 * draw.add("bob", 0.5);
 * draw.draw(simulationRandom(1)) // -> "ann"
 */
export class PartnerDraw {
  private readonly ids: string[] = [];
  /** Of each, with those before it. */
  private readonly sums: number[] = [];

  /** @param part its chance beside that of the others, above 0 */
  add(volunteerId: string, part: number): void {
    this.ids.push(volunteerId);
    this.sums.push((this.sums.at(-1) ?? 0) + part);
  }

  /** @returns null: there is nobody */
  draw(random: RandomSource): string | null {
    const drawn = random.uniform() * (this.sums.at(-1) ?? 0);
    const place = this.sums.findIndex((sum) => drawn < sum);
    return this.ids[place] ?? this.ids.at(-1) ?? null;
  }
}
