/** `npm run doctor [-- --json FILE]`: what is set, what is missing, and whether disk, clock, ports and the store are fit. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "../config.ts";
import { checkBackups } from "./doctor-backups.ts";
import {
  checkClock,
  checkDisk,
  checkMachine,
  checkOpenFiles,
  checkPages,
  checkPort,
  checkPrivacy,
  checkPublicUrl,
  checkSettings,
  checkStore,
} from "./doctor-checks.ts";
import { checkPostgres } from "./doctor-postgres.ts";
import { type Finding, failed, reportLines } from "./doctor-report.ts";

/** Changes nothing. The settings are those that a start in this environment would have. */
export async function examine(environment: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  const machine = [...(await checkMachine()), ...checkOpenFiles()];
  let config: Config;
  try {
    config = readConfig(environment, []);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...machine, failed("settings", error.message.replace(/^settings:\s*/, "").replaceAll(/\n\s*/g, "; "))];
  }
  const { dataDirectory, databaseUrl, tokensNeeded } = config;
  const port = await checkPort(config);
  return [
    ...machine,
    ...checkSettings(config, environment),
    checkPages(),
    ...(await checkDisk(dataDirectory)),
    ...(await checkPrivacy(dataDirectory)),
    await checkClock(dataDirectory),
    ...(databaseUrl === null ? checkStore(dataDirectory, tokensNeeded) : await checkPostgres(databaseUrl)),
    ...(await checkBackups(config, Date.now())),
    port,
    ...(await checkPublicUrl(config, port.says.endsWith("listens there"))),
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: "string" } } });
  const findings = await examine(process.env);
  console.log(reportLines(findings).join("\n"));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(findings, null, 2)}\n`);
  if (findings.some(({ verdict }) => verdict === "fail")) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
