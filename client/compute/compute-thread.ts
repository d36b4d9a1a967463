import * as Comlink from "comlink";
import { createComputeThread } from "./compute-thread-core.ts";
import { fetchAhead } from "./fetch-ahead.ts";

Comlink.expose(createComputeThread());
fetchAhead();
