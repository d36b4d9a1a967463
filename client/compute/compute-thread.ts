import * as Comlink from "comlink";
import { createComputeThread } from "./compute-thread-core.ts";

Comlink.expose(createComputeThread());
