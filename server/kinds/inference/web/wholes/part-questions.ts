/**
 * [CE12] What a coordinator says of the parts of one whole that it has, all of them in one answer: what is asked about a whole costs one request for each
 * coordinator that has parts of it, and not one for each part.
 */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { ANSWER_FILTERS, type AnswerFilter } from "../../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../../shared/kinds/inference/job-view.ts";
import { partIdOf, wholeIdOf } from "../../../../../shared/kinds/inference/parts.ts";
import { PARTS_MAX } from "../../../../../shared/protocol/limits.ts";
import type { JobTimeline } from "../../../../../shared/protocol/timeline-api.ts";
import type { StoredWhole } from "../../../../store/store.ts";
import { ApiFailure } from "../../../../web/api-failure.ts";
import { awayFor } from "../../../../web/hand-request-on.ts";
import { unknownJob } from "../../../../web/job-address.ts";
import { jobParams, route } from "../../../../web/route.ts";
import type { Web } from "../../../../web/web-kind.ts";
import type { CountedTaking } from "../../core/taken-back.ts";
import type { InferencePort } from "../../port.ts";
import type { PartRequests } from "./part-requests.ts";

/** By what is asked. */
export interface PartSaid {
  readonly standing: PartStanding;
  readonly timeline: JobTimeline;
  /** [TB3] Queries of the part by takingKey. */
  readonly "taken-back": readonly (readonly [key: string, queries: readonly number[]])[];
  /** How many of its answers the filter lets through. */
  readonly matching: number;
}

export interface PartStanding {
  readonly view: InferenceJobView;
  readonly takings: readonly CountedTaking[];
  /** [CE11] No coordinator has taken it yet. */
  readonly isWaiting?: boolean;
}

const QUESTIONS = ["standing", "timeline", "taken-back", "matching"] as const satisfies readonly (keyof PartSaid)[];

const questionSchema = z.object({
  what: z.enum(QUESTIONS),
  parts: z
    .string()
    .regex(new RegExp(`^\\d{1,3}(,\\d{1,3}){0,${PARTS_MAX - 1}}$`))
    .describe("their numbers, with commas between"),
  only: z.enum(ANSWER_FILTERS).default("all").describe("which answers match"),
});
const about =
  "What coordinators of one service ask each other about a job in parts: what each of these parts says that the coordinator of this part has. Programs ask the whole job.";

/** A part is being taken over, or not begun yet: whoever asks again is answered in a moment. */
export const AWAY = ["cell-away", "lease-unsure"];

/** For what fails so, null. */
export function onlyIf(codes: readonly string[]) {
  return (error: unknown): null => {
    if (error instanceof ApiFailure && codes.includes(error.code)) return null;
    throw error;
  };
}

type Whole = Pick<StoredWhole, "wholeId" | "parts">;
type Host = Pick<Web, "app" | "port" | "otherCells">;

export class PartQuestions {
  readonly #host: Host;
  readonly #desk: InferencePort;
  readonly #requests: PartRequests;

