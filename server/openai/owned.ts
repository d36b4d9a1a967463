/** Things of /v1 that belong to a submitter: files, batches, named models. */
import type { FastifyRequest } from "fastify";
import { identityOf } from "../web/access-hooks.ts";

export interface Owned {
  readonly id: string;
  readonly owner: string;
  readonly createdS: number;
}

/** Whose things they may see and change; null: everybody's. */
export function askerOf(request: FastifyRequest): string | null {
  const { submitter, scopes } = identityOf(request);
  return scopes.includes("admin") ? null : submitter;
}

/** @param asker null: everything belongs to them */
export const belongsTo = (asker: string | null, { owner }: Pick<Owned, "owner">): boolean =>
  asker === null || owner === asker;

/** Those that belong to them, the latest first. */
export function latestOf<T extends Owned>(things: Iterable<T>, asker: string | null): T[] {
  const own = [...things].filter((thing) => belongsTo(asker, thing));
  return own.sort((a, b) => b.createdS - a.createdS || (a.id < b.id ? 1 : -1));
}
