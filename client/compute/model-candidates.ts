/** Where else than on its own back-end this thread could compute a model, or why it cannot. */
import { unpackFormat } from "../../shared/compute/model-bundle.ts";
import type { BackendName, LoadedModel, ModelFacts, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { runtimeOfFormat } from "../../shared/compute/runtimes/runtimes.ts";
import { startRuntime } from "../../shared/compute/runtimes/start-runtimes.ts";
import { TAB_TRIED_MODEL_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { Candidate } from "./model-trial.ts";
import { assetsInBrowser } from "./runtime-assets.ts";

/** Of a row: below it no other back-end is worth loading the model again, nor a card its library, 27 MB, and the way there and back. */
const CARD_MACS_MIN = 10e6;

export interface CandidateWishes {
  /** That is what all else is computed with. */
  readonly usual: BackendName;
  readonly forced: BackendName | null;
  /** This model was computed wrong there. */
  readonly aside: readonly BackendName[];
  /** What spoke against a back-end when the usual one was chosen, or what the model failed with there; null: nothing. */
  whyNotBefore(backend: BackendName): string | null;
}

export interface CandidateSearch {
  candidatesFor(bundle: Uint8Array, facts: ModelFacts, wishes: CandidateWishes): Promise<Candidate[]>;
  /** @throws Error where it cannot be had there */
  onWebAssembly(bundle: Uint8Array): Promise<LoadedModel>;
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
    async onWebAssembly(bundle) {
      const { model } = await loaded(bundle, runtimeOfFormat(unpackFormat(bundle)).name, "wasm");
      if (typeof model === "string") throw new Error(model);
      return model;
    },

    async candidatesFor(bundle, facts, { usual, forced, aside, whyNotBefore }) {
      const { name, backends, perModel = [] } = runtimeOfFormat(unpackFormat(bundle));
      // The one that stands in where this runtime has not got the usual one.
      const own = backends.includes(usual) ? usual : backends[0];
      const wanted = perModel.filter((backend) => backend !== own && (forced === null || backend === forced));
      const candidates: Candidate[] = [];
      for (const backend of wanted) {
        const why = aside.includes(backend)
          ? "other answers"
          : bundle.length > TAB_TRIED_MODEL_BYTES_MAX
            ? "the model is too large to be loaded a second time"
            : (whyNotBefore(backend) ?? (await whyNot(backend, facts, backend === forced)));
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

async function whyNot(
  backend: BackendName,
  { macsPerQuery, jumps = [] }: ModelFacts,
  isForced: boolean,
): Promise<string | null> {
  const isCard = backend === "webgl" || backend === "webgpu";
  if (isCard && jumps.length > 0) return `cards round it otherwise (${jumps.join(", ")})`;
  if (!isForced && macsPerQuery < CARD_MACS_MIN) return "a row is too little work";
  if (backend !== "webgpu") return null;
  const { gpu } = globalThis.navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  const adapter = (await gpu?.requestAdapter().catch(() => null)) ?? null;
  if (adapter === null) return "this browser gives no card";
  const isSoftware = adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return isSoftware && !isForced ? "this device has no graphics card" : null;
}
