/**
 * What one tab of a crowd is told, as the query string of its page: `tab=3&seed=1&crowd=demo&profile=liar:1(replay)`.
 * `profile` holds the faults of this tab alone, each once; which tab has which is settled before (fault-assignment.ts).
 */
import { ALL_BACKEND_NAMES, type BackendName } from "../../../shared/compute/model-runtime.ts";
import { TAB_THREADS_MAX } from "../../../shared/protocol/limits.ts";
import { type Fault, parseFaultProfile, printFaultProfile } from "./fault-profile.ts";

export interface TabSettings {
  /** 0, 1, ... in its crowd. */
  readonly tab: number;
  readonly seed: number;
  /** Volunteers of different crowds are different volunteers; a tab that comes back to its crowd is the same one. */
  readonly crowd: string;
  readonly faults: readonly Fault[];
  /** null: the fastest that answers right. */
  readonly backend: BackendName | null;
  /** Compute threads, each with a session of its own. */
  readonly threads: number;
  /** Whether it tells which kernels the model library ran; costs time. */
  readonly reportsKernels: boolean;
  /** To a T-private job; null: none. */
  readonly invitation: string | null;
  /** A code from a sheet of seats; null: none. */
  readonly seat: string | null;
}

export function printTabSettings(settings: TabSettings): string {
  const { tab, seed, crowd, faults, backend, threads, reportsKernels, invitation, seat } = settings;
  const query = new URLSearchParams({ tab: String(tab), seed: String(seed), crowd });
  query.set("profile", printFaultProfile(faults.map((fault) => ({ fault, tabCount: 1 }))));
  if (backend !== null) query.set("backend", backend);
  if (threads > 1) query.set("threads", String(threads));
  if (reportsKernels) query.set("kernels", "1");
  if (invitation !== null) query.set("invitation", invitation);
  if (seat !== null) query.set("seat", seat);
  return query.toString();
}

/** @throws Error that names the parameter; FaultProfileError from the profile */
export function readTabSettings(queryString: string): TabSettings {
  const query = new URLSearchParams(queryString);
  const whole = (name: string): number => {
    const text = query.get(name) ?? "";
    const value = Number(text);
    if (text === "" || !Number.isSafeInteger(value)) fail(name, "a whole number", text);
    return value;
  };
  const tab = whole("tab");
  const seed = whole("seed");
  const crowd = query.get("crowd") ?? "";
  if (!/^[\w-]{1,64}$/.test(crowd)) fail("crowd", "1 to 64 letters, digits, - and _", crowd);
  const forced = query.get("backend");
  const backend = forced === null ? null : (ALL_BACKEND_NAMES.find((name) => name === forced) ?? null);
  if (forced !== null && backend === null) fail("backend", ALL_BACKEND_NAMES.join(", "), forced);
  const faults = parseFaultProfile(query.get("profile") ?? "honest").map(({ fault }) => fault);
  const threads = query.has("threads") ? whole("threads") : 1;
  if (threads < 1 || threads > TAB_THREADS_MAX) fail("threads", `1 to ${TAB_THREADS_MAX}`, String(threads));
  const invitation = query.get("invitation");
  const seat = query.get("seat");
  return { tab, seed, crowd, faults, backend, threads, reportsKernels: query.has("kernels"), invitation, seat };
}

/** The name of the key pair, of the lock, and of the volunteer in the operator's table. */
export function tabName({ crowd, tab }: Pick<TabSettings, "crowd" | "tab">): string {
  return `swarm ${crowd} ${tab}`;
}

function fail(name: string, expected: string, got: string): never {
  throw new Error(`swarm tab, ${name}: expected ${expected}, got "${got}"`);
}
