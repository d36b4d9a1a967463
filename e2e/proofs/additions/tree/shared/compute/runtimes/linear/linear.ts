/** One matrix as a model: JSON with `weights`, a row for each output. */
import { loadedOnce, type RuntimeDescription } from "../runtime-description.ts";

export const linear: RuntimeDescription = {
  name: "linear",
  library: "none",
  formats: ["linear"],
  files: {
    model: "a .linear file",
    main: "one .linear file",
    mainName: null,
    mainExtension: ".linear",
    mainBytesMax: 1_000_000,
    takesOthers: false,
  },
  backends: ["cpu"],
  memorySlack: 1,
  weightCopies: 1,
  processBytesMax: 1_000_000_000,
  secondSlowness: 1,
  loadFormat: loadedOnce(async () => (await import("./linear-format.ts")).linearFormat),
};
