/** Ready volunteers that work for some jobs alone, by what they chose: how many of them take a job is told without a look at each. */
import { CHOICES_APART_MAX } from "../../../shared/protocol/limits.ts";
import type { WorkChoice } from "../../../shared/protocol/messages.ts";

interface Club {
  /** null: of several choices, which nobody looks through: they count as taking nothing. */
  readonly choice: WorkChoice | null;
  volunteers: number;
  float32: number;
}

interface Standing {
  readonly isReady: boolean;
  /** Of a volunteer with a session that computes so. */
  readonly isFloat32: boolean;
}

interface Kept {
  readonly name: string;
  readonly choice: WorkChoice;
  readonly isFloat32: boolean;
}

const MIXED = "mixed";

export class Choosers {
  readonly #kept = new Map<string, Kept>();
  readonly #clubs = new Map<string, Club>();

  get size(): number {
    return this.#kept.size;
  }

  /** @param choice null: it takes whatever there is, and is none of them */
  keep(volunteerId: string, choice: WorkChoice | null, { isReady, isFloat32 }: Standing): void {
    const before = this.#kept.get(volunteerId);
    const isOne = isReady && choice !== null;
    if (isOne && before?.choice === choice && before.isFloat32 === isFloat32) return;
    if (before !== undefined) this.#drop(volunteerId, before);
    if (!isOne) return;
    const own = JSON.stringify(choice);
    const isApart = this.#clubs.has(own) || this.#clubs.size < CHOICES_APART_MAX;
    const name = isApart ? own : MIXED;
    const club = this.#clubs.get(name) ?? { choice: isApart ? choice : null, volunteers: 0, float32: 0 };
    this.#clubs.set(name, club);
    club.volunteers++;
    club.float32 += Number(isFloat32);
    this.#kept.set(volunteerId, { name, choice, isFloat32 });
  }

  /** Of the volunteers kept here those that may not be sent work of a job. @param takes whether a choice lets it in */
  without(takes: (choice: WorkChoice) => boolean): { readonly volunteers: number; readonly float32: number } {
    let [volunteers, float32] = [0, 0];
    for (const club of this.#clubs.values()) {
      if (club.choice !== null && takes(club.choice)) continue;
      volunteers += club.volunteers;
      float32 += club.float32;
    }
    return { volunteers, float32 };
  }

  #drop(volunteerId: string, { name, isFloat32 }: Kept): void {
    this.#kept.delete(volunteerId);
    const club = this.#clubs.get(name);
    if (club === undefined) return;
    club.volunteers--;
    club.float32 -= Number(isFloat32);
    if (club.volunteers === 0) this.#clubs.delete(name);
  }
}
