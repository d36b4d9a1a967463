import type { StartRuntime } from "../runtime-description.ts";
import { createTfjsRuntime } from "./tfjs-runtime.ts";

export const start: StartRuntime = createTfjsRuntime;
