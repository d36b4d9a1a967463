/** How the compute threads of a crowd's colluders hear what each other computed: a channel of this browser. */

type Answer = Float32Array | Uint32Array;

interface Laid {
  readonly what: string;
  readonly answer: Answer;
}

/**
 * A colluder that has nothing by then is not waited for. Longer than a round takes, and the two would wait for each other in
 * different rounds for ever.
 */
const COLLUDER_MS_MAX = 250;
/** Answers of others that are remembered, the latest: rounds pass quickly, and colluders are few. */
const HEARD_MAX = 64;

/** @param crowd colluders of different crowds do not know each other */
export function createCollusion(crowd: string) {
  const channel = new BroadcastChannel(`paritab-collusion-${crowd}`);
  const heard: Laid[] = [];
  const listeners = new Set<() => void>();
  channel.addEventListener("message", ({ data }: MessageEvent<Laid>) => {
    heard.push(data);
    if (heard.length > HEARD_MAX) heard.shift();
    for (const listener of listeners) listener();
  });

  return {
    /** As FaultyThreadOptions.swap. */
    swap<Own extends Answer>(what: string, own: Own): Promise<Own | null> {
      channel.postMessage({ what, answer: own } satisfies Laid);
      const find = () => heard.find((laid) => laid.what === what && laid.answer.length === own.length);
      return new Promise((resolve) => {
        const finish = () => {
          const found = find();
          if (found === undefined && performance.now() < endMs) return;
          listeners.delete(finish);
          clearTimeout(timer);
          resolve((found?.answer as Own | undefined) ?? null);
        };
        const endMs = performance.now() + COLLUDER_MS_MAX;
        // A little later, so that the end has come when it looks.
        const timer = setTimeout(finish, COLLUDER_MS_MAX + 10);
        listeners.add(finish);
        finish();
      });
    },
  };
}
