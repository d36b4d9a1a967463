/** Something that takes bytes of strangers. */

export interface FuzzTarget {
  readonly name: string;
  /** Well-formed inputs, from which malformed ones are made. */
  readonly seeds: readonly Uint8Array[];
  /** Takes whatever comes. What it may throw is said here by the names of its errors; anything else is a crash. */
  readonly errors: readonly string[];
  run(input: Uint8Array): void | Promise<void>;
}

/** A parser did what none may: threw something unforeseen, took too long, or changed what all objects share. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/**
 * One input: small ones, in a tight loop. A parser whose time grows with the square of its input shows here. Of processor time:
 * on a busy machine a call may wait for its turn as long.
 */
const RUN_CPU_MS_MAX = 2_000;

/** @throws Crash */
export async function runTarget(
  { name, errors, run }: FuzzTarget,
  input: Uint8Array,
  cpuMsMax = RUN_CPU_MS_MAX,
): Promise<void> {
  const before = process.cpuUsage();
  try {
    await run(input);
  } catch (error) {
    const kind = error instanceof Error ? error.name : typeof error;
    if (!errors.includes(kind)) {
      throw new Crash(`${name}: expected ${errors.join(" or ") || "no error"}, got ${kind}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1_000;
  if (cpuMs > cpuMsMax)
    throw new Crash(
      `${name}: expected an answer within ${cpuMsMax} ms of computing, got it after ${Math.round(cpuMs)}`,
    );
  requireCleanPrototypes(name);
}

const SHARED = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Number.prototype];
const BEFORE = SHARED.map((prototype) => Reflect.ownKeys(prototype).length);

/** @throws Crash where something was put into a prototype; it is taken out again, for the inputs to come */
function requireCleanPrototypes(name: string): void {
  for (const [i, prototype] of SHARED.entries()) {
    const keys = Reflect.ownKeys(prototype);
    if (keys.length === BEFORE[i]) continue;
    const added = keys.slice(BEFORE[i]);
    for (const key of added) Reflect.deleteProperty(prototype, key);
    throw new Crash(`${name}: expected the prototypes as they were, got ${added.map(String).join(", ")} in one`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
