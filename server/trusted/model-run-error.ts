/** A model's rows could not be computed here; the message says why to whoever submitted it. */
export class ModelRunError extends Error {
  override readonly name = "ModelRunError";
}

const MIB = 1024 * 1024;

/** For people: "1.2 GiB", "310 MiB". */
export function bytesInWords(bytes: number): string {
  return bytes >= 1024 * MIB ? `${(bytes / (1024 * MIB)).toFixed(1)} GiB` : `${Math.ceil(bytes / MIB)} MiB`;
}

/** For people: "40 s", "0.3 s". */
export function secondsInWords(ms: number): string {
  return ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${(ms / 1000).toFixed(1)} s`;
}
