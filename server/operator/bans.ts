/**
 * Volunteers, and networks, that the operator takes no work from. What the operator said holds across restarts, and for all
 * coordinators that share a database. [BN1] to [BN3] of PROTOCOL.md.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { type BanView, type banRequestSchema, banViewSchema } from "../../shared/protocol/bans-api.ts";
import { BANS_MAX } from "../../shared/protocol/limits.ts";
import type { Refused } from "../../shared/protocol/messages.ts";
import type { OperatorRecords } from "../store/operator-records.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { takeFormerFile } from "./former-file.ts";
import { networkTest, problemOfNetwork } from "./networks.ts";

/** Of the data directory, until migration 0019. */
const FORMER_NAME = "bans.json";
const DAY_MS = 86_400_000;
const formerSchema = z.object({ version: z.literal(1), bans: z.array(banViewSchema) });

/** Who asks to be let in, or is in. */
export interface Comer {
  readonly volunteerId: string;
  /** null: not known, or this machine. */
  readonly address: string | null;
}

interface Held {
  readonly view: BanView;
  readonly isMeant: (comer: Comer) => boolean;
}

export class Bans {
  readonly #store: OperatorRecords;
  readonly #nowMs: () => number;
  readonly #onChange = new Set<() => void>();
  #held: readonly Held[] = [];
  readonly #inTurn = createTurnQueue();

  /**
   * @param dataDirectory may hold the file of an earlier version
   * @throws where that is no list of bans
   */
  static async open(store: OperatorRecords, dataDirectory: string, nowMs: () => number): Promise<Bans> {
    await takeFormerFile(join(dataDirectory, FORMER_NAME), formerSchema, async ({ bans }) => {
      for (const ban of bans) await store.addBan(ban, nowMs());
    });
    const bans = new Bans(store, nowMs);
    await bans.reload();
    return bans;
  }

  private constructor(store: OperatorRecords, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** [CE4] Also when another coordinator has added or lifted some. One reading after the other: what was read last is the latest. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const before = new Set(this.#held.map(({ view }) => view.banId));
      const views = await this.#store.bans();
      this.#held = views.map(held);
      if (views.some(({ banId }) => !before.has(banId))) for (const changed of this.#onChange) changed();
    });
  }

  /** Those that hold, the latest first. */
  list(): BanView[] {
    return this.#live().map(({ view }) => view);
  }

  /** [BN1] Durable when it resolves; whoever is in by then is told. */
  async add(request: z.output<typeof banRequestSchema>): Promise<BanView | ApiProblem> {
    const { who, reason, days } = request;
    const problem = who.kind === "addresses" ? (problemOfNetwork(who.prefix) ?? ownMachine(who.prefix)) : null;
    if (problem !== null) return { status: 400, code: "bad-prefix", message: `who.prefix: ${problem}` };
    if (this.#live().length >= BANS_MAX)
      return { status: 409, code: "too-many-bans", message: `expected fewer than ${BANS_MAX} bans; lift one first` };
    const sinceMs = this.#nowMs();
    const untilMs = days === null ? null : sinceMs + days * DAY_MS;
    const view: BanView = { banId: randomBytes(6).toString("hex"), who, reason, sinceMs, untilMs };
    await this.#store.addBan(view, sinceMs);
    await this.reload();
    return view;
  }

  /** [BN3] Durable when it resolves. @returns false: there is none of that id */
  async lift(banId: string): Promise<boolean> {
    if (!this.#live().some(({ view }) => view.banId === banId)) return false;
    const isLifted = await this.#store.liftBan(banId);
    await this.reload();
    return isLifted;
  }

  /** [BN1] [BN2] null: come in. */
  refusalOf(comer: Comer): Refused | null {
    const ban = this.#live().find(({ isMeant }) => isMeant(comer));
    if (ban === undefined) return null;
    const { reason, untilMs } = ban.view;
    const until =
      untilMs === null ? "" : ` until ${new Date(untilMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    return { code: "banned", message: `this coordinator's operator takes no work from here${until}: ${reason}` };
  }

  /** Called when somebody who is in may have to go. */
  whenAdded(changed: () => void): void {
    this.#onChange.add(changed);
  }

  #live(): readonly Held[] {
    const nowMs = this.#nowMs();
    return this.#held.filter(({ view }) => view.untilMs === null || view.untilMs > nowMs);
  }
}

function held(view: BanView): Held {
  const { who } = view;
  if (who.kind === "volunteer") return { view, isMeant: ({ volunteerId }) => volunteerId === who.volunteerId };
  const isThere = networkTest(who.prefix);
  return { view, isMeant: ({ address }) => address !== null && isThere(address) };
}

/** Behind a proxy whose word is not taken everybody is this machine: a ban on it would close the coordinator. */
function ownMachine(prefix: string): string | null {
  const isThere = networkTest(prefix);
  return isThere("127.0.0.1") || isThere("::1") ? "expected no network of this machine itself" : null;
}
