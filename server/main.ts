/** The composition root: reads settings, starts the coordinator, ends it on SIGINT and SIGTERM. */
import { ConfigError, readConfig } from "./config.ts";
import { startCoordinator } from "./start-coordinator.ts";

async function main(): Promise<void> {
  const coordinator = await startCoordinator(readConfig(process.env, process.argv.slice(2)));
  console.log(
    `Paritab listens on ${coordinator.url}\n  volunteers: ${coordinator.url}/\n  submitters: ${coordinator.url}/dashboard`,
  );
  let isClosing = false;
  const close = async () => {
    if (isClosing) return;
    isClosing = true;
    await coordinator.close();
    process.exit(0);
  };
  process.on("SIGINT", close);
  process.on("SIGTERM", close);
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
