import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../server/config.ts";
import { startCoordinator } from "../../../server/start-coordinator.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";

/** A coordinator on loopback with an empty data folder, for as long as something is measured with it. */
export async function withCoordinator<T>(
  measure: (coordinator: { readonly url: string; readonly client: ParitabClient }) => Promise<T>,
): Promise<T> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-times-"));
  const config = { ...readConfig({ PARITAB_LOG_LEVEL: "error" }, []), port: 0, dataDirectory, tokensNeeded: false };
  const coordinator = await startCoordinator(config);
  try {
    const url = coordinator.url.replace("127.0.0.1", "localhost");
    return await measure({ url, client: createParitabClient({ baseUrl: url }) });
  } finally {
    await coordinator.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
