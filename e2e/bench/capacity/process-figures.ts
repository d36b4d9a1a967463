/** What a coordinator says of itself at /metrics. */
export interface ProcessFigures {
  /** Of its process with all threads, and of the processes that run models for it. */
  readonly cpuMs: number;
  readonly rssMb: number;
  /** Of heap and of buffers outside of it, shared ones among them. */
  readonly heldMb: number;
  /** By how much a timer is late; both since the figures were read last. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** How often V8 has looked through the whole heap since the start. */
  readonly majorCollections: number;
}

/** Node tells the time from one look at the clock to the next: of a loop that does nothing, this. */
const LOOP_LOOK_MS = 10;

function lateMs(seconds: number): number {
  return Math.max(0, 1e3 * seconds - LOOP_LOOK_MS);
}

/** @param token an administrator's @throws Error where a figure is missing */
export async function processFigures(url: string, token: string | null): Promise<ProcessFigures> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/metrics`, { headers });
  const text = await response.text();
  const figure = (name: string) => {
    const value = Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
    if (Number.isNaN(value)) throw new Error(`capacity: expected ${name} at /metrics, got ${response.status}`);
    return value;
  };
  const sum = (name: string, labels = "[^}]*") =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{${labels}\\})? (\\S+)$`, "gm"))].reduce(
      (total, [, n]) => total + Number(n),
      0,
    );
  return {
    cpuMs: 1e3 * (figure("process_cpu_seconds_total") + sum("paritab_trusted_cpu_seconds")),
    rssMb: figure("process_resident_memory_bytes") / 2 ** 20,
    heldMb: (figure("nodejs_heap_size_used_bytes") + figure("nodejs_external_memory_bytes")) / 2 ** 20,
    loopMaxMs: lateMs(figure("nodejs_eventloop_lag_max_seconds")),
    loopP99Ms: lateMs(figure("nodejs_eventloop_lag_p99_seconds")),
    majorCollections: sum("nodejs_gc_duration_seconds_count", '[^}]*kind="major"[^}]*'),
  };
}
