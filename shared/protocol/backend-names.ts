/** What a tab computes with, by its names: a list, for they are shown to people and go into the classes that answers are compared in. */
export const BACKEND_NAMES = ["webgl", "wasm", "cpu"] as const;
/** Beside those, of runtimes that have them: a tab tries each model on them, and takes the faster right one (client/compute/model-trial.ts). */
export const MODEL_BACKEND_NAMES = ["webgpu"] as const;
export const ALL_BACKEND_NAMES = [...BACKEND_NAMES, ...MODEL_BACKEND_NAMES] as const;
export type BackendName = (typeof ALL_BACKEND_NAMES)[number];
/** Of a tab whose threads have not started, or have none that works. */
export const NO_BACKEND = "none";
