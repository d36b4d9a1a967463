import { ApiFailure } from "./api-failure.ts";

/** @param port null: this coordinator keeps nothing @throws ApiFailure 409 where there is none */
export function onDisk<Port>(port: Port | null): Port {
  if (port !== null) return port;
  throw new ApiFailure(409, "no-disk", "expected a coordinator with a data directory, got one without");
}