  constructor(host: Host, desk: InferencePort, requests: PartRequests) {
    this.#host = host;
    this.#desk = desk;
    this.#requests = requests;
    const options = route(
      { name: "partsOfJob", group: "jobs", about, scope: "read" },
      {
        params: jobParams,
        querystring: questionSchema,
        response: { 200: z.object({ said: z.record(z.string(), z.any()) }).describe("by the numbers of the parts") },
      },
    );
    host.app.get(
      "/api/jobs/:jobId/parts.json",
      options,
      async ({ params: { jobId }, query: { what, parts, only } }) => {
        const wholeId = wholeIdOf(jobId) ?? unknownJob(jobId);
        return { said: Object.fromEntries(await this.#saidHere(wholeId, what, parts.split(",").map(Number), only)) };
      },
    );
  }

  /**
   * @param request of whoever asks
   * @returns in the order of the parts
   * @throws ApiFailure 503 where a part is being taken over, 404 where one is deleted
   */
  async ask<What extends keyof PartSaid>(
    request: FastifyRequest,
    whole: Whole,
    what: What,
    only: AnswerFilter = "all",
  ): Promise<PartSaid[What][]> {
    const said = await this.askThose(request, whole, what, only);
    return said.map((one, index) => one ?? unknownJob(whole.parts[index]!.jobId));
  }

  /** As ask, with null for each part that is deleted. */
  async askThose<What extends keyof PartSaid>(
    request: FastifyRequest,
    whole: Whole,
    what: What,
    only: AnswerFilter = "all",
  ): Promise<(PartSaid[What] | null)[]> {
    const { here, away, deleted, waiting } = await this.#whereabouts(whole);
    const asked = [...away.values()].map(async (parts) => {
      const query = `what=${what}&parts=${parts.join()}&only=${only}`;
      const path = `/api/jobs/${whole.parts[parts[0]!]!.jobId}/parts.json?${query}`;
      const { said } = await this.#requests
        .json<{ said: Record<number, PartSaid[What]> }>(request, path)
        .catch((error: unknown) => {
          // It does not know the question.
          const isOlder = error instanceof ApiFailure && error.code === "not-found";
          throw isOlder ? awayFor("the coordinator of a part is of an older version") : error;
        });
      return Object.entries(said).map(([index, answer]) => [Number(index), answer] as const);
    });
    const answers = await Promise.all([this.#saidHere(whole.wholeId, what, here, only, waiting), ...asked]);
    const found = new Map(answers.flatMap((ofCell) => [...ofCell]) as (readonly [number, PartSaid[What]])[]);
    const all = whole.parts.map(async ({ jobId }, index) => {
      const answer = found.get(index);
      if (answer !== undefined) return answer;
      if (deleted.has(index) || (await this.#host.port.submission(jobId)) === null) return null;
      throw awayFor("part of this job cannot be asked");
    });
    return Promise.all(all);
  }

  /** Indices of the parts, those of others by where they are reached. */
  async #whereabouts({ wholeId, parts }: Whole) {
    const { otherCells } = this.#host;
    const all = [...parts.keys()];
    const away = new Map<string, number[]>();
    if (otherCells === null) return { here: all, away, deleted: new Set<number>(), waiting: new Set<number>() };
    const asked = all.filter((index) => !otherCells.isOwn(partIdOf(wholeId, index)));
    const owners: Awaited<ReturnType<typeof otherCells.ownersOf>> =
      asked.length === 0 ? new Map() : await otherCells.ownersOf(asked.map((i) => parts[i]!.jobId));
    // [CE11] Dealt out to this one since it looked last.
    const isDealt = asked.some((index) => {
      const owner = owners.get(parts[index]!.jobId);
      return owner?.address === null && owner.isAtWork && !owner.isWaiting;
    });
    if (isDealt) await otherCells.takeParts().catch(() => {});
    for (const index of asked) {
      const address = owners.get(parts[index]!.jobId)?.address ?? null;
      if (address !== null) away.set(address, [...(away.get(address) ?? []), index]);
    }
    const elsewhere = new Set([...away.values()].flat());
    const here = all.filter((index) => !elsewhere.has(index));
    return {
      ...{ here, away },
      deleted: new Set(asked.filter((index) => !owners.has(parts[index]!.jobId))),
      waiting: new Set(asked.filter((index) => owners.get(parts[index]!.jobId)?.isWaiting === true)),
    };
  }

  /** Of those of these parts that are at hand, or ended and in the store. */
  async #saidHere(
    wholeId: string,
    what: keyof PartSaid,
    parts: readonly number[],
    only: AnswerFilter,
    waiting: ReadonlySet<number> = new Set(),
  ) {
    const said: (readonly [index: number, answer: unknown])[] = [];
    for (const index of parts) {
      const jobId = partIdOf(wholeId, index);
      await this.#host.port.recall(jobId);
      const answer = await this.#saidOf(jobId, what, only);
      const isWaiting = what === "standing" && waiting.has(index);
      if (answer !== null) said.push([index, isWaiting ? { ...(answer as PartStanding), isWaiting } : answer]);
    }
    return said;
  }

  async #saidOf(jobId: string, what: keyof PartSaid, only: AnswerFilter): Promise<PartSaid[keyof PartSaid] | null> {
    const { port } = this.#host;
    const view = port.jobView(jobId);
    if (view?.kind !== "inference") return null;
    switch (what) {
      case "standing":
        return { view, takings: (await this.#desk.takings(jobId)) ?? [] };
      case "timeline":
        return port.timeline(jobId);
      case "taken-back":
        return [...((await this.#desk.queriesTakenBack(jobId)) ?? [])];
      case "matching":
        return (await this.#desk.answers(jobId, 0, 1, only))?.matching ?? null;
    }
  }
}
