/** A duration in words, on every page and in every terminal alike: "0.4 ms", "850 ms", "4.2 s", "3 min 20 s", "2 h 5 min". */
export function duration(ms: number): string {
  if (ms > 0 && ms < 0.05) return "under 0.1 ms";
  if (ms < 0.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined([minutes, "min"], [seconds % 60, "s"]);
  return joined([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
}

function joined(large: [number, string], small: [number, string]): string {
  return small[0] === 0 ? large.join(" ") : `${large.join(" ")} ${small.join(" ")}`;
}
