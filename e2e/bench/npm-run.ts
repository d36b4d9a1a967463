/** A run as anybody can type it: what a run writes of itself, and what its file of figures is held to. @example npmRun("bench", ["waiting"]) */
export const npmRun = (script: string, args: readonly string[]): string =>
  [`npm run ${script}`, ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
