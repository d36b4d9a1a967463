/**
 * Several devices under one name: each has a key, a record and a quarantine of its own, and all of them are one where it matters that
 * volunteers are strangers to each other. SPEC.md DV rules.
 */
import type { CoordinatorState, Volunteer } from "./state.ts";

interface Devices {
  readonly volunteers: ReadonlyMap<string, { readonly ownerId?: string | null | undefined }>;
}

/** Links that are followed: two that were made at once, at two coordinators of one database, may be a circle. */
const LINKS_MAX = 16;

/** Whose device it is; of one that is nobody's, its own id. */
export function personOf({ volunteers }: Devices, volunteerId: string): string {
  let id = volunteerId;
  for (let links = 0; links < LINKS_MAX; links++) {
    const ownerId = volunteers.get(id)?.ownerId ?? null;
    if (ownerId === null) return id;
    id = ownerId;
  }
  return id;
}

export function areOne(state: Devices, one: string, other: string): boolean {
  return one === other || personOf(state, one) === personOf(state, other);
}

/** [DV1] From now on it counts for the owner's name. Its own device is nobody's but its own. */
export function joinOwner(state: CoordinatorState, volunteer: Volunteer, ownerId: string): void {
  const person = personOf(state, ownerId);
  if (person !== volunteer.volunteerId) volunteer.ownerId = person;
}
