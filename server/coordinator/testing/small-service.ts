/** Several coordinators of one service, told as stories, and tabs that go where they like. What is between them happens at once, unless a test says otherwise. */
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { backendOf, classKeyFor } from "../../kinds/inference/core/model-classes.ts";
import type { CellLoad } from "../../store/store.ts";
import { refreshCrowd } from "../crowd/keep-crowd.ts";
import { ownLoad } from "../pointing.ts";
import { type JoinOptions, PLAIN, Story, type StoryOptions, storedJob } from "./story.ts";

const CONNECTIONS_MAX = 5;

/** It did rows before, of the model of these jobs too, and is known to compute it finely. */
function giveRecord({ state }: Story, n: number, rowsTaken = 1_000, sessionId = `s${n}`): void {
  const session = state.sessions.get(sessionId)!;
  const volunteer = state.volunteers.get(session.volunteerId)!;
  volunteer.rowsTaken = rowsTaken;
  const { modelSha256 } = storedJob("any", PLAIN, 1, 0);
  volunteer.classes.set(classKeyFor(modelSha256, backendOf(session, modelSha256)), { fine: 10, coarse: 0, wrong: 0 });
  refreshCrowd(state, session);
}

export interface Tab {
  readonly n: number;
  readonly addressGroup: string;
  readonly homePoint: number;
}

/** A tab at an address of its own, unless told. */
export function tab(n: number, seed: number, address = n): Tab {
  return { n, addressGroup: `address ${address}`, homePoint: randomAt(seed, address).integer(2 ** 32) };
}

export class SmallService {
  readonly cells: ReadonlyMap<string, Story>;
  readonly #isOfFormerVersion: boolean;
  #sessions = 0;

  constructor(names: readonly string[], options: StoryOptions & { readonly isOfFormerVersion?: boolean } = {}) {
    this.cells = new Map(names.map((name) => [name, new Story(options)]));
    this.#isOfFormerVersion = options.isOfFormerVersion === true;
  }

  cell(name: string): Story {
    return this.cells.get(name)!;
  }

  loads(): CellLoad[] {
    return [...this.cells].map(([name, { state }]) => {
      const { share, ...load } = ownLoad(state);
      return { name, ...load, share: this.#isOfFormerVersion ? null : share };
    });
  }

  /** Each sees what all have told, twice: what that changed of what they ask for is seen too. @param names by default of all */
  look(names: readonly string[] = [...this.cells.keys()]): void {
    for (let n = 0; n < 2; n++) {
      const cells = this.loads();
      for (const own of names) this.cell(own).happen({ type: "cellsLooked", own, cells });
    }
  }

  pass(ms: number): void {
    for (const story of this.cells.values()) story.pass(ms);
  }

  /** It connects there, and knows the rows of that job. @param asked by name. @returns its session, and where it was pointed */
  connect(
    at: string,
    who: Tab,
    asked = false,
    opening: Partial<JoinOptions> = {},
  ): { sessionId: string; to: string | null } {
    const story = this.cell(at);
    const sessionId = `s${who.n}.${++this.#sessions}`;
    const { addressGroup, homePoint } = who;
    story.join(who.n, sessionId, { addressGroup, homePoint, isPointedHere: asked, ...opening });
    const session = story.state.sessions.get(sessionId)!;
    if (session.pointedTo === null) giveRecord(story, who.n, undefined, sessionId);
    return { sessionId, to: session.pointedTo };
  }

  close(at: string, sessionId: string): void {
    this.cell(at).happen({ type: "sessionClosed", sessionId });
  }

  /** As tabs of honest people do: it goes where it is pointed. @returns where it works in the end */
  follow(at: string, who: Tab): string {
    let [where, isAsked] = [at, false];
    for (let n = 0; n < CONNECTIONS_MAX; n++) {
      const { sessionId, to } = this.connect(where, who, isAsked);
      if (to === null) return where;
      this.close(where, sessionId);
      [where, isAsked] = [to, true];
    }
    throw new Error(`tab ${who.n} is pointed to and fro`);
  }

  /** Of those who are told to go there, or were before, everybody goes. @returns how many went */
  moveAll(isHonest: (n: number) => boolean): number {
    let moved = 0;
    for (const [at, story] of this.cells)
      for (const { sessionId, pointedTo, volunteerId, addressGroup, homePoint, holds } of [
        ...story.state.sessions.values(),
      ]) {
        const n = Number(volunteerId.slice(1));
        if (pointedTo === null || holds.size > 0 || !isHonest(n)) continue;
        this.close(at, sessionId);
        this.connect(pointedTo, { n, addressGroup: addressGroup!, homePoint: homePoint! }, true);
        moved++;
      }
    return moved;
  }

  /** Of those who may be drawn to check rows there: which part is of that party? */
  partOf(isOne: (n: number) => boolean, at: string): number {
    const { partners } = this.cell(at).state.crowd;
    const drawable = new Set(
      [...this.cell(at).state.sessions.values()]
        .map(({ volunteerId }) => volunteerId)
        .filter((volunteerId) => partners.weightOf(volunteerId) > 0),
    );
    const own = [...drawable].filter((volunteerId) => isOne(Number(volunteerId.slice(1))));
    return drawable.size === 0 ? 0 : own.length / drawable.size;
  }
}
