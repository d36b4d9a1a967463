/** Where else than on its own back-end this thread could compute a model, or why it cannot. */
import { unpackFormat } from "../../shared/compute/model-bundle.ts";
import type { BackendName, ModelFacts, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { runtimeOfFormat } from "../../shared/compute/runtimes/runtimes.ts";
import { startRuntime } from "../../shared/compute/runtimes/start-runtimes.ts";
import type { Candidate } from "./model-trial.ts";
import { assetsInBrowser } from "./runtime-assets.ts";

/** Of a row: below it a card is not worth its library, 27 MB, nor the way there and back. */
const CARD_MACS_MIN = 10e6;

export interface CandidateSearch {
  candidatesFor(
    bundle: Uint8Array,
    facts: ModelFacts,
    forced: BackendName | null,
    aside: readonly BackendName[],
  ): Promise<Candidate[]>;
}

export function createCandidateSearch(): CandidateSearch {
  const started = new Map<string, Promise<ModelRuntime>>();

  async function loaded(bundle: Uint8Array, runtime: string, backend: BackendName): Promise<Candidate> {
    try {
      const key = `${runtime} ${backend}`;
      const starting = started.get(key) ?? start(runtime, backend);
      started.set(key, starting);
      // A download that failed may go well the next time.
      starting.catch(() => started.delete(key));
      return { backend, model: await (await starting).load(bundle) };
    } catch (error) {
      return { backend, model: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    async candidatesFor(bundle, facts, forced, aside) {
      const { name, perModel = [] } = runtimeOfFormat(unpackFormat(bundle));
      const wanted = perModel.filter((backend) => forced === null || backend === forced);
      const candidates: Candidate[] = [];
      for (const backend of wanted) {
        const why = aside.includes(backend) ? "other answers" : await whyNot(backend, facts, backend === forced);
        candidates.push(why === null ? await loaded(bundle, name, backend) : { backend, model: why });
      }
      return candidates;
    },
  };
}

async function start(runtime: string, backend: BackendName): Promise<ModelRuntime> {
  return startRuntime(runtime, backend, await assetsInBrowser(runtime));
}

interface Adapter {
  readonly info?: { readonly isFallbackAdapter?: boolean };
  readonly isFallbackAdapter?: boolean;
}

async function whyNot(backend: BackendName, { macsPerQuery }: ModelFacts, isForced: boolean): Promise<string | null> {
  if (backend !== "webgpu") return null;
  if (!isForced && macsPerQuery < CARD_MACS_MIN) return "a row is too little work";
  const { gpu } = globalThis.navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  const adapter = (await gpu?.requestAdapter().catch(() => null)) ?? null;
  if (adapter === null) return "this browser gives no card";
  const isSoftware = adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return isSoftware && !isForced ? "no card, a processor in its place" : null;
}
