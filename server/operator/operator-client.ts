import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { coordinatorUrl } from "./coordinator-url.ts";

/** For commands that ask a coordinator that runs: the one of this environment, with its PARITAB_TOKEN. */
export function operatorClient(environment: Readonly<Record<string, string | undefined>>): ParitabClient {
  return createParitabClient({ baseUrl: coordinatorUrl(environment), token: environment.PARITAB_TOKEN });
}
